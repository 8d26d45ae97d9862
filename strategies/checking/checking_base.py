"""Warnings that need to know the customers of today: whom conditions reach."""

from __future__ import annotations

from collections.abc import Mapping

from strategies.declared.playbook import Condition, Playbook
from strategies.problems import Hint, Problem


def reaching(playbook: Playbook) -> list[Condition]:
    """The conditions whose counts ``base_warnings`` asks for: audiences and segments."""
    found = [strategy.audience for strategy in playbook.strategies]
    return [*found, *(segment.when for segment in playbook.segments.values())]


def base_warnings(playbook: Playbook, counts: Mapping[str, int]) -> list[Problem]:
    """Strategies and segments that reach nobody; ``counts`` is text of a condition → customers of whom it is true."""
    found = []
    for strategy in playbook.strategies:
        if counts.get(strategy.audience.text) == 0:
            message = f"strategy '{strategy.id}' reaches nobody on today's base: {strategy.audience.text}"
            found.append((message, strategy.audience.place))
    for segment in playbook.segments.values():
        if counts.get(segment.when.text) == 0:
            message = f"nobody is in segment '{segment.id}' on today's base: {segment.when.text}"
            found.append((message, segment.when.place))
    hint = Hint("look at the condition, and at the fields it reads")
    return [Problem("warning.nobody", message, where, hint, "warning") for message, where in found]

"""Passes over the conditions of a playbook: those that nobody or everybody meets by the declared ranges of their fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from strategies.conditions.range import range_findings
from strategies.declared.conditions_tree import Tree
from strategies.declared.playbook import Condition, Playbook
from strategies.problems import Problem


def conditions_of(playbook: Playbook) -> Iterator[Condition]:
    """Every condition of a playbook, each text once."""
    seen: set[tuple[str, str]] = set()
    for condition in _conditions(playbook):
        key = (condition.text, str(condition.place))
        if key not in seen:
            seen.add(key)
            yield condition


def _conditions(playbook: Playbook) -> Iterator[Condition]:
    for segment in playbook.segments.values():
        yield segment.when
    for rule in playbook.rules:
        if rule.when is not None:
            yield rule.when
    for strategy in playbook.strategies:
        yield strategy.audience
        yield from (context.when for context in strategy.contexts)
        yield from (offer.suitable for offer in strategy.offers if offer.suitable is not None)
    for tariff in playbook.tariffs.values():
        if tariff.eligible is not None:
            yield tariff.eligible
    for menu in playbook.menus.values():
        yield from (each.when for goal in menu.goals.values() for each in goal.likelier)
        items = (item for node in menu.nodes.values() for item in node.items)
        yield from (item.when for item in items if item.when is not None)


_KNOWN: dict[int, tuple[Tree, object, list[Problem]]] = {}
_KEPT = 8_192
"""Trees whose findings are remembered; the tree is held, so its identity stays its own."""


def condition_findings(playbook: Playbook) -> list[Problem]:
    """What ranges say of every condition: errors for what is never true, warnings for what always is."""
    minor = playbook.operator.minor_per_major
    declared = (
        minor,
        *((each.name, each.type, each.low, each.high, each.nullable) for each in playbook.fields.values()),
    )
    found: list[Problem] = []
    for condition in conditions_of(playbook):
        if condition.tree is None:
            continue
        known = _KNOWN.get(id(condition.tree))
        if known is None or known[0] is not condition.tree or known[1] != declared:
            if len(_KNOWN) >= _KEPT:
                _KNOWN.clear()
            findings = range_findings(condition, playbook.fields, minor_per_major=minor)
            known = _KNOWN[id(condition.tree)] = (condition.tree, declared, findings)
        found += [replace(each, where=condition.place) for each in known[2]]
    return found

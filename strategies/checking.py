"""Named passes over a compiled playbook: what is incomplete (an error), and what deserves a second look (a warning)."""

from __future__ import annotations

from collections.abc import Iterator

from strategies.playbook import Playbook
from strategies.problems import Problem


def completeness(playbook: Playbook) -> list[Problem]:
    """What no single document can see and what yet must not be published."""
    return [*_texts_missing(playbook)]


def _texts_missing(playbook: Playbook) -> Iterator[Problem]:
    """A message needs a text in at least one language."""
    for strategy in playbook.strategies:
        for offer in strategy.offers:
            for name, use in offer.channels.items():
                if playbook.channels[name].delivery == "gateway" and not any(use.texts.values()):
                    message = f"offer '{offer.id}' has no text for channel '{name}'"
                    yield Problem("channel.text", message, offer.place, "write text: {en: …} there")

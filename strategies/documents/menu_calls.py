"""Readers of what a voice menu says of its calls: which numbers lead to it, and when a call has failed its caller."""

from __future__ import annotations

import re

from strategies.declared.menu import Failing, digits_dialled
from strategies.documents.reading import Reading, Section
from strategies.problems import Hint

FAILED_KEYS = ("keys", "seconds", "again")
_DIALLED = re.compile(r"\+?[0-9][0-9 ()-]{1,30}")


def read_dialled(reading: Reading, section: Section) -> tuple[str, ...]:
    """The numbers callers dial to hear this menu, as digits."""
    found: list[str] = []
    for node in section.items("dialled"):
        if not _DIALLED.fullmatch(node.text):
            reading.wrong(
                node, f"a number in 'dialled' ('{node.text}')", "a telephone number", Hint('as "10086"')
            )
            continue
        digits = digits_dialled(node.text)
        if digits in found:
            reading.problem(
                "value.duplicate", f"'{node.text}' stands here again", node.where, Hint("keep one")
            )
        found.append(digits)
    return tuple(found)


def read_failed(reading: Reading, section: Section) -> Failing:
    """When a call counts as one that failed its caller."""
    usual, node = Failing(), section.get("failed")
    entry = reading.section(node, "'failed'", FAILED_KEYS) if node else None
    if entry is None:
        return usual
    seconds = entry.number("seconds", 0, 600)
    return Failing(
        keys=entry.whole("keys", 1, 50, usual.keys),
        seconds=usual.seconds if seconds is None else seconds,
        again=entry.duration("again", usual.again),
    )

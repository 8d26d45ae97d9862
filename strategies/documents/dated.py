"""Dated values: a value that always holds, or ``[{from: DAY, is: VALUE}, …]``, each from its day on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from strategies.declared.tariff import ALWAYS
from strategies.documents.values import day
from strategies.instants import Instant
from strategies.problems import Hint
from strategies.texts.source import Node

if TYPE_CHECKING:
    from strategies.documents.reading import Reading, Section

Value = TypeVar("Value")


def is_dated(node: Node) -> bool:
    """Whether a list says from which day on something is, and is not itself the value."""
    return any("is" in (each.mapping or {}) for each in node.sequence or ())


def dated(
    section: Section, key: str, read: Callable[[Node], Value | None], *, lists: bool = False
) -> tuple[tuple[Instant, Value], ...]:
    """What a key says from which instant on, ascending; ``ALWAYS`` for what is not dated, nothing for a missing key.

    ``lists``: the value itself is a list, and dated only where an entry has ``is``. Days begin at the operator's
    midnight; before the first of them the thing does not exist. Problems are noted in the reading.
    """
    node = section.get(key)
    if node is None:
        return ()
    if lists and not is_dated(node):
        value = read(node)
        return () if value is None else ((ALWAYS, value),)
    return dated_values(section.reading, node, f"'{key}'", read)


def dated_values(
    reading: Reading, node: Node, what: str, read: Callable[[Node], Value | None]
) -> tuple[tuple[Instant, Value], ...]:
    """The same of a value that stands at a node."""
    if node.sequence is None:
        always = read(node)
        return () if always is None else ((ALWAYS, always),)
    if not node.sequence:
        reading.problem(
            "value.empty", f"{what} has no value", node.where, Hint("as [{from: 2026-01-01, is: …}]")
        )
    found: list[tuple[Instant, Value]] = []
    for each in node.sequence:
        entry = reading.section(each, f"a dated value of {what}", ("from", "is"))
        if entry is None:
            continue
        begins, value = entry.need("from", Hint("the first day on which it holds")), entry.need("is")
        instant = day(reading, begins, "'from'") if begins else None
        parsed = read(value) if value else None
        if begins is not None and instant is not None and found and instant <= found[-1][0]:
            message = f"{what} from {begins.text} stands below a later one"
            reading.problem(
                "value.order", message, begins.where, Hint("write them in order of time, each day once")
            )
        elif instant is not None and parsed is not None:
            found.append((instant, parsed))
    return tuple(found)


def in_force(
    section: Section, key: str, read: Callable[[Node], Value | None], *, lists: bool = False
) -> Value | None:
    """What a key says at the instant its document is read for; the reading learns on which days that changes.

    None for a missing key, and before the first day, which the reading counts in ``not_yet``.
    """
    reading = section.reading
    entries = dated(section, key, read, lists=lists)
    reading.turns |= {begins for begins, _ in entries if begins != ALWAYS}
    held = [value for begins, value in entries if reading.read_for is None or begins <= reading.read_for]
    if entries and not held:
        reading.not_yet += 1
    return held[-1] if held else None

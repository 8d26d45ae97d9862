"""Whether a change lets more contacts through (loosened) or fewer (tightened), where the key alone decides it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from strategies.texts.nodes import Node
from strategies.texts.quantities import microseconds, minute_of_day

Direction = Literal["added", "removed", "changed", "loosened", "tightened"]
Path = tuple[str, ...]

_MORE_IS_LOOSER = frozenset({
    "max", "times", "contacts_per_day", "attempts.total", "attempts.per_number", "rate", "task_valid", "explores",
})  # fmt: skip
_MORE_IS_TIGHTER = frozenset({
    "window.sliding", "lasts", "within", "last_start", "control.percentage", "universal_control", "approvals",
})  # fmt: skip
_LONGER_LIST_IS_LOOSER = frozenset({"exempt", "not_counted"})
_LONGER_LIST_IS_TIGHTER = frozenset({"counts_even_if_exempt"})
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
_WEEK = {"weekdays": _DAYS[:5], "weekend": _DAYS[5:7], "all": _DAYS, "daily": _DAYS}


def direction(
    name: str, path: Path, old: Node | None, new: Node | None, before: Node, after: Node
) -> Direction:
    """``loosened`` or ``tightened`` where that is certain, else ``changed``."""
    key = ".".join(path)
    if key in _MORE_IS_LOOSER:
        return _by_size(old, new, looser=True)
    if key in _MORE_IS_TIGHTER:
        return _by_size(old, new, looser=False)
    if key in _LONGER_LIST_IS_LOOSER:
        return _by_list(old, new, looser=True)
    if key in _LONGER_LIST_IS_TIGHTER:
        return _by_list(old, new, looser=False)
    if not name.startswith("rule "):
        return "changed"
    if path and path[0] == "match":
        return _by_match(path, old, new)
    if key == "when":
        return "loosened" if old is None else "tightened" if new is None else "changed"
    if key == "open":
        return _by_hours(old, new)
    return "changed"


def _by_size(old: Node | None, new: Node | None, *, looser: bool) -> Direction:
    before, after = _size(old), _size(new)
    if before is None or after is None or before == after:
        return "changed"
    return "loosened" if (after > before) == looser else "tightened"


def _size(node: Node | None) -> Decimal | None:
    """A number, a duration, or no limit; None where neither is plain."""
    if node is None or node.mapping is not None or node.sequence is not None:
        return None
    if node.text == "unlimited" or node.text == "forever":
        return Decimal("Infinity")
    if isinstance(node.value, str):
        length = microseconds(node.text)
        return None if length is None else Decimal(length)
    try:
        return Decimal(node.text)
    except ArithmeticError:
        return None


def _by_list(old: Node | None, new: Node | None, *, looser: bool) -> Direction:
    before, after = _words(old), _words(new)
    if before is None or after is None or before == after:
        return "changed"
    if before < after:
        return "loosened" if looser else "tightened"
    if after < before:
        return "tightened" if looser else "loosened"
    return "changed"


def _words(node: Node | None) -> frozenset[str] | None:
    if node is None:
        return frozenset()
    if node.sequence is None or any(each.mapping or each.sequence for each in node.sequence):
        return None
    return frozenset(each.text for each in node.sequence)


def _by_match(path: Path, old: Node | None, new: Node | None) -> Direction:
    """A rule that matches more refuses more; a key left out matches all."""
    if len(path) == 1:
        return "changed"
    if old is None or new is None:
        return "loosened" if old is None else "tightened"
    before, after = _words(old), _words(new)
    if before is None or after is None or before == after:
        return "changed"
    return "tightened" if before < after else "loosened" if after < before else "changed"


def _by_hours(old: Node | None, new: Node | None) -> Direction:
    """Open longer is looser."""
    before, after = _minutes(old), _minutes(new)
    if before is None or after is None or before == after:
        return "changed"
    return "loosened" if before < after else "tightened" if after < before else "changed"


def _minutes(node: Node | None) -> frozenset[tuple[str, int]] | None:
    """Every (day, minute after that day's midnight) that is open; None where it is not written plainly."""
    if node is None or node.sequence is None:
        return None
    found: set[tuple[str, int]] = set()
    for each in node.sequence:
        mapping = each.mapping or {}
        if not {"from", "to"} <= mapping.keys() <= {"from", "to", "days"}:
            return None
        start = minute_of_day(mapping["from"].text)
        end = minute_of_day(mapping["to"].text, end=True)
        days = _words(mapping.get("days")) if "days" in mapping else frozenset(_DAYS)
        if start is None or end is None or days is None or not days <= frozenset(_DAYS):
            return None
        last = end if end > start else end + 1440
        found |= {(day, minute) for day in days for minute in range(start, last)}
    return frozenset(found)

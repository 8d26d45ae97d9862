"""How a changed key and its values are said: durations in days, shares in percent, lists joined, long texts cut."""

from __future__ import annotations

from collections.abc import Mapping

from strategies.instants import DAY, HOUR, MINUTE, SECOND
from strategies.texts.nodes import Node
from strategies.texts.quantities import microseconds

LONGEST = 300
MOST_ENTRIES = 12

_LABELS: Mapping[str, str] = {
    "max": "at most", "on_hit": "when it refuses", "last_start": "last start before closing", "open": "open",
    "when": "condition", "exempt": "exempt", "not_counted": "results not counted",
    "counts_even_if_exempt": "counted though exempt", "count": "counted moment", "times": "after so many times",
    "lasts": "lasts", "within": "within", "control.percentage": "control", "universal_control": "universal control",
    "task_valid": "tasks valid for", "goal.within": "goal within", "contacts_per_day": "contacts a day and customer",
    "stale_after": "unconfirmed after", "receipt_wait": "waits for receipts", "reserve_for": "reserves for",
    "attempts.total": "attempts in all", "attempts.per_number": "attempts for one number", "needs_number": "needs a number",
    "window.sliding": "in any", "window.calendar": "in a calendar", "valid.from": "valid from", "valid.to": "valid to",
    "consent_default": "consent without a record", "levers.category": "lever of the category",
    "levers.family": "lever of the family", "approvals": "approvals by others", "explores": "explores",
    "card_views_per_day": "customers' cards a day and person", "rate": "let go a second", "lead_time": "lead time",
}  # fmt: skip
_PERCENT = frozenset({"percentage", "universal_control", "explores", "reserved_places"})
_NOTHING = "not said"


def label(path: tuple[str, ...]) -> str:
    """The words for a key; one that has none of its own is named as it is written."""
    dotted = ".".join(path)
    return _LABELS.get(dotted) or dotted or "value"


def said(path: tuple[str, ...], node: Node | None) -> str:
    """A value in words, with its unit where the key has one."""
    if node is None:
        return _NOTHING
    if node.mapping is not None:
        return cut(
            "{" + ", ".join(f"{key}: {said((*path, key), each)}" for key, each in node.mapping.items()) + "}"
        )
    if node.sequence is not None:
        return listed(node)
    return cut(_scalar(path, node))


def said_both(path: tuple[str, ...], old: Node | None, new: Node | None) -> tuple[str, str]:
    """Both values in words; of two long texts what lies around the first difference."""
    if old is None or new is None or not (isinstance(old.value, str) and isinstance(new.value, str)):
        return said(path, old), said(path, new)
    one, other = (" ".join(each.text.split()) for each in (old, new))
    if max(len(one), len(other)) <= LONGEST:
        return said(path, old), said(path, new)
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = max(0, same - LONGEST // 3)
    before = "…" if start else ""
    return before + cut(one[start:]), before + cut(other[start:])


def listed(node: Node) -> str:
    """The entries of a list; of a long one how many more."""
    entries = node.sequence or ()
    shown = [said((), each) for each in entries[:MOST_ENTRIES]]
    more = len(entries) - len(shown)
    return cut("[" + ", ".join(shown) + (f" and {more} more" if more > 0 else "") + "]")


def cut(text: str) -> str:
    """One line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _scalar(path: tuple[str, ...], node: Node) -> str:
    key = path[-1] if path else ""
    if isinstance(node.value, str):
        length = microseconds(node.text) if node.text.startswith("P") else None
        if length is not None:
            return duration(length)
        return node.text if node.text else "''"
    if key in _PERCENT:
        return f"{node.text} %"
    return node.text if node.text else str(node.value)


def duration(length: int) -> str:
    """Microseconds in the largest units that fit: ``7 days``, ``90 minutes``, ``1 day 2 hours``."""
    parts = []
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")):
        count, length = divmod(length, size)
        if count:
            parts.append(f"{count} {name}" + ("s" if count != 1 else ""))
    return " ".join(parts) or "no time"


def summary(node: Node) -> str:
    """What a new thing says, without titles and texts."""
    if node.mapping is None:
        return said((), node)
    left_out = (
        "title",
        "owner",
        "rule",
        "offer",
        "strategy",
        "policy",
        "examples",
        "id",
        "name",
        "channels",
        "offers",
    )
    parts = [
        f"{label((key,))} {said((key,), each)}" for key, each in node.mapping.items() if key not in left_out
    ]
    return cut(", ".join(parts))

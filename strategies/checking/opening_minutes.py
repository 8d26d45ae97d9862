"""Openings as minutes of one week, so that hours of two rules can be compared; holidays are a day of their own."""

from __future__ import annotations

from collections.abc import Iterator

from strategies.declared.calendar import HOLIDAY
from strategies.declared.rule import Rule

DAY_MINUTES = 1440
_WEEK = 7 * DAY_MINUTES


def minutes_open(rule: Rule) -> int:
    """A bit for each minute of Monday to Sunday, then of a holiday, in which the rule's hours are open."""
    bits = 0
    for each in rule.open:
        for day in each.days:
            begin = (day - 1) * DAY_MINUTES
            if each.start_minute < each.end_minute:
                bits |= _range(begin + each.start_minute, begin + each.end_minute)
                continue
            bits |= _range(begin + each.start_minute, begin + DAY_MINUTES)
            if day != HOLIDAY:
                morning = begin + DAY_MINUTES if day < 7 else 0
                bits |= _range(morning, morning + each.end_minute)
    return bits


def _range(start: int, end: int) -> int:
    return (1 << end) - (1 << start)


def short_gaps(rule: Rule, longest: int) -> Iterator[tuple[int, int]]:
    """Closed stretches of at most so many minutes between two openings of the week, as minutes of the week."""
    bits = minutes_open(rule) & (_range(0, _WEEK))
    if not bits:
        return
    edges = bits ^ ((bits << 1) & _range(0, _WEEK))
    turns = [minute for minute in range(_WEEK) if edges >> minute & 1]
    closed = [(turn, following) for turn, following in zip(turns[1::2], turns[2::2], strict=False)]
    for begin, end in closed:
        if end - begin <= longest:
            yield begin, end

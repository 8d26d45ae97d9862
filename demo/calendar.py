"""Months as numbers, year × 12 + month − 1, as the demonstration counts them."""

from __future__ import annotations

from datetime import date, timedelta

MONTHS = 8
"""Full months of usage and bills that the operator delivers."""


def month_of(day: date) -> int:
    """The month a day lies in."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last day of a month."""
    return first_day(month + 1) - timedelta(days=1)


def month_name(month: int) -> str:
    """``2025-09``."""
    return f"{month // 12}-{month % 12 + 1:02}"


def months_before(start: date, count: int = MONTHS) -> list[str]:
    """The last full months before a day, oldest first: ``2025-09``."""
    index = month_of(start)
    return [month_name(each) for each in range(index - count, index)]

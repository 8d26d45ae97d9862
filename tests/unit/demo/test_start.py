"""When the demonstration begins."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from demo.stage import LOCAL, next_monday


def test_the_first_morning_lies_ahead_at_every_hour_of_a_week() -> None:
    """The store's clock moves forward only; on a Sunday evening in Greenwich it is Monday morning at the operator's."""
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    for hours in range(7 * 24):
        now = monday + timedelta(hours=hours)
        start = next_monday(now)
        assert start.weekday() == 0
        assert (
            timedelta(hours=7) < datetime.combine(start, time(7), LOCAL) - now <= timedelta(days=7, hours=7)
        )

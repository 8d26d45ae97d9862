"""Instants are UTC integer microseconds; this page turns text and local calendars into them and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NewType

Instant = NewType("Instant", int)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 86_400 * SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_instant(moment: datetime) -> Instant:
    """The instant of an aware datetime. Raises ``ValueError`` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs an offset or zone, for example 2026-03-02T10:00+08:00")
    return Instant((moment - _EPOCH) // timedelta(microseconds=1))


def to_datetime(instant: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=instant)


def parse_instant(text: str) -> Instant:
    """The instant written as ISO 8601 with an offset. Raises ``ValueError`` otherwise."""
    return to_instant(datetime.fromisoformat(text))


def format_instant(instant: int) -> str:
    """ISO 8601 in UTC, to the microsecond only where there are any: ``2026-03-02T02:00:00Z``."""
    return to_datetime(instant).isoformat().replace("+00:00", "Z")

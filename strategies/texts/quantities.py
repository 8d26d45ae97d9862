"""Amounts, percentages, durations, times of day and dates, read from their text without any float."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant, to_instant

MAX_MINOR = 10**15
MAX_DURATION = 36_600 * DAY

_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?", re.ASCII)
_DURATION = re.compile(
    r"P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_CALENDAR_DURATION = re.compile(r"P(?=.*\d+[YM])(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T.*)?", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def hundredths(text: str) -> int | None:
    """A percentage of at most two decimals between 0 and 100, in hundredths; None for any other text."""
    found = _PERCENT.fullmatch(text)
    if not found:
        return None
    whole, decimals = found.groups()
    result = int(whole) * 100 + int((decimals or "").ljust(2, "0"))
    return result if result <= 10_000 else None


def minor_units(text: str, minor_per_major: int) -> int | None:
    """An amount of major units in minor units, exactly; None where it has more decimals or is beyond 10^15."""
    try:
        scaled = Decimal(text) * minor_per_major
    except InvalidOperation:
        return None
    if not scaled.is_finite() or abs(scaled) > MAX_MINOR or scaled != scaled.to_integral_value():
        return None
    return int(scaled)


def microseconds(text: str) -> int | None:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds; None for any other text."""
    found = _DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = (weeks * 7 + days) * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND
    return total if total <= MAX_DURATION else None


def is_calendar_duration(text: str) -> bool:
    """Whether it is a duration in months or years, whose length depends on the date."""
    return _CALENDAR_DURATION.fullmatch(text) is not None


def minute_of_day(text: str, *, end: bool = False) -> int | None:
    """``HH:MM`` as minutes after midnight, ``24:00`` too where a range ends; None for any other text."""
    if end and text == "24:00":
        return 1440
    found = _TIME.fullmatch(text)
    return int(found[1]) * 60 + int(found[2]) if found else None


def calendar_day(text: str) -> date | None:
    """``YYYY-MM-DD`` as a date; None for any other text."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def local_midnight(day: date, zone: str) -> Instant:
    """The instant at which ``day`` begins in ``zone``; where a clock change skips midnight, the first after the gap."""
    tz = ZoneInfo(zone)
    local = datetime.combine(day, time(), tzinfo=tz)
    early = local.astimezone(UTC)
    if early.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None):
        return to_instant(early)
    low, high = early - timedelta(days=1), early
    before = low.astimezone(tz).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(tz).utcoffset() == before else (low, middle)
    return to_instant(high)

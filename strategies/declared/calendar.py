"""Local time: opening hours, calendar periods and what clock changes do to both.

A zone's day is read as stretches of constant offset, within which wall-clock time is UTC plus a number. Hours that
a clock change skips or repeats then need no case of their own: an instant is judged by the wall clock it shows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from strategies.declared.playbook import Open, Operator
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant, to_datetime

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
"""1970-01-01 as ``date.toordinal`` counts."""
_SEARCH_DAYS = 22
"""Hours repeat weekly; a clock change can swallow an opening, hardly three in a row."""
_SEARCH_DAYS_OF_HOLIDAYS = 800
"""Hours of holidays repeat yearly."""
HOLIDAY = 8
"""Among the weekdays of an opening: the days that are named holidays."""
_NEVER_CLOSES_DAYS = 15

Span = tuple[int, int]
_Spans = tuple[tuple[int, ...], tuple[int, ...]]
_OPEN: dict[tuple[int, tuple[str, ...], int, int], tuple[tuple[Open, ...], _Spans]] = {}
"""What is open on a UTC day, beside the openings themselves, which are held so that their identity stays their own."""
_OPEN_KEPT = 65_536


@lru_cache(maxsize=1024)
def zone_exists(name: str) -> bool:
    """Whether the IANA database knows the zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def zones_in_question(operator: Operator, which: str, customer_zone: str | None) -> tuple[str, ...]:
    """The zones a rule must hold in: one where it is known, every plausible one where the customer's is not.

    ``which`` is ``customer``, ``operator`` or an IANA name. A zone the database does not know is an unknown zone.
    """
    if which == "operator":
        return (operator.zone,)
    if which != "customer":
        return (which,)
    if customer_zone is not None and zone_exists(customer_zone):
        return (customer_zone,)
    return operator.plausible_zones or (operator.zone,)


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = to_datetime(instant).astimezone(zone).utcoffset()
    assert offset is not None  # an aware datetime always has one
    return offset // timedelta(microseconds=1)


@lru_cache(maxsize=65_536)
def _stretches(zone_name: str, utc_day: int) -> tuple[tuple[int, int, int], ...]:
    """The UTC day as (from, to, offset) of constant offset; changes are found to the second."""
    zone = ZoneInfo(zone_name)
    found: list[tuple[int, int, int]] = []
    begin = start = utc_day * DAY
    offset = _offset(zone, start)
    for step in range(1, 25):
        end = begin + step * HOUR
        after = _offset(zone, end if step < 24 else end - SECOND)
        if after == offset:
            continue
        low, high = (end - HOUR) // SECOND, end // SECOND
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _offset(zone, middle * SECOND) == after else (middle, high)
        found.append((start, high * SECOND, offset))
        start, offset = high * SECOND, after
    found.append((start, begin + DAY, offset))
    return tuple(found)


def local_datetime(zone_name: str, instant: int) -> datetime:
    """The aware local datetime of an instant."""
    return to_datetime(instant).astimezone(ZoneInfo(zone_name))


def instant_at(zone_name: str, day: date, minute: int) -> Instant:
    """The instant at which the local day's clock first shows at least so many minutes past midnight."""
    wall = (day.toordinal() - EPOCH_ORDINAL) * DAY + minute * MINUTE
    around = wall // DAY
    for utc_day in range(around - 2, around + 3):
        for start, end, offset in _stretches(zone_name, utc_day):
            reached = max(start, wall - offset)
            if reached < end:
                return Instant(reached)
    raise AssertionError("every wall-clock time is reached within two days")  # pragma: no cover


@lru_cache(maxsize=65_536)
def start_of_day(zone_name: str, ordinal: int) -> Instant:
    """First instant of the local day (``date.toordinal()``); the first after the gap where midnight is skipped."""
    return instant_at(zone_name, date.fromordinal(ordinal), 0)


@lru_cache(maxsize=65_536)
def _local_ordinals(zone_name: str, utc_day: int) -> tuple[tuple[int, int], ...]:
    """(instant, local day in force from it on) for one UTC day."""
    begin = utc_day * DAY
    first = to_datetime(begin).astimezone(ZoneInfo(zone_name)).toordinal()
    marks = [(begin, first)]
    for ordinal in range(first + 1, first + 4):
        start = start_of_day(zone_name, ordinal)
        if start >= begin + DAY:
            break
        if start > begin:
            marks.append((start, ordinal))
        else:
            marks[-1] = (begin, ordinal)
    return tuple(marks)


def local_day(zone_name: str, instant: int) -> int:
    """The local day an instant belongs to, as ``date.toordinal()``."""
    marks = _local_ordinals(zone_name, instant // DAY)
    found = marks[0][1]
    for start, ordinal in marks[1:]:
        if instant < start:
            break
        found = ordinal
    return found


@lru_cache(maxsize=65_536)
def _period_of_day(zone_name: str, period: str, week_start: int, ordinal: int) -> tuple[Instant, Instant]:
    day = date.fromordinal(ordinal)
    if period == "day":
        first, last = ordinal, ordinal + 1
    elif period == "week":
        first = ordinal - (day.isoweekday() - week_start) % 7
        last = first + 7
    else:
        first = day.replace(day=1).toordinal()
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal()
    return start_of_day(zone_name, first), start_of_day(zone_name, last)


def calendar_period(period: str, week_start: int, zone_name: str, instant: int) -> tuple[Instant, Instant]:
    """Start and end (half-open) of the local ``day``, ``week`` or ``month`` an instant lies in."""
    return _period_of_day(zone_name, period, week_start, local_day(zone_name, instant))


def _merged(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _intersected(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    found = []
    for start, end in left:
        for other_start, other_end in right:
            low, high = max(start, other_start), min(end, other_end)
            if low < high:
                found.append((low, high))
    return found


def _wall_windows(openings: tuple[Open, ...], first_day: int, last_day: int) -> list[Span]:
    """Openings as spans of wall-clock microseconds; the part after midnight belongs to the day it began on."""
    windows = []
    for day in range(first_day, last_day + 1):
        ordinal = day + EPOCH_ORDINAL
        weekday = date.fromordinal(ordinal).isoweekday()
        for opening in openings:
            kind = HOLIDAY if ordinal in opening.holidays else weekday
            if kind in opening.days and opening.start_minute != opening.end_minute:
                past_midnight = DAY if opening.start_minute > opening.end_minute else 0
                start = day * DAY + opening.start_minute * MINUTE
                windows.append((start, day * DAY + opening.end_minute * MINUTE + past_midnight))
    return windows


def _open_in_zone(openings: tuple[Open, ...], zone_name: str, first_day: int, last_day: int) -> list[Span]:
    """Open spans in UTC over some UTC days, clipped to them."""
    windows = _merged(_wall_windows(openings, first_day - 2, last_day + 2))
    spans = []
    for utc_day in range(first_day, last_day + 1):
        for start, end, offset in _stretches(zone_name, utc_day):
            for window_start, window_end in windows:
                low, high = max(start, window_start - offset), min(end, window_end - offset)
                if low < high:
                    spans.append((low, high))
    return _merged(spans)


def _open_spans(openings: tuple[Open, ...], zones: tuple[str, ...], last_start: int, utc_day: int) -> _Spans:
    """Starts and ends of the spans in which a contact may begin, within one UTC day, in every zone at once.

    Remembered by the openings' identity, because hashing them takes as long as all else that is asked of them.
    """
    key = (id(openings), zones, last_start, utc_day)
    known = _OPEN.get(key)
    if known is None:
        if len(_OPEN) >= _OPEN_KEPT:
            _OPEN.clear()
        known = _OPEN[key] = (openings, _spans_of_day(openings, zones, last_start, utc_day))
    return known[1]


def _spans_of_day(
    openings: tuple[Open, ...], zones: tuple[str, ...], last_start: int, utc_day: int
) -> _Spans:
    reach = 1 + last_start // DAY
    spans = _open_in_zone(openings, zones[0], utc_day, utc_day + reach)
    for zone_name in zones[1:]:
        spans = _intersected(spans, _open_in_zone(openings, zone_name, utc_day, utc_day + reach))
    begin, end = utc_day * DAY, (utc_day + 1) * DAY
    horizon = (utc_day + reach + 1) * DAY
    kept = []
    for low, high in spans:
        # the last attempt may start exactly `last_start` before close; a span that runs on past the days read is cut
        closes = high - last_start + 1 if last_start and high < horizon else high
        low, closes = max(low, begin), min(closes, end)
        if low < closes:
            kept.append((low, closes))
    return tuple(low for low, _ in kept), tuple(high for _, high in kept)


def hours_open(openings: tuple[Open, ...], zones: tuple[str, ...], instant: int, last_start: int = 0) -> bool:
    """Whether a contact may begin at the instant: open in every zone, and ``last_start`` before close."""
    starts, ends = _open_spans(openings, zones, last_start, instant // DAY)
    index = bisect_right(starts, instant) - 1
    return index >= 0 and instant < ends[index]


def next_open(
    openings: tuple[Open, ...], zones: tuple[str, ...], instant: Instant, last_start: int = 0
) -> Instant | None:
    """The first instant at or after this one at which a contact may begin; None where hours never open."""
    utc_day = instant // DAY
    search = _SEARCH_DAYS_OF_HOLIDAYS if any(opening.holidays for opening in openings) else _SEARCH_DAYS
    for day in range(utc_day, utc_day + search):
        starts, ends = _open_spans(openings, zones, last_start, day)
        for start, end in zip(starts, ends, strict=True):
            if instant < end:
                return Instant(max(start, instant))
    return None


def closes_at(
    openings: tuple[Open, ...], zones: tuple[str, ...], instant: Instant, last_start: int = 0
) -> Instant | None:
    """The first instant after this one at which a contact may no longer begin; None where hours never close.

    The instant itself must be open.
    """
    reached: int = instant
    utc_day = instant // DAY
    for day in range(utc_day, utc_day + _NEVER_CLOSES_DAYS):
        starts, ends = _open_spans(openings, zones, last_start, day)
        for start, end in zip(starts, ends, strict=True):
            if start <= reached < end:
                reached = end
        if reached < (day + 1) * DAY:
            return Instant(reached)
    return None

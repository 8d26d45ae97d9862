"""When contact is open, written a second time from docs/rules.md: an instant is judged by the wall clock it shows.

Knows nothing of ``strategies``: weekday, hour and minute of ``zoneinfo``, and that is all.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = (
    "UTC", "Asia/Shanghai", "Asia/Urumqi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut", "Africa/Cairo",
    "Africa/Casablanca", "Europe/London", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo",
    "America/Santiago", "America/Havana", "America/Asuncion", "America/St_Johns", "America/Nuuk", "Atlantic/Azores",
    "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati",
    "Pacific/Pago_Pago", "Antarctica/Troll",
)  # fmt: skip
FIRST = int(datetime(2016, 1, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(2034, 12, 31, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Opening:
    """From a minute of the day up to, but not at, another; past midnight where that is earlier."""

    days: frozenset[int]
    begin: int
    end: int

    def text(self) -> str:
        """As a rule writes it."""
        days = ", ".join(DAYS[each] for each in sorted(self.days))
        return f'{{days: [{days}], from: "{_clock(self.begin)}", to: "{_clock(self.end)}"}}'


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def is_open(openings: Sequence[Opening], zone: str, microseconds: int) -> bool:
    """Whether contact is open at the instant."""
    shown = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).astimezone(
        ZoneInfo(zone)
    )
    minute, today = shown.hour * 60 + shown.minute, shown.weekday()
    for each in openings:
        if each.begin < each.end:
            if today in each.days and each.begin <= minute < each.end:
                return True
        elif (today in each.days and minute >= each.begin) or (
            (today - 1) % 7 in each.days and minute < each.end
        ):
            return True
    return False


def some_openings(draw: random.Random) -> tuple[Opening, ...]:
    """One to three openings a working week may have, by day or by night."""
    found = []
    for _ in range(draw.randint(1, 3)):
        begin = draw.randrange(0, 1440, 15)
        end = (begin + draw.randrange(15, 960, 15)) % 1440
        days = frozenset(draw.sample(range(7), draw.randint(1, 7)))
        found.append(Opening(days, begin, end or 1440))
    return tuple(found)


def some_instant(draw: random.Random, openings: Sequence[Opening], zone: str) -> int:
    """Microseconds since 1970: anywhere, at an edge of an opening to the microsecond, or in the night of a clock change."""
    second = draw.randrange(FIRST, LAST)
    how = draw.random()
    if how < 0.4:
        return second * 1_000_000 + draw.randrange(1_000_000)
    place = ZoneInfo(zone)
    if how < 0.7:
        second = _clock_change(place, second) + draw.randrange(-7200, 7200)
    local = datetime.fromtimestamp(second, UTC).astimezone(place)
    edge = draw.choice([minute % 1440 for each in openings for minute in (each.begin, each.end)])
    at = local.replace(hour=edge // 60, minute=edge % 60, second=0, microsecond=0, fold=draw.randrange(2))
    return int(at.timestamp()) * 1_000_000 + draw.choice((-1, 0, 1, -1_000_000, 59_999_999))


def _clock_change(place: ZoneInfo, second: int) -> int:
    """The next change of the offset within a year, by halving; the second itself where there is none."""

    def offset(at: int) -> object:
        return datetime.fromtimestamp(at, UTC).astimezone(place).utcoffset()

    low = second
    for _ in range(53):
        high = low + 7 * 86400
        if offset(high) != offset(low):
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            return high
        low = high
    return second

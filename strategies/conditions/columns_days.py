"""Local days of many instants: a zone's offsets year by year, found once, then looked up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from strategies.instants import DAY, SECOND, to_datetime, to_instant

EPOCH = 719_163
"""The proleptic Gregorian ordinal of 1970-01-01."""
_STEP = DAY


@lru_cache(maxsize=4096)
def _offsets(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """(instant from which it holds, offset in microseconds) within a UTC year, its beginning included."""
    tz = ZoneInfo(zone)

    def offset(instant: int) -> int:
        found = to_datetime(instant).astimezone(tz).utcoffset()
        return (found or timedelta()) // timedelta(microseconds=1)

    start = int(to_instant(datetime(year, 1, 1, tzinfo=UTC)))
    end = start + (366 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 365) * DAY
    found = [(start, offset(start))]
    for reached in range(start + _STEP, end, _STEP):
        here = offset(reached)
        if here != found[-1][1]:
            low, high, before = reached - _STEP, reached, found[-1][1]
            while high - low > SECOND:
                middle = (low + high) // 2 // SECOND * SECOND
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            found.append((high, here))
    return tuple(found)


def local_days(instants: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Days from 1970 of the instants' local dates in a zone; instants beyond the years 2–9998 are taken as at their edge."""
    if not len(instants):
        return instants
    first, last = (int(to_instant(datetime(year, 1, 1, tzinfo=UTC))) for year in (2, 9999))
    inside = np.clip(instants, first, last - 1)
    years = inside.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    table = [each for year in np.unique(years).tolist() for each in _offsets(zone, year)]
    starts = np.array([start for start, _ in table], dtype=np.int64)
    offsets = np.array([offset for _, offset in table], dtype=np.int64)
    local = inside + offsets[np.searchsorted(starts, inside, side="right") - 1]
    return np.asarray(local // DAY, dtype=np.int64)

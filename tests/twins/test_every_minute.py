"""Hours are open exactly where the clock on the wall says so, and clear at the first such minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pytest

from strategies.declared.calendar import HOLIDAY, hours_open
from strategies.declared.playbook import Open, Rule
from strategies.instants import MINUTE, Instant, to_instant
from strategies.judging.asking import Asking
from strategies.judging.judge import allows_from, judge
from tests.unit.rules.world import HERE, OPERATOR, SMS, playbook, profile

ZONES = (
    "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Santiago", "Africa/Cairo", "Asia/Beirut",
    "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kolkata", "Africa/Casablanca", "Asia/Shanghai",
)  # fmt: skip
WEEK = 7 * 24 * 60
EVERY_DAY = frozenset(range(1, 8))
WORKDAYS = frozenset(range(1, 6))
HOURS = (
    (
        Open(WORKDAYS, 9 * 60, 20 * 60),
        Open(frozenset({6}), 10 * 60, 13 * 60 + 30),
        Open(frozenset({8}), 22 * 60, 60),
    ),
    (Open(EVERY_DAY, 22 * 60 + 15, 2 * 60 + 30),),
    (
        Open(frozenset({1, 3, 7}), 0, 150),
        Open(frozenset({6, 7}), 1 * 60 + 45, 24 * 60),
        Open(frozenset({8}), 11 * 60, 12 * 60),
    ),
    (Open(EVERY_DAY, 2 * 60 + 10, 2 * 60 + 50), Open(frozenset({5}), 23 * 60, 1 * 60)),
)
Minutes = npt.NDArray[np.int64]


def clock_changes(zone: str) -> list[datetime]:
    """The days of 2026 on which the zone's clock changes; two ordinary ones where it never does."""
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(365)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    changes = [day for day, (before, after) in zip(days, pairwise(offsets), strict=False) if before != after]
    return changes[:2] or [days[60], days[200]]


def on_the_wall(zone: str, first: datetime, minutes: int) -> tuple[Minutes, Minutes, Minutes]:
    """ISO weekday, minute of the local day and the day itself, of each minute."""
    local = [(first + timedelta(minutes=step)).astimezone(ZoneInfo(zone)) for step in range(minutes)]
    weekday = np.array([each.isoweekday() for each in local])
    minute = np.array([each.hour * 60 + each.minute for each in local])
    return weekday, minute, np.array([each.toordinal() for each in local])


def is_open(
    openings: tuple[Open, ...], weekday: Minutes, minute: Minutes, ordinal: Minutes
) -> npt.NDArray[np.bool_]:
    """Whether the wall-clock time lies in an opening; past midnight it belongs to the day it began on."""
    found = np.zeros(len(weekday), dtype=np.bool_)
    for each in openings:
        holidays = list(each.holidays)
        kind = np.where(np.isin(ordinal, holidays), HOLIDAY, weekday)
        kind_before = np.where(np.isin(ordinal - 1, holidays), HOLIDAY, (weekday - 2) % 7 + 1)
        today = np.isin(kind, list(each.days))
        if each.start_minute < each.end_minute:
            found |= today & (minute >= each.start_minute) & (minute < each.end_minute)
        else:
            yesterday = np.isin(kind_before, list(each.days))
            found |= (today & (minute >= each.start_minute)) | (yesterday & (minute < each.end_minute))
    return found


def stays_open(is_open: npt.NDArray[np.bool_], minutes: int) -> npt.NDArray[np.bool_]:
    """Whether it is open and still is all the way to so many minutes before the close."""
    closed_before = np.concatenate(([0], np.cumsum(~is_open)))
    ahead = np.minimum(np.arange(len(is_open)) + max(minutes, 1), len(is_open))
    return np.asarray(closed_before[ahead] == closed_before[: len(is_open)])


@pytest.mark.parametrize("place", range(len(ZONES)), ids=lambda place: ZONES[place])
def test_every_minute_of_a_week_with_a_clock_change(place: int) -> None:
    """Q8: `allowed` equals a brute-force definition in each minute, and `until` is its first true one."""
    zone, other = ZONES[place], ZONES[(place + 1) % len(ZONES)]
    for turn, change in enumerate(clock_changes(zone)):
        first = change - timedelta(days=3)
        holiday = change.date().toordinal() + 1
        openings = tuple(
            replace(each, holidays=frozenset({holiday})) for each in HOURS[(place + turn) % len(HOURS)]
        )
        last_start, zones = (0, 45)[place % 2], (zone,) if (place + turn) % 4 else (zone, other)
        rule = Rule("law.hours", "hours", "legal", HERE, open=openings, last_start=last_start * MINUTE)
        person = profile(zone=zone if len(zones) == 1 else None)
        book = playbook(rule, operator=replace(OPERATOR, plausible_zones=zones))
        asking, begins = Asking(book, SMS, person), to_instant(first)
        hours = np.logical_and.reduce(
            [is_open(openings, *on_the_wall(each, first, 2 * WEEK)) for each in zones]
        )
        expected = stays_open(hours, last_start)
        opens = np.flatnonzero(expected)
        clears = begins + opens[np.searchsorted(opens, np.arange(WEEK))] * MINUTE
        instants = [Instant(begins + step * MINUTE) for step in range(WEEK)]
        wrong = np.flatnonzero(np.array([allows_from(rule, asking, at) for at in instants]) != clears)
        assert [str(first + timedelta(minutes=int(step))) for step in wrong] == []
        now_open = [hours_open(openings, zones, at, last_start * MINUTE) for at in instants]
        assert now_open == expected[:WEEK].tolist()
        assert judge(book, SMS, person, begins).allowed == expected[0]

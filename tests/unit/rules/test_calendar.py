"""Hours and calendar periods against the wall clock itself, minute by minute, over clock changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.declared.calendar import (
    calendar_period,
    closes_at,
    hours_open,
    instant_at,
    local_day,
    next_open,
    start_of_day,
    zones_in_question,
)
from strategies.declared.playbook import Open, Operator
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant, parse_instant, to_datetime, to_instant

EVERY_DAY = frozenset(range(1, 8))
# each day has a clock change, or none: Berlin both ways, Lord Howe by half an hour, Beirut and Havana at midnight,
# Kolkata with half an hour and no change, Apia where a whole day was skipped
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("America/Havana", date(2026, 11, 1)),
    ("Asia/Kolkata", date(2026, 3, 29)),
    ("Pacific/Apia", date(2011, 12, 30)),
]


def wall_clock(zone: str, instant: int) -> datetime:
    return to_datetime(instant).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def open_by_wall_clock(openings: tuple[Open, ...], zone: str, instant: int) -> bool:
    """The definition: the wall clock lies in [from, to) of an opening of the day on which that began."""
    wall = wall_clock(zone, instant)
    for opening in openings:
        for began in (wall.date(), wall.date() - timedelta(days=1)):
            if began.isoweekday() not in opening.days:
                continue
            midnight = wall.replace(
                year=began.year, month=began.month, day=began.day, hour=0, minute=0, second=0, microsecond=0
            )
            past = 1440 if opening.start_minute > opening.end_minute else 0
            start = midnight + timedelta(minutes=opening.start_minute)
            end = midnight + timedelta(minutes=opening.end_minute + past)
            if start <= wall < end:
                return True
    return False


openings = st.lists(
    st.builds(
        Open,
        st.frozensets(st.integers(1, 7), min_size=1),
        st.integers(0, 47).map(lambda half: half * 30),
        st.integers(1, 48).map(lambda half: half * 30),
    ).filter(lambda opening: opening.start_minute != opening.end_minute),
    min_size=1,
    max_size=3,
).map(tuple)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(CHANGES), openings)
def test_hours_are_what_the_wall_clock_shows(change: tuple[str, date], opened: tuple[Open, ...]) -> None:
    """Around a clock change `hours_open` and `next_open` equal a sweep of the wall clock by quarter hours."""
    zone, day = change
    first = to_instant(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC"))) - 36 * HOUR
    sweep = [Instant(first + step * 15 * MINUTE) for step in range(4 * 84)]
    truth = [open_by_wall_clock(opened, zone, instant) for instant in sweep]
    assert [hours_open(opened, (zone,), instant) for instant in sweep] == truth
    following: Instant | None = None
    for instant, is_open in reversed(list(zip(sweep, truth, strict=True))):
        following = instant if is_open else following
        if following is not None:
            assert next_open(opened, (zone,), instant) == following


@settings(max_examples=20, deadline=None)
@given(openings, openings, st.integers(0, 14 * 24 * 4))
def test_two_zones_are_open_where_both_are(
    opened: tuple[Open, ...], _: tuple[Open, ...], quarter: int
) -> None:
    """With several zones in question hours are open exactly where they are in each."""
    instant = parse_instant("2026-10-18T00:00Z") + quarter * 15 * MINUTE
    zones = ("Asia/Shanghai", "Asia/Urumqi")
    both = all(open_by_wall_clock(opened, zone, instant) for zone in zones)
    assert hours_open(opened, zones, instant) is both


@settings(max_examples=30, deadline=None)
@given(openings, st.integers(0, 7 * 24 * 4), st.sampled_from([60 * SECOND, 90 * MINUTE]))
def test_the_last_start_lies_so_long_before_close(
    opened: tuple[Open, ...], quarter: int, last_start: int
) -> None:
    """With `last_start` an instant passes if the hours stay open until that much later, the close itself included."""
    zone, instant = "Asia/Shanghai", Instant(parse_instant("2026-03-02T00:00Z") + quarter * 15 * MINUTE)
    stays = all(
        open_by_wall_clock(opened, zone, moment)
        for moment in (*range(instant, instant + last_start, 15 * MINUTE), instant + last_start - SECOND)
    )
    assert hours_open(opened, (zone,), instant, last_start) is stays


def test_a_time_that_occurs_twice_is_inside_both_times() -> None:
    """Open 02:00–02:30 in Berlin: two half hours on the night the clock goes back."""
    opened = (Open(EVERY_DAY, 120, 150),)
    shown = [
        moment
        for moment in range(
            parse_instant("2026-10-24T22:00Z"), parse_instant("2026-10-25T03:00Z"), 30 * MINUTE
        )
        if hours_open(opened, ("Europe/Berlin",), moment)
    ]
    assert shown == [parse_instant("2026-10-25T00:00Z"), parse_instant("2026-10-25T01:00Z")]


def test_a_boundary_that_is_skipped_is_the_first_instant_after_the_gap() -> None:
    """Open from 02:30 in Berlin on the night 02:00–03:00 does not exist: open from 03:00 local."""
    opened = (Open(EVERY_DAY, 150, 300),)
    before = parse_instant("2026-03-29T00:00Z")
    assert next_open(opened, ("Europe/Berlin",), before) == parse_instant("2026-03-29T01:00Z")


def test_hours_close_where_the_open_stretch_ends() -> None:
    """`closes_at` follows an opening over midnight and into the next one, and is None where none ends."""
    zone = ("Asia/Shanghai",)
    monday = (Open(frozenset({1}), 21 * 60, 9 * 60), Open(frozenset({2}), 9 * 60, 12 * 60))
    at = parse_instant("2026-03-02T22:00+08:00")
    assert closes_at(monday, zone, at) == parse_instant("2026-03-03T12:00+08:00")
    assert closes_at((Open(EVERY_DAY, 0, 1440),), zone, at) is None
    assert next_open((Open(EVERY_DAY, 0, 1440),), zone, at) == at


def test_hours_that_never_open_say_so() -> None:
    """Two zones whose hours never meet have no next opening."""
    opened = (Open(EVERY_DAY, 8 * 60, 9 * 60),)
    assert (
        next_open(opened, ("Asia/Shanghai", "America/New_York"), parse_instant("2026-03-02T00:00Z")) is None
    )


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_every_instant_lies_in_the_period_its_wall_clock_shows(change: tuple[str, date]) -> None:
    """Around clock changes the local day found, its start and its end agree with the wall clock."""
    zone, day = change
    noon = to_instant(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC")))
    for instant in range(noon - 3 * DAY, noon + 3 * DAY, 30 * MINUTE):
        shown = wall_clock(zone, instant).date()
        assert local_day(zone, instant) == shown.toordinal()
        start, end = calendar_period("day", 1, zone, instant)
        assert start <= instant < end
        assert wall_clock(zone, start).date() == shown
        assert wall_clock(zone, start - 1).date() < shown < wall_clock(zone, end).date()


def test_weeks_begin_on_the_operators_day_and_months_end_with_the_calendar() -> None:
    """A week that starts on Sunday and a February are cut at local midnights."""
    zone, wednesday = "Asia/Shanghai", parse_instant("2026-02-25T10:00+08:00")
    assert calendar_period("week", 7, zone, wednesday) == (
        parse_instant("2026-02-22T00:00+08:00"),
        parse_instant("2026-03-01T00:00+08:00"),
    )
    assert calendar_period("month", 1, zone, wednesday) == (
        parse_instant("2026-02-01T00:00+08:00"),
        parse_instant("2026-03-01T00:00+08:00"),
    )
    assert start_of_day(zone, date(2026, 3, 1).toordinal()) == instant_at(zone, date(2026, 3, 1), 0)


def test_a_zone_nobody_knows_is_an_unknown_zone() -> None:
    """A missing, misspelt or hostile zone name leaves every plausible zone in question."""
    operator = Operator(
        "o", "CNY", 100, "Asia/Shanghai", ("Asia/Shanghai", "Asia/Urumqi"), 1, ("en",), {}, 0, 1
    )
    for name in (None, "Asia/Shangai", "../../etc/passwd", "/etc/passwd", ""):
        assert zones_in_question(operator, "customer", name) == ("Asia/Shanghai", "Asia/Urumqi")
    assert zones_in_question(operator, "customer", "Asia/Kolkata") == ("Asia/Kolkata",)
    assert zones_in_question(operator, "operator", None) == ("Asia/Shanghai",)
    assert zones_in_question(operator, "Asia/Tokyo", None) == ("Asia/Tokyo",)

"""Capacity hours and best hours."""

from __future__ import annotations

from datetime import date

import pytest

from contact.flow.deciding.capacity import best_hour, hours_of
from strategies.declared.playbook import CapacityHour, Channel, Operator, Playbook
from strategies.instants import Instant, parse_instant
from strategies.profile import CustomerId, FieldValue, Profile

DAY = date(2026, 3, 29)
HOURS = tuple(CapacityHour(hour * 60, hour * 60 + 60, 5) for hour in (1, 2, 3, 9))


def playbook(zone: str) -> Playbook:
    """An operator in one zone with an outgoing and an incoming channel."""
    operator = Operator("Demo", "EUR", 100, zone, (zone,), 1, ("en",), {"marketing": True}, 0, 1)
    channels = {
        "sms": Channel("sms", "outgoing", "gateway", {}, capacity=HOURS),
        "web": Channel("web", "incoming", "interactive", {}, capacity=HOURS),
    }
    return Playbook("v", operator, {}, {}, {}, channels, (), (), ())


def profile(zone: str | None) -> Profile:
    """A customer of a zone."""
    return Profile(CustomerId("C1"), 1, 1, "C1", zone=zone)


def test_only_outgoing_channels_have_hours_to_plan() -> None:
    """What customers come to by themselves is not planned."""
    assert set(hours_of(playbook("Asia/Shanghai"), DAY, Instant(0))) == {"sms"}


def test_hours_that_are_over_are_left_out_and_the_present_one_begins_now() -> None:
    """Planned in the middle of a day, the present hour is asked about as of now."""
    now = parse_instant("2026-03-29T03:30+08:00")
    hours = hours_of(playbook("Asia/Shanghai"), DAY, now)["sms"]
    assert [hour.at for hour in hours] == [now, parse_instant("2026-03-29T09:00+08:00")]


def test_an_hour_a_clock_change_skips_has_no_places() -> None:
    """In Berlin the clock jumps from two to three: 02:00 to 03:00 does not exist on that day."""
    hours = hours_of(playbook("Europe/Berlin"), DAY, Instant(0))["sms"]
    assert [hour.at for hour in hours] == [
        parse_instant("2026-03-29T01:00+01:00"),
        parse_instant("2026-03-29T03:00+02:00"),
        parse_instant("2026-03-29T09:00+02:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "value", "found"),
    [
        ("Asia/Shanghai", 9, "2026-03-29T09:00+08:00"),
        ("Asia/Shanghai", 9.5, "2026-03-29T09:00+08:00"),
        ("Asia/Urumqi", 7, "2026-03-29T09:00+08:00"),
        (None, 9, "2026-03-29T09:00+08:00"),
        ("Asia/Shanghai", 12, None),
        ("Asia/Shanghai", 24, None),
        ("Asia/Shanghai", None, None),
        ("Asia/Shanghai", True, None),
    ],
)
def test_the_best_hour_is_on_the_customers_clock(
    zone: str | None, value: FieldValue, found: str | None
) -> None:
    """Seven in Urumqi is nine in Shanghai; an hour without places, or none at all, is no preference."""
    book = playbook("Asia/Shanghai")
    hours = hours_of(book, DAY, Instant(0))["sms"]
    expected = None if found is None else parse_instant(found)
    assert best_hour(book, profile(zone), DAY, hours, value) == expected

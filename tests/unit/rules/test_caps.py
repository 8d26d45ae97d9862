"""Caps against their definition: for every instant u at most `max` counted contacts lie in the window ending at u."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.candidate import Candidate
from strategies.declared.calendar import calendar_period
from strategies.declared.playbook import Rule, Window
from strategies.instants import DAY, HOUR, MINUTE, Instant, parse_instant
from strategies.judging.asking import Asking
from strategies.judging.caps import cap_allows_from, cap_use, counted_instant
from strategies.judging.judge import judge, used_caps
from strategies.profile import Profile

from .world import NOW, SMS, cap, contact, match, playbook, profile

BASE = parse_instant("2026-03-01T00:00Z")


def asking(rule: Rule, known: Profile, candidate: Candidate = SMS, **changes: Any) -> Asking:
    return Asking(playbook(rule), candidate, known, **changes)


def lawful(counted: list[int], new: int, length: int, most: int) -> bool:
    """The definition, read literally at each instant where a count can rise."""
    everything = sorted([*counted, new])
    ends = [end for end in everything if new <= end < new + length]
    return all(sum(end - length < each <= end for each in everything) <= most for end in ends)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 60), max_size=8),
    st.integers(0, 60),
    st.integers(1, 12),
    st.integers(1, 3),
    st.booleans(),
)
def test_a_sliding_cap_clears_at_the_first_lawful_instant(
    hours: list[int], asked: int, length: int, most: int, closed: bool
) -> None:
    """The first instant allowed is the first of a sweep of the definition, contacts ahead included."""
    rule = cap(Window("sliding", length * HOUR, closed=closed), most)
    counted = [BASE + hour * HOUR for hour in hours]
    known = profile(contact(at, f"c{place}") for place, at in enumerate(counted))
    span = length * HOUR + (1 if closed else 0)
    sweep = sorted(
        {BASE + asked * HOUR} | {BASE + hour * HOUR + past for hour in range(asked, 80) for past in (0, 1)}
    )
    first = next(moment for moment in sweep if lawful(counted, moment, span, most))
    assert cap_allows_from(rule, asking(rule, known), Instant(BASE + asked * HOUR)) == first


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 40 * 4), max_size=6),
    st.integers(0, 40 * 4),
    st.integers(1, 2),
    st.sampled_from(["day", "week", "month"]),
    st.booleans(),
)
def test_a_calendar_cap_clears_at_the_first_lawful_instant(
    quarters: list[int], asked: int, most: int, period: Any, zone_known: bool
) -> None:
    """The first instant allowed is the first of a sweep; of unknown zone the same day in any plausible zone counts."""
    rule = cap(Window("calendar", period=period), most)
    zones = ("Asia/Kolkata",) if zone_known else ("Asia/Shanghai", "Asia/Urumqi")
    counted = [BASE + quarter * 6 * HOUR for quarter in quarters]
    known = profile(
        (contact(at, f"c{place}") for place, at in enumerate(counted)),
        zone="Asia/Kolkata" if zone_known else None,
    )

    def same(one: int, other: int) -> bool:
        return any(
            calendar_period(period, 1, zone, one) == calendar_period(period, 1, zone, other) for zone in zones
        )

    start = BASE + asked * 6 * HOUR
    sweep = range(start, start + 100 * DAY, 30 * MINUTE)
    first = next(moment for moment in sweep if sum(same(moment, each) for each in counted) < most)
    assert cap_allows_from(rule, asking(rule, known), Instant(start)) == first


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 48), st.integers(0, 48), st.booleans(), st.booleans()),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 48),
    st.integers(1, 2),
)
def test_under_a_later_moment_a_silent_contact_stops_counting_when_its_receipt_can_no_longer_come(
    sent: list[tuple[int, int, bool, bool]], asked: int, most: int
) -> None:
    """`delivered` caps: the first instant allowed equals a sweep that judges each instant as things stand then."""
    rule = cap(Window("sliding", 24 * HOUR), most, count="delivered")
    contacts = [
        contact(
            BASE + hour * HOUR,
            f"c{place}",
            final=delivered,
            receipt_until=BASE + (hour + wait) * HOUR,
            moments={
                "attempt": BASE + hour * HOUR,
                **({"delivered": BASE + (hour + 1) * HOUR} if delivered else {}),
            },
        )
        for place, (hour, wait, delivered, _) in enumerate(sent)
    ]

    def counted(at: int) -> list[int]:
        found = (counted_instant(rule, each, at) for each in contacts)
        return [instant for instant in found if instant is not None]

    start = BASE + asked * HOUR
    first = next(
        at for at in range(start, start + 300 * HOUR, HOUR) if lawful(counted(at), at, 24 * HOUR, most)
    )
    assert cap_allows_from(rule, asking(rule, profile(contacts)), Instant(start)) == first


def test_a_closed_window_holds_a_microsecond_longer() -> None:
    """Three calls in 24 hours, closed: at the same time next day refused, a microsecond later allowed."""
    rule = cap(Window("sliding", DAY, closed=True), 3)
    known = profile(contact(NOW + hours * HOUR) for hours in (0, 4, 8))
    assert cap_allows_from(rule, asking(rule, known), Instant(NOW + DAY)) == NOW + DAY + 1


def test_a_lifetime_cap_never_clears() -> None:
    """One contact ever: refused without an end."""
    rule = cap(Window("lifetime"), 1)
    assert cap_allows_from(rule, asking(rule, profile([contact(NOW - 900 * DAY)])), NOW) is None


def test_an_unlimited_cap_refuses_nothing_and_says_nothing() -> None:
    """`max: unlimited` passes with any number of contacts."""
    rule = cap(Window("sliding", DAY), None)
    known = profile(contact(NOW - minute * MINUTE, f"c{minute}") for minute in range(50))
    assert judge(playbook(rule), SMS, known, NOW).allowed
    assert used_caps(playbook(rule), SMS, known, NOW) == []


def test_what_a_state_counts() -> None:
    """Open contacts count under every moment, closed ones only at the moment they reached, others never."""
    attempted, delivered = cap(Window("sliding", DAY), 1), cap(Window("sliding", DAY), 1, count="delivered")
    reserved = contact(NOW + HOUR, state="reserved", moments={}, final=False)
    assert counted_instant(delivered, reserved, NOW) == NOW + HOUR
    sending = contact(NOW + HOUR, state="sending", moments={"attempt": NOW}, final=False)
    assert counted_instant(delivered, sending, NOW) == NOW
    unknown = contact(NOW, state="unknown", final=False)
    assert counted_instant(delivered, unknown, NOW + 90 * DAY) == NOW
    sent = contact(NOW, final=False, receipt_until=Instant(NOW + DAY))
    assert counted_instant(delivered, sent, NOW + DAY - 1) == NOW
    assert counted_instant(delivered, sent, NOW + DAY) is None
    assert counted_instant(attempted, sent, NOW + DAY) == NOW
    invalid = contact(NOW, result="invalid_number")
    assert counted_instant(attempted, invalid, NOW) is None
    for state in ("expired", "cancelled", "released", "not_sent"):
        assert counted_instant(attempted, contact(NOW, state=state), NOW) is None


@pytest.mark.parametrize(
    ("subject", "counts"),
    [
        ("customer", {"own", "own-elsewhere", "same-account-none"}),
        ("account", {"own", "payer", "same-account-none"}),
        ("number", {"own", "same-number"}),
        ("household", {"own", "own-elsewhere", "housemate", "same-account-none"}),
        ("device", {"own", "own-elsewhere", "same-account-none"}),
    ],
)
def test_whose_contacts_count(subject: str, counts: set[str]) -> None:
    """A cap counts its subject's contacts; a subject the customer does not have falls back to the customer."""
    contacts = {
        "own": contact(NOW),
        "own-elsewhere": contact(NOW, account="A2", number_hash="n2"),
        "payer": contact(NOW, customer="C2", number_hash="n3"),
        "same-number": contact(NOW, customer="C3", account="A3"),
        "housemate": contact(NOW, customer="C4", account="A4", number_hash="n4", household="H1"),
        "same-account-none": contact(NOW, account=None, number_hash=None),
        "stranger": contact(NOW, customer="C9", account="A9", number_hash="n9", household="H9", device="d9"),
    }
    rule = cap(Window("sliding", DAY), 1, subject=subject)
    found = set()
    for name, each in contacts.items():
        use = cap_use(rule, asking(rule, profile([each], household="H1")), NOW)
        if use is not None and use.used:
            found.add(name)
    assert found == counts


def test_a_contact_whose_permit_is_asked_is_left_out() -> None:
    """`excluding` leaves the contact's own reservation out of every count."""
    rule = cap(Window("sliding", DAY), 1)
    known = profile([contact(NOW, "mine", state="reserved", moments={}, final=False)])
    assert not judge(playbook(rule), SMS, known, NOW).allowed
    assert judge(playbook(rule), SMS, known, NOW, excluding="mine").allowed


def test_a_refusal_says_how_far_the_cap_is_used_and_what_counted() -> None:
    """The wording names the fullest window the contact would fall into, contacts ahead included."""
    rule = cap(Window("sliding", 7 * DAY), 2, match=match(channels=["sms"]))
    known = profile(
        [contact(NOW - DAY, "a"), contact(NOW + DAY, "b", state="reserved"), contact(NOW, "c", channel="web")]
    )
    verdict = judge(playbook(rule), SMS, known, NOW)
    assert [refusal.detail for refusal in verdict.refusals] == ["2 of 2 in 7 days"]
    assert verdict.until == NOW + 6 * DAY
    other = cap(Window("calendar", period="day"), 3)
    assert used_caps(playbook(rule, other), SMS, known, NOW) == ["2 of 2 in 7 days", "1 of 3 today"]

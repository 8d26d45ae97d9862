"""A plan asks of later hours only what time can change; judging every hour by itself gives the same hours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contact.flow.deciding.capacity import Hour, hours_allowed
from strategies.candidate import Candidate
from strategies.declared.playbook import (
    ConsentDefault,
    Cooldown,
    Match,
    Open,
    Pair,
    Playbook,
    Rule,
    Suppression,
    Window,
)
from strategies.instants import DAY, HOUR, Instant
from strategies.judging.judge import judge
from strategies.profile import Consent, PastContact, PastEvent, Profile
from strategies.verdict import Verdict
from tests.unit.rules.world import HERE, NOW, SMS, cap, condition, contact, match, playbook, profile

HOURS = tuple(Hour(Instant(NOW + step * HOUR), Instant(NOW + (step + 1) * HOUR), 5) for step in range(8))
QUIET = condition("quiet", quiet="boolean")


def near() -> st.SearchStrategy[int]:
    """Instants from two days before to half a day after the hours, often on the hour."""
    return st.integers(-48, 12).map(lambda hours: NOW + hours * HOUR) | st.integers(
        NOW - 2 * DAY, NOW + DAY // 2
    )


def rules() -> st.SearchStrategy[Rule]:
    """Caps of each window, hours, rests, and a condition that forbids or limits; some hold for a while only."""
    sliding = st.sampled_from([HOUR, 3 * HOUR, DAY, 2 * DAY])
    window = st.one_of(
        st.builds(Window, st.just("sliding"), length=sliding, closed=st.booleans()),
        st.builds(Window, st.just("calendar"), period=st.sampled_from(["day", "week"])),
        st.just(Window("lifetime")),
    )
    when = st.sampled_from([None, None, QUIET])
    caps = st.builds(
        cap, window, st.integers(1, 3), count=st.sampled_from(["attempt", "delivered"]), when=when
    )
    opening = st.builds(Open, st.just(frozenset(range(1, 8))), st.integers(0, 1439), st.integers(0, 1439))
    hours = st.builds(
        lambda openings, when: Rule("p.h", "hours", "legal", HERE, open=tuple(openings), when=when),
        st.lists(opening, min_size=1, max_size=2), when,
    )  # fmt: skip
    forbid = st.just(Rule("p.f", "forbid", "company", HERE, when=QUIET))
    return st.one_of(caps, caps, hours, forbid, rests()).flatmap(dated)


def rests() -> st.SearchStrategy[Rule]:
    """A rest after outcomes, around a contact, or after an event."""
    lasts = st.sampled_from([HOUR, 3 * HOUR, DAY])
    suppression = st.builds(
        Suppression, st.integers(1, 2), same=st.sampled_from(["channel", "any"]), lasts=lasts
    )
    pair = st.builds(
        Pair, st.sampled_from([Match(), match(channels=["web"])]), lasts, st.sampled_from(["then", "either"])
    )
    return st.one_of(
        st.builds(
            lambda suppression, count: Rule("p.s", "suppress", "company", HERE, suppression=suppression, count=count),
            suppression, st.sampled_from(["attempt", "delivered"]),
        ),
        st.builds(
            lambda pair, count: Rule("p.p", "pair", "company", HERE, pair=pair, count=count),
            pair, st.sampled_from(["attempt", "delivered"]),
        ),
        st.builds(lambda lasts: Rule("p.c", "cooldown", "company", HERE, cooldown=Cooldown("ordered", lasts)), lasts),
        st.just(cap(Window("since", event="ordered"), 1, "p.since")),
    )  # fmt: skip


def dated(rule: Rule) -> st.SearchStrategy[Rule]:
    """The rule for good, or within a validity that begins or ends among the hours."""
    edge = st.sampled_from([Instant(NOW - DAY), Instant(NOW + HOUR), Instant(NOW + 5 * HOUR), None])
    bound = st.builds(lambda begins, ends: replace(rule, valid_from=begins, valid_until=ends), edge, edge)
    return st.just(rule) | bound


@st.composite
def contacts(draw: st.DrawFn) -> list[PastContact]:
    """Closed ones, reserved ones, and some whose receipt may still come."""
    found = []
    for number, at in enumerate(draw(st.lists(near(), max_size=5))):
        changes: dict[str, Any] = draw(
            st.sampled_from(
                [
                    {},
                    {"state": "reserved", "moments": {}},
                    {"moments": {"attempt": Instant(at), "delivered": Instant(at + HOUR)}},
                    {"final": False, "receipt_until": Instant(at + 5 * HOUR)},
                ]
            )
        )
        found.append(contact(at, f"c{number}", **changes))
    return found


def consents() -> st.SearchStrategy[tuple[Consent, ...]]:
    """Grants and withdrawals that begin and end around the hours."""
    one = st.builds(
        lambda given, at, until, channel: Consent(
            given, Instant(at), channel, "marketing", "C1", until=None if until is None else Instant(until)
        ),
        st.booleans(), near(), st.none() | near(), st.sampled_from(["sms", "all"]),
    )  # fmt: skip
    return st.lists(one, max_size=2).map(tuple)


def hour_by_hour(
    book: Playbook, candidate: Candidate, customer: Profile
) -> tuple[tuple[Instant, ...], Verdict | None]:
    """Every hour judged whole; those before a refusal clears are not asked."""
    allowed, refused, clears = [], None, 0
    for hour in HOURS:
        if hour.at < clears:
            continue
        verdict = judge(book, candidate, customer, hour.at)
        if verdict.allowed:
            allowed.append(hour.at)
            continue
        refused = refused or verdict
        if verdict.until is None:
            break
        clears = verdict.until
    return tuple(allowed), refused


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    listed=st.lists(rules(), max_size=4), past=contacts(), given_consents=consents(), opt_in=st.booleans(),
    events=st.lists(near(), max_size=2),
    quiet=st.sampled_from([True, False, None]), zone=st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", None]),
)  # fmt: skip
def test_the_hours_are_those_of_judging_each_by_itself(
    listed: list[Rule],
    past: list[PastContact],
    given_consents: tuple[Consent, ...],
    opt_in: bool,
    events: list[int],
    quiet: bool | None,
    zone: str | None,
) -> None:
    """Whatever rules, contacts and consents there are: the same hours, and the same first refusal."""
    book = playbook(*listed, consent_defaults=(ConsentDefault(None, None, opt_in, HERE),))
    customer = profile(past, consents=given_consents, facts={"quiet": quiet}, zone=zone)
    customer = replace(customer, events=tuple(PastEvent("ordered", Instant(at)) for at in events))
    found = hours_allowed(book, SMS, customer, HOURS, Instant(NOW + 8 * HOUR))
    assert found == hour_by_hour(book, SMS, customer)

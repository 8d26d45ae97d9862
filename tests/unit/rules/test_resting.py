"""Rests: after outcomes, around a contact of another kind, after an event; and what is counted since an event."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.candidate import Candidate
from strategies.declared.playbook import Cooldown, Match, Pair, Rule, Suppression, Window
from strategies.instants import DAY, HOUR, MINUTE, Instant, parse_instant
from strategies.judging.judge import judge
from strategies.profile import PastContact, PastEvent

from .world import HERE, NOW, SMS, cap, contact, match, playbook, profile

X = Candidate("web", "marketing", direction="incoming", offer="x", family="f")
A, B = replace(SMS, offer="a", family="f"), replace(SMS, offer="b", family="f")
THRICE = Rule(
    "p.thrice", "suppress", "business", HERE, count="shown", window=Window("sliding", 7 * DAY),
    suppression=Suppression(3, same="offer", lasts=10 * DAY),
)  # fmt: skip
B_AFTER_A = Rule(
    "p.pair", "pair", "business", HERE, match=match(offers=["b"]), pair=Pair(match(offers=["a"]), 30 * DAY)
)
CALM = Rule("p.calm", "cooldown", "business", HERE, cooldown=Cooldown("complaint_closed", 14 * DAY))


def shown(at: int, offer: str = "x", **changes: Any) -> PastContact:
    moments = {"attempt": Instant(at), "shown": Instant(at)}
    return contact(
        at, channel="web", direction="incoming", offer=offer, family="f", moments=moments, **changes
    )


def reserved(at: int, offer: str) -> PastContact:
    return contact(at, f"{offer}{at}", state="reserved", moments={}, offer=offer, family="f", final=False)


def until(rule: Rule, candidate: Candidate, at: int, **known: Any) -> Instant | None:
    """The clear time of the one refusal there is, or the instant itself where it passes."""
    contacts = known.pop("contacts", ())
    verdict = judge(playbook(rule), candidate, profile(contacts, **known), Instant(at))
    return Instant(at) if verdict.allowed else verdict.until


def test_an_offer_shown_three_times_in_a_week_rests_ten_days_and_its_sibling_does_not() -> None:
    """F11: the rest runs from the third showing on, to the microsecond, and is about the offer alone."""
    third = parse_instant("2026-05-07T12:00+08:00")
    past = [shown(third - 5 * DAY), shown(third - DAY), shown(third)]
    verdict = judge(playbook(THRICE), X, profile(past), Instant(third + HOUR))
    ends = parse_instant("2026-05-17T12:00+08:00")
    assert [(each.rule, each.reason, each.until) for each in verdict.refusals] == [
        ("p.thrice", "suppressed", ends)
    ]
    assert verdict.refusals[0].detail == (
        "3 × shown, the last on 2026-05-07 12:00 in Asia/Shanghai, rests 10 days"
    )
    assert until(THRICE, X, ends - 1, contacts=past) == ends
    assert until(THRICE, X, ends, contacts=past) == ends
    assert until(THRICE, replace(X, offer="y"), third + HOUR, contacts=past) == third + HOUR
    by_family = replace(THRICE, suppression=Suppression(3, same="family", lasts=10 * DAY))
    assert until(by_family, replace(X, offer="y"), third + HOUR, contacts=past) == ends
    spread = [shown(third - 7 * DAY), shown(third - DAY), shown(third)]
    assert until(THRICE, X, third + HOUR, contacts=spread) == third + HOUR
    closed = replace(THRICE, window=Window("sliding", 7 * DAY, closed=True))
    assert until(closed, X, third + HOUR, contacts=spread) == ends


def test_only_what_has_happened_suppresses() -> None:
    """A reservation, an expired contact and a result that does not count start no rest; without `lasts` none ends."""
    once = replace(THRICE, count="attempt", window=None, suppression=Suppression(1, lasts=None))
    assert until(once, A, NOW, contacts=[reserved(NOW - HOUR, "a")]) == NOW
    assert until(once, A, NOW, contacts=[contact(NOW - HOUR, offer="a", state="expired")]) == NOW
    assert until(once, A, NOW, contacts=[contact(NOW - HOUR, offer="a", result="invalid_number")]) == NOW
    assert until(once, A, NOW, contacts=[contact(NOW - HOUR, offer="a")]) is None


def test_a_disposition_of_ones_own_suppresses_the_family_from_when_it_was_said() -> None:
    """F12: "too dear" rests the whole family from the rejection on, another result does not."""
    rule = Rule(
        "p.dear", "suppress", "business", HERE,
        suppression=Suppression(1, frozenset({"too_dear"}), same="family", lasts=30 * DAY),
    )  # fmt: skip
    said = {"attempt": Instant(NOW - HOUR), "rejected": Instant(NOW)}
    dear = contact(
        NOW - HOUR, channel="outbound_call", offer="a", family="f", result="too_dear", moments=said
    )
    assert until(rule, B, NOW, contacts=[dear]) == NOW + 30 * DAY
    assert until(rule, replace(B, family="g"), NOW, contacts=[dear]) == NOW
    assert until(rule, B, NOW, contacts=[replace(dear, result="rejected")]) == NOW


def test_b_rests_after_a_and_a_may_follow_b() -> None:
    """F13: B within 30 days after A is refused until day 30; B then A is allowed."""
    verdict = judge(playbook(B_AFTER_A), B, profile([contact(NOW, offer="a")]), Instant(NOW + DAY))
    assert [(each.reason, each.until) for each in verdict.refusals] == [("paired", NOW + 30 * DAY)]
    assert verdict.refusals[0].detail.startswith("a on 2026-03-02 10:00 in Asia/Shanghai, 30 days apart")
    assert until(B_AFTER_A, A, NOW + DAY, contacts=[contact(NOW, offer="b")]) == NOW + DAY
    assert until(B_AFTER_A, A, NOW + DAY, contacts=[contact(NOW, offer="a")]) == NOW + DAY
    either = replace(B_AFTER_A, pair=Pair(match(offers=["a"]), 30 * DAY, "either"))
    assert until(either, A, NOW + DAY, contacts=[contact(NOW, offer="b")]) == NOW + 30 * DAY


def test_a_pair_looks_at_later_reservations_too() -> None:
    """B is planned for day 10: A now would stand before it, and clears the moment after B."""
    later = [reserved(NOW + 10 * DAY, "b")]
    assert until(B_AFTER_A, A, NOW, contacts=later) == NOW + 10 * DAY + 1
    assert until(B_AFTER_A, B, NOW, contacts=later) == NOW
    planned = [reserved(NOW + 10 * DAY, "a")]
    assert until(B_AFTER_A, B, NOW, contacts=planned) == NOW


def test_a_cooldown_runs_from_the_last_event_of_its_type() -> None:
    """No contact for 14 days after a complaint was closed; other events are nothing to it."""
    events = (PastEvent("complaint_closed", Instant(NOW - DAY)), PastEvent("ordered", NOW))
    assert until(CALM, SMS, NOW, events=events) == NOW + 13 * DAY
    assert until(CALM, SMS, NOW + 13 * DAY, events=events) == NOW + 13 * DAY
    assert until(CALM, SMS, NOW - 2 * DAY, events=events) == NOW - 2 * DAY
    assert judge(playbook(CALM), SMS, profile(events=events), NOW).refusals[0].reason == "cooldown"


def test_a_cap_since_an_event_counts_what_came_after_it() -> None:
    """Two since the last order: the order frees both places, and time alone frees none."""
    rule = cap(Window("since", event="ordered"), 2)
    past = [contact(NOW - 3 * HOUR), contact(NOW - HOUR)]
    assert until(rule, SMS, NOW, contacts=past) is None
    ordered = (PastEvent("ordered", Instant(NOW - 2 * HOUR)),)
    assert until(rule, SMS, NOW, contacts=past, events=ordered) == NOW
    assert until(rule, SMS, NOW, contacts=[*past, contact(NOW)], events=ordered) is None
    resting = replace(
        THRICE,
        count="attempt",
        window=Window("since", event="ordered"),
        suppression=Suppression(2, same="channel"),
    )
    assert until(resting, SMS, NOW, contacts=past) is None
    assert until(resting, SMS, NOW, contacts=past, events=ordered) == NOW


def test_a_cap_about_the_same_family_leaves_other_families_alone() -> None:
    """Two contacts about one family leave another family and a bare ask their places."""
    rule = cap(Window("sliding", DAY), 2, same="family")
    past = [contact(NOW - 2 * HOUR, family="f"), contact(NOW - HOUR, family="f")]
    assert until(rule, A, NOW, contacts=past) == NOW - 2 * HOUR + DAY
    assert until(rule, replace(A, family="g"), NOW, contacts=past) == NOW
    assert until(rule, SMS, NOW, contacts=past) == NOW


def test_an_exempt_category_neither_rests_nor_makes_rest() -> None:
    """Exempt from a rest, service passes; what was service starts no rest unless it counts all the same."""
    once = Rule(
        "p.once", "suppress", "company", HERE, exempt=frozenset({"service"}),
        suppression=Suppression(1, same="channel", lasts=DAY),
    )  # fmt: skip
    service = replace(SMS, category="service", promotional=False)
    assert until(once, service, NOW, contacts=[contact(NOW - HOUR)]) == NOW
    past = [contact(NOW - HOUR, category="service", promotional=False)]
    assert until(once, SMS, NOW, contacts=past) == NOW
    counting = replace(once, counts_even_if_exempt=frozenset({"service"}))
    assert until(counting, SMS, NOW, contacts=past) == NOW - HOUR + DAY


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.sampled_from("ab"), st.booleans()), max_size=6),
    st.integers(-20, 20), st.sampled_from("ab"), st.sampled_from(["then", "either"]), st.integers(1, 30),
)  # fmt: skip
def test_a_pair_is_a_property_of_the_set(
    past: list[tuple[int, str, bool]], asked: int, offer: str, order: Any, within: int
) -> None:
    """A contact is allowed exactly if no forbidden pair contains it, and clears at the first minute of which that holds."""
    rule = replace(B_AFTER_A, pair=Pair(match(offers=["a"]), within * MINUTE, order))
    known = [
        reserved(NOW + minute * MINUTE, each)
        if waits
        else contact(NOW + minute * MINUTE, f"c{place}", offer=each)
        for place, (minute, each, waits) in enumerate(past)
    ]
    known = list({each.id: each for each in known}.values())

    def lawful(minute: int) -> bool:
        for each in known:
            apart = minute - (each.planned_at - NOW) // MINUTE
            first_then_second = apart if (each.offer, offer) == ("a", "b") else -apart
            if each.offer == offer:
                continue
            if 0 <= first_then_second < within or (order == "either" and abs(apart) < within):
                return False
        return True

    at = Instant(NOW + asked * MINUTE)
    verdict = judge(playbook(rule), replace(SMS, offer=offer), profile(known), at)
    assert verdict.allowed == lawful(asked)
    if not verdict.allowed:
        assert verdict.until is not None
        first = next(minute for minute in range(asked, 200) if lawful(minute))
        # a contact of the first kind may stand the moment after one of the second: less than a minute earlier
        assert NOW + (first - 1) * MINUTE < verdict.until <= NOW + first * MINUTE


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-60, 0), max_size=7), st.integers(1, 3), st.integers(1, 20), st.integers(1, 20),
    st.integers(0, 40), st.booleans(),
)  # fmt: skip
def test_a_rest_begins_wherever_enough_outcomes_share_a_window(
    minutes: list[int], times: int, window: int, lasts: int, asked: int, closed: bool
) -> None:
    """Refused exactly while some outcome, last of enough in one window, is less than the rest ago."""
    rule = replace(
        THRICE, window=Window("sliding", window * MINUTE, closed=closed),
        suppression=Suppression(times, lasts=lasts * MINUTE),
    )  # fmt: skip
    known = [shown(NOW + minute * MINUTE, id=f"c{place}") for place, minute in enumerate(minutes)]

    def rests(minute: int) -> bool:
        for last in minutes:
            near = [
                each for each in minutes if last - window < each <= last or (closed and each == last - window)
            ]
            if len(near) >= times and last <= minute < last + lasts:
                return True
        return False

    found = until(rule, X, NOW + asked * MINUTE, contacts=known)
    assert found == NOW + next(each for each in range(asked, 300) if not rests(each)) * MINUTE


def test_a_pair_of_all_channels_matches_nothing_twice() -> None:
    """A contact that is of both kinds is held apart from others, not from itself when its permit is asked."""
    rule = Rule("p.apart", "pair", "company", HERE, pair=Pair(Match(), DAY, "either"))
    own = contact(NOW, "own", state="reserved", moments={}, final=False)
    assert judge(playbook(rule), SMS, profile([own]), NOW, excluding="own").allowed
    assert until(rule, SMS, NOW + HOUR, contacts=[own]) == NOW + DAY

"""A new offer is shown to a share of customers before its propensity is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strategies.declared.playbook import Playbook
from strategies.hashing import hash64, slot
from strategies.instants import DAY, Instant
from strategies.offering.eligibility import candidates
from strategies.offering.explaining import explain
from strategies.offering.ranking import rank
from strategies.profile import CustomerId, Profile
from tests.unit.rules.test_choosing import given_case
from tests.unit.rules.world import NOW


def world(share: float) -> tuple[Playbook, Profile]:
    """The strategy ``data`` explores; nobody knows the customer's propensity for its message."""
    book, known = given_case()
    explored = tuple(replace(each, explores=share) if each.id == "data" else each for each in book.strategies)
    return replace(book, strategies=explored), replace(known, facts={**known.facts, "p_sms": None})


def named(known: Profile, name: str) -> Profile:
    return replace(known, customer=CustomerId(name), customer_hash=hash64(name))


def is_shown(book: Playbook, known: Profile, at: Instant = NOW) -> bool:
    return any(
        each.offer == "big" and each.channel == "sms" for each in candidates(book, known, at).candidates
    )


def test_whoever_is_drawn_on_the_day_is_a_candidate_without_a_propensity() -> None:
    """The draw is slot('explore:data:2026-03-02') below the share in hundredths of a percent, for each of 200 customers."""
    book, known = world(0.05)
    for number in range(200):
        one = named(known, f"C{number}")
        assert is_shown(book, one) == (slot(one.customer_hash, "explore:data:2026-03-02") < 500)


def test_each_day_draws_anew_and_the_day_is_the_operators() -> None:
    """16:00 UTC is the next day in Shanghai."""
    book, known = world(0.5)
    evening, night = Instant(NOW + 13 * DAY // 24), Instant(NOW + 15 * DAY // 24)
    turned = 0
    for number in range(60):
        one = named(known, f"C{number}")
        assert is_shown(book, one, evening) == is_shown(book, one)
        assert is_shown(book, one, night) == (slot(one.customer_hash, "explore:data:2026-03-03") < 5000)
        turned += is_shown(book, one, night) != is_shown(book, one)
    assert turned > 10


def test_nobody_is_explored_without_a_share() -> None:
    """Then the propensity is missing, as before, and the field is named."""
    book, known = world(0.0)
    assert not is_shown(book, known)
    missing = [each.refusal.field for each in candidates(book, known, NOW).refused if each.offer == "big"]
    assert missing == ["p_sms"]


def test_the_smoothed_propensity_is_the_mean_of_what_is_known_in_the_channel_and_is_recorded() -> None:
    """By message only p_sms is declared, so nothing is known: one half; a known one of another offer is taken over."""
    book, known = world(1.0)
    ranked = {(each.candidate.offer, each.candidate.channel): each for each in ranking(book, known)}
    assert ranked["big", "sms"].priority.explored
    assert ranked["big", "sms"].priority.propensity == 0.5
    assert not ranked["big", "web"].priority.explored
    data = next(each for each in book.strategies if each.id == "data")
    big, pack = data.offers
    measured = replace(pack.channels["sms"], propensity_field=None, propensity=0.2)
    offers = (big, replace(pack, channels={"sms": measured}))
    told = replace(
        book,
        strategies=tuple(replace(each, offers=offers) if each is data else each for each in book.strategies),
    )
    again = {(each.candidate.offer, each.candidate.channel): each for each in ranking(told, known)}
    assert again["big", "sms"].priority.propensity == pytest.approx(0.2)


def ranking(book: Playbook, known: Profile) -> list:  # type: ignore[type-arg]
    return rank(book, known, candidates(book, known, NOW).candidates, NOW)


def test_the_explanation_says_that_it_explores() -> None:
    """Beside the factors, so that nobody takes the propensity for a measured one."""
    book, known = world(1.0)
    shown = next(each for each in explain(book, known, NOW) if each.offer == "big" and each.channel == "sms")
    words = [gate.detail for gate in shown.gates if gate.name == "ranking"]
    assert "exploring" in words[0]

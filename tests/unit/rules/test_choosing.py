"""From a profile to places: eligibility, arms, ranking and allocation."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.candidate import Candidate, Priority, Ranked
from strategies.cases.files import read_cases
from strategies.declared.playbook import Playbook
from strategies.hashing import hash64
from strategies.instants import HOUR, Instant
from strategies.offering.allocation import Allocation, Option, allocate, reserved_places
from strategies.offering.eligibility import arm, candidates
from strategies.offering.explaining import explain
from strategies.offering.ranking import rank
from strategies.profile import Profile

from .world import NOW

TEXT = """
cases:
  - name: two strategies
    fields: {p_sms: {type: number}, data_gb: {type: number}, plan_gb: {type: number}}
    strategies:
      - strategy: data
        category: marketing
        audience: data_gb >= 5
        control: {percentage: 50}
        channels: {sms: {propensity: p_sms}, web: {propensity: 0.4}}
        offers:
          - {offer: big, family: data, value: 60, suitable: plan_gb < 20}
          - offer: line-pack
            family: data
            value: 30
            per_line: true
            suitable: plan_gb < 20
            channels: {web: {propensity: 0.1}}
      - strategy: care
        category: service
        channels: {web: {propensity: 0.2}}
        offers: [{offer: call-back, family: care, value: 1}]
    customer: {id: C1, data_gb: 9, plan_gb: 10, p_sms: 0.05}
    lines: [{id: L1, number: "+8613800000001"}, {id: L2, number: "+8613800000002", plan_gb: 30}]
    ask: {at: 2026-03-02T10:00+08:00, channel: web}
    expect: {allowed: true}
"""


def given_case() -> tuple[Playbook, Profile]:
    case = read_cases(TEXT, "choosing.yaml")[0]
    return case.playbook, case.profile


def test_candidates_are_offers_by_channel_and_by_line_where_the_offer_is_for_one() -> None:
    """A per-line offer is judged by the line's own facts; what fails is kept with its reason."""
    book, known = given_case()
    found = candidates(book, known, NOW)
    assert [(each.strategy, each.offer, each.channel, each.line) for each in found.candidates] == [
        ("care", "call-back", "web", None),
        ("data", "big", "sms", None),
        ("data", "big", "web", None),
        ("data", "line-pack", "sms", "L1"),
        ("data", "line-pack", "web", "L1"),
    ]
    assert [(each.offer, each.line, each.refusal.reason) for each in found.refused] == [
        ("line-pack", "L2", "unsuitable")
    ]
    by_channel = {each.channel: each.number_hash for each in found.candidates if each.line == "L1"}
    assert by_channel == {"sms": known.lines[0].number_hash, "web": None}


def test_only_asked_channels_and_strategies_are_looked_at() -> None:
    """A channel or strategy that was not asked for makes no candidate."""
    book, known = given_case()
    found = candidates(book, known, NOW, ["sms"], strategies=["data", "care"])
    assert {each.channel for each in found.candidates} == {"sms"}
    assert {each.strategy for each in candidates(book, known, NOW, strategies=["care"]).candidates} == {
        "care"
    }


def test_candidates_of_a_channel_and_of_an_offer_elsewhere_are_those_among_all() -> None:
    """Asked for one channel, or for an offer's other channels, nothing is missing, added or without its number."""
    book, known = given_case()
    for who in (
        known,
        replace(known, number_hash=None),
        replace(known, facts={**known.facts, "p_sms": None}),
    ):
        found = candidates(book, who, NOW)
        for channel in ("sms", "web", "ivr"):
            here = [each for each in found.candidates if each.channel == channel]
            assert found.in_channel(channel) == here
            for one in here:
                alike = (one.strategy, one.offer, one.line)
                assert found.elsewhere(one) == [
                    each
                    for each in found.candidates
                    if each.channel != channel and (each.strategy, each.offer, each.line) == alike
                ]
    certain = read_cases(TEXT.replace("propensity: p_sms", "propensity: 0.1"), "choosing.yaml")[0]
    numbers = [each.number_hash for each in candidates(certain.playbook, known, NOW).in_channel("sms")]
    assert numbers == [known.number_hash, known.lines[0].number_hash]


def test_without_a_number_no_message_and_without_a_score_no_place() -> None:
    """A channel that needs a number and a ranking that needs a score leave the candidate out, naming the field."""
    book, known = given_case()
    bare = replace(known, number_hash=None, lines=(), facts={**known.facts, "p_sms": None})
    found = candidates(book, bare, NOW)
    assert [(each.channel, each.refusal.reason, each.refusal.field) for each in found.refused] == [
        ("sms", "unknown_field", "number")
    ]
    unscored = candidates(book, replace(known, facts={**known.facts, "p_sms": None}), NOW, ["sms"])
    assert [each.refusal.field for each in unscored.refused if each.offer == "big"] == ["p_sms"]


def test_arms_are_drawn_from_the_id_alone_and_universal_comes_first() -> None:
    """The published vectors: C1 has slot 3836 under `universal` and 4294 under `data-upgrade`."""
    book, known = given_case()
    data = next(each for each in book.strategies if each.id == "data")
    care = next(each for each in book.strategies if each.id == "care")
    salted = replace(data, control_salt="data-upgrade", control_hundredths=4294)
    assert arm(book, salted, known) == "treated"
    assert arm(book, replace(salted, control_hundredths=4295), known) == "control.strategy"
    universal = replace(book, operator=replace(book.operator, universal_control_hundredths=3837))
    assert arm(universal, replace(salted, control_hundredths=10_000), known) == "control.universal"
    assert arm(universal, care, known) == "treated"
    just_outside = replace(book, operator=replace(book.operator, universal_control_hundredths=3836))
    assert arm(just_outside, replace(data, control_hundredths=0), known) == "treated"


def test_ranking_never_depends_on_the_order_of_candidates() -> None:
    """Any order in gives the same order out, control candidates in their places."""
    book, known = given_case()
    found = list(candidates(book, known, NOW).candidates)
    first = rank(book, known, found, NOW)
    assert [each.rank for each in first] == [1, 2, 3, 4, 5]
    assert [each.priority.total for each in first] == sorted(
        (each.priority.total for each in first), reverse=True
    )
    assert {each.arm for each in first if each.candidate.strategy == "care"} == {"treated"}
    for seed in range(5):
        random.Random(seed).shuffle(found)
        assert rank(book, known, found, NOW) == first


def test_a_factor_switched_off_is_one_and_is_said() -> None:
    """Without its value factor an offer ranks by propensity alone, and the priority says so."""
    book, known = given_case()
    off = replace(
        book,
        strategies=tuple(
            replace(each, switched_off=frozenset({"value", "propensity"})) for each in book.strategies
        ),
    )
    ranked = rank(off, known, candidates(off, known, NOW, ["web"]).candidates, NOW)
    assert {each.priority.total for each in ranked} == {1.0}
    assert ranked[0].priority.switched_off == ("propensity", "value")


def test_an_explanation_shows_every_gate_up_to_the_first_that_failed() -> None:
    """Candidates first in their ranking with all gates; others with the gate that stopped them and none reached after it."""
    book, known = given_case()
    explained = explain(book, known, NOW)
    ranked = rank(book, known, candidates(book, known, NOW).candidates, NOW)
    assert [each.ranked for each in explained if each.ranked is not None] == ranked
    first = explained[0]
    assert [gate.name for gate in first.gates] == [
        "validity", "audience", "suitable", "needs", "control", "ranking", "consent",
    ]  # fmt: skip
    stopped = explained[-1]
    assert (stopped.line, [(gate.name, gate.passed) for gate in stopped.gates]) == (
        "L2",
        [("validity", True), ("audience", True), ("suitable", False), ("needs", None)],
    )
    assert [(leaf.field, leaf.value, leaf.outcome) for leaf in stopped.gates[2].compared] == [
        ("plan_gb", 30, False)
    ]


def option(
    customer: str, value: float, hours: tuple[int, ...] = (0,), rank: int = 1, **changes: object
) -> Option:
    ranked = Ranked(
        rank, Candidate(str(changes.pop("channel", "sms")), "marketing"), Priority(1, 1, value, 1)
    )
    ranked = replace(ranked, arm=str(changes.pop("arm", "treated")))
    instants = tuple(Instant(hour * HOUR) for hour in hours)
    preferred = changes.pop("preferred", None)
    assert preferred is None or isinstance(preferred, int)
    best = None if preferred is None else Instant(preferred * HOUR)
    return Option(customer, hash64(customer), ranked, value, instants, best)


def placed(allocation: Allocation) -> list[tuple[str, int, bool]]:
    return [(each.option.customer, each.at // HOUR, each.would_have) for each in allocation.assignments]


def test_places_go_by_value_to_the_best_hour_then_to_the_earliest() -> None:
    """One place an hour: the most valuable takes its best hour, the next the earliest left, the last none."""
    hours = (9, 10)
    options = [
        option("a", 5, hours, preferred=10),
        option("b", 9, hours, preferred=10),
        option("c", 1, hours),
    ]
    allocation = allocate(options, {("sms", Instant(hour * HOUR)): 1 for hour in hours})
    assert placed(allocation) == [("b", 10, False), ("a", 9, False)]
    assert [each.customer for each in allocation.no_capacity] == ["c"]
    assert set(allocation.left.values()) == {0}


def test_reserved_places_go_to_their_category_alone() -> None:
    """Of four places an hour a quarter is for service: value takes three, the least valuable service the last."""
    capacity = {("sms", Instant(hour * HOUR)): 4 for hour in (9, 10)}
    reserved = reserved_places({"service": 2500}, capacity)
    assert reserved == {hour: {"service": 1} for hour in capacity}
    options = [option(f"m{place}", 50 - place, (9,)) for place in range(5)]
    service = option("s", 1, (9,))
    candidate = replace(service.ranked.candidate, category="service", promotional=False)
    options.append(replace(service, ranked=replace(service.ranked, candidate=candidate)))
    allocation = allocate(options, capacity, 1, reserved)
    assert [each.option.customer for each in allocation.assignments] == ["m0", "m1", "m2", "s"]
    assert len(allocate(options, capacity, 1).assignments) == 4
    assert "s" not in [each.option.customer for each in allocate(options, capacity, 1).assignments]


def test_what_one_hour_rounds_off_the_next_makes_good() -> None:
    """A tenth of three places an hour: none, none, none, then one, as four hours hold twelve places."""
    capacity = {("sms", Instant(hour * HOUR)): 3 for hour in range(4)}
    kept = reserved_places({"service": 1000}, capacity)
    assert [kept["sms", Instant(hour * HOUR)]["service"] for hour in range(4)] == [0, 0, 0, 1]


def test_a_control_option_fills_its_customers_day_but_takes_no_place() -> None:
    """The control's best option is recorded as would have been; another customer gets the place."""
    options = [option("a", 9, arm="control.strategy"), option("a", 8, rank=2), option("b", 1)]
    allocation = allocate(options, {("sms", Instant(0)): 1})
    assert placed(allocation) == [("a", 0, True), ("b", 0, False)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 5), st.sampled_from(["sms", "call"]), st.booleans()),
        max_size=40,
    ),
    st.integers(0, 4),
    st.integers(1, 2),
    st.randoms(use_true_random=False),
)
def test_an_allocation_is_feasible_and_never_by_file_order(
    drawn: list[tuple[int, int, str, bool]], room: int, most: int, shuffler: random.Random
) -> None:
    """No hour holds more than its capacity, no customer more than `per_customer`; any order in, the same out."""
    options = [
        option(
            f"C{customer}",
            value,
            (9, 10),
            rank=place,
            channel=channel,
            arm="control.strategy" if control else "treated",
        )
        for place, (customer, value, channel, control) in enumerate(drawn)
    ]
    capacity = {(channel, Instant(hour * HOUR)): room for channel in ("sms", "call") for hour in (9, 10)}
    allocation = allocate(options, capacity, most)
    by_customer: dict[str, int] = {}
    for each in allocation.assignments:
        by_customer[each.option.customer] = by_customer.get(each.option.customer, 0) + 1
    assert max(by_customer.values(), default=0) <= most
    assert min(allocation.left.values()) >= 0
    used = sum(capacity.values()) - sum(allocation.left.values())
    assert used == sum(not each.would_have for each in allocation.assignments)
    shuffler.shuffle(options)
    assert allocate(options, capacity, most) == allocation

"""The planted truth: who orders, reached or not, and what an operator's models would know of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from demo.draws import draw
from demo.judging import judge_gateway, planted_effect
from demo.population import Population, populate
from demo.truth import (
    BASE,
    CALL_HOURS,
    READS,
    STRATEGY_OF,
    Truth,
    answer_chance,
    best_hour,
    plant,
    planted_scores,
    read_truth,
    write_truth,
)


@pytest.fixture(scope="module")
def people() -> Population:
    """Two thousand customers of seed 3."""
    return populate(3, 2000, date(2026, 3, 2))


@pytest.fixture(scope="module")
def truth(people: Population) -> Truth:
    """Their truth."""
    return plant(people)


def test_a_draw_depends_on_what_it_is_for_and_on_nothing_else() -> None:
    """The same seed and parts give the same number in [0, 1), others another."""
    assert draw(1, "a", 2) == draw(1, "a", 2)
    assert len({draw(1, "a", 2), draw(2, "a", 2), draw(1, "a2"), draw(1, "a", "2", "")}) == 4
    assert all(0 <= draw(1, number) < 1 for number in range(1000))


def test_whoever_orders_unasked_also_orders_when_reached(truth: Truth) -> None:
    """Reaching somebody never loses an order."""
    for customer, nature in truth.natures.items():
        for key in nature.lift:
            offer, channel = key.split("/")
            if truth.would_order(customer, offer, None):
                assert truth.would_order(customer, offer, channel)


def test_the_planted_rates_are_what_happens(truth: Truth) -> None:
    """Over many customers, orders come at the planted base and lift."""
    for offer, channel in (("contract-12", "outbound_call"), ("roaming-7", "sms")):
        alone = sum(truth.would_order(each, offer, None) for each in truth.natures) / 2000
        reached = sum(truth.would_order(each, offer, channel) for each in truth.natures) / 2000
        lift = sum(truth.lift(each, offer, channel) for each in truth.natures) / 2000
        assert alone == pytest.approx(BASE[STRATEGY_OF[offer]], abs=0.02)
        assert reached - alone == pytest.approx(lift, abs=0.03)


def test_planted_scores_are_the_planted_chances(people: Population, truth: Truth) -> None:
    """Base plus lift, by the chance to be reached: messages nearly always, calls by the hours in which they are made."""
    found = planted_scores(people, truth)
    place = next(place for place, left in enumerate(people.lives.left) if left < 0)
    nature = truth.natures[people.customers[place].id]
    base = BASE["data-upgrade"]
    assert found["p_data_20_sms"][place] == pytest.approx(
        READS * (base + nature.lift["data-20/sms"]), abs=1e-3
    )
    answered = [answer_chance(nature.habit, hour + nature.clock) for hour in CALL_HOURS]
    expected = sum(answered) / len(answered) * (base + nature.lift["data-20/outbound_call"])
    assert found["p_data_20_outbound_call"][place] == pytest.approx(expected, abs=1e-3)
    best = best_hour(nature)
    assert all(answer_chance(nature.habit, best) >= answer_chance(nature.habit, hour) for hour in range(24))


def test_former_customers_have_no_risk_and_do_nothing(people: Population, truth: Truth) -> None:
    """Whoever has left neither leaves again nor comes, rings or orders."""
    risks = planted_scores(people, truth)["churn_risk"]
    former = [place for place, left in enumerate(people.lives.left) if left >= 0]
    assert len(former) > 100 and all(risks[place] is None for place in former)
    natures = [truth.natures[people.customers[place].id] for place in former]
    assert not any(each.visits or each.rings or each.wants for each in natures)


def test_the_truth_survives_its_file(truth: Truth, tmp_path: Path) -> None:
    """Parties read exactly what was planted."""
    write_truth(truth, tmp_path / "truth.json")
    assert read_truth(tmp_path / "truth.json") == truth


def test_the_planted_effect_counts_each_treated_customer_once(truth: Truth) -> None:
    """By assignment: the unreached add nothing, the twice reached add their larger lift."""
    first, second = list(truth.natures)[:2]
    nature = replace(truth.natures[first], lift={"data-20/sms": 0.1, "data-20/outbound_call": 0.3})
    known = Truth(truth.seed, {**truth.natures, first: nature})
    reached = [
        {"customer": first, "offer": "data-20", "channel": "sms"},
        {"customer": first, "offer": "data-20", "channel": "outbound_call"},
        {"customer": second, "offer": "roaming-7", "channel": "sms"},
    ]
    assert planted_effect(known, "data-upgrade", [first, second], reached) == pytest.approx(0.15)
    assert planted_effect(known, "data-upgrade", [], reached) is None


def test_the_gateways_log_convicts_a_message_after_a_stop(tmp_path: Path) -> None:
    """Order in the log decides: the same message before the stop is no offence."""
    lines = [
        '{"what": "message", "contact": "1", "to": "+1", "day": "d1", "promotional": true}',
        '{"what": "stop acknowledged", "to": "+1", "day": "d1"}',
        '{"what": "message", "contact": "2", "to": "+1", "day": "d2", "promotional": false}',
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines) + "\n")
    assert not judge_gateway(log).broken
    lines += [
        '{"what": "message", "contact": "3", "to": "+1", "day": "d3", "promotional": true}',
        '{"what": "message", "contact": "3", "to": "+1", "day": "d3", "promotional": true}',
    ]
    log.write_text("\n".join(lines) + "\n")
    verdict = judge_gateway(log)
    assert (verdict.after_stop, verdict.over_daily_cap, verdict.twice, verdict.stops) == (2, 1, 1, 1)

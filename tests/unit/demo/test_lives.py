"""What the demonstration's customers do: the same for the same seed, for reasons that can be learnt."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from demo.advising import advise
from demo.calendar import MONTHS
from demo.lives import LEAVING_FROM, chance_of_leaving
from demo.measuring import expected_auc
from demo.past_contacts import contact_columns
from demo.population import Population, populate
from demo.truth import plant

START = date(2026, 3, 2)


@pytest.fixture(scope="module")
def people() -> Population:
    """Three thousand customers of seed 4."""
    return populate(4, 3000, START)


def test_a_seed_makes_the_same_lives_again(people: Population) -> None:
    """Usage, bills, complaints, who left and who will."""
    one, other = people.lives, populate(4, 3000, START).lives
    assert all(np.array_equal(one.usage[name], other.usage[name]) for name in one.usage)
    assert np.array_equal(one.issued, other.issued) and np.array_equal(one.left, other.left)
    assert np.array_equal(one.risk, other.risk) and np.array_equal(one.will_leave, other.will_leave)


def test_former_customers_left_in_the_last_months(people: Population) -> None:
    """About one in eight has left, none before the months on file in which leaving is looked at."""
    left = people.lives.left
    share = float((left >= 0).mean())
    first = (date(2025, 7 + LEAVING_FROM, 1) - date(1970, 1, 1)).days
    assert 0.08 < share < 0.20
    assert left[left >= 0].min() >= first and left.max() < (START - date(1970, 1, 1)).days


def test_as_many_left_as_was_planted(people: Population) -> None:
    """In each month those who leave are as many as the chances of those still there add up to, within five deviations."""
    lives = people.lives
    there = np.ones(3000, dtype=bool)
    for month in range(LEAVING_FROM, MONTHS):
        chances = lives.leaving[:, month - 1][there]
        begins = (date(2025 + (6 + month) // 12, (6 + month) % 12 + 1, 1) - date(1970, 1, 1)).days
        goes = there & (lives.left >= begins) & (lives.left < begins + 28)
        deviation = float(np.sqrt((chances * (1 - chances)).sum()))
        assert abs(goes.sum() - chances.sum()) < 5 * deviation
        there &= ~goes


def test_the_planted_risk_tells_much_and_not_all(people: Population) -> None:
    """The best possible AUC lies between 0.8 and 0.95, and one customer in twenty is at high risk."""
    risk = people.lives.risk[people.lives.left < 0]
    assert 0.8 < expected_auc(risk.tolist(), risk.tolist()) < 0.95
    assert 0.03 < float((risk >= 0.3).mean()) < 0.10


def test_the_chance_to_leave_is_no_straight_line() -> None:
    """It rises as the contract's end comes near and falls under a longer one; complaints drive out the new, not the old."""

    def chance(**known: float) -> float:
        usual = {
            "fall": 1.0,
            "contract_left": 0,
            "complaints": 0,
            "overage": 0,
            "tenure": 60,
            "senior": 0,
            "has_app": 0,
        }
        return float(
            chance_of_leaving(**{name: np.array([value]) for name, value in (usual | known).items()})[0]
        )

    assert chance(contract_left=2) > chance() > chance(contract_left=3)
    assert chance(complaints=2, tenure=12) / chance(tenure=12) > 5 > chance(complaints=2) / chance()
    assert chance(fall=0.6) > 10 * chance()
    assert chance(overage=60) / chance() > chance(overage=60, has_app=1) / chance(has_app=1) > 1


def test_bills_are_what_the_tariff_makes_of_the_usage_and_a_few_carry_more(people: Population) -> None:
    """Two bills in a hundred have an extra that no tariff explains."""
    lives = people.lives
    assert 0.01 < float((lives.extra > 0).mean()) < 0.03
    assert (lives.issued - lives.extra - lives.overage > 0).all()


def test_advice_saves_what_it_says_and_is_worth_the_penalty(people: Population) -> None:
    """Whoever is advised pays less on the mean, nobody else is said to save, and many already have the cheapest."""
    found = advise(people)
    assert 0.3 < float(found.advised.mean()) < 0.7
    assert (found.saving[found.advised] > 0).all() and (found.saving[~found.advised] == 0).all()
    assert (found.months[found.advised] >= 3).all()


def test_past_contacts_follow_the_planted_chances(people: Population) -> None:
    """Accepted as often as planted, by channel; none of a customer who has left; nearly all out of every rule's sight."""
    truth = plant(people)
    columns = contact_columns(people, truth)
    there = {each.id for each, left in zip(people.customers, people.lives.left, strict=True) if left < 0}
    assert set(columns["cust_id"]) <= there and len(columns["cust_id"]) > 3000
    rows = list(zip(columns["cust_id"], columns["chan"], columns["goods"], columns["result"], strict=True))
    web = [
        (who, result) for who, channel, goods, result in rows if (channel, goods) == ("WEB", "best_tariff")
    ]
    accepted = sum(result == "accepted" for _, result in web) / len(web)
    planted = float(np.mean([0.05 + truth.lift(str(who), "best_tariff", "web") for who, _ in web]))
    assert accepted == pytest.approx(planted, abs=0.08)
    recent = sum(str(at) >= "2026-02-20" for at in columns["contact_time"]) / len(rows)
    assert recent < 0.06


def test_past_contacts_kept_the_rest_of_two_weeks() -> None:
    """However few customers had however many contacts, no two of one customer lie within fourteen days: the ledger's check
    recounts them under the rules of today."""
    few = populate(4, 300, START)
    columns = contact_columns(few, plant(few))
    days: dict[object, list[datetime]] = {}
    for who, at in zip(columns["cust_id"], columns["contact_time"], strict=True):
        days.setdefault(who, []).append(datetime.fromisoformat(str(at)))
    assert max(map(len, days.values())) == 3
    gaps = [later - earlier for each in days.values() for earlier, later in pairwise(sorted(each))]
    assert min(gaps) >= timedelta(days=14)

"""Evaluation by assignment."""

from __future__ import annotations

from typing import Any

import pytest

from contact.flow.planning.evaluate import (
    breakdown_of,
    control_share,
    effect_of,
    first_assignments,
    funnel_of,
)
from strategies.declared.playbook import Condition, Offer, Operator, Playbook, Strategy, Unit
from strategies.instants import DAY, Instant
from strategies.problems import Where

PLACE = Where("strategies/s.yaml", 1, 1)
ALWAYS = Condition("true", frozenset(), lambda facts, at: True, lambda facts, at: (True, ()), PLACE)
OPERATOR = Operator("Demo", "CNY", 100, "Asia/Shanghai", (), 1, ("en",), {"marketing": True}, 200, 1)
UNITS = {"B1": Unit("B1", "branch", {"en": "East"}, None), "G1": Unit("G1", "grid", {"en": "One"}, "B1")}
STRATEGY = Strategy(
    "s", "marketing", {"en": "S"}, PLACE, ALWAYS, (Offer("o", "f", {}, 0, 0.0, None, {}, PLACE),), None, None, 1000, "s",
    goal_within=7 * DAY,
)  # fmt: skip
PLAYBOOK = Playbook("v", OPERATOR, UNITS, {}, {}, {}, (STRATEGY,), (), ())


def row(customer: str, arm: str = "treated", at: int = 0, **more: Any) -> dict[str, Any]:
    """An assigned row as the report port gives it."""
    return {
        "customer": customer,
        "offer": "o",
        "channel": "sms",
        "arm": arm,
        "at": Instant(at),
        "unit": "G1",
    } | more


def test_a_customer_counts_once_by_the_first_assignment() -> None:
    """Controls are assigned day after day because nothing caps them; only the first assignment counts."""
    people = first_assignments(
        STRATEGY, [row("C", "control.strategy", DAY), row("C", "control.strategy", 0)], []
    )
    assert [(each.customer, each.at) for each in people] == [("C", 0)]


@pytest.mark.parametrize(
    ("offer", "at", "reached"),
    [("o", 0, True), (None, DAY, True), ("other", DAY, False), ("o", 7 * DAY, False), ("o", -1, False)],
)
def test_a_goal_counts_within_its_time_and_for_its_offers(offer: str | None, at: int, reached: bool) -> None:
    """A goal counts from the assignment on, half-open to ``goal.within``, for the strategy's offers or for none named."""
    people = first_assignments(STRATEGY, [row("C")], [("C", offer, Instant(at))])
    assert people[0].goal is reached


def test_the_effect_is_treated_minus_both_controls() -> None:
    """Strategy and universal control together are what the treated are held against."""
    rows = [row("A"), row("B"), row("C", "control.strategy"), row("D", "control.universal")]
    people = first_assignments(STRATEGY, rows, [("A", "o", Instant(1)), ("C", "o", Instant(1))])
    found = effect_of(people)
    assert (found.treated.assigned, found.treated.goals, found.control.assigned, found.control.goals) == (
        2,
        1,
        2,
        1,
    )
    assert found.difference == 0.0


def test_the_funnel_says_how_many_were_lost_and_in_which_state() -> None:
    """Each stage has its count, what was lost before it, and the states in which the lost ones ended."""
    rows = [
        row("A", contact_state="sent", moments={"attempt": 1, "connected": 2, "accepted": 3}),
        row("B", contact_state="sent", moments={"attempt": 1}),
        row("C", contact_state="expired", moments={}),
    ]
    funnel = funnel_of(first_assignments(STRATEGY, rows, []))
    assert [(each["stage"], each["count"], each["lost"]) for each in funnel] == [
        ("planned", 3, 0), ("handed_over", 2, 1), ("delivered", 1, 1),
        ("reached", 1, 0), ("accepted", 1, 0), ("goals", 0, 1),
    ]  # fmt: skip
    assert [each["why"] for each in funnel] == ["", "expired 1", "sent 1", "", "", "sent 1"]


def test_breakdowns_know_branch_grid_person_and_channel() -> None:
    """A grid's customers are counted under its branch too; tasks nobody took have no person."""
    rows = [row("A", person="P1", contact_state="sent"), row("B", unit=None)]
    found = breakdown_of(PLAYBOOK, first_assignments(STRATEGY, rows, []), "en")
    assert [(each.key, each.title, each.planned) for each in found["branch"]] == [
        ("", "", 1),
        ("B1", "East", 1),
    ]
    assert [(each.key, each.contacted) for each in found["person"]] == [("P1", 1)]


def test_the_control_share_joins_both_draws() -> None:
    """2 % universal and 10 % of the rest are 11.8 %."""
    assert control_share(PLAYBOOK, STRATEGY) == pytest.approx(0.118)


@pytest.mark.parametrize(("state", "count"), [("sent", 1), ("unknown", 1), ("released", 0), ("not_sent", 0)])
def test_what_provably_never_left_was_not_handed_over(state: str, count: int) -> None:
    """The attempt's instant stays on the contact; a released one counts nowhere, in the funnel neither."""
    moments = {"attempt": Instant(0)}
    people = first_assignments(STRATEGY, [row("C", contact_state=state, moments=moments)], [])
    assert funnel_of(people)[1]["count"] == count

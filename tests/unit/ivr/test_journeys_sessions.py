"""Rows of a log become calls, whatever their order and however often they come."""

from __future__ import annotations

import random
from dataclasses import replace

from ivr.journeys_sessions import GAP, Stay, enquiry, sessions
from strategies.declared.menu import Menu, MenuLimits, MenuNode, Personal
from strategies.instants import SECOND, Instant
from tests.unit.ivr.journeys_made import START

MENU = Menu(
    "main", {}, "main", {},
    {
        "main": MenuNode("main", "menu", {}),
        "amount": MenuNode("amount", "answer", {}, goal="bill"),
        "operator": MenuNode("operator", "transfer", {}, queue="hotline"),
        "stop": MenuNode("stop", "opt_out", {}),
    },
    MenuLimits(), Personal(),
)  # fmt: skip


def stay(line: int, after: float, node: str, **more: object) -> Stay:
    """A row so many seconds after the start."""
    given: dict[str, object] = {"menu": "main", "caller": "n-1", **more}
    return Stay(line, Instant(START + round(after * SECOND)), node, **given)  # type: ignore[arg-type]


def test_rows_in_any_order_are_one_call_with_one_name() -> None:
    """Delivered again and shuffled, the same rows are the same call."""
    rows = [stay(1, 0, "main", key="1"), stay(2, 6.5, "bills", key="2"), stay(3, 10, "amount")]
    (first,) = sessions(rows, {"main": MENU})
    random.Random(4).shuffle(rows)
    (again,) = sessions(rows, {"main": MENU})
    assert first.journey == again.journey and first.journey.id.startswith("log-")
    assert [(step.node, step.key, step.seconds) for step in first.journey.steps] == [
        ("main", "1", 6.5), ("bills", "2", 3.5), ("amount", None, 0.0),
    ]  # fmt: skip
    assert first.lines == (1, 2, 3)


def test_a_gap_of_more_than_ten_minutes_begins_another_call() -> None:
    """Exactly ten are still the same call; what a stay is said to have lasted is no gap."""
    gap = GAP / SECOND
    assert len(sessions([stay(1, 0, "main"), stay(2, gap, "main")], {})) == 1
    assert len(sessions([stay(1, 0, "main"), stay(2, gap + 0.001, "main")], {})) == 2
    assert len(sessions([stay(1, 0, "main", seconds=60.0), stay(2, gap + 60, "main")], {})) == 1


def test_rows_that_name_their_call_are_one_whatever_lies_between() -> None:
    """A call's own name is believed."""
    rows = [stay(1, 0, "main", call="7"), stay(2, 5000, "amount", call="7"), stay(3, 1, "main", call="8")]
    found = sessions(rows, {"main": MENU})
    assert [(each.journey.id, len(each.journey.steps)) for each in found] == [("log-7", 2), ("log-8", 1)]


def test_calls_of_different_callers_and_menus_do_not_mix() -> None:
    """Two menus at one time are two calls."""
    rows = [stay(1, 0, "main"), stay(2, 1, "main", caller="n-2"), stay(3, 2, "main", menu="other")]
    assert len({each.journey.id for each in sessions(rows, {})}) == 3


def test_where_no_row_says_how_a_call_ended_its_nodes_do() -> None:
    """Transfer, goal, opt-out, else abandoned; the outcome a row names is believed."""
    ended = {}
    for nodes in (
        ("main", "operator"),
        ("main", "amount", "main"),
        ("main", "amount", "operator"),
        ("main", "stop"),
        ("main",),
    ):
        (found,) = sessions([stay(n, n, node) for n, node in enumerate(nodes)], {"main": MENU})
        ended[nodes] = (found.journey.outcome, found.journey.goal)
    assert list(ended.values()) == [
        ("agent", None), ("reached", "bill"), ("agent", "bill"), ("opted_out", None), ("abandoned", None),
    ]  # fmt: skip
    said = [stay(1, 0, "main", outcome="reached", goal="data"), stay(2, 3, "amount")]
    assert [(each.journey.outcome, each.journey.goal) for each in sessions(said, {"main": MENU})] == [
        ("reached", "data")
    ]


def test_the_goal_is_what_the_outcome_allows() -> None:
    """A call said to have reached something reached its nodes' goal; one given up or withdrawn served none."""
    found = {}
    for outcome in ("reached", "abandoned", "opted_out"):
        (session,) = sessions([stay(1, 0, "main"), stay(2, 3, "amount", outcome=outcome)], {"main": MENU})
        found[outcome] = session.journey.goal
    assert found == {"reached": "bill", "abandoned": None, "opted_out": None}
    (named,) = sessions([stay(1, 0, "main", outcome="abandoned", goal="data")], {})
    assert named.journey.goal is None


def test_what_a_row_says_of_its_call_stands_for_the_call() -> None:
    """The last that says it is believed."""
    rows = [
        stay(1, 0, "main", version="v1", arm="static", unit="north"),
        stay(2, 3, "amount", version="v2", customer="C1"),
    ]
    (found,) = sessions(rows, {})
    journey = found.journey
    assert (journey.version, journey.arm, journey.unit, journey.customer) == ("v2", "static", "north", "C1")


def test_an_enquiry_is_a_journey_of_one_topic_told_to_an_agent() -> None:
    """Its name tells nobody who asked."""
    asked = enquiry(stay(1, 0, "roaming", customer="C1", caller="C1", seconds=80.0))
    assert (asked.source, asked.outcome, asked.goal, asked.seconds) == ("hotline", "agent", "roaming", 80.0)
    assert asked == enquiry(stay(9, 0, "roaming", customer="C1", caller="C1", seconds=80.0))
    assert "C1" not in asked.id and asked.id != enquiry(replace(stay(1, 0, "bill"), caller="C1")).id


def test_a_name_that_comes_back_the_next_day_is_another_call() -> None:
    """Telephone systems count from the beginning again; two calls must not become one long one."""
    day = 24 * 3600.0
    rows = [stay(1, 0, "main", call="7"), stay(2, 9, "amount", call="7"), stay(3, day, "main", call="7")]
    assert [len(each.journey.steps) for each in sessions(rows, {"main": MENU})] == [2, 1]

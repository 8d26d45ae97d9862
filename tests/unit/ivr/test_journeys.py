"""Measures of journeys against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.call import Journey
from ivr.call_columns import columns_of
from ivr.journeys import (
    NEVER,
    Following,
    measures,
    measures_by,
    node_measures,
    rate,
    read,
    seconds_by_goal,
    spread,
)
from strategies.instants import DAY, Instant
from tests.unit.ivr.journeys_made import LATER, SERVING, START, call, readings


def to_goal(journey: Journey, serving: dict[str, str]) -> tuple[int, float]:
    """Keys and seconds of one call that reached a goal."""
    found = read(columns_of([journey]), Following(columns_of([]), LATER), serving)
    assert found.reached.all()
    return int(found.keys[0]), float(found.seconds[0])


def test_the_way_to_a_goal_ends_where_the_node_that_serves_it_is_first_heard() -> None:
    """Keys and seconds after the answer, and a second visit, do not count."""
    found = call("a", "main:1:6 bills:2:4.5 amount:*:20 main:1:5 bills:-:3")
    assert to_goal(found, SERVING) == (2, 10.5)


def test_the_way_to_a_goal_of_an_unknown_menu_ends_with_the_last_node_that_no_key_ended() -> None:
    """A log whose menu nobody declared still has keys and seconds to the goal."""
    assert to_goal(call("a", "main:1:6 bills:2:4 x:-:20"), {}) == (2, 10.0)
    assert to_goal(call("a", "main:1:6 bills:2:4"), {}) == (2, 10.0)


def test_a_goal_served_before_an_agent_counts_and_one_named_by_who_hung_up_does_not() -> None:
    """Reaching a goal is what the outcome and the goal say together."""
    agent = call("a", "main:1:6 amount:0:9 operator:-:2", "agent", goal="bill")
    gave_up = call("b", "main:1:6 bills:-:4", "abandoned", goal="bill")
    found = measures(readings([agent, gave_up]))
    assert (found.reached.count, found.agent.count, found.abandoned.count, found.contained.count) == (
        1,
        1,
        1,
        0,
    )
    assert found.seconds is not None and found.seconds.median == 6.0


def test_calls_that_still_run_and_enquiries_of_the_hotline_are_in_no_measure() -> None:
    """Only ended calls of a menu count."""
    calls = [
        call("a", "main:1:6 amount:-:9"),
        call("b", "main:1:6", "open"),
        call("c", "bill:-:60", "agent", source="hotline", goal="bill"),
    ]
    assert measures(readings(calls, calls)).calls == 1
    assert [node.node for node in node_measures(columns_of(calls))] == ["amount", "main"]


def test_a_repeat_is_another_call_of_the_same_caller_within_the_time_to_the_microsecond() -> None:
    """Exactly a day later is within a day; a moment more is not."""
    first = call("a", "main:-:9", "abandoned")
    second = call("a", "main:-:9", "abandoned", hours=24.0)
    other = call("b", "main:-:9", "abandoned", hours=1.0)
    following = Following(columns_of([second, other, first]), LATER)
    assert following.again(columns_of([first, other])).tolist() == [second.at, NEVER]
    late = replace(second, at=Instant(second.at + 1))
    for following_call, again in ((second, 1), (late, 0)):
        found = measures(readings([first], [first, following_call])).repeated_day
        assert (found.count, found.of) == (again, 1)


def test_calls_that_cannot_be_followed_long_enough_are_left_out_of_the_rate_of_repeats() -> None:
    """Who called an hour ago has not "not called again within a day"."""
    calls = [call("a", "main:-:9", "abandoned"), call("a", "main:-:9", "abandoned", hours=20.0)]
    found = measures(readings(calls, calls, Instant(START + 30 * DAY // 24)))
    assert (found.repeated_day.count, found.repeated_day.of) == (1, 1)
    assert (found.repeated_week.of, found.repeated_week.rate) == (0, None)


def test_unknown_callers_are_neither_callers_nor_repeats() -> None:
    """Two calls of nobody known are not one caller's."""
    calls = [call("a", "main:-:9", customer=None), call("a", "main:-:9", customer=None, hours=1.0)]
    found = measures(readings(calls, calls))
    assert (found.calls, found.callers, found.repeated_day.of) == (2, 0, 0)


def test_quartiles_interpolate_between_values() -> None:
    """Type 7 of Hyndman and Fan, as R and NumPy compute it."""
    found = spread([4, 1, 3, 2])
    assert found is not None
    assert (found.q1, found.median, found.q3, found.mean) == (1.75, 2.5, 3.25, 2.5)
    assert (found.low, found.high) == pytest.approx((1.15, 3.85))
    assert spread([]) is None


def test_a_rate_of_nothing_is_unknown_and_not_nought() -> None:
    """A group without calls has no rate."""
    assert rate(0, 0).rate is None
    assert rate(81, 263).low == pytest.approx(0.2553, abs=5e-5)


def test_node_measures_tell_time_outs_from_hanging_up() -> None:
    """A stay without a key is silence, unless the call ended there."""
    calls = [
        call("a", "main:-:5 main:1:7 bills:-:3", "abandoned"),
        call("b", "main:0:4 operator:-:1", "agent"),
    ]
    main, bills, operator = node_measures(columns_of(calls))
    assert (main.node, main.calls, main.stays, main.total_seconds) == ("main", 2, 3, 16.0)
    assert (main.silent.count, main.silent.of, main.abandoned.count) == (1, 3, 0)
    assert (bills.silent.count, bills.abandoned.count, bills.abandoned.of) == (0, 1, 1)
    assert (operator.node, operator.agent.rate) == ("operator", 1.0)


def test_groups_stand_largest_first_and_calls_without_one_under_nothing() -> None:
    """Breakdowns hold every call once."""
    calls = [
        call(name, "main:1:1 amount:-:1", segment=segment)
        for name, segment in zip("abc", ("x", None, "x"), strict=True)
    ]
    told = readings(calls)
    found = measures_by(told, told.calls.segment)
    assert {name: each.calls for name, each in found.items()} == {"x": 2, "": 1}
    assert list(found) == ["x", ""]


def test_seconds_by_goal_hold_only_calls_that_reached_it() -> None:
    """A box per goal."""
    calls = [call("a", "main:1:3 amount:-:1"), call("b", "main:-:50", "abandoned")]
    found = seconds_by_goal(readings(calls))
    assert list(found) == ["bill"] and found["bill"].count == 1 and found["bill"].median == 3.0


def test_who_withdrew_consent_in_the_menu_was_contained_and_has_reached_no_goal() -> None:
    """They got what they came for without an agent; what they came for is no goal."""
    found = measures(readings([call("a", "main:9:3 stop:-:2", "opted_out")]))
    assert (found.contained.count, found.reached.count, found.abandoned.count) == (1, 0, 0)

"""Which calls failed their caller, and what their calls say of the channel they prefer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.call import Journey
from ivr.journeys_failed import failure, preferred, repeated
from strategies.declared.menu import Failing
from strategies.instants import HOUR, Instant
from tests.unit.ivr.journeys_made import call


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (call("a", "main:1:2 bills:-:1", "abandoned"), "abandoned"),
        (call("a", "main:-:10", "abandoned"), "abandoned"),
        (call("a", "main:-:9.9", "abandoned"), None),
        (call("a", "main:1:2 x:1:2 y:0:2 operator:-:1", "agent"), "agent"),
        (call("a", "main:1:2 x:0:2 operator:-:1", "agent"), None),
        (call("a", "main:1:2 amount:-:9"), None),
        (call("a", "main:1:20", "open"), None),
        (call("a", "bill:-:90", "agent", source="hotline", goal="bill"), None),
    ],
)  # fmt: skip
def test_a_call_fails_by_how_it_ended(made: Journey, why: str | None) -> None:
    """Hung up after listening or a key; an agent only after three keys; wrong numbers, enquiries, open calls never."""
    found = failure(made)
    assert (None if found is None else found.why) == why


@pytest.mark.parametrize(
    ("hours", "goal", "next_goal", "told"),
    [
        (1.0, "bill", "bill", True), (24.0, "bill", "bill", True), (24.001, "bill", "bill", False),
        (0.0, "bill", "bill", False), (1.0, "bill", "data", False), (1.0, None, None, True), (1.0, None, "data", False),
        (1.0, "bill", None, False),
    ],
)  # fmt: skip
def test_a_call_for_the_same_again_within_a_day_shows_that_the_first_settled_nothing(
    hours: float, goal: str | None, next_goal: str | None, told: bool
) -> None:
    """The same goal again, or none in either; another goal is another matter, and one served at last is good."""
    first = call("a", "main:1:2 x:-:9", "reached" if goal else "agent", goal=goal)
    second = call("a", "main:1:2", "reached" if next_goal else "abandoned", hours=hours, goal=next_goal)
    found = repeated(first, second)
    assert (found is not None and (found.why, found.node) == ("repeated", "x")) is told


def test_enquiries_withdrawals_and_other_menus_repeat_nothing() -> None:
    """Only two calls of one menu can."""
    first, again = call("a", "main:1:2"), call("a", "main:1:2", hours=1.0)
    assert repeated(first, again) is not None
    assert (
        repeated(replace(first, goal=None), replace(again, goal=None)) is None
    )  # served, a log does not say what
    for other in ({"source": "hotline"}, {"menu": "other"}, {"outcome": "opted_out"}, {"outcome": "open"}):
        assert repeated(first, replace(again, **other)) is None  # type: ignore[arg-type]


def test_a_preference_needs_three_calls_and_two_thirds_of_them() -> None:
    """Two calls, or a half of four, speak for nothing."""
    reached, agent = call("a", "main:1:2 x:-:1"), call("a", "main:0:2", "agent")
    assert preferred([reached, reached]) is None
    assert preferred([reached, reached, agent]) == "ivr"
    assert preferred([agent, agent, reached]) == "agent"
    assert preferred([reached, reached, agent, agent]) is None


def test_a_menu_says_itself_from_when_on_a_call_has_failed() -> None:
    """More keys, longer listening, a shorter time until the next call than where nothing is said."""
    patient = Failing(keys=5, seconds=60.0, again=HOUR)
    agent = call("a", "main:1:6 bills:2:4 more:3:4 operator:-:2", "agent")
    silent = call("a", "main:-:30", "abandoned")
    assert failure(agent) and failure(silent)
    assert failure(agent, patient) is None and failure(silent, patient) is None
    later = replace(silent, id="later", at=Instant(silent.at + 2 * HOUR))
    assert repeated(silent, later) and repeated(silent, later, patient) is None

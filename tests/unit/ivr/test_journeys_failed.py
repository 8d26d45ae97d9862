"""Which calls failed their caller, and what their calls say of the channel they prefer."""

from __future__ import annotations

import pytest

from ivr.call import CallOutcome, Journey
from ivr.journeys_failed import failure, preferred
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
    found = failure(made, None)
    assert (None if found is None else found.why) == why


@pytest.mark.parametrize(
    ("hours", "goal", "next_goal", "repeated"),
    [(1.0, "bill", "bill", True), (24.0, "bill", "bill", True), (24.001, "bill", "bill", False),
     (1.0, "bill", "data", False), (1.0, None, "data", True)],
)  # fmt: skip
def test_a_call_for_the_same_again_within_a_day_makes_the_first_a_failure(
    hours: float, goal: str | None, next_goal: str, repeated: bool
) -> None:
    """Another goal is another matter; where none was served any call is the same again."""
    outcome: CallOutcome = "reached" if goal else "agent"
    first, second = (
        call("a", "main:1:2 x:-:9", outcome, goal=goal),
        call("a", "main:1:2", hours=hours, goal=next_goal),
    )
    found = failure(first, second)
    assert (found is not None and found.why == "repeated") is repeated


def test_a_preference_needs_three_calls_and_two_thirds_of_them() -> None:
    """Two calls, or a half of four, speak for nothing."""
    reached, agent = call("a", "main:1:2 x:-:1"), call("a", "main:0:2", "agent")
    assert preferred([reached, reached]) is None
    assert preferred([reached, reached, agent]) == "ivr"
    assert preferred([agent, agent, reached]) == "agent"
    assert preferred([reached, reached, agent, agent]) is None

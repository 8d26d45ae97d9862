"""Who belongs to which group of callers."""

from __future__ import annotations

from ivr.topics import FREQUENT, groups_of
from tests.unit.ivr.journeys_made import call


def test_a_call_and_what_an_agent_noted_of_it_are_one_call() -> None:
    """Who called twice and spoke to an agent twice did not call four times; who was only noted down did call."""
    twice = [call("C1", "main:0:5", "agent", hours=hour) for hour in (0, 9)]
    noted = [call("C1", "bill:-:60", "agent", hours=hour + 0.1, source="hotline") for hour in (0, 9)]
    only_noted = [call("C2", "bill:-:60", "agent", hours=hour, source="hotline") for hour in (0, 3, 9)]
    groups = groups_of([*twice, *noted, *only_noted], {"old": frozenset({"C1", "C9"})})
    assert groups == {"old": frozenset({"C1"}), FREQUENT: frozenset({"C2"})}

"""Calls whose end nobody reported do not stay open for ever."""

from __future__ import annotations

from dataclasses import replace

from contact.flow.calls.end_calls import UNTOUCHED, end_forgotten_calls
from contact.wiring import House
from ivr.call import Journey, Step
from strategies.instants import MINUTE, Instant


def call(id: str, at: int, *, seconds: float = 60.0, goal: str | None = None) -> Journey:
    return Journey(
        id=id, customer="C1", at=Instant(at), menu="main", version="v", arm="personal", source="own",
        steps=(Step(1, "main", "1", seconds),), outcome="open", goal=goal, heard={"main": {"1": "bills"}},
    )  # fmt: skip


async def test_a_call_untouched_for_an_hour_has_ended(house: House) -> None:
    """As reached where a goal was served, else as abandoned, once, and remembered for its caller; others stay open."""
    calls, now = house.ports.calls, (await house.ports.clock.now()).at
    long_ago, ended = now - UNTOUCHED - 2 * MINUTE, call("ended", now - UNTOUCHED - 3 * MINUTE)
    for each in (
        call("lost", long_ago), call("served", long_ago, goal="bill"), replace(ended, outcome="agent"),
        call("slow", long_ago, seconds=600.0), call("young", now - MINUTE),
    ):  # fmt: skip
        await calls.record(each)
    assert await end_forgotten_calls(house.ports) == 2
    found = {each.id: each.outcome for each in await calls.between(Instant(0), Instant(now + 1))}
    assert found == {
        "lost": "abandoned",
        "served": "reached",
        "ended": "agent",
        "slow": "open",
        "young": "open",
    }
    assert [goal for goal, _ in (await calls.known("C1", "main")).goals] == ["bill"]
    assert await end_forgotten_calls(house.ports) == 0


async def test_an_end_that_is_told_late_stands(house: House) -> None:
    """Whoever ends the call after all says more than we could."""
    calls, now = house.ports.calls, (await house.ports.clock.now()).at
    begun = call("late", now - UNTOUCHED - 2 * MINUTE)
    await calls.record(begun)
    await end_forgotten_calls(house.ports)
    await calls.record(replace(begun, steps=(*begun.steps, Step(2, "operator", None, 9.0)), outcome="agent"))
    kept = await calls.get("late")
    assert kept is not None and (kept.outcome, len(kept.steps)) == ("agent", 2)

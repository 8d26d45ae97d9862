"""Calls of people who are merged, forgotten or long gone."""

from __future__ import annotations

from pathlib import Path

from contact.flow.people.erase import erase
from contact.flow.people.merge import merge_customers
from contact.flow.people.retain import retain
from contact.wiring import House
from ivr.call import NOTHING_KNOWN, Heard, Journey, Step
from strategies.instants import DAY, Instant
from tests.integration.flow.stage import customer, open_for_business


def call(id: str, customer: str, at: int, goal: str, to: str) -> Journey:
    return Journey(
        id=id, customer=customer, at=Instant(at), menu="main", version="v", arm="personal", source="own",
        steps=(Step(1, "main", "1", 3.0),), outcome="reached", goal=goal, heard={"main": {"1": to}},
    )  # fmt: skip


async def test_merged_callers_are_one(house: House, tmp_path: Path) -> None:
    """Calls and what they left behind go to the id that stays, of each level what was heard last; later ones follow."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    calls, now = house.ports.calls, (await house.ports.clock.now()).at
    for each in (
        call("a", "C1", now - 3, "bill", "bills"), call("b", "C2", now - 2, "plan", "plans"),
        call("c", "C1", now - 1, "bill", "bills"),
    ):  # fmt: skip
        await calls.record(each)
    await calls.flush()
    await merge_customers(house.ports, "C1", "C2", author="A1", role="admin", why="one person")
    await calls.record(call("d", "C1", now, "data", "data"))
    await calls.flush()
    known = await calls.known("C2", "main")
    assert [goal for goal, _ in known.goals] == ["data", "bill", "plan", "bill"]
    assert known.heard["main"] == Heard({"1": "data"}, now, {"1": (now,)})
    assert await calls.known("C1", "main") == NOTHING_KNOWN
    assert {each.customer for each in await calls.between(Instant(0), Instant(now + 1))} == {"C2"}


async def test_a_forgotten_caller_leaves_no_call(house: House, tmp_path: Path) -> None:
    """Calls go with the customer, the one that is not written yet among them; another's stay."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    calls, now = house.ports.calls, (await house.ports.clock.now()).at
    for each in (call("a", "C1", now - 2, "bill", "bills"), call("b", "C2", now - 2, "bill", "bills")):
        await calls.record(each)
    await calls.flush()
    await erase(house.ports, "C1", author="A1", role="admin", why="asked by letter")
    await calls.record(call("late", "C1", now - 1, "bill", "bills"))
    assert [each.id for each in await calls.between(Instant(0), now)] == ["b"]
    assert await calls.known("C1", "main") == NOTHING_KNOWN


async def test_a_late_call_of_who_was_merged_and_forgotten_since_is_not_kept(
    house: House, tmp_path: Path
) -> None:
    """It follows the merger to nobody: neither under the old id nor under the one that was erased."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    calls, now = house.ports.calls, (await house.ports.clock.now()).at
    await merge_customers(house.ports, "C1", "C2", author="A1", role="admin", why="one person")
    await erase(house.ports, "C2", author="A1", role="admin", why="asked by letter")
    await calls.record(call("late", "C1", now - 1, "bill", "bills"))
    assert await calls.between(Instant(0), now) == []
    assert await calls.known("C2", "main") == NOTHING_KNOWN


async def test_old_calls_go_and_what_is_known_goes_with_the_last(house: House, tmp_path: Path) -> None:
    """After the period of ``calls`` a call is deleted; its caller is known as long as they called since."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    calls, now = house.ports.calls, (await house.ports.clock.now()).at
    for each in (
        call("a", "C1", now - 401 * DAY, "bill", "bills"), call("b", "C2", now - 401 * DAY, "bill", "bills"),
        call("c", "C2", now - DAY, "plan", "plans"),
    ):  # fmt: skip
        await calls.record(each)
    await calls.flush()
    counts = [
        (await retain(house.ports, author="A1", role="admin", dry_run=dry)).records["calls"]
        for dry in (True, False)
    ]
    assert counts == [2, 2]
    assert [each.id for each in await calls.between(Instant(0), now)] == ["c"]
    assert await calls.known("C1", "main") == NOTHING_KNOWN
    assert len((await calls.known("C2", "main")).goals) == 2

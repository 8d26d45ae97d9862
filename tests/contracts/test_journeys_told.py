"""Ended calls become events about their callers: each told once, as the playbook declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contact.flow.calls.tell_journeys import SETTLED, tell_journeys
from contact.ports import Ports
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores
from contact.wiring import join_ports
from ivr.call import CallOutcome, Journey, Step
from strategies.compiling.compile import compile_playbook
from strategies.instants import DAY, MINUTE, SECOND, Instant
from tests.contracts.conftest import settings
from tests.contracts.situations import CHANNELS, CONSENT, OPERATOR

FIELDS = """fields:
  journey_failed: {type: boolean, source: events.journey_failed, title: {en: Failed}}
  why: {type: text, source: events.why, title: {en: Why}}
  channel: {type: text, source: events.channel, title: {en: Channel}}
"""
EVENTS = """events:
  journey_failed: {sets: {journey_failed: true, why: data.why}, lasts: P3D}
  journey_reached: {sets: {journey_failed: false}}
  channel_preferred: {sets: {channel: data.channel}}
"""


async def joined(stores: Stores, home: Path, events: str = EVENTS) -> Ports:
    """Ports with a playbook in force that declares these events."""
    texts = {
        "operator.yaml": OPERATOR, "fields.yaml": FIELDS, "events.yaml": events, "policies/law.yaml": CONSENT, **CHANNELS,
    }  # fmt: skip
    await stores.playbooks.publish(compile_playbook(texts), base=None, author="test", why="test")
    return join_ports(stores, settings(home, "sqlite:///unused.db"), {})


async def called(
    ports: Ports,
    name: str,
    outcome: CallOutcome,
    keys: str = "1",
    *,
    minutes: int = -60,
    customer: str = "C1",
) -> None:
    """A call that ended some minutes from now, by the store's clock."""
    at = Instant((await ports.clock.now()).at + minutes * MINUTE)
    steps = tuple(Step(number, f"n{number}", key, 4.0) for number, key in enumerate(keys, start=1))
    goal = "bill" if outcome == "reached" else None
    await ports.calls.record(
        Journey(name, customer, at, "main", "v1", "personal", "own", steps, outcome, goal)
    )
    await ports.calls.flush()


async def told(ports: Ports, stores: Stores) -> list[tuple[str, str, Any]]:
    """What is told now: the ids' calls, types and data of all events there are."""
    now = (await ports.clock.now()).at
    await stores.clock.move_to(Instant(now + SETTLED + SECOND))
    await tell_journeys(ports)
    found = await stores.journeys.told_of(
        ["C1"], ["journey_failed", "journey_reached", "channel_preferred"], Instant(0)
    )
    return [
        (each.type, each.data.get("why") or each.data.get("goal"), each.data) for each in found.get("C1", ())
    ]


async def test_a_failed_call_is_told_once_and_the_next_that_reaches_its_goal_ends_it(
    stores: Stores, tmp_path: Path
) -> None:
    """Looking again tells nothing new."""
    ports = await joined(stores, tmp_path)
    await called(ports, "one", "abandoned")
    first = await told(ports, stores)
    assert first == [
        ("journey_failed", "abandoned", {"menu": "main", "node": "n1", "why": "abandoned", "keys": 1})
    ]
    assert await told(ports, stores) == first
    await called(ports, "two", "reached", minutes=-5)
    assert [each[:2] for each in await told(ports, stores)][-1] == ("journey_reached", "bill")


async def test_a_call_for_the_same_again_tells_of_the_one_before(stores: Stores, tmp_path: Path) -> None:
    """Found out when the second call ends, whose reaching the same goal once more settles nothing."""
    ports = await joined(stores, tmp_path)
    await called(ports, "one", "reached", minutes=-90)
    assert await told(ports, stores) == []
    await called(ports, "two", "reached", minutes=-5)
    assert [each[:2] for each in await told(ports, stores)] == [("journey_failed", "repeated")]


async def test_giving_up_twice_is_known_as_calling_twice(stores: Stores, tmp_path: Path) -> None:
    """Of two reasons told of one call the last is the graver one."""
    ports = await joined(stores, tmp_path)
    await called(ports, "one", "abandoned", minutes=-90)
    await called(ports, "two", "abandoned", minutes=-5)
    assert [each[1] for each in await told(ports, stores)] == ["abandoned", "abandoned", "repeated"]


async def test_the_third_call_of_a_kind_tells_the_channel_and_the_fourth_not_again(
    stores: Stores, tmp_path: Path
) -> None:
    """A preference is told when it changes."""
    ports = await joined(stores, tmp_path, EVENTS.replace("  journey_failed", "  other"))
    for number, name in enumerate(("a", "b", "c", "d")):
        await called(ports, name, "agent", minutes=-60 + number)
    assert await told(ports, stores) == [("channel_preferred", None, {"channel": "agent"})]


async def test_old_calls_of_a_log_and_strangers_are_care_for_nobody(stores: Stores, tmp_path: Path) -> None:
    """What was imported today and happened last month tells nothing."""
    ports = await joined(stores, tmp_path)
    await called(ports, "old", "abandoned", minutes=-26 * 60)
    await ports.calls.record(
        Journey("x", None, Instant(0), "main", "", "unknown", "log", (), "abandoned", None)
    )
    assert await told(ports, stores) == []


async def test_more_calls_than_a_page_are_all_looked_at(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they ended in one instant."""
    monkeypatch.setattr("contact.flow.calls.tell_journeys.PAGE", 5)
    ports = await joined(stores, tmp_path)
    now = (await ports.clock.now()).at
    steps = (Step(1, "main", "1", 4.0),)
    for number in range(12):
        at, who = Instant(now - MINUTE), f"P{number}"
        await ports.calls.record(
            Journey(f"c{number}", who, at, "main", "", "personal", "own", steps, "abandoned", None)
        )
    await ports.calls.flush()
    await stores.clock.move_to(Instant(now + SETTLED + SECOND))
    assert await tell_journeys(ports) == 12
    assert await tell_journeys(ports) == 0


async def test_nothing_is_told_that_the_playbook_does_not_declare(stores: Stores, tmp_path: Path) -> None:
    """And what was not told then is not made up for later."""
    ports = await joined(stores, tmp_path, "events: {complaint_closed: {}}\n")
    await called(ports, "one", "abandoned")
    assert await told(ports, stores) == []
    assert (await ports.journeys.told() or 0) > DAY


async def test_calls_told_long_ago_are_not_read_again(stores: Stores) -> None:
    """PostgreSQL finds the first call of a page by the index, also by a plan that was made for no certain instant."""
    if stores.database.dialect == "sqlite":
        pytest.skip("SQLite sees the bound by itself")
    from contact.storage.databases.named_sql import statements

    asked = {"since_us": 1, "after": "a", "until_us": 2, "began_us": 1, "limit": 1}
    text, _ = statements("postgresql")["calls_ended"].bind(asked)
    for number, name in enumerate(asked, start=1):
        text = text.replace(f"%({name})s", f"${number}")

    def plan(tx: Transaction) -> str:
        for setting in (
            "enable_seqscan = off",
            "enable_bitmapscan = off",
            "plan_cache_mode = force_generic_plan",
        ):
            tx.connection.execute(f"SET LOCAL {setting}")
        tx.connection.execute(f"PREPARE paged (bigint, text, bigint, bigint, bigint) AS {text}")
        found = tx.connection.execute("EXPLAIN EXECUTE paged (1, 'a', 2, 1, 1)").fetchall()
        tx.connection.execute("DEALLOCATE paged")
        return "\n".join(str(row) for row in found)

    lines = await stores.database.read(plan)
    assert "ended_us >= $1" in lines.partition("Filter")[0], lines

"""What an event of a unit has set is a fact of everybody in it and below, to everybody who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest_asyncio

from contact.ports import IncomingEvent
from contact.storage.base.base import Base
from contact.storage.learning.learnt import Learning
from contact.storage.people.past import Past
from strategies.instants import HOUR, Instant
from strategies.profile import CustomerId
from tests.integration.storage.operator import CUSTOMERS, LINES, USAGE, Desk, stores
from tests.integration.storage.test_base import assert_twins


@pytest_asyncio.fixture
async def desk(tmp_path: Path, database_url: str) -> AsyncIterator[Desk]:
    opened = stores(tmp_path / "home", database_url)
    found = Desk(opened, tmp_path)
    await found.deliver("customers", CUSTOMERS)
    await found.deliver("lines", LINES)
    await found.deliver("usage", USAGE)
    yield found
    await opened.close()


async def tell(
    desk: Desk, id: str, sets: Mapping[str, Any], *, unit: str | None = None, customer: str | None = None,
    lasts: int = HOUR, ago: int = 2,
) -> bool:  # fmt: skip
    now = (await desk.stores.clock.now()).at
    who = None if customer is None else CustomerId(customer)
    event = IncomingEvent(id, "outage", who, unit, Instant(now - ago), {})
    return await desk.stores.events.accept(event, sets, Instant(now - ago + lasts))


async def test_everybody_in_the_unit_and_below_has_the_fact(desk: Desk) -> None:
    """An event of the head office or of a grid reaches whoever is in the grid, and nobody without a unit."""
    await tell(desk, "e1", {"roaming_now": True, "nothing_declared": 1}, unit="H")
    await tell(desk, "e2", {"tier": "copper", "tags": ["z", "a"], "birthday": None}, unit="G1")
    first, third = (await desk.profile("C1")).facts, (await desk.profile("C3")).facts
    assert (first["roaming_now"], first["tier"], first["tags"]) == (True, "copper", ("z", "a"))
    assert first["birthday"] is None and "nothing_declared" not in first
    assert (third["roaming_now"], third["tier"]) == (None, "silver")


async def test_one_and_all_and_columns_and_tables_agree(desk: Desk) -> None:
    """A profile, the profiles of a plan, the columns of selections and the tables models learn from say the same."""
    base = Base(desk.stores.database, desk.stores.profiles.generations)
    await assert_twins(desk, base)
    sets = {
        "tier": "copper",
        "score": 0.5,
        "arpu": 7,
        "birthday": "1990-01-02",
        "tags": ["z"],
        "roaming_now": None,
    }
    await tell(desk, "e1", sets, unit="B1")
    await tell(desk, "e2", {"tier": "tin"}, customer="C2")
    view = await assert_twins(desk, base)
    everybody = await desk.everybody()
    assert [everybody[each].facts["tier"] for each in ("C1", "C2", "C3")] == ["copper", "tin", "silver"]
    assert everybody == {name: await desk.profile(name) for name in everybody}
    learning = Learning(desk.stores.database, desk.stores.profiles.generations)
    table = await learning.table(desk.playbook, ["tier", "arpu", "tags"])
    assert {name: (row.tier, row.arpu, row.tags) for name, row in table.loc[["C1", "C2"]].iterrows()} == {
        "C1": ("copper", 7, ("z",)),
        "C2": ("tin", 7, ("z",)),
    }
    assert view.columns.rows == 3


async def test_columns_in_memory_see_it_at_once(desk: Desk) -> None:
    """A selection whose base is young sees an event of a unit all the same."""
    base = Base(desk.stores.database, desk.stores.profiles.generations)
    await base.columns(["roaming_now"], desk.playbook)
    await tell(desk, "e1", {"roaming_now": True}, unit="P1")
    columns, _ = await base.columns(["roaming_now"], desk.playbook)
    found = columns.by_field["roaming_now"]
    assert sorted(found.values.tolist()) == [False, True, True]


async def test_it_is_applied_once_and_ends(desk: Desk) -> None:
    """The same id twice sets nothing twice; what has run out is gone, and what is told later lies over it."""
    assert await tell(desk, "e1", {"tier": "copper"}, unit="G1")
    assert not await tell(desk, "e1", {"tier": "iron"}, unit="G1")
    await tell(desk, "e2", {"tier": "gone"}, unit="G1", lasts=1)
    assert (await desk.profile("C1")).facts["tier"] == "copper"
    await tell(desk, "e3", {"tier": "bronze"}, unit="H")
    assert (await desk.profile("C1")).facts["tier"] == "bronze"
    assert (await desk.everybody())["C1"].facts["tier"] == "bronze"


async def test_what_was_decided_can_be_seen_again(desk: Desk) -> None:
    """A decision's facts are found again as they were, without events of units that were told later."""
    await tell(desk, "e1", {"tier": "copper"}, unit="G1")
    then = await desk.profile("C1")
    at = (await desk.stores.clock.now()).at
    await tell(desk, "e2", {"tier": "tin"}, unit="G1", ago=HOUR // 2)
    past = Past(desk.stores.database, desk.stores.profiles.generations)
    found = await past.facts(
        then.customer, desk.playbook, generation=then.generation, bucket=then.bucket,
        change=then.last_profile_change, unit_change=then.last_unit_change, at=at,
    )  # fmt: skip
    assert found is not None and found.facts == then.facts and found.facts["tier"] == "copper"
    assert (await desk.profile("C1")).facts["tier"] == "tin"

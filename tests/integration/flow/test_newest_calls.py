"""What is said of very many calls is said of the newest of them, and each figure of those it can be told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.flow.calls import journeys as measuring
from contact.flow.calls import topics as telling
from contact.flow.calls.journeys import JourneysQuestion, journeys
from contact.flow.calls.newest_calls import newest_calls
from contact.flow.calls.topics import topics
from contact.ports import Ports
from contact.wiring import House
from ivr.call import Journey, Step
from strategies.instants import DAY, HOUR, Instant
from tests.integration.flow.stage import customer, open_for_business


async def opened(house: House, folder: Path) -> Instant:
    """Two customers, at noon of a March day."""
    return await open_for_business(house, folder, [customer(1), customer(2)], at="2030-03-31T12:00+08:00")


async def called(ports: Ports, who: str, *instants: int) -> None:
    """Calls about the bill at these instants."""
    for at in instants:
        await ports.calls.record(
            Journey(
                id=f"{who}-{at}", customer=who, at=Instant(at), menu="main", version="v", arm="personal", source="own",
                steps=(Step(1, "main", "1", 3.0),), outcome="reached", goal="bill",
            )
        )  # fmt: skip


async def test_no_more_calls_are_read_than_asked_for(house: House, tmp_path: Path) -> None:
    """The newest, without a gap, and from when on; all of them where they are few."""
    now = await opened(house, tmp_path)
    instants = [now - hour * HOUR for hour in range(200, 0, -1)]
    await called(house.ports, "C1", *instants)
    some, begins = await newest_calls(house.ports, Instant(now - 30 * DAY), now, 40)
    assert 40 <= len(some) <= 60
    assert [call.at for call in some] == [at for at in instants if at >= begins]
    every, begins = await newest_calls(house.ports, Instant(now - 30 * DAY), now, 1_000)
    assert ([call.at for call in every], begins) == (instants, now - 30 * DAY)
    assert await newest_calls(house.ports, Instant(now - DAY), now, 40, menu="other") == ([], now - DAY)


async def test_many_calls_of_later_days_hide_none_of_a_time(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who called again is told as far as later calls are read, and not known beyond."""
    now = await opened(house, tmp_path)
    until = Instant(now - 10 * DAY)
    await called(house.ports, "C1", until - 40 * HOUR, until - 39 * HOUR, until - HOUR)
    await called(house.ports, "C2", *(until + hour * HOUR for hour in range(1, 100)))
    monkeypatch.setattr(measuring, "MOST_CALLS", 10)
    found = await journeys(
        house.ports, JourneysQuestion(menu="main", since=Instant(until - 2 * DAY), until=until)
    )
    assert (found.calls, found.more) == (3, False)
    assert (found.measures.repeated_day.count, found.measures.repeated_day.of) == (1, 2)


async def test_a_month_that_is_over_is_told_behind_many_later_calls(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its topics do not vanish because the calls since then fill what is read for the forecast."""
    now = await opened(house, tmp_path)
    await called(house.ports, "C1", *(now - 40 * DAY + number for number in range(3)))
    await called(house.ports, "C2", *(now - hour * HOUR for hour in range(1, 100)))
    monkeypatch.setattr(telling, "MOST_CALLS", 10)
    found = await topics(house.ports, "2030-02")
    assert (found.calls, found.groups[0].calls, found.more) == (3, 3, False)

"""Two plans of one day: the places of an hour are given away once, whoever stands still in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from contact.faults import Conflict
from contact.flow.jobs.queue_job import queue_plan
from contact.flow.jobs.run_job import run_job
from contact.flow.planning import plan as planning
from contact.ports import Job
from contact.wiring import House
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import customer, deliver, open_for_business, texts

DAY = "2030-03-05"
PLACES_AN_HOUR = 5


class StandsStill:
    """A plan whose worker stands still once everybody has been weighed, until it is let go on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, done: int, total: int | None, message: str) -> None:
        """Its word of progress, which it does not get beyond."""
        if message == "weighing candidates":
            self.reached.set()
            await self.go_on.wait()


def people(favoured: range) -> list[dict[str, object]]:
    """Of 120 customers some answer calls much rather than the others."""
    return [customer(n, p_call="0.9" if n in favoured else "0.2") for n in range(1, 121)]


def calls_only() -> dict[str, str]:
    """A playbook without messages, which would give everybody a place."""
    found = texts()
    lines = found["strategies/data-upgrade.yaml"].splitlines(keepends=True)
    found["strategies/data-upgrade.yaml"] = "".join(each for each in lines if "sms:" not in each)
    return found


async def called_each_hour(house: House) -> Counter[int]:
    """Living calls of the day by their hour."""
    tasks = await house.ports.tasks.list(channel="outbound_call", day=DAY, limit=1000)
    return Counter(each.not_before for each in tasks if each.state != "cancelled")


async def stood_still(house: House, job: Job) -> None:
    """Its worker does not beat any more."""
    beat = {"id": job.id, "run": job.run, "done": 0, "total": None, "message": "", "now_us": 0}
    await house.stores.database.write(lambda tx: tx.run("beat_job", **beat))


@pytest.mark.parametrize("successor", ["the same job", "another job"])
async def test_a_plan_that_stood_still_takes_no_place_after_its_successor(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, successor: str
) -> None:
    """What it had weighed is of a day on which the places were still free."""
    monkeypatch.setattr(planning, "SAY_EVERY", 1)
    await open_for_business(house, tmp_path, people(range(1, 61)), calls_only())
    late = await house.ports.jobs.claim((await queue_plan(house.ports, DAY)).id)
    assert late is not None
    stands_still = StandsStill()
    planned = asyncio.create_task(planning.plan(house.ports, DAY, stands_still, late))
    await stands_still.reached.wait()
    await stood_still(house, late)
    await deliver(house.ports, tmp_path, people(range(61, 121)))
    next_job = late if successor == "the same job" else await queue_plan(house.ports, DAY)
    assert await run_job(house.ports, next_job.id)
    assert (await house.ports.jobs.get(next_job.id)).state == "done"
    before = await called_each_hour(house)
    assert sum(before.values()) == 40 and set(before.values()) == {PLACES_AN_HOUR}
    stands_still.go_on.set()
    with pytest.raises(Conflict):
        await planned
    assert await called_each_hour(house) == before
    ended = await house.ports.jobs.get(late.id)
    assert [each["code"] for each in ended.problems] == (["replaced"] if successor == "another job" else [])


async def test_a_second_plan_of_a_day_waits_for_the_first(house: House, tmp_path: Path) -> None:
    """Whoever looks reads what it waits for; another day does not wait."""
    await open_for_business(house, tmp_path, [customer(1)])
    first, second = await queue_plan(house.ports, DAY), await queue_plan(house.ports, DAY)
    running = await house.ports.jobs.claim(first.id)
    assert running is not None
    assert not await run_job(house.ports, second.id)
    waiting = await house.ports.jobs.get(second.id)
    assert (waiting.state, waiting.message) == ("queued", "waits until another plan of this day has ended")
    other = await queue_plan(house.ports, "2030-03-06")
    assert await house.ports.jobs.claim(other.id) is not None
    await house.ports.jobs.finish(running, {})
    assert await run_job(house.ports, second.id)
    assert (await house.ports.jobs.get(second.id)).state == "done"
    assert sum((await called_each_hour(house)).values()) == 1


async def test_a_day_has_one_spelling(house: House, tmp_path: Path) -> None:
    """Another would be planned beside it, as a day with all its places."""
    await open_for_business(house, tmp_path, [customer(1)])
    for spelling in ("20300305", "2030-W10-2"):
        with pytest.raises(ProblemsFound):
            await planning.plan(house.ports, spelling)

"""Jobs on a real store: their row says how far they are and how they ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contact.faces.worker.loops import repeat
from contact.faults import StoreUnavailable
from contact.flow.jobs.queue_job import queue_import, queue_plan
from contact.flow.jobs.run_job import Progress, run_job
from contact.settings import Settings
from contact.wiring import House, join

MAPPING = "kind: customers\nmode: snapshot\ncolumns:\n  id: cust_id\n"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    settings = Settings.from_environment(
        {"CONTACT_HOME": str(tmp_path / "home"), "CONTACT_DATABASE_URL": database_url}
    )
    joined = await join(settings)
    yield joined
    await joined.close()


@pytest.fixture
def people(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text("cust_id\nC1\nC2\n", encoding="utf-8")
    return str(path)


async def test_a_job_is_done_once_however_often_the_bell_rings(house: House, people: str) -> None:
    """Of several who hear of a job one does it; later rings find it done."""
    job = await queue_import(house.ports, "customers", people, MAPPING)
    heard = await asyncio.gather(*(run_job(house.ports, job.id) for _ in range(4)))
    assert sorted(heard) == [False, False, False, True]
    ended = await house.ports.jobs.get(job.id)
    assert (ended.state, ended.result is not None and ended.result["accepted"]) == ("done", 2)
    assert not await run_job(house.ports, job.id)


async def test_what_a_person_can_mend_ends_in_the_jobs_problems(house: House, people: str) -> None:
    """A wrong mapping fails the job with file, line and column; nothing is raised at the worker."""
    job = await queue_import(
        house.ports, "customers", people, MAPPING.replace("mode", "mood"), mapping_path="people.yaml"
    )
    assert await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert ended.state == "failed"
    assert {(problem["path"], problem["code"]) for problem in ended.problems} >= {
        ("people.yaml", "key.unknown")
    }


async def test_a_plan_without_a_playbook_says_so(house: House) -> None:
    """A fault that waiting does not mend ends the job, too."""
    job = await queue_plan(house.ports, "2030-03-04")
    assert await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert (ended.state, ended.problems[0]["code"]) == ("failed", "not_found")


async def test_a_job_of_an_unknown_kind_is_not_tried_for_ever(house: House) -> None:
    """A newer version may have queued what this one does not know."""
    job = await house.ports.jobs.create("dance", {})
    assert await run_job(house.ports, job.id)
    assert (await house.ports.jobs.get(job.id)).state == "failed"


async def test_progress_stands_in_the_row_of_a_running_job(house: House, people: str) -> None:
    """CLI and console read it there."""
    job = await queue_import(house.ports, "customers", people, MAPPING)
    claimed = await house.ports.jobs.claim(job.id)
    assert claimed is not None
    progress = Progress(house.ports, claimed)
    await progress(5, 10, "checking rows")
    shown = await house.ports.jobs.get(job.id)
    assert (shown.done, shown.total, shown.message) == (5, 10, "checking rows")


async def test_a_loop_outlives_a_round_that_failed() -> None:
    """Faults and bugs of one round are logged; the next round comes, and stopping is heard at once."""
    stopping = asyncio.Event()
    rounds: list[int] = []

    async def step() -> bool:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise StoreUnavailable
        if len(rounds) == 2:
            raise ZeroDivisionError
        if len(rounds) == 4:
            stopping.set()
        return len(rounds) == 3

    await asyncio.wait_for(repeat("test", step, 0.01, stopping), 10)
    assert rounds == [0, 1, 2, 3]

"""Trying a playbook on history: what is found, as a job that survives its worker and ends when nobody wants it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from contact.domain.workbench_answers import SimulationAnswer
from contact.faces.console.workbench.findings import FINDINGS
from contact.faults import Conflict, NotFound
from contact.flow.jobs.queue_job import cancel_job, queue_plan, queue_simulate, retry_job
from contact.flow.jobs.run_job import run_job
from contact.flow.publishing.drafts import create_draft, draft_file, save_file
from contact.flow.simulating.records import Folder
from contact.flow.simulating.simulate import left_off, simulate
from contact.ports import Job, JobPort, Ports
from contact.settings import Settings
from contact.storage.playbooks.jobs import Jobs
from contact.wiring import House, join
from strategies.compiling.compile import compile_playbook
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import CAPS, customer, open_for_business, texts

FIRST = date(2030, 3, 5)
TWICE = CAPS.replace("max: 1", "max: 2")
SEGMENT = """
segment: heavy
title: {en: Heavy users}
when: data_gb > 12
"""
DAYS = 8
ENDED_SECONDS = 20.0
"""A cancelled simulation ends within it, by the order; the test waits as long and then looks."""


async def test_what_a_looser_cap_would_change(house: House, tmp_path: Path) -> None:
    """Two contacts a week instead of one: twice the contacts on the second day, none more on the third, and it says so."""
    people = [customer(n, data_gb="13" if n == 1 else "9") for n in range(1, 5)]
    await open_for_business(house, tmp_path, people, texts() | {"segments/heavy.yaml": SEGMENT})
    new = compile_playbook(texts(caps=TWICE) | {"segments/heavy.yaml": SEGMENT})
    told: list[tuple[int, int | None, str]] = []
    found = await simulate(
        house.ports, new, days=3, first_day=FIRST, progress=lambda *each: told.append(each)
    )
    assert (found.first_day, found.days, found.customers) == ("2030-03-05", 3, 4)
    assert (found.before, found.after, found.capped_later) == (4, 8, 4)
    weekly = next(each for each in found.refusals if each.rule == "caps.weekly")
    assert (weekly.before, weekly.after) == (16, 8), "each customer in two channels, on two days and on one"
    assert weekly.place is not None and weekly.place.startswith("policies/caps.yaml:5")
    assert found.newly_allowed == {"caps.weekly": 4} and found.newly_refused == {}
    calls = {
        (each.hour, each.before, each.after, each.capacity)
        for each in found.load
        if each.channel == "outbound_call"
    }
    assert {(10, 4, 8, 15), (11, 0, 0, 15)} <= calls
    parts = {(each.kind, each.name): (each.before, each.after) for each in found.parts}
    assert parts[("strategy", "data-upgrade")] == (4, 8) and parts[("unit", "B1")] == (4, 8)
    assert parts[("segment", "heavy")] == (1, 2)
    assert (found.value_before_minor, found.value_after_minor) == (4800, 9600), "4 × 0.2 × 60 CNY"
    assert found.words[0] == "4 more contacts in 3 days: 4 before, 8 after, 100%."
    assert any("could not be contacted on a later day" in each for each in found.words)
    said = [(each.code, dict(each.values)) for each in found.findings]
    assert said[0] == ("contacts_more", {"difference": 4, "before": 4, "after": 8, "days": 3})
    assert ("value_rises", {"difference_minor": 4800, "after_minor": 9600}) in said
    assert len(said) == len(found.words) and {code for code, _ in said} <= FINDINGS.keys()
    assert [each[0] for each in told] == sorted(each[0] for each in told) and told[-1][0] == told[-1][1]
    assert (await house.ports.tasks.list(limit=5)) == [], "nothing was reserved"


async def test_the_playbook_in_force_changes_nothing(house: House, tmp_path: Path) -> None:
    """Both sides are the same, to the last refusal; days without history lie ahead."""
    await open_for_business(house, tmp_path, [customer(n) for n in range(1, 4)])
    found = await simulate(house.ports, await house.ports.playbooks.current(), days=2)
    assert found.first_day == "2030-03-04" and found.before == found.after == 3
    assert found.newly_allowed == found.newly_refused == {} and found.capped_later == 0
    assert all(each.before == each.after for each in found.refusals)
    assert all(each.before == each.after for each in found.load)
    assert all(each.before == each.after for each in found.parts)
    assert found.words == ["It is the playbook in force: nothing changes."]


async def test_another_field_or_offer_is_seen_by_the_new_playbook_alone(house: House, tmp_path: Path) -> None:
    """A field that only the new fields.yaml declares decides its audience; the old one goes on without it."""
    people = [customer(1, arpu="100"), customer(2, arpu="300"), customer(3, arpu="300")]
    await open_for_business(house, tmp_path, people)
    other = texts()
    other["fields.yaml"] += "  worth: {type: money, source: customers.arpu}\n"
    path = "strategies/data-upgrade.yaml"
    other[path] = other[path].replace("audience: data_gb >= 5", "audience: worth > 200")
    found = await simulate(house.ports, compile_playbook(other), days=1)
    assert (found.before, found.after) == (3, 2)


async def test_a_job_goes_on_after_the_last_finished_day(tmp_path: Path) -> None:
    """A worker that is killed leaves its finished days; the next one does only the others, and the numbers are the same."""
    house = await _store(tmp_path, [customer(n) for n in range(1, 60)])
    try:
        job = await queue_simulate(house.ports, texts=texts(caps=TWICE), days=40, first_day=FIRST)
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "contact.faces.worker.run", job.id,
            env={**os.environ, "CONTACT_HOME": str(tmp_path / "home"), "CONTACT_DEMO": "1"},
        )  # fmt: skip
        folder = Folder(house.ports.simulations.folder(job.id))
        await _until(lambda: len(folder.days()) >= 2)
        worker.kill()
        await worker.wait()
        finished = {path: path.stat().st_mtime_ns for path in folder.path.glob("*.msgpack")}
        assert 2 <= len(folder.days()) < 40
        assert await run_job(house.ports, job.id) is False, "as long as it may still live"
        silent = {"id": job.id, "run": 1, "done": 0, "total": 0, "message": "", "now_us": 0}
        await house.stores.database.write(lambda tx: tx.run("beat_job", **silent))
        assert await run_job(house.ports, job.id) is True
        ended = await house.ports.jobs.get(job.id)
        assert ended.state == "done" and ended.run == 2, ended.problems
        again = msgspec.convert(ended.result, SimulationAnswer)
        plain = await simulate(house.ports, compile_playbook(texts(caps=TWICE)), days=40, first_day=FIRST)
        assert replace_seconds(again) == replace_seconds(plain)
        assert finished and not list(folder.path.parent.glob("run-*")), "its files are gone with it"
    finally:
        await house.close()


async def test_a_cancelled_simulation_ends_soon(tmp_path: Path) -> None:
    """Its row says so at once; long before it would be through, its worker's call and every process of it are gone."""
    house = await _store(tmp_path, [customer(n) for n in range(1, 200)])
    try:
        job = await queue_simulate(house.ports, texts=texts(), days=300)
        running = asyncio.create_task(run_job(house.ports, job.id))
        folder = Folder(house.ports.simulations.folder(job.id))
        await _until(lambda: folder.chunks() is not None)
        assert _children(), "processes of ours work on it"
        assert (await cancel_job(house.ports, job.id)).state == "cancelled"
        await asyncio.wait({running}, timeout=ENDED_SECONDS)
        assert running.done() and running.result() is True and not _children()
        ended = await house.ports.jobs.get(job.id)
        assert (ended.state, ended.result) == ("cancelled", None)
        with pytest.raises(Conflict, match="has ended already: cancelled"):
            await cancel_job(house.ports, job.id)
        assert await run_job(house.ports, job.id) is False
    finally:
        await house.close()


class Interrupted(Jobs):
    """The jobs of a store in which something happens the moment a first run tells that it is at the third day."""

    def __init__(self, jobs: JobPort, happens: Callable[[], Awaitable[object]]) -> None:
        assert isinstance(jobs, Jobs)
        super().__init__(jobs.database)
        self.happens = happens

    async def progress(self, job: Job, done: int, total: int | None, message: str) -> bool:
        """As the store's own; the run hears with its next word that the job is no longer its own."""
        ours = await super().progress(job, done, total, message)
        if ours and job.run == 1 and message == str(FIRST + timedelta(days=2)):
            await self.happens()
        return ours


async def test_a_cancelled_simulation_is_gone_on_with(tmp_path: Path) -> None:
    """What it finished holds and is said; tried again it does the other days, and the numbers are those of one run."""
    house = await _store(tmp_path, [customer(n) for n in range(1, 30)])
    ports = house.ports
    try:
        draft = (await create_draft(ports, "mei", texts=texts(caps=TWICE))).draft
        job = await queue_simulate(ports, draft=draft, days=DAYS, first_day=FIRST)
        assert await left_off(ports, job) is None, "nothing was begun"
        cancelling = Interrupted(ports.jobs, lambda: cancel_job(ports, job.id))
        await run_job(replace(ports, jobs=cancelling), job.id)
        ended = await ports.jobs.get(job.id)
        folder = Folder(ports.simulations.folder(job.id))
        finished = folder.finished()
        assert 2 <= finished < DAYS
        assert await left_off(ports, ended) == (finished, FIRST + timedelta(days=finished))
        await _edit(ports, draft, CAPS)
        assert await left_off(ports, ended) is None, "of other texts nothing holds"
        await _edit(ports, draft, TWICE)
        untouched = {path.name: path.stat().st_mtime_ns for path in folder.path.glob("day-*.msgpack")}
        await retry_job(ports, job.id, author="mei", role="strategist", why="it was cancelled by mistake")
        again = asyncio.create_task(run_job(ports, job.id))
        await _until(lambda: not folder.path.exists())
        second = Folder(ports.simulations.folder(job.id, 2))
        await _until(lambda: second.finished() > finished or again.done())
        kept = {path: path.stat().st_mtime_ns for path in second.path.glob("day-*.msgpack")}
        assert all(untouched.get(path.name, at) == at for path, at in kept.items())
        assert await again is True
        told = msgspec.convert((await ports.jobs.get(job.id)).result, SimulationAnswer)
        plain = await simulate(ports, compile_playbook(texts(caps=TWICE)), days=DAYS, first_day=FIRST)
        assert replace_seconds(told) == replace_seconds(plain)
    finally:
        await house.close()


async def test_a_simulation_resumed_at_once_is_not_disturbed_by_its_first_run(tmp_path: Path) -> None:
    """Cancelled, edited and resumed before its first run notices: that one writes nothing more, the other is as if alone."""
    house = await _store(tmp_path, [customer(n) for n in range(1, 30)])
    ports, others = house.ports, list[asyncio.Task[bool]]()
    try:
        draft = (await create_draft(ports, "mei", texts=texts(caps=TWICE))).draft
        job = await queue_simulate(ports, draft=draft, days=DAYS, first_day=FIRST)
        first = Folder(ports.simulations.folder(job.id))

        async def resumed() -> None:
            await cancel_job(ports, job.id)
            await _edit(ports, draft, CAPS)
            await retry_job(ports, job.id, author="mei", role="strategist", why="with the cap as it was")
            others.append(asyncio.create_task(run_job(ports, job.id)))
            await _until(lambda: not first.path.exists())
            with pytest.raises(Conflict, match="another run goes on"):
                first.weighed([])
            with pytest.raises(Conflict, match="another run goes on"):
                first.kept(0)

        await run_job(replace(ports, jobs=Interrupted(ports.jobs, resumed)), job.id)
        assert await others[0] is True
        ended = await ports.jobs.get(job.id)
        assert (ended.state, ended.run) == ("done", 2), ended.problems
        told = msgspec.convert(ended.result, SimulationAnswer)
        plain = await simulate(ports, compile_playbook(texts(caps=CAPS)), days=DAYS, first_day=FIRST)
        assert replace_seconds(told) == replace_seconds(plain)
        assert not list(first.path.parent.glob("run-*")), "neither run leaves a folder behind"
    finally:
        await house.close()


async def test_what_can_be_cancelled_and_what_cannot(house: House, tmp_path: Path) -> None:
    """A queued job of any kind; a plan that runs goes on, because half of it would be done."""
    await open_for_business(house, tmp_path, [customer(1)])
    queued = await queue_plan(house.ports, "2030-03-05")
    assert (await cancel_job(house.ports, queued.id)).state == "cancelled"
    assert queued.id not in {each.id for each in await house.ports.jobs.open()}
    runs = await queue_plan(house.ports, "2030-03-05")
    await house.ports.jobs.claim(runs.id)
    with pytest.raises(Conflict, match="kind plan that runs cannot be cancelled"):
        await cancel_job(house.ports, runs.id)
    with pytest.raises(NotFound):
        await cancel_job(house.ports, "nothing")


async def test_what_cannot_be_simulated_is_a_problem(house: House, tmp_path: Path) -> None:
    """Before anything is queued: texts that cannot be published, days that cannot be meant, drafts there are none of."""
    await open_for_business(house, tmp_path, [customer(1)])
    with pytest.raises(ProblemsFound, match=r"policies/caps\.yaml"):
        await queue_simulate(house.ports, texts=texts(caps=CAPS.replace("max: 1", "max: 0")))
    for days in (0, 367):
        with pytest.raises(ProblemsFound, match="cannot be simulated"):
            await queue_simulate(house.ports, texts=texts(), days=days)
    for first_day in (date.min, date.max):
        with pytest.raises(ProblemsFound, match="cannot be simulated"):
            await queue_simulate(house.ports, texts=texts(), first_day=first_day)
    with pytest.raises(NotFound):
        await queue_simulate(house.ports, draft="draft-99")
    with pytest.raises(NotFound):
        await queue_simulate(house.ports, version="0" * 64)
    assert await house.ports.jobs.open() == []


async def _edit(ports: Ports, draft: str, caps: str) -> None:
    path = "policies/caps.yaml"
    await save_file(ports, draft, path, caps, (await draft_file(ports, draft, path))[1], "mei")


def replace_seconds(answer: SimulationAnswer) -> SimulationAnswer:
    """The answer without how long it took."""
    return msgspec.structs.replace(answer, seconds=0.0)


async def _store(folder: Path, people: list[dict[str, object]]) -> House:
    """A store of its own, which another process may open too."""
    settings = Settings.from_environment({"CONTACT_HOME": str(folder / "home")})
    house = await join(replace(settings, demo=True))
    await open_for_business(house, folder, people)
    return house


async def _until(there: object, seconds: float = 60.0) -> None:
    assert callable(there)
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def _children() -> list[int]:
    """Living processes of ours that work apart."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (each / "stat").read_text().rpartition(")")[2].split()[:2]
            ours = parent == str(os.getpid()) and state != "Z"
            if ours and b"contact.flow.apart" in (each / "cmdline").read_bytes():
                found.append(int(each.name))
        except OSError:
            continue
    return found

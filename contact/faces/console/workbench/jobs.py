"""Simulate a draft as a job: begun, watched, cancelled; the figures behind its charts."""

from __future__ import annotations

from contextlib import suppress

from aiohttp import web

from contact.faces.console.shared.figures import as_csv
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.once import once
from contact.faces.console.shared.pages import policy
from contact.faces.console.workbench import page as workbench
from contact.faces.console.workbench.checks import part
from contact.faces.console.workbench.figures import csv_rows
from contact.faces.console.workbench.simulate import DAYS, result_of, result_view, simulation_job
from contact.faces.console.workbench.texts import author_of, bench_of, draft_id, texts_of
from contact.faults import Conflict, NotFound
from contact.flow.jobs.queue_job import cancel_job, queue_simulate, retry_job

MOST_DAYS = 366


async def run(turn: Turn) -> web.StreamResponse:
    """Begin a simulation of the draft over the last days."""
    text = turn.visit.text("days", 3)
    days = min(MOST_DAYS, max(1, int(text))) if text.isdecimal() else DAYS

    async def act() -> str:
        return (await queue_simulate(turn.ports, draft=draft_id(turn), days=days)).id

    return await _answered(turn, await once(turn, act))


async def watch(turn: Turn) -> web.StreamResponse:
    """How far a simulation is, or what it found. Raises NotFound."""
    return await _answered(turn, turn.visit.request.match_info["job"])


async def cancel(turn: Turn) -> web.StreamResponse:
    """End a simulation; what it found so far is not shown, and it may be gone on with."""
    job = (await simulation_job(turn, turn.visit.request.match_info["job"])).id

    async def act() -> str:
        with suppress(Conflict):  # it ended by itself meanwhile, and is shown as it is
            await cancel_job(turn.ports, job)
        return job

    return await _answered(turn, await once(turn, act))


async def resume(turn: Turn) -> web.StreamResponse:
    """A simulation that failed or was cancelled goes on after its last finished day, or begins anew where there is none."""
    job = (await simulation_job(turn, turn.visit.request.match_info["job"])).id
    role = turn.visit.key.role if turn.visit.key is not None else ""

    async def act() -> str:
        with suppress(Conflict):  # somebody else was first, and it is shown as it is
            await retry_job(
                turn.ports, job, author=author_of(turn), role=role, why="resumed in the workbench"
            )
        return job

    return await _answered(turn, await once(turn, act))


async def show_data(turn: Turn) -> web.StreamResponse:
    """The figures of one chart as CSV. Raises NotFound."""
    job = await simulation_job(turn, turn.visit.request.match_info["job"])
    found = result_of(job)
    rows = csv_rows(found, turn.visit.request.match_info["chart"]) if found is not None else None
    if rows is None:
        raise NotFound("no such chart")
    return web.Response(text=as_csv(rows), content_type="text/csv", charset="utf-8", headers=policy(""))


async def _answered(turn: Turn, job: str) -> web.StreamResponse:
    if not turn.visit.partial:
        return workbench.to(draft_id(turn), tab="simulate", job=job)
    bench = await bench_of(turn, await texts_of(turn), tab="simulate")
    view = {"bench": bench, **await result_view(turn, bench, await simulation_job(turn, job))}
    return part(turn, "workbench_simulate.html", view)

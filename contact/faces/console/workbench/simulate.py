"""Simulations of a draft: the newest one, how far it is, and what it found as sentences, charts and tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from contact.domain.workbench_answers import SimulationAnswer
from contact.faces.console.shared.guard import Turn
from contact.faces.console.workbench.figures import figures, radius_words, signed
from contact.faces.console.workbench.findings import finding_words
from contact.faces.console.workbench.view import Bench
from contact.faults import NotFound
from contact.flow.present import job_answer
from contact.flow.publishing.publish import predicted
from contact.flow.simulating.simulate import left_off
from contact.ports import Job
from strategies.problems import problem_again

DAYS, RECENT = 30, 200


async def simulate_view(turn: Turn, bench: Bench, job: str = "") -> dict[str, Any]:
    """What the tab needs: the job asked for, else the newest one of this draft."""
    found = await simulation_job(turn, job) if job else await _newest(turn, bench)
    return await result_view(turn, bench, found)


async def result_view(turn: Turn, bench: Bench, job: Job | None) -> dict[str, Any]:
    """A job with its result as figures, or, where it stopped, from which day on it can be gone on with."""
    stopped = await left_off(turn.ports, job) if job is not None else None
    return job_view(turn, bench, job, stopped)


def job_view(
    turn: Turn, bench: Bench, job: Job | None, stopped: tuple[int, date] | None = None
) -> dict[str, Any]:
    """The same of what is known already."""
    result = result_of(job) if job is not None else None
    return {
        "job": job_answer(job) if job is not None else None,
        "problems": [problem_again(each) for each in job.problems] if job is not None else [],
        "days": int(job.arguments.get("days", DAYS)) if job is not None else DAYS,
        "result": result,
        "radius": radius_words(turn.look, job.result)
        if result is not None and job is not None and job.result
        else "",
        "words": finding_words(turn.look, result) if result is not None else [],
        "figures": figures(turn.look, result) if result is not None else [],
        "stopped": stopped,
        "stale": result is not None and bench.draft is not None and result.new != bench.draft.hash,
        "signed": lambda value: signed(turn.look, value),
    }


def result_of(job: Job) -> SimulationAnswer | None:
    """What a finished simulation found."""
    if job.kind != "simulate" or job.state != "done" or not job.result:
        return None
    return msgspec.convert(dict(job.result), SimulationAnswer)


async def blast_radius(turn: Turn, bench: Bench) -> str:
    """What the newest simulation of the draft as it stands foresees, in one line; empty where there is none."""
    if bench.draft is None:
        return ""
    summary = await predicted(turn.ports, bench.draft.hash)
    return radius_words(turn.look, summary) if summary is not None else ""


async def _newest(turn: Turn, bench: Bench) -> Job | None:
    jobs = await turn.ports.jobs.recent(RECENT)
    return next(
        (job for job in jobs if job.kind == "simulate" and job.arguments.get("draft") == bench.id), None
    )


async def simulation_job(turn: Turn, job: str) -> Job:
    """A simulation by its id. Raises NotFound for any other job."""
    found = await turn.ports.jobs.get(job)
    if found.kind != "simulate":
        raise NotFound("this job is no simulation")
    return found

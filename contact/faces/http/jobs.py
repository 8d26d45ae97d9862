"""For long work: imports, plans, trainings, scorings and tariff matches run as jobs of the workers."""

from __future__ import annotations

from contact.faces.http.bodies import ImportForm, PlanBody
from contact.faces.http.row import Call, Reply
from contact.faults import NotFound
from contact.flow.present import job_answer
from contact.flow.queue_job import queue_import, queue_plan
from contact.ports import Job

LEARNING = ("train", "learn", "score", "match_tariffs")
"""Kinds of job that models and tariffs are made of."""


async def post_import(call: Call) -> Reply:
    """A job that checks the whole file and takes it in; the file is the job's from now on."""
    form: ImportForm = call.body
    job = await queue_import(
        call.ports, form.kind, form.file, form.mapping, confirm_shrink=form.confirm_shrink
    )
    return await rung(call, job)


async def get_import(call: Call) -> Reply:
    """How far an import is, or what it did."""
    return await _shown(call, "import")


async def post_plan(call: Call) -> Reply:
    """A job that plans a day, after cancelling what is untouched of an earlier plan of it."""
    body: PlanBody = call.body
    return await rung(call, await queue_plan(call.ports, body.day.isoformat()))


async def get_plan(call: Call) -> Reply:
    """How far a plan is, or what it did."""
    return await _shown(call, "plan")


async def get_job(call: Call) -> Reply:
    """How far a training, a scoring or a matching is, or what it did."""
    return await _shown(call, *LEARNING)


async def rung(call: Call, job: Job) -> Reply:
    """Tell the workers that a job waits, and answer it."""
    await call.house.ring(job.id)
    return Reply(job_answer(job))


async def _shown(call: Call, *kinds: str) -> Reply:
    job = await call.ports.jobs.get(call.path["job"])
    if job.kind not in kinds:
        raise NotFound(f"this job is no {' or '.join(kinds)}")
    return Reply(job_answer(job))

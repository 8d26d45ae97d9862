"""For long work: imports, plans, trainings, scorings and tariff matches run as jobs of the workers."""

from __future__ import annotations

from contact.domain.ledger_answers import JobsAnswer
from contact.faces.http.bodies.bodies import ImportForm, PlanBody, SimulationBody
from contact.faces.http.bodies.ledger import JobsQuery, RetryBody
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.faults import NotFound
from contact.flow.jobs.queue_job import cancel_job, queue_import, queue_plan, queue_simulate, retry_job
from contact.flow.present import job_answer
from contact.ports import Job
from strategies.problems import Hint, Problem, ProblemsFound, Where

ASKED_FOR = ("train", "learn", "score", "match_tariffs", "simulate")
"""Kinds of job that have no path of their own to look at."""


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
    """How far a training, a scoring, a matching or a simulation is, or what it did."""
    return await _shown(call, *ASKED_FOR)


async def post_cancel(call: Call) -> Reply:
    """End a job: a queued one, or a simulation that runs."""
    return Reply(job_answer(await cancel_job(call.ports, call.path["job"])))


async def get_jobs(call: Call) -> Reply:
    """The newest jobs, or those that failed; one that killed three workers is parked."""
    query: JobsQuery = call.query
    found = await (
        call.ports.jobs.failed(query.limit) if query.failed else call.ports.jobs.recent(query.limit)
    )
    return Reply(JobsAnswer(items=[job_answer(each) for each in found]))


async def post_retry(call: Call) -> Reply:
    """A failed or parked job, or a cancelled simulation, waits for a worker again."""
    body: RetryBody = call.body
    author, role = author_of(call.caller), call.caller.role
    return await rung(
        call, await retry_job(call.ports, call.path["job"], author=author, role=role, why=body.why)
    )


async def post_simulation(call: Call) -> Reply:
    """A job that tries a playbook on history, beside the one in force."""
    body: SimulationBody = call.body
    given = [each for each in (body.draft, body.version, body.texts) if each is not None]
    if len(given) != 1:
        hint = Hint("name a draft, or a published version, or send the texts of all files")
        problem = Problem(
            "simulation.which", "exactly one of draft, version and texts", Where("request"), hint
        )
        raise ProblemsFound([problem])
    job = await queue_simulate(
        call.ports, draft=body.draft, version=body.version, texts=body.texts, days=body.days, first_day=body.first_day
    )  # fmt: skip
    return await rung(call, job)


async def rung(call: Call, job: Job) -> Reply:
    """Tell the workers that a job waits, and answer it."""
    await call.house.ring(job.id)
    return Reply(job_answer(job))


async def _shown(call: Call, *kinds: str) -> Reply:
    job = await call.ports.jobs.get(call.path["job"])
    if job.kind not in kinds:
        raise NotFound(f"this job is no {' or '.join(kinds)}")
    return Reply(job_answer(job))

"""Do one piece of long work that ``queue_job`` wrote down, beating while it lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contact import tracing
from contact.faults import Fault, StoreUnavailable
from contact.flow.calls.learn_menus import learn_menus
from contact.flow.calls.prefetch_answers import USUAL_MOST, prefetch_answers
from contact.flow.jobs.queue_job import CANCELLED_WHILE_RUNNING
from contact.flow.learning.learn import learn
from contact.flow.learning.score import score_all
from contact.flow.learning.train import train
from contact.flow.planning.plan import plan
from contact.flow.selecting.import_file import import_file
from contact.flow.simulating.simulate import simulate_job
from contact.flow.tariffs.match_tariffs import match_tariffs
from contact.flow.working.sweep_lawful import sweep_unlawful
from contact.ports import Job, Ports
from contact.telemetry import done_for, log
from strategies.problems import ProblemsFound

_log = log("job")
BEAT_SECONDS = 5.0
CANCEL_LOOK_SECONDS = 0.3
"""How soon a job of a kind that may be cancelled notices that it was."""


@dataclass
class Progress:
    """How far a job is; kept so that the heartbeat can say it again."""

    ports: Ports
    job: Job
    done: int = 0
    total: int | None = None
    message: str = "started"
    taken_away: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as soon as writing it down shows that the job was cancelled, or given to another run."""

    async def __call__(self, done: int, total: int | None, message: str) -> None:
        """Write it down where CLI and console look."""
        self.done, self.total, self.message = done, total, message
        if not await self.ports.jobs.progress(self.job, done, total, message):
            self.taken_away.set()

    async def beat(self) -> None:
        """Until cancelled, tell the store that somebody still works on this; a beat the store missed is made up later."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(StoreUnavailable):
                await self.ports.jobs.progress(self.job, self.done, self.total, self.message)


async def run_job(ports: Ports, job_id: str) -> bool:
    """Claim the job and do it; False where somebody else has it or had it.

    What a person can mend ends in the job's problems. When the store goes away the job is left to the next worker.
    """
    job = await ports.jobs.claim(job_id)
    if job is None:
        return False
    request = job.request or job.id
    with done_for(request), tracing.span(f"job {job.kind}", request, job=job.id):
        try:
            await _finish(ports, job)
        except Exception:
            _log.warning("not ended", job=job.id, kind=job.kind)  # why is said by whoever catches it
            raise
        _log.info("ended", job=job.id, kind=job.kind)
    return True


async def _finish(ports: Ports, job: Job) -> None:
    progress = Progress(ports, job)
    beating = asyncio.create_task(progress.beat())
    try:
        result = await _do_unless_cancelled(ports, job, progress)
        if result is not None:
            await ports.jobs.finish(job, result)
    except ProblemsFound as found:
        await ports.jobs.finish(job, None, [problem.kept() for problem in found.problems])
    except StoreUnavailable:
        raise
    except Fault as fault:
        await ports.jobs.finish(job, None, [_problem(fault.code, str(fault))])
    except Exception as bug:
        await ports.jobs.finish(
            job, None, [_problem("bug", f"the service failed: {type(bug).__name__}; see its log")]
        )
        raise
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


def _problem(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}


async def _do_unless_cancelled(ports: Ports, job: Job, progress: Progress) -> Mapping[str, Any] | None:
    """What it answers; None where it was cancelled meanwhile, or given to another run."""
    if job.kind not in CANCELLED_WHILE_RUNNING:
        return await _do(ports, job, progress)
    working = asyncio.ensure_future(_do(ports, job, progress))
    looking = asyncio.ensure_future(_until_taken_away(ports, job, progress))
    try:
        await asyncio.wait({working, looking}, return_when=asyncio.FIRST_COMPLETED)
        return await _answer(ports, job, working) if working.done() else looking.result()
    finally:
        for task in (working, looking):
            task.cancel()
        await asyncio.wait({working, looking})


async def _until_taken_away(ports: Ports, job: Job, progress: Progress) -> None:
    """What progress does not say at once, since it comes only now and then, is looked for."""
    while not progress.taken_away.is_set() and await _is_still_ours(ports, job):
        with suppress(TimeoutError):
            await asyncio.wait_for(progress.taken_away.wait(), CANCEL_LOOK_SECONDS)


async def _answer(
    ports: Ports, job: Job, working: asyncio.Future[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """What the work answers; whatever it fails with once it was cancelled is the cancelling's doing."""
    try:
        return await working
    except Exception:
        if not await _is_still_ours(ports, job):
            return None
        raise


async def _is_still_ours(ports: Ports, job: Job) -> bool:
    try:
        now = await ports.jobs.get(job.id)
    except StoreUnavailable:
        return True  # nobody knows; whoever finishes finds out
    return now.state == "running" and now.run == job.run


async def _do(ports: Ports, job: Job, progress: Progress) -> Mapping[str, Any]:
    arguments = job.arguments
    match job.kind:
        case "import":
            answer: msgspec.Struct = await import_file(
                ports,
                arguments["kind"],
                arguments["path"],
                arguments["mapping"],
                mapping_path=arguments.get("mapping_path", "mapping"),
                confirm_shrink=arguments["confirm_shrink"],
                progress=progress,
            )
        case "plan":
            answer = await plan(ports, arguments["day"], progress, job)
        case "train":
            answer = await train(ports, arguments["model"], progress, arguments.get("author", ""))
        case "learn":
            answer = await learn(ports, progress, arguments.get("author", ""))
        case "learn_menus":
            answer = await learn_menus(ports, progress, arguments.get("menu"))
        case "prefetch_answers":
            answer = await prefetch_answers(ports, progress, arguments.get("most", USUAL_MOST))
        case "score":
            answer = await score_all(ports, progress)
        case "match_tariffs":
            answer = await match_tariffs(ports, progress)
        case "sweep_unlawful":
            answer = await sweep_unlawful(ports, progress, arguments.get("version"))
        case "simulate":
            answer = await simulate_job(ports, job, progress)
        case unknown:
            raise Fault(f"there is no job of kind {unknown}")
    built: Mapping[str, Any] = msgspec.to_builtins(answer)
    return built

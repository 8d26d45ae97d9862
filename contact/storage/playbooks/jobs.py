"""Import and plan jobs: a row each, claimed by a worker that beats. All on real time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from uuid_utils import uuid7

from contact.clock import real_now
from contact.domain.acts import Act
from contact.faults import Conflict, NotFound
from contact.ports import Job
from contact.storage.databases import rows
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from contact.telemetry import request_id
from strategies.instants import SECOND, Instant
from strategies.problems import Hint, Problem, Where
from strategies.profile import Subject

STALE_AFTER = 30 * SECOND
WAITED_LONG = SECOND
"""Whoever waited so long for the store's writer cannot tell a dead worker from one that waits for it, too, to say that it
lives: an import that is written to SQLite holds the only one for a minute."""
MOST_RUNS = 3
POISON = "poison_job"
"""The problem of a job that is parked: no worker takes it until a person says so."""
REPLACED = "replaced"
"""The problem of a plan whose worker stood still when another plan of its day began."""
PUT_OFF = "waits until another plan of this day has ended"
_CLAIMS = Subject("pointer", "jobs")
"""Two who ask at once for two plans of one day must not both find it free."""


def queue_in(tx: Transaction, kind: str, arguments: Mapping[str, Any], request: str) -> str:
    """The id of a job that is queued if the transaction commits; ``request`` is the id of what asked, if anything did."""
    id = str(uuid7())
    tx.run(
        "insert_job", id=id, kind=kind, arguments=rows.json_text(arguments), created_us=real_now(), request=request,
    )  # fmt: skip
    return id


class Jobs:
    """Keeps JobPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def create(self, kind: str, arguments: Mapping[str, Any]) -> Job:
        """A queued job, of the request that asks for it."""
        request = request_id()
        return await self.database.write(lambda tx: _job(_found(tx, queue_in(tx, kind, arguments, request))))

    async def get(self, job: str) -> Job:
        """One job. Raises NotFound."""
        return await self.database.read(lambda tx: _job(_found(tx, job)))

    async def claim(self, job: str | None = None) -> Job | None:
        """Take a queued job, or one whose worker stopped beating; one that killed three workers is parked as failed.

        A plan waits for another plan of its day, unless that one's worker stopped beating: its run then has no say any more.
        """
        asked = real_now()

        def work(tx: Transaction) -> Job | None:
            stale = real_now() - STALE_AFTER if real_now() - asked < WAITED_LONG else 0
            row = tx.row("claim_job", id=job, stale_us=stale)
            if row is None:
                tx.run("put_job_off", id=job, message=PUT_OFF)
                return None
            if row["runs"] - row["runs_before"] >= MOST_RUNS:
                _finish(tx, _job(row), None, [_poisoned(row["id"], "three workers died of this job")])
                return None
            if row["kind"] == "plan":
                _replace_plans(tx, row)
            tx.run("start_job", id=row["id"], now_us=real_now())
            return _job({**row, "state": "running", "runs": row["runs"] + 1})

        return await self.database.write(work, (_CLAIMS,))

    async def died(self, job: Job) -> None:
        """A process that was to take the queued job ended before it did; after the third death the job is parked."""

        def work(tx: Transaction) -> None:
            if not tx.run("count_death", id=job.id, run=job.run):
                return  # it was taken, by that process or another
            row = _found(tx, job.id)
            if row["runs"] - row["runs_before"] >= MOST_RUNS:
                message = "three processes died before they could begin this job: the log says how each ended"
                problems = json.dumps([_poisoned(job.id, message)], ensure_ascii=False)
                tx.run("park_job", id=job.id, now_us=real_now(), problems=problems)

        await self.database.write(work, (_CLAIMS,))

    async def put_off(self, job: Job) -> None:
        """Say of a queued plan why nobody takes it."""
        await self.database.write(lambda tx: tx.run("put_job_off", id=job.id, message=PUT_OFF))

    async def progress(self, job: Job, done: int, total: int | None, message: str) -> bool:
        """How far this run of it is; also the heartbeat. False where it is no longer this run's."""
        beat = {
            "id": job.id,
            "run": job.run,
            "done": done,
            "total": total,
            "message": message,
            "now_us": real_now(),
        }
        return bool(await self.database.write(lambda tx: tx.run("beat_job", **beat)))

    async def finish(
        self, job: Job, result: Mapping[str, Any] | None, problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Done, or failed where there are problems; a run that was given up for dead no longer has a say."""
        await self.database.write(lambda tx: _finish(tx, job, result, problems))

    async def cancel(self, job: str, running: Sequence[str] = ()) -> Job:
        """End a queued job, or a running one of these kinds; whoever works on it notices. Raises NotFound, Conflict."""

        def work(tx: Transaction) -> Job:
            before = _job(_found(tx, job))
            if before.state not in ("queued", "running"):
                raise Conflict(f"this job has ended already: {before.state}")
            if before.state == "running" and before.kind not in running:
                raise Conflict(f"a job of kind {before.kind} that runs cannot be cancelled; let it end")
            tx.run("cancel_job", id=job, now_us=real_now())
            return _job(_found(tx, job))

        return await self.database.write(work)

    async def retry(self, job: str, act: Act, cancelled: Sequence[str] = ()) -> Job:
        """A failed or parked job, or a cancelled one of these kinds, waits for a worker again. Raises NotFound, Conflict."""

        def work(tx: Transaction) -> Job:
            before = _job(_found(tx, job))
            ended = before.state == "cancelled" and before.kind not in cancelled
            if ended or not tx.run("retry_job", id=job):
                raise Conflict(f"only a job that failed is tried again, this one is {before.state}")
            record_in(tx, act)
            return _job(_found(tx, job))

        return await self.database.write(work)

    async def failed(self, limit: int = 50) -> list[Job]:
        """What failed or is parked, newest first."""
        found = await self.database.read(lambda tx: tx.rows("failed_jobs", limit=limit))
        return [_job(row) for row in found]

    async def open(self, limit: int = 50) -> list[Job]:
        """What still has to be done, oldest first."""
        found = await self.database.read(lambda tx: tx.rows("open_jobs", limit=limit))
        return [_job(row) for row in found]

    async def recent(self, limit: int = 20) -> list[Job]:
        """Newest first."""
        found = await self.database.read(lambda tx: tx.rows("recent_jobs", limit=limit))
        return [_job(row) for row in found]


def hold_run(tx: Transaction, run: Job | None) -> None:
    """Whatever this transaction does, it does while this run has the job. Raises Conflict where another has it by now."""
    if run is not None and tx.row("hold_run", id=run.id, run=run.run) is None:
        raise Conflict("this worker stood still for so long that another was given its job")


def _replace_plans(tx: Transaction, row: Row) -> None:
    message = f"its worker stopped beating, and job {row['id']}, a plan of the same day, took its place"
    problems = json.dumps([{"code": REPLACED, "message": message}])
    tx.run(
        "replace_plans", id=row["id"], arguments=row["arguments"], now_us=real_now(), problems=problems
    )  # fmt: skip


def _poisoned(job: str, message: str) -> Mapping[str, Any]:
    """The problem of a parked job, with the way out of it."""
    hint = Hint("look at the log for how they ended; then: contact jobs retry %(job)s --why …", job=job)
    return Problem(POISON, message, Where(""), hint).kept()


def _finish(
    tx: Transaction, job: Job, result: Mapping[str, Any] | None, problems: Sequence[Mapping[str, Any]]
) -> None:
    tx.run(
        "finish_job", id=job.id, run=job.run, state="failed" if problems else "done", now_us=real_now(),
        result=rows.json_text(result) if result is not None else None,
        problems=json.dumps(list(problems), ensure_ascii=False), message="failed" if problems else "done",
    )  # fmt: skip


def _found(tx: Transaction, id: str) -> Row:
    row = tx.row("read_job", id=id)
    if row is None:
        raise NotFound(f"there is no job {id}")
    return row


def _job(row: Row) -> Job:
    problems = json.loads(row["problems"])
    return Job(
        id=row["id"],
        run=row["runs"],
        request=row["request"],
        kind=row["kind"],
        arguments=json.loads(row["arguments"]),
        state=row["state"],
        done=row["done"],
        total=row["total"],
        message=row["message"],
        created=Instant(row["created_us"]),
        finished=Instant(row["finished_us"]) if row["finished_us"] is not None else None,
        result=json.loads(row["result"]) if row["result"] else None,
        problems=problems,
        parked=any(each.get("code") == POISON for each in problems),
    )

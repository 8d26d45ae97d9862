"""Sees that every job is done: rings while it waits, and starts a process of its own where the bell is not heard."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from contact.faces.worker.bell import Bell
from contact.faces.worker.children import NOT_NOW, end_child, start_child
from contact.faces.worker.loops import repeat
from contact.ports import Job, Ports
from contact.settings import Settings
from contact.telemetry import log

LOOK_SECONDS = 0.5
RING_AGAIN_SECONDS = 5.0
UNHEARD_SECONDS = 6.0
PARTING_SECONDS = 10.0
STALE_SECONDS = 32.0
"""A little more than the store's own patience with a worker that does not beat."""

_log = log("rings")


@dataclass
class _Waiting:
    """A job as last seen, and since when it looks the same."""

    look: tuple[str, int, str]
    since: float
    rung: float | None = None
    heard: bool = field(default=True)
    told: bool = False
    """Its row says that it waits for another."""


class Rings:
    """Watches the job rows, which are the record; Redis only makes it quicker."""

    def __init__(self, ports: Ports, settings: Settings, bell: Bell) -> None:
        self._ports = ports
        self._settings = settings
        self._bell = bell
        self._waiting: dict[str, _Waiting] = {}
        self._own: tuple[Job, subprocess.Popen[bytes]] | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Until stopped; a job of our own gets a while to finish, else the store gives it to the next worker."""
        await repeat("rings", self._look, LOOK_SECONDS, stopping)
        if self._own is not None:
            await asyncio.to_thread(_see_out, self._own[1])

    async def _look(self) -> bool:
        await self._see_own_end()
        open_jobs = await self._ports.jobs.open()
        self._waiting = {job.id: self._seen(job) for job in open_jobs}
        somebody_works = any(job.state == "running" for job in open_jobs)
        for job in open_jobs:
            if _waits_for_another(job, open_jobs):
                await self._put_off(job, self._waiting[job.id])
            else:
                await self._see_to(job, self._waiting[job.id], somebody_works)
        return False

    def _seen(self, job: Job) -> _Waiting:
        look = (job.state, job.done, job.message)
        before = self._waiting.get(job.id)
        return before if before and before.look == look else _Waiting(look, time.monotonic())

    async def _put_off(self, job: Job, waiting: _Waiting) -> None:
        """Whoever was rung for could not take it; whoever looks at it reads why."""
        waiting.since = time.monotonic()
        if not waiting.told:
            waiting.told = True
            await self._ports.jobs.put_off(job)

    async def _see_to(self, job: Job, waiting: _Waiting, somebody_works: bool) -> None:
        now = time.monotonic()
        age = now - waiting.since
        if job.state == "queued":
            if waiting.rung is None or now - waiting.rung > RING_AGAIN_SECONDS:
                waiting.rung = now
                waiting.heard = await self._bell.ring(job.id)
            unheard = not waiting.heard or age > UNHEARD_SECONDS
            if unheard and not somebody_works:
                self._start_own(job)
        elif age > STALE_SECONDS:
            waiting.since = now
            self._start_own(job)

    def _start_own(self, job: Job) -> None:
        if self._own is not None:
            return
        _log.info("nobody hears the bell, doing it here", job=job.id, kind=job.kind)
        command = [sys.executable, "-m", "contact.faces.worker.run", job.id]
        self._own = job, start_child(command, environment=environment(self._settings))

    async def _see_own_end(self) -> None:
        """One that died before it took its job is counted as one that died of it: such a job would wait for ever."""
        if self._own is None or self._own[1].poll() is None:
            return
        job, code = self._own[0], self._own[1].returncode
        if code not in (0, NOT_NOW):
            _log.warning("the process of a job failed", job=job.id, kind=job.kind, code=code)
            await self._ports.jobs.died(job)
        self._own = None


def _waits_for_another(job: Job, open_jobs: Sequence[Job]) -> bool:
    """A plan of whose day another is worked on."""
    return (
        job.state == "queued"
        and job.kind == "plan"
        and any(
            each.state == "running" and each.kind == job.kind and each.arguments == job.arguments
            for each in open_jobs
        )
    )


def _see_out(process: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(PARTING_SECONDS)
    end_child(process, 1)


def environment(settings: Settings) -> dict[str, str]:
    """What a child process needs to find the same stores."""
    return {
        **os.environ,
        "CONTACT_HOME": str(settings.home),
        "CONTACT_DATABASE_URL": settings.database_url,
        "CONTACT_REDIS_URL": settings.redis_url or "",
        "CONTACT_DEMO": "1" if settings.demo else "",
    }

"""Follow a job to its end, on the terminal; where no worker takes it, do it here."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from contact.flow.jobs.run_job import run_job
from contact.ports import Job, Ports
from contact.wiring import House

LOOK_SECONDS = 0.1
UNHEARD_SECONDS = 5.0
"""A queued job that no worker takes for so long is done by the command itself."""
STALE_LOOK_SECONDS = 5.0


async def follow(house: House, job: Job, *, quiet: bool, here: bool = False) -> Job:
    """The ended job. Progress is drawn on stderr; ``quiet`` draws none; ``here`` asks no worker to do it."""
    heard = not here and await _ring(house, job)
    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        patience = 0.0 if here else UNHEARD_SECONDS if heard else 0.3
        return await _watch(house.ports, job, bar, bar.add_task(job.kind, total=job.total), patience)


async def _ring(house: House, job: Job) -> bool:
    from contact.faces.worker.bell import Bell, bell_url  # Redis's client, which --here needs not wait for

    bell = Bell(bell_url(house.settings))
    try:
        return await bell.ring(job.id)
    finally:
        bell.close()


async def _watch(ports: Ports, job: Job, bar: Progress, row: TaskID, patience: float) -> Job:
    began = time.monotonic()
    own: asyncio.Task[bool] | None = None
    try:
        while job.state in ("queued", "running"):
            waited = time.monotonic() - began
            # Also asks again for a job whose worker died: the store hands it out once it stopped beating.
            if (own is None and job.state == "queued" and waited >= patience) or waited > STALE_LOOK_SECONDS:
                if own is None or own.done():
                    own = asyncio.create_task(run_job(ports, job.id))
                began = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)
            job = await ports.jobs.get(job.id)
            bar.update(row, description=job.message or job.kind, completed=job.done, total=job.total)
        if own is not None:
            await own
        return job
    finally:
        if own is not None and not own.done():
            own.cancel()
            with suppress(asyncio.CancelledError):
                await own

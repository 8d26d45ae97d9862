"""Delivered files hold personal data: each is removed once its import has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from contact.faults import Fault
from contact.ports import JobPort
from contact.telemetry import log

TIDY_SECONDS = 20.0
ABANDONED_SECONDS = 24 * 3600.0
"""Age at which a file that no recent job names is nobody's: its request died before the job was written down."""
RECENT_JOBS = 500
_ENDED = ("done", "failed")
_log = log("http")


async def tidy(folder: Path, jobs: JobPort) -> int:
    """Remove files whose import has ended, and abandoned ones; how many."""
    if not folder.is_dir():
        return 0
    lying = list(folder.iterdir())
    if not lying:
        return 0
    recent = {Path(str(job.arguments.get("path", ""))).name: job for job in await jobs.recent(RECENT_JOBS)}
    removed = 0
    for path in lying:
        job = recent.get(path.name)
        ended = job is not None and job.state in _ENDED
        if ended or (job is None and time.time() - path.stat().st_mtime > ABANDONED_SECONDS):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def keep_tidy(folder: Path, jobs: JobPort) -> Callable[[web.Application], AsyncIterator[None]]:
    """Tidy the folder now and then while the application runs."""

    async def tidying(_app: web.Application) -> AsyncIterator[None]:
        running = asyncio.create_task(_forever(folder, jobs))
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    return tidying


async def _forever(folder: Path, jobs: JobPort) -> None:
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        try:
            await tidy(folder, jobs)
        except (Fault, OSError) as error:
            _log.warning("uploads were not tidied", exc_info=error)

"""One job in a process of its own: what RQ's work horse and the fall-back without Redis both run."""

from __future__ import annotations

import asyncio
import sys

from contact import telemetry, tracing
from contact.faces.worker.children import NOT_NOW, die_with_parent
from contact.faults import StoreUnavailable
from contact.flow.jobs.run_job import run_job as run
from contact.settings import Settings
from contact.wiring import join


def run_job(job: str) -> None:
    """Claim and do the job; nothing where somebody else has it."""
    die_with_parent()
    telemetry.start_logging()
    telemetry.tell_of_crashes()
    settings = Settings.from_environment()
    end_traces = tracing.start(settings.otlp_url, "job")
    try:
        asyncio.run(_run(settings, job))
    except StoreUnavailable as away:
        telemetry.log("job").warning("the store went away", job=job, exc_info=away)
        raise NotNow from None
    except Exception as bug:  # noqa: BLE001 - RQ would keep its words in Redis and print them; the log has class and frames
        telemetry.log("job").error("broke off", job=job, exc_info=bug)
        raise RuntimeError(f"the job broke off: {type(bug).__name__}; see the log") from None
    finally:
        end_traces()


class NotNow(Exception):
    """The store cannot be asked: nothing is known of the job, and it is done as soon as the store is back."""


async def _run(settings: Settings, job: str) -> None:
    house = await join(settings)
    try:
        if not await run(house.ports, job):
            telemetry.log("job").info("somebody else has it", job=job)
    finally:
        await house.close()


if __name__ == "__main__":
    try:
        run_job(sys.argv[1])
    except NotNow:
        sys.exit(NOT_NOW)

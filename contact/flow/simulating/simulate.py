"""Try a playbook on history: the days again, once by the playbook in force and once by another, each with its contacts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from contact.domain.workbench_answers import SimulationAnswer
from contact.flow.progress import Progress
from contact.flow.simulating.findings import findings_of
from contact.flow.simulating.records import Day, Folder, Span
from contact.flow.simulating.run import Run
from contact.ports import Job, Ports
from strategies.compiling.compile import compile_playbook
from strategies.declared.calendar import local_datetime, start_of_day
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.problems import Hint, Problem, ProblemsFound, Where

DAYS = 30
MOST_DAYS = 366
EARLIEST, LATEST = date(1970, 1, 2), date(2199, 12, 31)


async def simulate(
    ports: Ports, new: Playbook, *, days: int = DAYS, first_day: date | None = None,
    progress: Progress | None = None, resume: str | None = None, run: int = 1,
) -> SimulationAnswer:  # fmt: skip
    """What ``new`` would have planned on each of these days beside the playbook in force, each with the contacts it made.

    The days end with the last one on which the ledger has a contact, or, where it has none yet, begin today;
    ``first_day`` chooses others. ``resume`` names the simulation, so that a later ``run`` of it goes on after the last
    day that an earlier one finished. Nothing in the stores changes. Raises NotFound where no playbook is in force;
    ProblemsFound for a number of days that cannot be meant; Conflict where a later run has begun meanwhile.
    """
    began = time.perf_counter()
    name = resume or uuid4().hex
    old = await ports.playbooks.current()
    folder = Folder(ports.simulations.folder(name, run))
    try:
        span, found = await simulated(ports, old, new, folder, days, first_day, progress)
        customers = await ports.customers.count()
        answer = findings_of(old, new, span, found, customers, round(time.perf_counter() - began, 3))
    except BaseException:
        if resume is None:
            ports.simulations.drop(name, run)
        raise
    ports.simulations.drop(name, run)
    return answer


async def simulate_job(ports: Ports, job: Job, progress: Progress | None = None) -> SimulationAnswer:
    """The simulation that ``queue_simulate`` wrote down; a later run of the job goes on where an earlier one died."""
    first_day = job.arguments.get("first_day")
    return await simulate(
        ports,
        await _tried(ports, job.arguments),
        days=job.arguments["days"],
        first_day=None if first_day is None else date.fromisoformat(first_day),
        progress=progress,
        resume=job.id,
        run=job.run,
    )


async def left_off(ports: Ports, job: Job) -> tuple[int, date] | None:
    """How many days of a simulation that stopped still hold, and the day it goes on with; None where it would begin anew."""
    if job.run == 0 or job.state not in ("failed", "cancelled"):
        return None
    folder = Folder(await asyncio.to_thread(ports.simulations.folder, job.id, job.run))
    begun, live = await asyncio.to_thread(folder.span), await ports.playbooks.in_force()
    if (
        begun is None
        or live is None
        or (begun.old, begun.generation) != (live, await ports.reports.generation())
    ):
        return None
    if "draft" in job.arguments and (await ports.drafts.get(job.arguments["draft"])).hash != begun.new:
        return None
    finished = await asyncio.to_thread(folder.finished)
    return (finished, begun.day(finished)) if finished or folder.chunks() is not None else None


async def _tried(ports: Ports, arguments: Mapping[str, Any]) -> Playbook:
    """The playbook that is tried. Raises NotFound, ProblemsFound."""
    if "version" in arguments:
        return await ports.playbooks.version(arguments["version"])
    if "draft" in arguments:
        texts = await ports.drafts.texts(arguments["draft"])
    else:
        texts = ports.simulations.texts(arguments["texts"])
    return await asyncio.to_thread(compile_playbook, texts)


async def simulated(
    ports: Ports, old: Playbook, new: Playbook, folder: Folder, days: int, first_day: date | None,
    progress: Progress | None = None,
) -> tuple[Span, list[Day]]:  # fmt: skip
    """The days themselves, as they are kept in the folder."""
    require_days(days, first_day)
    span = await _span(ports, old, new, days, first_day)
    begun = folder.span()
    if begun is not None and _same_work(begun, span, first_day):
        span = begun
    else:
        folder.begin(span)
    return span, await Run(ports, (old, new), span, folder, progress).days()


def require_days(days: int, first_day: date | None = None) -> None:
    """Raises ProblemsFound for a number of days that cannot be simulated, and for days outside of the calendar."""
    if first_day is not None and not EARLIEST <= first_day <= LATEST:
        message, hint = (
            f"{first_day} cannot be simulated",
            Hint("choose a day from %(first)s to %(last)s", first=EARLIEST, last=LATEST),
        )
        raise ProblemsFound([Problem("value.range", message, Where("request"), hint)])
    if not 1 <= days <= MOST_DAYS:
        message, hint = (
            f"{days} days cannot be simulated",
            Hint("choose 1 to %(most)s", most=MOST_DAYS),
        )
        raise ProblemsFound([Problem("value.range", message, Where("request"), hint)])


def _same_work(begun: Span, span: Span, first_day: date | None) -> bool:
    """Whether what is finished still holds; days that were chosen by history stay chosen."""
    same = (begun.old, begun.new, begun.days, begun.generation) == (
        span.old,
        span.new,
        span.days,
        span.generation,
    )
    return same and (first_day is None or begun.first == span.first)


async def _span(ports: Ports, old: Playbook, new: Playbook, days: int, first_day: date | None) -> Span:
    now, zone = (await ports.clock.now()).at, old.operator.zone
    today = local_datetime(zone, now).date()
    if first_day is None:
        last = await ports.simulations.last_contact()
        first_day = today if last is None else local_datetime(zone, last).date() - timedelta(days=days - 1)
    ahead = first_day >= today
    start = start_of_day(zone, first_day.toordinal())
    return Span(
        old=old.version,
        new=new.version,
        first=first_day.isoformat(),
        days=days,
        began=Instant(max(start, now)) if ahead else start,
        ahead=ahead,
        generation=await ports.reports.generation(),
    )

"""Write down a piece of long work; whoever has a worker does it (``run_job``), the row is its record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date

from contact.domain.acts import Act
from contact.faults import NotFound
from contact.flow.publishing.check_texts import playbook_of
from contact.flow.reasons import need_reason
from contact.flow.simulating.simulate import DAYS, require_days
from contact.ports import Job, Ports

CANCELLED_WHILE_RUNNING = ("simulate",)
"""Kinds of job that leave nothing half done, whenever they are ended, and may be gone on with afterwards."""


async def queue_import(
    ports: Ports,
    kind: str,
    path: str,
    mapping: str,
    *,
    mapping_path: str = "mapping.yaml",
    confirm_shrink: bool = False,
) -> Job:
    """An import of the file at ``path``, which the worker must be able to read, by the mapping's text."""
    arguments = {
        "kind": kind, "path": path, "mapping": mapping, "mapping_path": mapping_path, "confirm_shrink": confirm_shrink,
    }  # fmt: skip
    return await ports.jobs.create("import", arguments)


async def queue_plan(ports: Ports, day: str) -> Job:
    """A plan of one operator-local day, ``2026-03-02``."""
    return await ports.jobs.create("plan", {"day": day})


async def queue_train(ports: Ports, model: str, author: str = "") -> Job:
    """A training of one declared model. Raises NotFound where the playbook declares none of that name."""
    known = (await ports.playbooks.current()).models
    if model not in known:
        declared = (
            f"declared: {', '.join(sorted(known))}" if known else "the playbook declares none in models/"
        )
        raise NotFound(f"there is no model {model!r}; {declared}")
    return await ports.jobs.create("train", {"model": model, "author": author})


async def queue_learn(ports: Ports, author: str = "") -> Job:
    """What came back from outcomes, and the trainings that follow from it."""
    return await ports.jobs.create("learn", {"author": author})


async def queue_score(ports: Ports) -> Job:
    """Scores of everybody by the models in force."""
    return await ports.jobs.create("score", {})


async def queue_match_tariffs(ports: Ports) -> Job:
    """Every line under every tariff."""
    return await ports.jobs.create("match_tariffs", {})


async def queue_simulate(
    ports: Ports, *, draft: str | None = None, version: str | None = None,
    texts: Mapping[str, str] | None = None, days: int = DAYS, first_day: date | None = None,
) -> Job:  # fmt: skip
    """A simulation of a draft as it is when the job begins, of a published version, or of a full set of texts.

    Raises NotFound where there is no such draft or version; ProblemsFound for texts that cannot be published and for
    days that cannot be meant.
    """
    require_days(days, first_day)
    await ports.playbooks.current()
    arguments: dict[str, object] = {"days": days}
    if first_day is not None:
        arguments["first_day"] = first_day.isoformat()
    if draft is not None:
        arguments["draft"] = (await ports.drafts.get(draft)).id
    elif version is not None:
        arguments["version"] = (await ports.playbooks.version(version)).version
    else:
        tried = await asyncio.to_thread(playbook_of, texts or {})
        arguments["texts"] = ports.simulations.keep_texts(tried.texts)
    return await ports.jobs.create("simulate", arguments)


async def cancel_job(ports: Ports, job: str) -> Job:
    """End a job nobody waits for any more: a queued one, or a simulation that runs. Raises NotFound, Conflict."""
    return await ports.jobs.cancel(job, CANCELLED_WHILE_RUNNING)


async def retry_job(ports: Ports, job: str, *, author: str, role: str, why: str) -> Job:
    """Queue a failed or parked job again, or a cancelled simulation, which goes on after its last finished day.

    How often it may kill a worker is counted anew. Raises NotFound, Conflict.
    """
    need_reason(why, "a job tried again says why", "the worker has more memory now")
    act = Act(author, role, "job.retried", job, why=why)
    return await ports.jobs.retry(job, act, CANCELLED_WHILE_RUNNING)

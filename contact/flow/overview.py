"""How the work stands: the last planned day's funnel, queues, refusals by reason, running jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from contact.domain.answers import JobAnswer, OverviewAnswer, QueueAnswer
from contact.flow.evaluate import TREATED, funnel_stages
from contact.flow.present import moment_or_none
from contact.flow.wording import titled
from contact.ports import Job, Ports
from strategies.instants import to_datetime
from strategies.playbook import Playbook

JOBS = 5


async def overview(ports: Ports, language: str = "en") -> OverviewAnswer:
    """Everything the overview page shows, from one look at the store."""
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    day = await ports.reports.last_day()
    funnel = await ports.reports.funnel(day=day) if day is not None else {}
    return OverviewAnswer(
        at=to_datetime(moment.at),
        simulated_time=moment.simulated,
        playbook=playbook.version,
        generation=await ports.reports.generation(),
        customers=await ports.customers.count(),
        day=day,
        funnel=funnel_stages(funnel, {}) if funnel else [],
        queues=[queue_answer(each) for each in await ports.reports.queues()],
        refusals=await _refusals(ports, day),
        jobs=[job_answer(each) for each in await ports.jobs.recent(JOBS)],
        strategies=[await _strategy(ports, playbook, each.id, language) for each in playbook.strategies],
    )


def queue_answer(row: Mapping[str, Any]) -> QueueAnswer:
    """One queue as stored, with its instants as datetimes."""
    return QueueAnswer(
        channel=row["channel"],
        waiting=row["waiting"],
        in_hand=row["in_hand"],
        done_today=row["done_today"],
        oldest=moment_or_none(row["oldest"]),
        expiring_today=row["expiring_today"],
        opens_at=moment_or_none(row["opens_at"]),
        refused_now=row["refused_now"],
    )


def job_answer(job: Job) -> JobAnswer:
    """A job as faces show it."""
    return JobAnswer(
        job=job.id,
        kind=job.kind,
        state=job.state,
        done=job.done,
        total=job.total,
        message=job.message,
        created=to_datetime(job.created),
        finished=moment_or_none(job.finished),
        result=None if job.result is None else dict(job.result),
        problems=[dict(each) for each in job.problems],
    )


async def _refusals(ports: Ports, day: str | None) -> list[dict[str, Any]]:
    """The day's refusals over all strategies, most first; a plan's refusals have no clear time of their own."""
    if day is None:
        return []
    counts = Counter[tuple[str, str]]()
    for _, _, reason, rule, count in await ports.reports.refusals(day=day):
        counts[reason, rule] += count
    return [
        {"reason": reason, "rule": rule, "count": count, "until": None}
        for (reason, rule), count in counts.most_common()
    ]


async def _strategy(ports: Ports, playbook: Playbook, id: str, language: str) -> dict[str, Any]:
    strategy = playbook.strategy(id)
    titles = strategy.title if strategy is not None else {}
    arms = {row["customer"]: row["arm"] for row in await ports.reports.assigned(id)}
    treated = sum(arm == TREATED for arm in arms.values())
    title = titled(titles, language, playbook.operator.languages, id)
    return {"strategy": id, "title": title, "treated": treated, "control": len(arms) - treated}

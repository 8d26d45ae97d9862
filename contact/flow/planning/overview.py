"""How the work stands: the last planned day's funnel, queues, refusals by reason, running jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from contact.domain.answers import OverviewAnswer, QueueAnswer
from contact.flow.planning.evaluate import funnel_stages
from contact.flow.present import job_answer, moment_or_none
from contact.flow.wording import titled
from contact.ports import Ports
from strategies.declared.playbook import Playbook
from strategies.instants import to_datetime

JOBS = 5


async def overview(ports: Ports, language: str = "en", *, with_jobs: bool = True) -> OverviewAnswer:
    """Everything the overview page shows, from one look at the store; jobs are the whole operator's."""
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    day = await ports.reports.last_day()
    funnel = await ports.reports.funnel(day=day) if day is not None else {}
    refusals = await ports.reports.refusals(day=day) if day is not None else []
    return OverviewAnswer(
        at=to_datetime(moment.at),
        simulated_time=moment.simulated,
        playbook=playbook.version,
        generation=await ports.reports.generation(),
        customers=await ports.customers.count(),
        day=day,
        funnel=funnel_stages(funnel, {}) if funnel else [],
        queues=[queue_answer(each) for each in await ports.reports.queues()],
        refusals=_by_reason(refusals),
        jobs=[job_answer(each) for each in await ports.jobs.recent(JOBS)] if with_jobs else [],
        strategies=await _strategies(ports, playbook, day, refusals, language),
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


async def _strategies(
    ports: Ports, playbook: Playbook, day: str | None, refusals: Sequence[tuple[str, str, str, str, int]], language: str
) -> list[dict[str, Any]]:  # fmt: skip
    """Each strategy's places of the day: reserved for the treated, recorded for the control group."""
    control = Counter[str]()
    for strategy, _, reason, _, count in refusals:
        if reason == "control_group":
            control[strategy] += count
    rows = []
    for each in playbook.strategies:
        funnel = await ports.reports.funnel(day=day, strategy=each.id) if day is not None else {}
        title = titled(each.title, language, playbook.operator.languages, each.id)
        rows.append(
            {
                "strategy": each.id,
                "title": title,
                "treated": funnel.get("planned", 0),
                "control": control[each.id],
            }
        )
    return rows


def _by_reason(refusals: Sequence[tuple[str, str, str, str, int]]) -> list[dict[str, Any]]:
    """The day's refusals over all strategies, most first; a plan's refusals have no clear time of their own."""
    counts = Counter[tuple[str, str]]()
    for _, _, reason, rule, count in refusals:
        counts[reason, rule] += count
    return [
        {"reason": reason, "rule": rule, "count": count, "until": None}
        for (reason, rule), count in counts.most_common()
    ]

"""Status, for those who run the service: is it healthy, what is stuck, what to do. Plain HTML, no script needed.

It answers without Redis, and without the database, too: then anybody sees what is down and which processes live, because
nobody's session can be looked up; all else needs a session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml
from aiohttp import web

from contact.clock import real_now
from contact.faces.console.doors.in_store import InStore, in_store
from contact.faces.console.doors.runbooks import RUNBOOKS
from contact.faces.console.doors.troubles import Seen, lives, troubles
from contact.faces.console.shared.guard import Answering, Console, Turn
from contact.faces.console.shared.pages import Look, answer, look_for
from contact.faces.console.shared.visits import Visit, remember, words_of
from contact.faults import Fault
from contact.flow.jobs.queue_job import CANCELLED_WHILE_RUNNING
from contact.ports import Job, Journal, Process
from contact.ports.standing import Count, Standing
from strategies.instants import SECOND, Instant, to_datetime
from strategies.problems import problem_again

ROLES = frozenset({"admin", "analyst", "supervisor"})
ACT_ROLES = frozenset({"admin"})
"""Who may try a job again or end it; strategists and data scientists do it by the command."""
STORE_SECONDS = 3.0
"""How long the page waits for the database."""
FAILED_SHOWN = 20
_T = TypeVar("_T")


async def show(turn: Turn) -> web.StreamResponse:
    """The page of somebody with a session."""
    return await shown(turn, said=turn.visit.request.query.get("said", ""))


async def shown(turn: Turn, problems: Sequence[tuple[str, str]] = (), said: str = "") -> web.StreamResponse:
    """The page, with what is wrong with a form that was sent from it."""
    try:
        found = await _soon(in_store(turn.ports))
    except (Fault, TimeoutError):
        found = None
    return await _page(turn.console, turn.visit, turn.look, found, problems, said)


def without_store(console: Console, behind: Answering) -> Answering:
    """The page behind the console's door; where the database is away, the little that needs none, for anybody."""

    async def answering(request: web.Request) -> web.StreamResponse:
        try:
            await _soon(console.ports.clock.now())
        except (Fault, TimeoutError):
            chosen = remember(request)
            if chosen is not None:
                return chosen
            stranger = Visit(request, words_of(request))
            return await _page(console, stranger, look_for(stranger.words, None), None)
        return await behind(request)

    return answering


async def _soon(work: Awaitable[_T]) -> _T:
    async with asyncio.timeout(STORE_SECONDS):
        return await work


async def _page(
    console: Console, visit: Visit, look: Look, found: InStore | None,
    problems: Sequence[tuple[str, str]] = (), said: str = "",
) -> web.Response:  # fmt: skip
    processes = await console.ports.standing.processes()
    journal = await console.ports.standing.journal()
    bell = await _bell_answers(console)
    seen = Seen(look, found, bell, processes, journal.full and found is not None, real_now())
    may_act = visit.key is not None and visit.key.role in ACT_ROLES
    view = {**status_view(seen, journal), "may_act": may_act, "problems": problems, "said": said}
    status = 503 if found is None else 422 if problems else 200
    return answer(visit, look, "status.html", view, status=status)


def status_view(seen: Seen, journal: Journal) -> dict[str, Any]:
    """What the template shows; without the database nothing that needs a session."""
    found = seen.found
    return {
        "store": found,
        "now": to_datetime(seen.now),
        "bell": seen.bell,
        "troubles": troubles(seen),
        "processes": [process_view(each, seen.now, found) for each in seen.processes],
        "may_act": False,
        "problems": [],
        "said": "",
        **({"alerts": alerts(), **journal_view(journal), **store_view(found)} if found is not None else {}),
    }


async def _bell_answers(console: Console) -> bool:
    from contact.faces.worker.bell import bell_url
    from contact.faces.worker.valkey import answers

    return await asyncio.to_thread(answers, bell_url(console.settings))


def journal_view(journal: Journal) -> dict[str, Any]:
    """The journal's newest file, none where nobody has withdrawn yet."""
    return {"journal": journal if journal.name else None, "journalled": _moment(journal.changed)}


def store_view(found: InStore) -> dict[str, Any]:
    """What the template shows of the database's answers, with instants as datetimes."""
    standing = found.standing
    channels = sorted({each.of for each in (*standing.contacts, *standing.tasks)})
    return {
        "queues": [queue_view(channel, standing, channel in found.by_gateway) for channel in channels],
        "moves": standing.moves,
        "stored": to_datetime(standing.at),
        "simulated": standing.simulated,
        "running": [job_view(each) for each in found.open],
        "failed": [job_view(each) for each in found.failed[:FAILED_SHOWN]],
        "further_failed": len(found.failed) - len(found.failed[:FAILED_SHOWN]),
        "not_as_promised": found.checked is not None and any(found.checked.found.values()),
        "checked": None if found.checked is None else to_datetime(found.checked.at),
        "backup": _moment(found.backup),
        "drill": _moment(found.drill),
        "keys_ending": [(prefix, role, to_datetime(end)) for prefix, role, end in found.keys_ending],
    }


def job_view(job: Job) -> dict[str, Any]:
    """One job, since when it is as it is, why it failed, and whether it can be ended now."""
    return {
        "job": job,
        "since": to_datetime(job.finished or job.created),
        "problems": [problem_again(each) for each in job.problems],
        "may_end": job.state == "queued" or job.kind in CANCELLED_WHILE_RUNNING,
    }


def queue_view(channel: str, standing: Standing, by_gateway: bool) -> dict[str, Any]:
    """One channel: tasks and contacts by state, and for how many seconds the oldest waits for a person or its gateway."""
    tasks = {each.state: each for each in standing.tasks if each.of == channel}
    contacts = {each.state: each for each in standing.contacts if each.of == channel}
    return {
        "channel": channel,
        "waiting": _count(tasks.get("waiting")),
        "in_hand": _count(tasks.get("leased")) + _count(tasks.get("started")),
        "oldest": _waited(tasks.get("waiting"), standing.at),
        "reserved": _count(contacts.get("reserved")),
        "lag": _waited(contacts.get("reserved"), standing.at) if by_gateway else 0,
        "sending": _count(contacts.get("sending")),
        "unknown": _count(contacts.get("unknown")),
    }


def process_view(process: Process, now: Instant, found: InStore | None) -> dict[str, Any]:
    """One process, whether it still says that it lives, and whether it works by the playbook in force."""
    return {
        "role": process.role,
        "version": process.version,
        "pid": process.pid,
        "host": process.host,
        "playbook": process.playbook[:8],
        "lives": lives(process, now),
        "behind": found is not None and process.playbook != found.in_force,
        "started": to_datetime(process.started),
        "beat": to_datetime(process.beat),
    }


@cache
def alerts() -> tuple[dict[str, str], ...]:
    """The alert rules that are shipped: name, severity, what to do, and the query."""
    shipped = yaml.safe_load((files("contact") / "observability" / "alerts.yml").read_text("utf-8"))
    return tuple(
        {
            "name": rule["alert"],
            "severity": rule["labels"]["severity"],
            "runbook": RUNBOOKS[rule["alert"]],
            "query": rule["expr"],
        }
        for group in shipped["groups"]
        for rule in group["rules"]
    )


def _count(count: Count | None) -> int:
    return 0 if count is None else count.count


def _waited(count: Count | None, now: Instant) -> int:
    return 0 if count is None or count.oldest is None else max(0, (now - count.oldest) // SECOND)


def _moment(at: Instant | None) -> datetime | None:
    return None if at is None else to_datetime(at)

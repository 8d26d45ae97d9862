"""Status, for those who run the service: is it healthy, what is stuck, what to do. Plain HTML, no script needed.

It answers without Redis, and without the database, too: then anybody sees what is down and which processes live, because
nobody's session can be looked up; all else needs a session.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import yaml
from aiohttp import web

from contact.clock import real_now
from contact.domain.halt import Halt
from contact.faces.console.doors.runbooks import RUNBOOKS
from contact.faces.console.shared.guard import Answering, Console, Turn
from contact.faces.console.shared.pages import Look, answer, look_for
from contact.faces.console.shared.visits import Visit, remember, words_of
from contact.faults import Fault, NotFound
from contact.ports import Job, Ports
from contact.ports.audit import LedgerChecked
from contact.ports.standing import Count, Process, Standing
from strategies.instants import DAY, SECOND, Instant, to_datetime
from strategies.problems import ProblemsFound

ROLES = frozenset({"admin", "analyst", "supervisor"})
STORE_SECONDS = 3.0
"""How long the page waits for the database."""
SILENT_AFTER = 20 * SECOND
"""A process that has not said for so long that it lives is shown as silent."""
JOBS = 50
KEYS_ENDING = 30 * DAY
JOURNAL_ROOM = 1 << 20
"""Some thousand lines."""
_T = TypeVar("_T")
JournalHead = tuple[str, int, datetime] | None
"""Name, bytes and last change."""


@dataclass(frozen=True, slots=True)
class InStore:
    """What the page knows from the database."""

    standing: Standing
    in_force: str
    by_gateway: frozenset[str]
    """Channels whose contacts a gateway takes; those of others are late for nobody while they wait."""
    halts: list[Halt]
    checked: LedgerChecked | None
    backup: Instant | None
    drill: Instant | None
    """When a restored store last left its quarantine."""
    jobs: list[Job]
    keys_ending: list[tuple[str, str, Instant]]
    """Prefix, role and end of keys that end soon."""


async def show(turn: Turn) -> web.StreamResponse:
    """The page of somebody with a session."""
    try:
        found = await _soon(in_store(turn.ports))
    except (Fault, TimeoutError):
        found = None
    return await _page(turn.console, turn.visit, turn.look, found)


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


async def _page(console: Console, visit: Visit, look: Look, found: InStore | None) -> web.Response:
    processes = await console.ports.standing.processes()
    journal = await asyncio.to_thread(journal_head, console)
    full = await asyncio.to_thread(is_full, console.settings.journal_folder)
    bell = await _bell_answers(console)
    view = status_view(found, bell, processes, journal, real_now(), journal_full=full)
    return answer(visit, look, "status.html", view, status=200 if found is not None else 503)


def status_view(
    found: InStore | None,
    bell: bool,
    processes: Sequence[Process],
    journal: JournalHead,
    now: Instant,
    *,
    journal_full: bool,
) -> dict[str, Any]:
    """What the template shows; without the database nothing that needs a session."""
    return {
        "store": found,
        "now": to_datetime(now),
        "bell": bell,
        "journal_full": journal_full and found is not None,
        "processes": [process_view(each, now, found) for each in processes],
        **({"journal": journal, "alerts": alerts(), **store_view(found)} if found is not None else {}),
    }


async def _bell_answers(console: Console) -> bool:
    from contact.faces.worker.bell import bell_url
    from contact.faces.worker.valkey import answers

    return await asyncio.to_thread(answers, bell_url(console.settings))


async def in_store(ports: Ports) -> InStore:
    """Everything the page takes from the database. Raises StoreUnavailable."""
    try:
        playbook = await ports.playbooks.current()
        channels, version = playbook.channels, playbook.version
    except (NotFound, ProblemsFound):
        channels, version = {}, ""
    now = real_now()
    keys = await ports.keys.keys()
    return InStore(
        standing=await ports.standing.standing(sorted(channels)),
        in_force=version,
        by_gateway=frozenset(name for name, each in channels.items() if each.delivery == "gateway"),
        halts=await ports.halts.list(),
        checked=await ports.audit.last_check(),
        backup=await _last(ports, "backup.made"),
        drill=await _last(ports, "quarantine.ended"),
        jobs=[job for job in await ports.jobs.recent(JOBS) if job.state in ("queued", "running", "failed")],
        keys_ending=[
            (key.prefix, key.role, key.expires)
            for key in keys
            if key.expires is not None and key.revoked is None and now < key.expires < now + KEYS_ENDING
        ],
    )


async def _last(ports: Ports, act: str) -> Instant | None:
    found = await ports.audit.page(act=act, limit=1)
    return found[0].at if found else None


def store_view(found: InStore) -> dict[str, Any]:
    """What the template shows of the database's answers, with instants as datetimes."""
    standing = found.standing
    channels = sorted({each.of for each in (*standing.contacts, *standing.tasks)})
    return {
        "queues": [queue_view(channel, standing, channel in found.by_gateway) for channel in channels],
        "moves": standing.moves,
        "stored": to_datetime(standing.at),
        "simulated": standing.simulated,
        "troubles": [(each.channel, to_datetime(each.at), each.why) for each in standing.troubles],
        "running": [job for job in found.jobs if job.state != "failed"],
        "failed": [(job, to_datetime(job.created)) for job in found.jobs if job.state == "failed"],
        "halts": [(halt, to_datetime(halt.since)) for halt in found.halts],
        "findings": sorted((name, count) for name, count in found.checked.found.items() if count)
        if found.checked
        else [],
        "checked": None if found.checked is None else to_datetime(found.checked.at),
        "backup": _moment(found.backup),
        "drill": _moment(found.drill),
        "keys_ending": [(prefix, role, to_datetime(end)) for prefix, role, end in found.keys_ending],
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
        "lives": now - process.beat < SILENT_AFTER,
        "behind": found is not None and process.playbook != found.in_force,
        "started": to_datetime(process.started),
        "beat": to_datetime(process.beat),
    }


def journal_head(console: Console) -> JournalHead:
    """The newest file of the journal of opt-outs, its bytes, and when it was last written to."""
    found = [each for each in console.settings.journal_folder.glob("*") if each.is_file()]
    if not found:
        return None
    newest = max(found, key=lambda each: each.stat().st_mtime_ns)
    told = newest.stat()
    return newest.name, told.st_size, to_datetime(Instant(told.st_mtime_ns // 1000))


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has no room for a day of opt-outs; not where there is no such folder yet."""
    return folder.exists() and shutil.disk_usage(folder).free < JOURNAL_ROOM


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

"""Meters of how the work stands in the store: only a process that reads it tells them, or they would say that it is down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import Gauge

from contact.domain.halt import Halt
from contact.faults import Fault, NotFound
from contact.ports import Ports
from contact.ports.audit import LedgerChecked
from contact.ports.standing import Count, Standing
from contact.telemetry import REGISTRY
from strategies.instants import SECOND, Instant
from strategies.problems import ProblemsFound

STORE_UP = Gauge("contact_store_up", "1 while the database answers.", registry=REGISTRY)
CONTACTS = Gauge(
    "contact_open", "Open contacts, by channel and state.", ["channel", "state"], registry=REGISTRY
)
DUE_SECONDS = Gauge(
    "contact_due_oldest_seconds", "How long the oldest contact waits that a gateway is due to take.", ["channel"],
    registry=REGISTRY,
)  # fmt: skip
UNKNOWN_SECONDS = Gauge(
    "contact_unknown_oldest_seconds", "How long ago the oldest contact was due of which nobody knows whether it was sent.",
    ["channel"], registry=REGISTRY,
)  # fmt: skip
TASKS = Gauge("contact_queue", "Open tasks, by channel and state.", ["channel", "state"], registry=REGISTRY)
TASK_SECONDS = Gauge(
    "contact_queue_oldest_seconds",
    "How long the oldest waiting task could be taken.",
    ["channel"],
    registry=REGISTRY,
)
JOBS = Gauge(
    "contact_jobs",
    "Jobs that wait, run or failed within a day, by kind and state.",
    ["kind", "state"],
    registry=REGISTRY,
)
JOB_SECONDS = Gauge(
    "contact_job_oldest_seconds", "How long the oldest queued job waits, in real time.", registry=REGISTRY
)
MOVES = Gauge(
    "contact_moves_last_minute", "Contacts that came into a state within a minute: reserved, sending (permits), …",
    ["to"], registry=REGISTRY,
)  # fmt: skip
HALTS = Gauge("contact_halts", "Halts that stand, by kind.", ["kind"], registry=REGISTRY)
LEDGER_FINDINGS = Gauge(
    "contact_ledger_findings", "Contacts and tasks that are not as promised, by check (contact ledger check).",
    ["check"], registry=REGISTRY,
)  # fmt: skip
LEDGER_CHECKED = Gauge(
    "contact_ledger_checked_seconds",
    "When the ledger was last looked at, in seconds since 1970.",
    registry=REGISTRY,
)
RETAINED = Gauge(
    "contact_retention_last_seconds", "When records were last deleted for their age, in seconds since 1970; 0: never.",
    registry=REGISTRY,
)  # fmt: skip
PROCESSES = Gauge("contact_processes", "Processes that live, by role.", ["role"], registry=REGISTRY)
FRESH_SECONDS = 5.0
"""Two scrapes within this time ask the store once."""
STORE_SECONDS = 2.0
"""How long the numbers wait for the store."""
ALIVE_SECONDS = 30
_BY_LABEL = (CONTACTS, DUE_SECONDS, UNKNOWN_SECONDS, TASKS, TASK_SECONDS, JOBS, MOVES, HALTS, PROCESSES)
_told_at = 0.0


def count_findings(checked: LedgerChecked) -> None:
    """What any worker found last."""
    LEDGER_CHECKED.set(checked.at / SECOND)
    LEDGER_FINDINGS.clear()  # a rule that is gone is found nowhere any more
    for check, count in checked.found.items():
        LEDGER_FINDINGS.labels(check).set(count)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the store found."""

    standing: Standing
    by_gateway: frozenset[str]
    halts: Sequence[Halt]
    retained: Instant | None
    checked: LedgerChecked | None


async def tell_standing(ports: Ports) -> None:
    """Read how the work stands and set the gauges by it; without the database only what needs none, never a fault.

    Whoever asks meanwhile gets the numbers of before, all of them: they are set when everything has been read.
    """
    global _told_at
    if time.monotonic() - _told_at < FRESH_SECONDS:
        return
    _told_at = time.monotonic()
    try:
        async with asyncio.timeout(STORE_SECONDS):
            look = await _look(ports)
    except (Fault, TimeoutError):
        look = None
    processes = await ports.standing.processes()
    for gauge in _BY_LABEL:
        gauge.clear()
    STORE_UP.set(look is not None)
    if look is not None:
        _tell(look)
    now = time.time() * SECOND
    for process in processes:
        if now - process.beat < ALIVE_SECONDS * SECOND:
            PROCESSES.labels(process.role).inc()


async def _look(ports: Ports) -> _Look:
    deliveries = await _deliveries(ports)
    return _Look(
        standing=await ports.standing.standing(sorted(deliveries)),
        by_gateway=frozenset(name for name, delivery in deliveries.items() if delivery == "gateway"),
        halts=await ports.halts.list(),
        retained=await ports.retention.last_run(),
        checked=await ports.audit.last_check(),
    )


async def _deliveries(ports: Ports) -> Mapping[str, str]:
    """Who delivers what each channel of the playbook in force carries; nothing before the first."""
    try:
        channels = (await ports.playbooks.current()).channels
    except (NotFound, ProblemsFound):
        return {}
    return {name: channel.delivery for name, channel in channels.items()}


def _tell(look: _Look) -> None:
    """What waits for a person is not late: its reservation holds until somebody takes the task."""
    standing = look.standing
    if look.retained is not None:
        RETAINED.set(time.time() - (standing.at - look.retained) / SECOND)
    if look.checked is not None:
        count_findings(look.checked)
    for halt in look.halts:
        HALTS.labels(halt.kind).inc()
    for each in standing.contacts:
        CONTACTS.labels(each.of, each.state).set(each.count)
        if each.state == "reserved" and each.of in look.by_gateway:
            DUE_SECONDS.labels(each.of).set(_since(each, standing.at))
        elif each.state == "unknown":
            UNKNOWN_SECONDS.labels(each.of).set(_since(each, standing.at))
    for each in standing.tasks:
        TASKS.labels(each.of, each.state).set(each.count)
        if each.state == "waiting":
            TASK_SECONDS.labels(each.of).set(_since(each, standing.at))
    real = Instant(int(time.time() * SECOND))
    JOB_SECONDS.set(
        max((_since(each, real) for each in standing.jobs if each.state == "queued"), default=0.0)
    )
    for each in standing.jobs:
        JOBS.labels(each.of, each.state).set(each.count)
    for state, count in standing.moves.items():
        MOVES.labels(state).set(count)


def _since(count: Count, now: Instant) -> float:
    """Seconds, none where its time is yet to come."""
    return 0.0 if count.oldest is None else max(0.0, (now - count.oldest) / SECOND)

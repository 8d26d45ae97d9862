"""The loops of a worker: dispatch what is due, sweep what time has overtaken, ring for jobs that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from contact.faults import Fault, NotFound
from contact.flow.calls.end_calls import end_forgotten_calls
from contact.flow.calls.prefetch_answers import prefetch_if_due
from contact.flow.calls.tell_journeys import tell_journeys
from contact.flow.people.audit import check_books, close_books
from contact.flow.people.retain import retain_if_due
from contact.flow.working.dispatch import dispatch_due
from contact.flow.working.sweep import sweep
from contact.ports import Ports
from contact.telemetry import AUDITED_MINUTES, FAULTS, HANDED_OVER, SWEPT, log

DISPATCH_SECONDS = 0.25
SWEEP_SECONDS = 1.0
AUDIT_SECONDS = 10.0
CHECK_SECONDS = 60.0
RETENTION_SECONDS = 300.0
JOURNEYS_SECONDS = 5.0
ANSWERS_SECONDS = 300.0
BUSY_SECONDS = 0.01
"""Between two rounds that both had work, so that nobody else starves."""
LONGEST_WAIT_SECONDS = 10.0

_log = log("worker")


async def until(stopping: asyncio.Event, seconds: float) -> None:
    """Wait, but not beyond the moment somebody wants us to stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


async def repeat(
    part: str, step: Callable[[], Awaitable[bool]], seconds: float, stopping: asyncio.Event
) -> None:
    """Run ``step`` until stopped: at once again where it had work, else after ``seconds``, more slowly after faults."""
    failures = 0
    while not stopping.is_set():
        try:
            wait = BUSY_SECONDS if await step() else seconds
            failures = 0
        except NotFound:
            wait = seconds * 4  # No playbook was published yet: nothing can be due.
        except Exception as error:  # noqa: BLE001 - a worker outlives whatever one round met; it is logged and counted
            failures += 1
            FAULTS.labels(part, error.code if isinstance(error, Fault) else "bug").inc()
            _log.error("round failed", kind=part, attempts=failures, exc_info=error)
            wait = min(seconds * 2**failures, LONGEST_WAIT_SECONDS)
        await until(stopping, wait)


async def dispatch_loop(ports: Ports, stopping: asyncio.Event) -> None:
    """Hand over what is due on every channel that has a gateway; a channel that fails does not stop the others."""

    def step(channel: str) -> Callable[[], Awaitable[bool]]:
        async def hand_over() -> bool:
            count = await dispatch_due(ports, channel)
            HANDED_OVER.labels(channel).inc(count)
            return count > 0

        return hand_over

    rounds = [repeat("dispatch", step(channel), DISPATCH_SECONDS, stopping) for channel in ports.gateways]
    await asyncio.gather(*rounds)


async def sweep_loop(ports: Ports, stopping: asyncio.Event) -> None:
    """Let leases lapse, reservations expire and stale hand-overs become unknown."""

    async def put_right() -> bool:
        moved = await sweep(ports)
        for done, count in moved.items():
            SWEPT.labels(done).inc(count)
        return False

    await repeat("sweep", put_right, SWEEP_SECONDS, stopping)


async def retention_loop(ports: Ports, stopping: asyncio.Event) -> None:
    """Once a day, by the store's clock, delete what is older than the operator lets it be."""

    async def look() -> bool:
        await retain_if_due(ports)
        return False

    await repeat("retention", look, RETENTION_SECONDS, stopping)


async def journeys_loop(ports: Ports, stopping: asyncio.Event) -> None:
    """End the calls that nobody ended, and tell what ended ones say of their callers."""

    async def look() -> bool:
        SWEPT.labels("calls_ended").inc(await end_forgotten_calls(ports))
        await tell_journeys(ports)
        return False

    await repeat("journeys", look, JOURNEYS_SECONDS, stopping)


async def answers_loop(ports: Ports, stopping: asyncio.Event) -> None:
    """In the evening, have the answers fetched that callers of the next day will ask for."""

    async def look() -> bool:
        await prefetch_if_due(ports)
        return False

    await repeat("answers", look, ANSWERS_SECONDS, stopping)


async def audit_loop(ports: Ports, stopping: asyncio.Event) -> None:
    """Close the ledger's minutes as they become complete, and keep the heads of the audit trail outside."""

    async def close() -> bool:
        AUDITED_MINUTES.inc(await close_books(ports))
        return False

    await repeat("audit", close, AUDIT_SECONDS, stopping)
    with suppress(Fault):  # what happened since the last round is anchored too, where that can still be done
        await close_books(ports)


async def check_loop(ports: Ports, stopping: asyncio.Event) -> None:
    """Look for what is stuck in the ledger and for broken promises; ``/metrics`` tells what was found."""

    async def look() -> bool:
        checked = await check_books(ports)
        for check, count in checked.found.items():
            if count:
                _log.error("the ledger is not as promised", kind=check, count=count)
        return False

    await repeat("check", look, CHECK_SECONDS, stopping)

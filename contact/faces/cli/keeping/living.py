"""A process that serves says every few seconds that it lives, by which playbook it works, and what it misses since when."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from importlib.metadata import version as version_of

from contact.clock import real_now
from contact.faults import Fault, StoreUnavailable
from contact.ports import Ports, Process
from contact.telemetry import REGISTRY, log
from strategies.instants import Instant
from strategies.problems import ProblemsFound

BEAT_SECONDS = 5.0
STORE_SECONDS = 2.0
"""How long a beat waits for the store: one that hangs does not make this process a dead one."""
_log = log("serve")


@asynccontextmanager
async def living(ports: Ports, role: str) -> AsyncIterator[None]:
    """While within, this process stands among those that live."""
    now = real_now()
    me = Process(os.getpid(), socket.gethostname(), role, version_of("contact-strategy"), "", now, now)
    beating = asyncio.create_task(_beat(ports, me))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        await ports.standing.gone(me.pid)


async def _beat(ports: Ports, me: Process) -> None:
    while True:
        answers = True
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await ports.clock.now()
                # what is last seen of them is of now when the store goes away
                await ports.halts.in_force()
                me = replace(me, playbook=(await ports.playbooks.current()).version)
        except (StoreUnavailable, TimeoutError):
            answers = False
        except (Fault, ProblemsFound):
            pass  # the last playbook known still tells most
        try:
            me = replace(me, beat=real_now(), misses=await _missed(ports, answers, me.misses))
            await ports.standing.beat(me)
        except OSError as error:
            _log.warning("the sign of life was not written", exc_info=error)
        await asyncio.sleep(BEAT_SECONDS)


async def _missed(ports: Ports, answers: bool, before: Mapping[str, Instant]) -> Mapping[str, Instant]:
    """What this process misses now, each since it first did. Redis is what its own watch last found."""
    missed = {
        "database": not answers,
        "redis": REGISTRY.get_sample_value("contact_bell_up") == 0,
        "journal": (await ports.standing.journal()).full,
    }
    return {name: before.get(name, real_now()) for name, missing in missed.items() if missing}

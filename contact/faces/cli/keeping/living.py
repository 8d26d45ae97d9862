"""A process that serves says every few seconds that it lives, and by which playbook it works."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from importlib.metadata import version as version_of

from contact.clock import real_now
from contact.faults import Fault
from contact.ports import Ports, Process
from contact.telemetry import log
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
        with suppress(Fault, ProblemsFound, TimeoutError):  # the last playbook known still tells most
            async with asyncio.timeout(STORE_SECONDS):
                me = replace(me, playbook=(await ports.playbooks.current()).version)
                await (
                    ports.halts.in_force()
                )  # so that what is last seen of them is of now when the store goes away
        try:
            await ports.standing.beat(replace(me, beat=real_now()))
        except OSError as error:
            _log.warning("the sign of life was not written", exc_info=error)
        await asyncio.sleep(BEAT_SECONDS)

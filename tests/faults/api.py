"""The HTTP face in a process of its own, over whatever build: made to be killed and started again on its port."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from contact.faces.http.application import build
from contact.settings import Settings
from contact.storage import idempotency
from contact.telemetry import start_logging
from contact.wiring import join
from strategies.instants import SECOND
from tests.faults.injuries import let_the_clock_step
from tests.races import mutants

CLAIM_LASTS = 3 * SECOND
"""Of a request whose process died before it changed anything; as shipped a minute, which would only make the run longer."""


async def serve(port: int, mutant: str) -> None:
    """Until killed. Jobs are rung for by nobody: their rows are the record."""
    idempotency.CLAIM_LASTS = CLAIM_LASTS
    start_logging()
    let_the_clock_step()
    settings = Settings.from_environment()
    house = await join(settings)
    if mutant != "-":
        mutants.switch_on(mutant, house.stores)

    async def ring(job: str) -> None:
        return None

    runner = web.AppRunner(build(house.ports, settings, ring=ring, console=False), access_log=None)
    await runner.setup()
    await web.SockSite(runner, socket.create_server(("127.0.0.1", port), backlog=512)).start()
    await asyncio.Event().wait()


def run(port: int, mutant: str) -> None:
    """In a process of its own."""
    asyncio.run(serve(port, mutant))

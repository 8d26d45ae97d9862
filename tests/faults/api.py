"""The HTTP face in a process of its own, over whatever build: made to be killed and started again on its port."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from aiohttp import web

from contact.faces.http.application import build
from contact.settings import Settings
from contact.storage.databases import idempotency
from contact.telemetry import start_logging
from contact.wiring import join
from strategies.instants import SECOND
from tests.faults import power
from tests.faults.injuries import let_the_clock_step
from tests.races import mutants

CLAIM_LASTS = 3 * SECOND
"""Of a request whose process died before it changed anything; as shipped a minute, which would only make the run longer."""


async def serve(port: int, mutant: str, copies: Path | None) -> None:
    """Until killed. Jobs are rung for by nobody: their rows are the record.

    Where ``copies`` are to be kept, of what is synced, its power may be cut.
    """
    if copies is not None:
        power.keep_what_is_synced(copies)
    idempotency.CLAIM_LASTS = CLAIM_LASTS
    start_logging()
    let_the_clock_step()
    settings = Settings.from_environment()
    if mutant in mutants.BEFORE_STORES:
        mutants.switch_on(mutant, None)
    house = await join(settings)
    if mutant not in ("-", *mutants.BEFORE_STORES):
        mutants.switch_on(mutant, house.stores)

    async def ring(job: str) -> None:
        return None

    runner = web.AppRunner(build(house.ports, settings, ring=ring, console=False), access_log=None)
    await runner.setup()
    await web.SockSite(runner, socket.create_server(("127.0.0.1", port), backlog=512)).start()
    await asyncio.Event().wait()


def run(port: int, mutant: str, copies: Path | None = None) -> None:
    """In a process of its own."""
    asyncio.run(serve(port, mutant, copies))

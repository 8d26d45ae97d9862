"""The base of a process in which somebody selects customers is read again before it is too old to answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from aiohttp import web

from contact.faults import Fault
from contact.ports import BasePort
from contact.telemetry import FAULTS, log

FRESHEN_SECONDS = 10.0
_log = log("http")


def keep_fresh(base: BasePort) -> Callable[[web.Application], AsyncIterator[None]]:
    """Refresh the base now and then while the application runs; nothing is read before somebody asked."""

    async def freshening(_app: web.Application) -> AsyncIterator[None]:
        running = asyncio.create_task(_forever(base))
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    return freshening


async def _forever(base: BasePort) -> None:
    while True:
        await asyncio.sleep(FRESHEN_SECONDS)
        try:
            await base.refresh()
        except Exception as error:  # noqa: BLE001 - the next asking reads by itself; it is logged and counted
            FAULTS.labels("base", error.code if isinstance(error, Fault) else "bug").inc()
            _log.warning("the base was not read", exc_info=error)

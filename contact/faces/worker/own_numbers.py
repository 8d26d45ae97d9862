"""A worker's own numbers over HTTP, at a port it was given: without them nobody hears of the faults of its loops."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

from contact.telemetry import exposition


async def tell(listening: socket.socket) -> Callable[[], Awaitable[None]]:
    """Answer ``GET /metrics`` and ``GET /livez`` on this socket; call the answer to stop."""
    app = web.Application()
    app.router.add_get("/metrics", _metrics)
    app.router.add_get("/livez", _live)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    return runner.cleanup


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(
        body=exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    )


async def _live(_request: web.Request) -> web.Response:
    return web.json_response({"status": "live"})

"""The outermost edge: connections whose answers to what is no HTTP are as strict as all others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from contact.faces.http.edge.watching import HEADERS

LIMITS: web.AppKey[Mapping[str, Any]] = web.AppKey("limits")
"""Of an application's connections: times and sizes, as aiohttp's request handler takes them."""


class Wire(web.RequestHandler):
    """One connection. What cannot be read as HTTP is told so in our own words, and the connection is closed."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer, which repeats nothing of what came."""
        told = super().handle_error(request, status, exc, "")
        response = web.Response(
            status=told.status, text="this is not HTTP as it is understood here\n", headers=HEADERS
        )
        response.force_close()
        return response


class Runner(web.AppRunner):
    """Runs an application with such connections."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app, **options)
        self._limits = app[LIMITS]

    @property
    def server(self) -> Any:
        """What makes a connection; called by the listening socket."""
        within = super().server
        if within is None:
            return None

        def connected() -> Wire:
            return Wire(within, loop=asyncio.get_running_loop(), **self._limits)

        return connected

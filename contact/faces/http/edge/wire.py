"""The outermost edge: connections whose answers to what is no HTTP are as strict as all others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import http_exceptions, web

from contact.faces.http.edge.problems import MEDIA_TYPE, ProblemPlace, RequestProblem
from contact.faces.http.edge.watching import HEADERS, unforeseen

MOST_HEADER_BYTES = 8190
MOST_HEADERS = 64
_SAID: tuple[tuple[type[BaseException], str], ...] = (
    (
        http_exceptions.LineTooLong,
        f"The first line or a header has more than {MOST_HEADER_BYTES:,} bytes; send it shorter.",
    ),
    (http_exceptions.BadHttpMethod, "The first line names no method of HTTP; send GET or POST, in capitals."),
    (http_exceptions.InvalidURLError, "The address is not well formed; percent-encode it."),
    (
        http_exceptions.TransferEncodingError,
        "The body's chunks are not as they must be; send a Content-Length.",
    ),
)
_SAID_ELSE = (
    f"The first line, one of the headers (at most {MOST_HEADERS}) or the body's length is not as HTTP/1.1 has it; "
    "send Host once, and Content-Length once or Transfer-Encoding: chunked, never both."
)

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
        detail = next((said for kind, said in _SAID if isinstance(exc, kind)), _SAID_ELSE)
        problem = RequestProblem("not_http", detail) if told.status < 500 else unforeseen()
        return _closing(told.status, problem)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; the library's own to an unknown expectation, which repeats it, is not sent on any address."""
        sent = _unexpected() if isinstance(resp, web.HTTPExpectationFailed) else resp
        return await super().finish_response(request, sent, start_time)


def _unexpected() -> web.Response:
    detail = "The header Expect can only be 100-continue; leave it out."
    problem = RequestProblem("not_http", detail, errors=[ProblemPlace(message=detail, parameter="Expect")])
    return _closing(problem.status, problem)


def _closing(status: int, problem: RequestProblem) -> web.Response:
    headers = {**HEADERS, "Content-Type": MEDIA_TYPE}
    response = web.Response(status=status, body=msgspec.json.encode(problem.answer()), headers=headers)
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

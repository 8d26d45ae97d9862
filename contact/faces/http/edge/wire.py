"""The outermost edge: connections whose answers to what is no HTTP are as strict as all others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import EMPTY_PAYLOAD, HttpVersion10, HttpVersion11, StreamReader, http_exceptions, web
from aiohttp.http import RawRequestMessage
from aiohttp.web_protocol import _ErrInfo

from contact.faces.http.edge.problems import MEDIA_TYPE, ProblemPlace, RequestProblem
from contact.faces.http.edge.watching import HEADERS, unforeseen

MOST_HEADER_BYTES = 8190
MOST_HEADERS = 64
MOST_HEAD_BYTES = 1 << 16
"""Of all headers of a request together: sixty-four long ones of each of thousands who never end theirs are gigabytes."""


class HeadTooLong(http_exceptions.BadHttpMessage):
    """The headers of a request have too many bytes together."""


class OtherVersion(http_exceptions.BadHttpMessage):
    """A request of a version that is not read here, or with what its version does not have."""


_SAID: tuple[tuple[type[BaseException], str], ...] = (
    (HeadTooLong, f"The headers have more than {MOST_HEAD_BYTES:,} bytes together; send fewer."),
    (OtherVersion, "Send it as HTTP/1.1, or as HTTP/1.0 with a Content-Length."),
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

    __slots__ = ("_body", "_head_bytes")

    def __init__(self, *given: Any, **limits: Any) -> None:
        super().__init__(*given, **limits)
        self._body: StreamReader | None = None  # of the last request whose headers have come
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Read on; headers are counted whether they come in one piece or in many."""
        count = self._request_count
        of_body = self._body is not None and not self._body.is_eof()
        super().data_received(data)
        new = self._request_count - count
        if new and of_body and isinstance(self._messages[-new][0], _ErrInfo):
            assert self._body is not None  # whoever reads it need not wait for what cannot come any more
            self._body.set_exception(web.RequestPayloadError("chunks"))
        if new:
            large = self._head_bytes + len(data) > MOST_HEAD_BYTES
            for place in range(-new, 0):
                wrong = _wrong_head(self._messages[place][0], large=large)
                if wrong is not None:
                    self._messages[place] = _refused(wrong)
                    self._close = True
            self._body, self._head_bytes = self._messages[-1][1], 0
        elif not of_body:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES + MOST_HEADER_BYTES and not self._close:
                self._refuse_rest()

    def _refuse_rest(self) -> None:
        """Nothing more is read; whoever has no answer to wait for is told why."""
        self._messages.append(_refused(HeadTooLong("headers")))
        self._close = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

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


def written(problem: RequestProblem) -> bytes:
    """The whole answer as it goes over a connection on which no request was read."""
    body = msgspec.json.encode(problem.answer())
    more = "".join(f"{name}: {value}\r\n" for name, value in problem.headers.items())
    head = (
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n{more}"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nServer: contact\r\n\r\n"
    )
    return head.encode() + body


def _wrong_head(
    message: RawRequestMessage | _ErrInfo, *, large: bool
) -> http_exceptions.BadHttpMessage | None:
    """What the parser lets pass and we do not; ``large``: the headers may have more bytes than they may together."""
    if isinstance(message, _ErrInfo):
        return None
    # Who stands between may not know chunks in 1.0, and takes for the next request what is this one's body.
    if message.version != HttpVersion11 and (message.version != HttpVersion10 or message.chunked):
        return OtherVersion("version")
    if large and sum(len(name) + len(value) + 4 for name, value in message.raw_headers) > MOST_HEAD_BYTES:
        return HeadTooLong("headers")
    return None


def _refused(why: http_exceptions.BadHttpMessage) -> tuple[_ErrInfo, StreamReader]:
    return _ErrInfo(status=400, exc=why, message=""), EMPTY_PAYLOAD


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

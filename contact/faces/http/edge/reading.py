"""Reads request bodies within their limits of size and time, whatever the client claims or trickles."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import StreamReader, web

from contact.faces.http.edge.problems import RequestProblem, at_body, at_parameter
from contact.telemetry import CUT_OFF

BODY_SECONDS = 20.0
FORM = "application/x-www-form-urlencoded"
MOST_FORMS = 64
"""Forms of pages on their way at once, in one process: their senders need no session, and must not take others' places."""
MOST_BODIES = 200
"""The same of the API, uploads too: half of the places for requests, so that slow senders with a key leave others theirs."""
BROKEN = (web.RequestPayloadError, ConnectionError)
"""The ways in which aiohttp says that a body will not come whole."""
_CHUNK_BYTES = 1 << 16


def check_size(request: web.Request, limit_bytes: int) -> None:
    """Raises RequestProblem where the announced length is over the limit or the body is compressed."""
    if request.content_length is not None and request.content_length > limit_bytes:
        raise too_large(limit_bytes)
    codings = request.headers.getall("Content-Encoding", [])
    if any(coding.strip().lower() != "identity" for coding in codings):
        message = "must not stand here; send the body as it is, not packed"
        raise at_parameter("unsupported_media_type", "Content-Encoding", message)


def too_large(limit_bytes: int) -> RequestProblem:
    """The body is over its limit."""
    return at_body("body_too_large", f"has more than the {limit_bytes:,} bytes this address takes; send less")


def too_slow() -> RequestProblem:
    """The body did not arrive in time; the connection is not kept."""
    detail = f"The body did not arrive within {BODY_SECONDS:.0f} s; send it again."
    return RequestProblem("body_too_slow", detail, headers={"Connection": "close"})


async def read_body(request: web.Request, limit_bytes: int) -> bytes:
    """The whole body. Raises RequestProblem where it is too large or does not arrive in time."""
    check_size(request, limit_bytes)
    content = request.content
    if (
        content.is_eof() and content.exception() is None
    ):  # it came whole, as nearly all do: nothing is waited for
        whole = content.read_nowait()
        if len(whole) > limit_bytes:
            raise too_large(limit_bytes)
        return whole
    chunks: list[bytes] = []
    size = 0
    try:
        with request.app[BODIES].of(request, MOST_BODIES):
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in content.iter_chunked(_CHUNK_BYTES):
                    size += len(chunk)
                    if size > limit_bytes:
                        raise too_large(limit_bytes)
                    chunks.append(chunk)
    except TimeoutError:
        raise too_slow() from None
    except BROKEN:
        message = "broke off, or its transfer encoding is wrong; send it whole, with its Content-Length"
        raise at_body("malformed_json", message) from None
    return b"".join(chunks)


def require_json(request: web.Request) -> None:
    """Raises RequestProblem unless the body says it is JSON in UTF-8."""
    charset = (request.charset or "utf-8").lower()
    if request.content_type != "application/json" or charset not in ("utf-8", "utf8"):
        raise _of_type("application/json")


def require_form(request: web.Request) -> None:
    """Raises RequestProblem unless the body says it is a form as browsers submit it, in UTF-8."""
    charset = (request.charset or "utf-8").lower()
    if request.content_type != FORM or charset not in ("utf-8", "utf8"):
        raise _of_type(FORM)


def _of_type(wanted: str) -> RequestProblem:
    return at_parameter("unsupported_media_type", "Content-Type", f"must be {wanted}, and the body UTF-8")


class Coming:
    """Bodies that are on their way: where more come than may, the sender of the one begun first loses the connection."""

    def __init__(self) -> None:
        self._begun: OrderedDict[StreamReader, asyncio.Transport | None] = OrderedDict()

    @contextmanager
    def of(self, request: web.Request, most: int) -> Iterator[None]:
        """Within, this request's body is read, as one of so many."""
        if len(self._begun) >= most:
            self._end_first()
        self._begun[request.content] = request.transport
        try:
            yield
        finally:
            self._begun.pop(request.content, None)

    def _end_first(self) -> None:
        _, transport = self._begun.popitem(last=False)
        if transport is not None:
            transport.abort()
        CUT_OFF.labels("requests", "silent").inc()


BODIES: web.AppKey[Coming] = web.AppKey("bodies", Coming)
"""Of an application's rows."""


async def read_form(request: web.Request, coming: Coming) -> None:
    """A form for a page of the console is read in time before the page sees it; rows of the API read their own bodies.

    Raises RequestProblem.
    """
    if not request.can_read_body or request.match_info.http_exception is not None:
        return
    try:
        with coming.of(request, MOST_FORMS):
            async with asyncio.timeout(BODY_SECONDS):
                await request.read()
    except TimeoutError:
        raise too_slow() from None
    except BROKEN:
        detail = "The form broke off, or its chunks are wrong; send it again."
        raise RequestProblem("bad_form", detail) from None

"""Before a request is even parsed: where the line is long, an ordinary one is told to come again for a few microseconds.

Refusing through the whole of the HTTP machinery costs as much as a small answer, and five times the capacity of such
refusals leaves nothing for those who say no. So the machinery of a connection is made when something is to pass to it. A
connection whose requests do not come one by one, each whole in one piece, is judged by the machinery alone. How many
connections stand at all is the crowd's matter (``crowd``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable

from aiohttp import StreamReader, web
from aiohttp.typedefs import Handler
from prometheus_client import Counter

from contact.faces.http.edge.admission import Admission, overloaded
from contact.faces.http.edge.crowd import Crowd
from contact.faces.http.edge.row import Route
from contact.faces.http.edge.wire import written
from contact.telemetry import REGISTRY

TURNED_AWAY = Counter(
    "contact_http_turned_away",
    "Requests told at the door to come again: the line was long.",
    registry=REGISTRY,
)
HEADER_SECONDS = 20.0
"""A connection that says nothing for so long is closed."""
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,7})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_CLOSING = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)


_COME_AGAIN = written(overloaded())


def ordinary(routes: Iterable[Route]) -> re.Pattern[bytes]:
    """Matches the first line of a request that may be told to come again: of the API, and none of its urgent routes."""
    urgent = []
    for route in routes:
        if route.urgent and route.path.startswith("/v1/"):
            path = re.sub(r"\\\{[a-z]+\\\}", "[^/? ]+", re.escape(route.path))
            urgent.append(rf"{route.method} {path}[? ]")
    return re.compile(rf"(?!{'|'.join(urgent)})[A-Z]+ /v1/".encode())


class Door(asyncio.Protocol):
    """One connection: everything passes to the protocol behind it, but ordinary requests while the line is long."""

    __slots__ = (
        "_admission",
        "_body",
        "_busy",
        "_closing",
        "_counted",
        "_crowd",
        "_inner",
        "_make",
        "_one_by_one",
        "_ordinary",
        "_transport",
    )

    def __init__(
        self,
        make: Callable[[], asyncio.Protocol],
        admission: Admission,
        pattern: re.Pattern[bytes],
        crowd: Crowd,
    ) -> None:
        self._make, self._admission, self._ordinary, self._crowd = make, admission, pattern, crowd
        self._body: StreamReader | None = None  # of the request that is being answered
        self._inner: asyncio.Protocol | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._one_by_one = True
        self._busy = self._counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came; it has as long to say something as it has between two requests."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._crowd.come(self):
            transport.write(_COME_AGAIN)
            transport.close()
            return
        self._closing = asyncio.get_running_loop().call_later(HEADER_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Told to come again, or passed on."""
        self._crowd.heard(self)
        if self._one_by_one and (self._busy or not _whole(data)):
            self._one_by_one = False
        if self._one_by_one and self._ordinary.match(data):
            if self._admission.crowded:
                self._turn_away(data)
                return
            self._counted = True
            self._admission.let_in += 1
        self._busy = True
        self._passed().data_received(data)

    def _turn_away(self, data: bytes) -> None:
        TURNED_AWAY.inc()
        self._transport.write(_COME_AGAIN)
        if _CLOSING.search(data):
            self._transport.close()

    def _passed(self) -> asyncio.Protocol:
        if self._inner is None:
            self._inner = self._make()
            self._inner.connection_made(self._transport)
            if self._closing is not None:
                self._closing.cancel()  # from now on the machinery sees to it
        return self._inner

    @property
    def owes(self) -> bool:
        """Whether the next word is the client's: nothing was asked, or not all of it has come."""
        return self._body is None or not self._body.is_eof()

    def end(self) -> None:
        """Somebody else takes this place."""
        self._transport.abort()

    def begin(self, body: StreamReader) -> None:
        """A request is being answered, of which this is the body."""
        self._body = body

    def rest(self) -> None:
        """The answer was handed to the transport, or nobody is left to take it."""
        self._busy = False
        self._body = None
        if self._counted:
            self._counted = False
            self._admission.let_in -= 1

    def eof_received(self) -> bool | None:
        """The client has said all it will say."""
        return self._inner.eof_received() if self._inner is not None else None

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went."""
        self._crowd.gone(self)
        self.rest()
        if self._closing is not None:
            self._closing.cancel()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """It has caught up."""
        if self._inner is not None:
            self._inner.resume_writing()


def _whole(data: bytes) -> bool:
    """Whether this is exactly one request with all of its body."""
    end = data.find(_END)
    if end < 0 or _CHUNKED.search(data, 0, end + 2):
        return False
    told = _LENGTH.search(data, 0, end + 2)
    return len(data) == end + len(_END) + (int(told.group(1)) if told else 0)


@web.middleware
async def resting(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets the door of a connection know that its request is being answered, and when it was."""
    door = request.transport.get_protocol() if request.transport is not None else None
    if isinstance(door, Door):
        door.begin(request.content)
    try:
        return await handler(request)
    finally:
        if isinstance(door, Door):  # the answer is written in the step that follows this one
            asyncio.get_running_loop().call_soon(door.rest)


def doors(
    server: Callable[[], asyncio.Protocol], admission: Admission, routes: Iterable[Route], crowd: Crowd
) -> Callable[[], Door]:
    """Makes a door for each connection of a server."""
    pattern = ordinary(routes)
    return lambda: Door(server, admission, pattern, crowd)

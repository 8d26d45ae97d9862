"""FastAGI: Asterisk connects here for each call, and the dialogue speaks through its channel."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

from contact.faces.agi_call import Conversation, Gone, Line, Speech
from contact.faces.taking_in import AT_ONCE, BACKLOG
from contact.ports import Ports
from contact.settings import Network
from contact.telemetry import AGI_CALLS, CUT_OFF, log
from ivr.agi import BadLine

MOST_CALLS = 2000
"""At once in one process; further channels are let go, and their dialplan goes on after AGI()."""
LONGEST_LINE = 4096
DRAIN_SECONDS = 10.0
"""How long calls may end by themselves when the service stops."""
_log = log("agi")
CUT_OFF.labels("calls", "new")  # from the start, or the first would be no rise


class FastAgi:
    """The server; ``peers`` are the networks from which an Asterisk may connect: the protocol itself knows no keys."""

    def __init__(
        self,
        ports: Ports,
        *,
        peers: Sequence[Network],
        speech: Speech | None = None,
        region: str | None = None,
        most: int = MOST_CALLS,
    ) -> None:
        self._most = most
        self._ports, self._peers = ports, tuple(peers)
        self._speech, self._region = speech, region
        self._calls: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def calls(self) -> int:
        """How many are held now."""
        return len(self._calls)

    async def start(self, listening: socket.socket) -> None:
        """Take calls from now on."""
        self._server = await asyncio.start_server(
            self._take, sock=listening, limit=LONGEST_LINE, backlog=AT_ONCE
        )
        listening.listen(BACKLOG)

    async def stop(self) -> None:
        """Take no more; calls that do not end by themselves are let go, and their dialplans go on."""
        if self._server is not None:
            self._server.close()
        if self._calls:
            await asyncio.wait(self._calls, timeout=DRAIN_SECONDS)
        for call in tuple(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """asyncio makes this a task of its own for every connection."""
        task = asyncio.current_task()
        assert task is not None
        if not self._admitted(writer) or self._full():
            writer.close()
            return
        self._calls.add(task)
        AGI_CALLS.inc()
        try:
            await self._held(reader, writer)
        finally:
            self._calls.discard(task)
            AGI_CALLS.dec()
            writer.close()

    def _full(self) -> bool:
        """Whether no further call can be held; the newest goes, for a caller hears those that are."""
        if len(self._calls) < self._most:
            return False
        CUT_OFF.labels("calls", "new").inc()
        return True

    async def _held(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _notice_loss(writer)
        call = Conversation(self._ports, Line(reader, writer), self._speech, self._region)
        try:
            await call.hold()
        except (BadLine, TimeoutError):
            _log.info("no channel of Asterisk")
        except Gone:
            _log.info("a channel was gone before it began")
        except Exception as error:  # noqa: BLE001 — one call's error ends that call; logged without its words
            _log.error("unforeseen", exc_info=error)
        if call.unspoken:
            _log.warning("prompts had neither recording nor speech", count=call.unspoken)

    def _admitted(self, writer: asyncio.StreamWriter) -> bool:
        peer = ip_address(str(writer.get_extra_info("peername")[0]).partition("%")[0])
        mapped = getattr(peer, "ipv4_mapped", None) or peer
        if any(mapped in network for network in self._peers):
            return True
        _log.warning("a connection from outside CONTACT_AGI_PEERS was closed")
        return False


def _notice_loss(writer: asyncio.StreamWriter) -> None:
    """A machine that is gone without a word is noticed within two minutes, though nothing is being sent."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

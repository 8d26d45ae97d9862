"""A line between two processes that breaks on cue: it delays, cuts, sends half and then cuts, or swallows replies.

A TCP proxy in a thread of its own, between clients and the service, or between the service and Redis, PostgreSQL or a
gateway. What it does is its ``weather``, which may change at any time.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from tests.listening import Listening

CHUNK = 65536


@dataclass
class Weather:
    """Chances for each chunk, in either direction; ``delay`` in seconds."""

    delay: float = 0.0
    drop: float = 0.0
    """The connection is cut instead of passing the chunk on."""
    half: float = 0.0
    """Half of the chunk is passed on, then the connection is cut."""
    swallow: float = 0.0
    """Replies only: whoever asked never hears what was answered."""


class Proxy(Listening):
    """Listens on a port of its own and passes everything on to ``target``; ``done`` counts what it did to it."""

    def __init__(self, host: str, port: int, weather: Weather | None = None, seed: int = 0) -> None:
        self.weather = weather or Weather()
        self.done: Counter[str] = Counter()
        self._target = (host, port)
        self._draw = random.Random(seed)
        self._open: set[asyncio.StreamWriter] = set()
        super().__init__()

    @classmethod
    def before(cls, url: str, weather: Weather | None = None, seed: int = 0) -> Proxy:
        """In front of whatever a URL names."""
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        return cls(parts.hostname, parts.port, weather, seed)

    def url(self, url: str) -> str:
        """The same URL, over this line."""
        parts = urlsplit(url)
        user = f"{parts.netloc.rsplit('@', 1)[0]}@" if "@" in parts.netloc else ""
        return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{self.port}"))

    def cut(self) -> None:
        """Cut every connection that stands, as a switch that restarts would."""
        self._loop.call_soon_threadsafe(self._cut_all)

    async def _end(self) -> None:
        self._cut_all()
        await super()._end()

    def _cut_all(self) -> None:
        self.done["cut"] += len(self._open) // 2
        for writer in list(self._open):
            _abort(writer)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection(*self._target)
        except OSError:
            _abort(writer)
            return
        self.done["connections"] += 1
        self._open |= {writer, forth}
        await asyncio.gather(
            self._pass(reader, forth, writer, reply=False), self._pass(back, writer, forth, reply=True)
        )
        self._open -= {writer, forth}

    async def _pass(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        *,
        reply: bool,
    ) -> None:
        """Until the end, or until this line's luck is over."""
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                if self.weather.delay:
                    await asyncio.sleep(self.weather.delay * self._draw.random() * 2)
                fate = self._fate(reply=reply)
                if fate == "half":
                    target.write(chunk[: len(chunk) // 2])
                    await target.drain()
                if fate:
                    self.done[fate] += 1
                    break
                target.write(chunk)
                await target.drain()
            else:
                with suppress(OSError, RuntimeError):
                    target.write_eof()
                return
        for each in (target, other):
            _abort(each)

    def _fate(self, *, reply: bool) -> str:
        weather, luck = self.weather, self._draw.random()
        for name, chance in (
            ("drop", weather.drop),
            ("half", weather.half),
            ("swallow", weather.swallow * reply),
        ):
            if luck < chance:
                return name
            luck -= chance
        return ""


def _abort(writer: asyncio.StreamWriter) -> None:
    transport = writer.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()

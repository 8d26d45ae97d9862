"""A gateway that takes a line for each message, over TCP, and writes its own log before it answers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from tests.listening import Listening


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as the gateway took it, at the machine's monotonic nanosecond."""

    at: int
    words: tuple[str, ...]


class LineGateway(Listening):
    """Listens on a port of its own in a thread of its own; ``log`` is what it took."""

    def __init__(self) -> None:
        self.log: list[Taken] = []
        super().__init__()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self.log.append(Taken(time.monotonic_ns(), tuple(line.decode().split())))
                writer.write(b"taken\n")
                await writer.drain()
        except ConnectionError:
            return  # a process was killed: what it sent stands in the log
        finally:
            writer.close()


class Line:
    """A process's connection to it, one message at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = asyncio.Lock()
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def submit(self, *words: str) -> None:
        """Returns once the gateway has it in its log."""
        async with self._turn:
            if self._stream is None:
                self._stream = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._stream
            writer.write((" ".join(words) + "\n").encode())
            if not await reader.readline():
                raise ConnectionError("the gateway is gone")

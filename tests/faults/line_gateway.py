"""A gateway that takes a line for each message, over TCP, and writes its own log before it answers."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as the gateway took it, at the machine's monotonic nanosecond."""

    at: int
    words: tuple[str, ...]


class LineGateway:
    """Listens on a port of its own in a thread of its own; ``log`` is what it took."""

    def __init__(self) -> None:
        self.log: list[Taken] = []
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._take, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

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

    def stop(self) -> None:
        """Listen no more."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


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

"""The line that breaks on cue does so: whoever proves something over it must know that something broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.proxy import Proxy, Weather

REPLY = b"0123456789"


@asynccontextmanager
async def line(weather: Weather) -> AsyncIterator[tuple[Proxy, list[bytes]]]:
    """A line to a server that notes what it is asked and answers ten bytes."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while question := await reader.read(100):
            asked.append(question)
            writer.write(REPLY)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    proxy = Proxy("127.0.0.1", server.sockets[0].getsockname()[1], weather)
    yield proxy, asked
    proxy.stop()
    server.close()


async def ask(proxy: Proxy) -> bytes:
    """What comes back before the line ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"question")
    try:
        return await asyncio.wait_for(reader.readexactly(len(REPLY)), 10)
    except asyncio.IncompleteReadError as short:
        return short.partial
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("weather", "reply", "arrived", "done"),
    [
        (Weather(delay=0.01), REPLY, b"question", None),
        (Weather(drop=1), b"", b"", "drop"),
        (Weather(half=1), b"", b"ques", "half"),
        (Weather(swallow=1), b"", b"question", "swallow"),
    ],
    ids=["fair", "drop", "half", "swallow"],
)
async def test_a_line_does_what_its_weather_says(
    weather: Weather, reply: bytes, arrived: bytes, done: str | None
) -> None:
    """Passed on whole, cut before, cut amid, or carried out without a word; and it counts what it did."""
    async with line(weather) as (proxy, asked):
        assert await ask(proxy) == reply
        for _ in range(100):
            if b"".join(asked) == arrived:
                break
            await asyncio.sleep(0.02)
        assert b"".join(asked) == arrived
        assert (proxy.done[done] == 1) if done else proxy.done.total() == 1

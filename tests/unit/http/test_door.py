"""At the door of a crowded house ordinary requests are told to come again, without a word of theirs being parsed.

Nor do more come in than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import web

from contact.faces.http.edge.admission import Admission
from contact.faces.http.edge.crowd import Crowd
from contact.faces.http.edge.door import doors, ordinary, resting
from contact.faces.http.table.routes import ROUTES
from contact.telemetry import CUT_OFF

ASK = b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
SLOW = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
STOP = b"POST /v1/opt-outs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


class Line(Admission):
    """A house that is as full as a test says."""

    full = False

    @property
    def crowded(self) -> bool:
        return self.full


@dataclass
class House:
    crowd: Line
    inside: Crowd
    go_on: asyncio.Event
    """Until then whoever asks for ``/slow`` is being answered."""
    port: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *parts: bytes) -> tuple[int, bytes]:
        """Send the parts one after the other, and read one answer."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0.02)
        return await self.hear()

    async def hear(self) -> tuple[int, bytes]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return int(head[9:12]), await self.reader.readexactly(length)


def cut_off(which: str) -> float:
    """How many connections were ended so far."""
    return CUT_OFF.labels("requests", which)._value.get()


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    go_on = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        if request.path == "/slow":
            await go_on.wait()
        return web.Response(text=request.path)

    app = web.Application(middlewares=[resting])
    app.router.add_route("*", "/{place:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    assert runner.server is not None
    crowd, inside = Line(), Crowd(100)
    server = await asyncio.get_running_loop().create_server(
        doors(runner.server, crowd, ROUTES, inside), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield House(crowd, inside, go_on, port, reader, writer)
    writer.close()
    server.close()
    await runner.cleanup()


async def test_the_same_connection_is_turned_away_and_let_in(house: House) -> None:
    """Refused while the line is long, answered before and after; an opt-out is answered throughout."""
    assert await house.say(ASK) == (200, b"/v1/decisions")
    house.crowd.full = True
    status, body = await house.say(ASK)
    assert (status, b'"code":"overloaded"' in body) == (503, True)
    assert await house.say(STOP) == (200, b"/v1/opt-outs")
    assert (await house.say(ASK))[0] == 503
    house.crowd.full = False
    assert await house.say(ASK) == (200, b"/v1/decisions")


@pytest.mark.parametrize(
    "parts",
    [(ASK[:20], ASK[20:]), (ASK[:-2], ASK[-2:]), (ASK + ASK,)],
    ids=["in pieces", "body apart", "two at once"],
)
async def test_what_is_not_one_whole_request_is_left_to_the_machinery(
    house: House, parts: tuple[bytes, ...]
) -> None:
    """Answers never change places: a connection that sends otherwise is not judged at the door, now or later."""
    house.crowd.full = True
    assert await house.say(*parts) == (200, b"/v1/decisions")
    if len(parts) == 1:
        assert await house.hear() == (200, b"/v1/decisions")
    assert await house.say(ASK) == (200, b"/v1/decisions")


async def test_who_passed_the_door_counts_until_answered(house: House) -> None:
    """A burst is counted as it comes in, before one of it stands in line; an answer and a lost client make room."""
    for status in (200, 503, 503):
        if status == 503:
            house.crowd.let_in = 0
            house.crowd.full = True
        assert (await house.say(ASK))[0] == status
        assert house.crowd.let_in == 0
    house.crowd.full = False
    house.writer.write(ASK)
    for _ in range(50):
        if house.crowd.let_in:
            break
        await asyncio.sleep(0)
    house.writer.close()
    await asyncio.sleep(0.1)
    assert house.crowd.let_in == 0
    assert not Admission().crowded
    burst = Admission()
    burst.let_in = 1000
    assert burst.crowded


async def test_a_refused_connection_may_ask_to_be_closed(house: House) -> None:
    """Who said that it sends no more is answered and let go."""
    house.crowd.full = True
    assert (await house.say(ASK.replace(b"Host: x", b"Connection: close")))[0] == 503
    assert await asyncio.wait_for(house.reader.read(), 5) == b""


def test_every_urgent_route_passes_and_every_other_of_the_api_waits() -> None:
    """The door knows the routes from the one table."""
    pattern = ordinary(ROUTES)
    for route in ROUTES:
        path = route.path.replace("{", "").replace("}", "")
        for end in (b" HTTP/1.1", b"?a=b HTTP/1.1"):
            line = f"{route.method} {path}".encode() + end
            assert bool(pattern.match(line)) == (route.path.startswith("/v1/") and not route.urgent), (
                route.path
            )


async def test_a_new_client_takes_the_place_of_the_one_silent_longest(house: House) -> None:
    """Of two places one is whoever's is answered; the other goes from the silent to who comes, and both are counted."""
    house.inside.most = 2
    before = cut_off("silent")
    house.writer.write(ASK[:20])  # heard of later than the next, and still silent
    await asyncio.sleep(0.02)
    working, asking = await asyncio.open_connection("127.0.0.1", house.port)
    asking.write(SLOW)
    await asyncio.sleep(0.02)
    assert len(house.inside) == 2
    newest, saying = await asyncio.open_connection("127.0.0.1", house.port)
    saying.write(STOP)
    assert (await newest.readuntil(b"\r\n")).split()[1] == b"200"
    assert await asyncio.wait_for(house.reader.read(), 5) == b"", "half a request was the longest silent"
    house.go_on.set()
    assert (await working.readuntil(b"\r\n")).split()[1] == b"200", "who is answered is not ended"
    assert cut_off("silent") == before + 1
    for writer in (asking, saying):
        writer.close()


async def test_a_body_that_has_not_come_is_silence(house: House) -> None:
    """A request whose sender stopped in its middle is no work in hand."""
    house.inside.most = 1
    house.writer.write(ASK[:-1])
    await asyncio.sleep(0.02)
    _, other = await asyncio.open_connection("127.0.0.1", house.port)
    assert await asyncio.wait_for(house.reader.read(), 5) == b""
    other.close()


async def test_where_all_are_answered_the_newest_is_told_to_come_again(house: House) -> None:
    """Nobody's answer is lost for somebody who only came."""
    house.inside.most = 1
    before = cut_off("new")
    house.writer.write(SLOW)
    await asyncio.sleep(0.02)
    newest, writer = await asyncio.open_connection("127.0.0.1", house.port)
    assert b'"code":"overloaded"' in await asyncio.wait_for(newest.read(), 5)
    assert cut_off("new") == before + 1
    house.go_on.set()
    assert await house.hear() == (200, b"/slow")
    assert len(house.inside) == 1
    writer.close()
    house.writer.close()
    await asyncio.sleep(0.05)
    assert len(house.inside) == 0

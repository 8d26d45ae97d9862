"""The SMS gateway's protocol against a real HTTP server on a free port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from contact.channels.sms import Answered, SmsGateway
from contact.domain.contact import ContactId
from contact.faults import GatewayAmbiguous, GatewayRefused
from contact.ports import Message
from tests.servers import free_port

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
MESSAGE = Message(ContactId("0190-c"), "+8613800000001", "20 GB for 20 yuan", "en")


@asynccontextmanager
async def gateway(answer: Answer) -> AsyncIterator[SmsGateway]:
    application = web.Application()
    application.router.add_post("/messages", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    ours = SmsGateway(f"http://127.0.0.1:{port}/messages", "http://127.0.0.1:1/v1/receipts")
    try:
        yield ours
    finally:
        await ours.close()
        await runner.cleanup()


def says(status: int, **body: Any) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.json_response(body, status=status)

    return answer


async def test_an_accepted_message_carries_its_contact_twice_and_brings_a_reference() -> None:
    """The body and the Idempotency-Key both name the contact; 202 gives the gateway's reference."""
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.headers["Idempotency-Key"], await request.json()))
        return web.json_response({"reference": "g-1"}, status=202)

    async with gateway(answer) as ours:
        assert await ours.submit(MESSAGE) == "g-1"
    key, body = seen[0]
    assert key == body["contact"] == "0190-c"
    assert body == {
        "contact": "0190-c", "to": "+8613800000001", "text": "20 GB for 20 yuan", "language": "en",
        "callback": "http://127.0.0.1:1/v1/receipts",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "passing"), [(429, True), (503, True), (400, False), (404, False), (422, False)]
)
async def test_a_refusal_is_known_to_pass_or_to_stay(status: int, passing: bool) -> None:
    """429 and 503 may be tried later, every other 4xx never again."""
    async with gateway(says(status)) as ours:
        with pytest.raises(GatewayRefused) as refused:
            await ours.submit(MESSAGE)
    assert refused.value.passing is passing
    assert refused.value.detail == f"the gateway answered: {status}"


@pytest.mark.parametrize("status", [200, 204, 302, 500, 502, 504])
async def test_any_other_answer_is_ambiguous(status: int) -> None:
    """What the protocol does not name might have been sent."""
    async with gateway(says(status)) as ours:
        with pytest.raises(GatewayAmbiguous):
            await ours.submit(MESSAGE)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"reference": 7}', b'{"reference": ""}', b"\xff\xfe", b"null"]
)
async def test_an_acceptance_that_cannot_be_read_is_ambiguous(body: bytes) -> None:
    """202 without a usable reference is neither a success nor a refusal."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(status=202, body=body)

    async with gateway(answer) as ours:
        with pytest.raises(GatewayAmbiguous):
            await ours.submit(MESSAGE)


async def test_a_gateway_that_takes_the_message_and_hangs_up_is_ambiguous() -> None:
    """The connection died after the message was handed over."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        await asyncio.sleep(0)
        return web.Response()

    async with gateway(answer) as ours:
        with pytest.raises(GatewayAmbiguous) as ambiguous:
            await ours.submit(MESSAGE)
    said = ambiguous.value.detail.removeprefix("the gateway's answer was lost: ")
    assert said in ("it hung up", "the connection broke off")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("http://127.0.0.1:{port}", "nobody listens at its address"),
        ("http://no-such-name.invalid", "its name is not known"),
    ],
)
async def test_a_gateway_that_cannot_be_reached_provably_has_nothing(place: str, why: str) -> None:
    """A connection that never came about is a passing refusal, not an unknown; it says why in words."""
    ours = SmsGateway(f"{place.format(port=free_port())}/messages", "http://127.0.0.1:1/v1/receipts")
    with pytest.raises(GatewayRefused) as refused:
        await ours.submit(MESSAGE)
    await ours.close()
    assert refused.value.passing
    assert refused.value.detail == f"the gateway cannot be reached: {why}"


async def test_no_error_tells_who_was_written_to() -> None:
    """Neither the number nor the text is in a fault's words or in the message's repr."""
    async with gateway(says(500, echo="+8613800000001")) as ours:
        with pytest.raises(GatewayAmbiguous) as ambiguous:
            await ours.submit(MESSAGE)
    assert "1380000" not in f"{ambiguous.value!r} {MESSAGE!r}"
    assert "20 yuan" not in repr(MESSAGE)


def test_every_status_means_exactly_one_thing() -> None:
    """The whole range is mapped, with ambiguous as the rest."""
    meanings = {status: Answered.from_status(status) for status in range(100, 600)}
    assert [status for status, meaning in meanings.items() if meaning is Answered.ACCEPTED] == [202]
    assert [status for status, meaning in meanings.items() if meaning is Answered.LATER] == [429, 503]
    assert all(meanings[status] is Answered.NEVER for status in range(400, 500) if status != 429)

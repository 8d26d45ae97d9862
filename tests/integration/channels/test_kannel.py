"""A real Kannel: messages go out once and whole, receipts and replies come back, also when it dies amid all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from contact.channels.kannel import KannelGateway, read_address
from contact.domain.contact import ContactId
from contact.faults import GatewayAmbiguous, GatewayRefused
from contact.flow.planning.plan import plan
from contact.flow.working.dispatch import dispatch_due
from contact.ports import Message
from contact.settings import Settings
from contact.storage.databases.transaction import Transaction
from contact.wiring import House, join
from strategies.instants import parse_instant
from tests.integration.flow.stage import customer, open_for_business
from tests.integration.http_client import serving
from tests.integration.http_story import number_of, open_the_shop
from tests.kannel import Kannel
from tests.migrated import copy_migrated
from tests.servers import free_port

NUMBER = "+8613800000001"
LONG = "流量快用完了，回复办理加量包。" * 9


async def until(ready: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something another process is about to do."""
    for _ in range(int(seconds / 0.05)):
        if ready():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen in time")


@asynccontextmanager
async def listener(status: int = 200, body: str = "{}") -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A server that keeps what it was asked, and its URL."""
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        asked.append(request)
        return web.Response(status=status, text=body)

    application = web.Application()
    application.router.add_route("*", "/{place:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}", asked
    await runner.cleanup()


def callback(contact: ContactId) -> str:
    return f"http://127.0.0.1:9/receipts/{contact}"


def message(text: str, contact: str = "0190-c") -> Message:
    return Message(ContactId(contact), NUMBER, text)


@pytest.mark.parametrize("text", ["Reply STOP [now] for 5€", "回复TD退订", LONG], ids=["gsm", "ucs2", "long"])
async def test_a_text_arrives_as_it_was_and_its_states_come_back(kannel: Kannel, text: str) -> None:
    """Any alphabet and length; the SMS centre's acceptance and the delivery are reported for this contact."""
    async with listener() as (url, asked):
        ours = KannelGateway(kannel.url, lambda contact: f"{url}/receipts/{contact}/signed")
        assert await ours.submit(message(text)) == "0190-c"
        await until(lambda: len(asked) == 2 and kannel.messages())
        await ours.close()
    assert kannel.messages() == [(NUMBER, text)]
    assert {each.path for each in asked} == {"/receipts/0190-c/signed"}
    assert {each.query["state"] for each in asked} == {"8", "1"}
    assert all(each.query["seconds"].isdigit() for each in asked)


async def test_a_kannel_that_is_down_provably_has_nothing(kannel: Kannel) -> None:
    """Killed, it refuses for now; started again, it takes the same message, once."""
    ours = KannelGateway(kannel.url, callback)
    kannel.kill("smsbox")
    with pytest.raises(GatewayRefused) as refused:
        await ours.submit(message("hello"))
    assert refused.value.passing
    kannel.start()
    await ours.submit(message("hello"))
    await until(kannel.messages)
    await ours.close()
    assert kannel.messages() == [(NUMBER, "hello")]


async def test_a_wrong_password_passes_when_somebody_mends_it(kannel: Kannel) -> None:
    """Kannel's refusal of the caller is no verdict on the message."""
    ours = KannelGateway(kannel.url.replace("pass%20", "past%20"), callback)
    with pytest.raises(GatewayRefused) as refused:
        await ours.submit(message("hello"))
    await ours.close()
    assert refused.value.passing


@pytest.mark.parametrize(
    ("status", "body", "passing"),
    [
        (503, "Temporal failure, try again later.", True),
        (403, "Not routable. Do not try again.", False),
        (400, "Missing receiver number, rejected", False),
        (503, "<html>the proxy is busy", None),
        (202, "Sent.", None),
        (200, "0: Accepted for delivery", None),
        (408, "", None),
        (500, "", None),
    ],
)
async def test_only_kannels_own_words_are_believed(status: int, body: str, passing: bool | None) -> None:
    """A refusal for now, one for good; whatever Kannel would not say leaves the message's fate open."""
    async with listener(status, body) as (url, _):
        ours = KannelGateway(f"kannel+{url}".replace("//127", "//u:p@127"), callback)
        with pytest.raises(GatewayAmbiguous if passing is None else GatewayRefused) as raised:
            await ours.submit(message("hello"))
        await ours.close()
    assert getattr(raised.value, "passing", None) is passing
    assert NUMBER not in repr(raised.value)


async def test_a_lost_answer_is_not_asked_for_again() -> None:
    """A connection that breaks after the message went out leaves it open; no HTTP client repeats it for us."""
    asked = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    ours = KannelGateway(f"kannel+http://u:p@127.0.0.1:{port}/cgi-bin/sendsms", callback)
    with pytest.raises(GatewayAmbiguous):
        await ours.submit(message("hello"))
    await ours.close()
    server.close()
    assert len(asked) == 1
    assert NUMBER.encode() not in asked[0].splitlines()[0]


@pytest.mark.parametrize(
    "address",
    [
        "kannel+ftp://u:p@h/",
        "kannel+http://h/cgi-bin/sendsms",
        "kannel+http://u:p@h/?password=x",
        "kannel+http://u@h/",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(address: str) -> None:
    """No scheme, no password or an unknown option: said at start, without repeating the address."""
    with pytest.raises(ValueError, match="CONTACT_SMS_URL"):
        read_address(address)


async def test_a_customer_who_writes_stop_is_heard_in_any_alphabet(kannel: Kannel, tmp_path: Path) -> None:
    """STOP in the alphabet of GSM, 退订 in UCS-2 with and without the plus: withdrawn when Kannel has its answer."""
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        kannel.serve(server.url, server.keys["gateway"])
        for customer, word in (("C4", "Stop."), ("C5", "退订"), ("C6", "ＴＤ")):
            sender = number_of(customer)
            kannel.say(sender if customer != "C6" else sender[1:], word)

            async def stopped(customer: str = customer) -> bool:
                known = (await server.get(f"/v1/customers/{customer}/consents", role="agent")).json[
                    "consents"
                ]
                return any(each["channel"] == "sms" and each["given"] is False for each in known)

            for _ in range(200):
                if await stopped():
                    break
                await asyncio.sleep(0.05)
            assert await stopped(), customer


async def states(house: House) -> Counter[str]:
    """How many contacts are in each state."""

    def work(tx: Transaction) -> Counter[str]:
        found = tx.connection.execute("SELECT state, count(*) AS many FROM contact GROUP BY state").fetchall()
        return Counter({row["state"]: row["many"] for row in found})

    return await house.stores.database.read(work)


async def test_kannel_killed_amid_a_run_sends_nobody_twice(kannel: Kannel, tmp_path: Path) -> None:
    """smsbox dies under twenty messages: what it provably had not goes out later, what nobody knows is not sent again."""
    (tmp_path / "home").mkdir()
    copy_migrated(tmp_path / "home" / "contact.db")
    settings = Settings.from_environment(
        {"CONTACT_HOME": str(tmp_path / "home"), "CONTACT_SMS_URL": kannel.url}
    )
    house = await join(replace(settings, demo=True))
    try:
        await open_for_business(
            house, tmp_path, [customer(n, p_sms="0.9", p_call="0.01") for n in range(1, 21)]
        )
        assert (await plan(house.ports, "2030-03-04")).by_channel == {"sms": 20}
        await house.ports.clock.move_to(parse_instant("2030-03-04T10:59+08:00"))

        async def killer() -> None:
            while not (await states(house)).keys() & {"sent", "unknown"}:  # noqa: ASYNC110  a commit is waited for
                await asyncio.sleep(0.001)
            kannel.kill("smsbox")

        await asyncio.gather(dispatch_due(house.ports, "sms"), killer())
        kannel.start()
        await house.ports.clock.move_to(parse_instant("2030-03-04T11:02+08:00"))
        await dispatch_due(house.ports, "sms")
        found = await states(house)
        assert found.keys() <= {"sent", "unknown"}, found
        assert sum(found.values()) == 20
        await until(lambda: len(kannel.messages()) >= found["sent"])
        receivers = [receiver for receiver, _ in kannel.messages()]
        assert len(receivers) == len(set(receivers)), found
    finally:
        await house.close()

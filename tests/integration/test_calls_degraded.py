"""The database goes away in the middle of calls: they are answered to their end, and nothing is said that is not so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from contact.faults import StoreUnavailable
from ivr.call import Journey
from tests.integration.http_client import Server, serving
from tests.integration.http_story import number_of, open_the_shop
from tests.integration.test_calls_http import TEXTS, call, ended, pressed, shown, words
from tests.proxy import Proxy

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Shop:
    server: Server
    line: Proxy

    def database_goes(self) -> None:
        self.line.weather.drop = 1.0
        self.line.cut()

    def database_comes_back(self) -> None:
        self.line.weather.drop = 0.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Shop]:
    servers = request.getfixturevalue("postgres_server")
    url = servers.create("calls_degraded", template=request.getfixturevalue("migrated_postgres"))
    line = Proxy.before(url)
    home = tmp_path_factory.mktemp("degraded") / "home"
    async with serving(home, CONTACT_DATABASE_URL=line.url(url)) as server:
        await open_the_shop(server)
        base = await server.house.ports.playbooks.in_force()
        published = await server.post("/v1/playbooks", {"texts": TEXTS, "base": base, "why": "a menu"})
        assert published.status == 201, published.raw
        yield Shop(server, line)
        line.weather.drop = 0.0
    line.stop()


async def test_an_offer_is_made_and_accepted_on_postgresql_too(shop: Shop) -> None:
    """One place for one step, reported twice; under way while it is spoken."""
    (first,) = await call(shop.server, customer="C4")
    for _ in range(2):
        answer = await pressed(shop.server, first, "2")
        assert answer["shown"]["offer"] == "data-20"
    assert [each["state"] for each in await shown(shop.server, "C4")] == ["sending"]
    await pressed(shop.server, answer, "1")
    assert [(each["state"], each["result"]) for each in await shown(shop.server, "C4")] == [
        ("sent", "accepted")
    ]


async def test_an_offer_whose_acceptance_cannot_be_kept_goes_to_an_agent(shop: Shop) -> None:
    """Nobody is thanked for what nobody knows of."""
    offered = (await call(shop.server, "2", customer="C6"))[-1]
    assert offered["shown"]["offer"] == "data-20"
    shop.database_goes()
    try:
        answer = await pressed(shop.server, offered, "1")
    finally:
        shop.database_comes_back()
    assert (words(answer), answer["queue"]) == ("One moment.", "hotline")


async def test_calls_go_on_without_the_database(shop: Shop) -> None:
    """A call in progress ends as it should; a new one hears everybody's menu; both are on file once the database is back.

    Meanwhile no opt-out is said to be done and no offer is made: an agent takes over, the menu goes on.
    """
    server = shop.server
    (known,) = await call(server, number=number_of("C1"))
    (other,) = await call(server, customer="C2")
    shop.database_goes()
    try:
        answer = await pressed(server, known, "1")
        assert (words(answer), answer["ends"]) == (
            "One moment.",
            "transfer",
        )  # their figure cannot be read now
        refused = await pressed(server, other, "3")
        assert (words(refused), refused["ends"]) == ("One moment.", "transfer")
        passed_by = await pressed(server, other, "2")
        assert (passed_by["node"], passed_by["shown"]) == ("main", None)
        (fresh,) = await call(server, number=number_of("C3"))
        assert (fresh["arm"], words(fresh).startswith("Recorded. Welcome.")) == ("unknown", True)
        await ended(server, fresh)
    finally:
        shop.database_comes_back()
    kept: list[Journey] = []
    for _ in range(50):
        kept = await _kept(server, [known["call"], other["call"], fresh["call"]])
        consents = await server.get("/v1/customers/C2/consents", role="agent")
        if len(kept) == 3 and all(each.outcome != "open" for each in kept) and consents.status == 200:
            break
        await asyncio.sleep(0.2)
    assert [each.outcome for each in kept] == ["agent", "agent", "abandoned"]
    assert consents.json["consents"] == []


async def _kept(server: Server, calls: list[str]) -> list[Journey]:
    try:
        found = [await server.house.ports.calls.get(each) for each in calls]
    except StoreUnavailable:
        return []
    return [each for each in found if each is not None]

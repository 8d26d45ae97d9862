"""Without the database, while it hangs, without scores or Redis: a caller is answered, at worst with everybody's menu."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contact.faces.http.edge import callers
from contact.storage.calls.calls import LOST
from ivr.call import Journey, Step
from strategies.instants import Instant
from tests.integration.http_client import Server, serving
from tests.integration.http_story import open_the_shop
from tests.integration.test_menus_http import MENU, TEXTS, menu_of, publish
from tests.servers import PostgreSQL

PLAIN = ["plan", "bill", "fault", "other", "operator"]
WAIT = 2.5
"""Seconds within which a caller hears something, whatever the store does."""


@pytest.fixture(scope="module")
def own_server() -> Any:
    """A database server that these tests may stop."""
    server = PostgreSQL()
    yield server
    server.stop()


@asynccontextmanager
async def shop(home: Path, **settings: Any) -> AsyncIterator[Server]:
    async with serving(home, **settings) as server:
        await open_the_shop(server)
        await publish(server, TEXTS)
        assert (await menu_of(server, customer="C1"))["arm"] == "personal"
        yield server


async def answer(server: Server) -> dict[str, Any]:
    """What a known customer hears, in time."""
    async with asyncio.timeout(WAIT):
        found = await server.post("/v1/ivr/menus", {"customer": "C1", "language": "en"}, "ivr", once=None)
    assert found.status == 200, found.raw
    assert found.json["without"] == "store" and found.json["arm"] == "unknown"
    assert [each["to"] for each in found.json["levels"][0]["keys"]] == PLAIN
    heard: dict[str, Any] = found.json
    return heard


async def advised_blind(server: Server) -> bool:
    """Whether advice, which is given in time, knows nothing of its customer."""
    async with asyncio.timeout(WAIT):
        found = await server.post("/v1/decisions", {"channel": "web", "customer": "C1"}, "ivr", once=None)
    assert found.status == 200, found.raw
    return bool(found.json["degraded"])


def call(server: Server, number: int) -> Journey:
    return Journey(
        id=f"call-{number}", customer="C1", at=Instant(1_900_000_000_000_000 + number), menu="main", version="v",
        arm="personal", source="own", steps=(Step(1, "main", "1", 3.0),), outcome="reached", goal="plan",
    )  # fmt: skip


async def test_the_database_is_gone_and_comes_back(tmp_path: Path, own_server: PostgreSQL) -> None:
    """Everybody's menu is answered; calls of the meantime are written when the database is back, none twice."""
    url = own_server.create("gone")
    async with shop(tmp_path / "home", CONTACT_DATABASE_URL=url) as server:
        calls = server.house.ports.calls
        own_server.process.send_signal(signal.SIGINT)
        own_server.process.wait(30)
        await answer(server)
        lost = LOST._value.get()
        for number in (1, 2, 1):
            await calls.record(call(server, number))
        await asyncio.sleep(0.3)
        await answer(server)
        assert (await server.post("/v1/decisions", {"channel": "web", "customer": "C1"}, "ivr")).status == 503
        own_server.process = own_server._start()
        await back(server)
        found = []
        async with asyncio.timeout(30):
            while len(found) < 2:  # connections of before the outage are given up one by one
                found = [each.id for each in await calls.between(Instant(0), Instant(2_000_000_000_000_000))]
                await asyncio.sleep(0.1)
        assert found == ["call-1", "call-2"] and LOST._value.get() == lost


async def test_a_database_that_hangs_keeps_nobody_waiting(
    tmp_path: Path, own_server: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in its tracks it answers nothing and refuses nothing: everybody's menu is heard, and advice is given blind."""
    monkeypatch.setattr(callers, "PATIENT_SECONDS", 0.5)
    url = own_server.create("hangs")
    async with shop(tmp_path / "home", CONTACT_DATABASE_URL=url) as server:
        assert not await advised_blind(server)
        processes = _family(own_server.process.pid)
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        try:
            await answer(server)
            started = time.monotonic()
            for _ in range(3):
                await answer(server)
                assert await advised_blind(server)
            assert time.monotonic() - started < WAIT  # who comes later does not even wait as long
        finally:
            for pid in processes:
                os.kill(pid, signal.SIGCONT)
        await back(server)


async def test_a_key_is_needed_all_the_same(tmp_path: Path, own_server: PostgreSQL) -> None:
    """Without the store a key that held is let in, where the route needs no store; one made up or revoked before is not."""
    url = own_server.create("keys")
    async with shop(tmp_path / "home", CONTACT_DATABASE_URL=url) as server:
        await menu_of(server, customer="C1")
        revoked = await server.house.ports.keys.create("ivr", None)
        server.keys["revoked"] = revoked
        await menu_of(server, "revoked", customer="C1")
        await server.house.ports.keys.revoke(revoked[:11], by="A1")
        refused = await server.post("/v1/ivr/menus", {"customer": "C1"}, "revoked", once=None)
        server.keys["false"] = "ck_aaaaaaaa_" + "x" * 32
        own_server.process.send_signal(signal.SIGINT)
        own_server.process.wait(30)
        try:
            await answer(server)
            late = await server.post("/v1/ivr/menus", {"customer": "C1"}, "revoked", once=None)
            false = await server.post("/v1/ivr/menus", {"customer": "C1"}, "false", once=None)
        finally:
            own_server.process = own_server._start()
        assert (refused.status, late.status, false.status) == (401, 503, 503)


async def test_without_scores_and_redis_the_menu_is_the_callers_own(tmp_path: Path) -> None:
    """Fields that nothing delivers count as unknown, and no answer asks Redis for anything."""
    async with shop(tmp_path / "home", CONTACT_REDIS_URL="redis://127.0.0.1:1/0") as server:
        scored = TEXTS | {
            "fields.yaml": TEXTS["fields.yaml"].rstrip()
            + "\n  risk: {type: number, source: scores.churn_risk}\n",
            "ivr/main.yaml": MENU.replace(
                "share: 40}", "share: 40, likelier: [{when: risk > 0.5, times: 9}]}"
            ),
        }
        await publish(server, scored)
        found = await menu_of(server, customer="C1")
        assert (found["arm"], found["without"]) == ("personal", "")
        assert [each["to"] for each in found["levels"][0]["keys"]] == PLAIN


def _family(pid: int) -> list[int]:
    """The server and its sessions, by ``/proc``; the first may be what started it."""
    found = [pid]
    for each in found:
        children = Path(f"/proc/{each}/task/{each}/children").read_text().split()
        found += [int(child) for child in children]
    return found


async def back(server: Server) -> None:
    """The caller hears their own menu again."""
    async with asyncio.timeout(20):
        while True:
            found = await server.post("/v1/ivr/menus", {"customer": "C1"}, "ivr", once=None)
            if found.status == 200 and found.json["arm"] == "personal":
                return
            await asyncio.sleep(0.1)

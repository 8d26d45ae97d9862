"""Every way a customer can say no: by number, by link, through an agent; known or not yet known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contact.flow.selecting.import_file import import_file
from contact.storage.backups.journal_replay import replay
from contact.storage.databases.opt_out_journal import OptOutJournal
from tests.integration.http_client import Server, serving
from tests.integration.http_story import CUSTOMER_MAPPING, CUSTOMERS, number_of, open_the_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")
STRANGER = "+8613900000077"
CONSENT = {"given": False, "channel": "outbound_call", "category": "all", "source": "test"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with serving(tmp_path_factory.mktemp("opt-outs") / "home") as started:
        await open_the_shop(started)
        yield started


async def withdrawn(server: Server, customer: str) -> list[tuple[Any, ...]]:
    known = (await server.get(f"/v1/customers/{customer}/consents", role="agent")).json["consents"]
    return [(each["channel"], each["category"]) for each in known if each["given"] is False]


async def test_a_number_opts_out_with_everybody_who_has_it(server: Server) -> None:
    """By number alone: its holder is bound before the answer, and the answer says nothing of who that is."""
    body = {"number": number_of("C2"), "source": "shop"}
    answer = await server.post("/v1/opt-outs", body, role="ivr")
    assert (answer.status, answer.json) == (200, {"cancelled": 0})
    assert ("all", "promotional") in await withdrawn(server, "C2")


async def test_a_number_nobody_has_yet_is_kept(server: Server) -> None:
    """It stands under the number's hash, in the store and in the journal, and nowhere as a number."""
    answer = await server.post(
        "/v1/opt-outs", {"number": STRANGER, "channel": "web", "source": "shop"}, role="gateway"
    )
    assert answer.status == 200, answer.raw
    hashed = server.house.ports.customers.number_hash(STRANGER)
    journal = server.house.stores.database.journal
    assert isinstance(journal, OptOutJournal)
    assert [
        each.consent.channel for each in journal.read().entries if each.consent.number_hash == hashed
    ] == ["web"]
    assert STRANGER[1:] not in journal.path.read_text()
    assert (await replay(server.house.stores.database, journal)).restored == 0


async def test_a_stop_under_an_id_that_was_used_before_is_heard(server: Server) -> None:
    """A gateway that begins its ids anew loses nobody's opt-out to somebody else's; the same reply again is no second."""
    journal = server.house.stores.database.journal
    assert isinstance(journal, OptOutJournal)
    before = len(journal.read().entries)
    for ending in ("1", "2", "2"):
        body = {"id": "again", "from": f"+861390000008{ending}", "text": "STOP", "at": "2030-03-05T08:00:00Z"}
        assert (await server.post("/v1/replies", body, role="gateway", once=None)).status == 200
    assert len(journal.read().entries) == before + 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"source": "x"}, "problems_found"),
        ({"source": "x", "customer": "C1", "number": STRANGER}, "problems_found"),
        ({"source": "x", "customer": "nobody"}, "not_found"),
        ({"source": "x", "customer": "C1", "channel": "smoke"}, "problems_found"),
        ({"source": "x", "number": "0139"}, "invalid_value"),
    ],
)
async def test_an_opt_out_of_nobody_is_refused(server: Server, body: dict[str, str], code: str) -> None:
    """Exactly one of customer and number, in a channel there is."""
    assert (await server.post("/v1/opt-outs", body)).code == code


async def test_a_link_asks_and_its_button_withdraws(server: Server) -> None:
    """Opening the address changes nothing, as a scanner of mail opens it; pressing its button does, without a key."""
    url = (await server.get("/v1/customers/C7/opt-out-link?channel=web", role="portal")).json["url"]
    path = "/" + url.split("/", 3)[3]
    page = await server.get(path, role=None)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b'<form method="post">' in page.raw
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]  # or no browser sends the button
    assert await withdrawn(server, "C7") == []
    pressed = await server.post(path, b"List-Unsubscribe=One-Click", role=None, once=None)
    assert (pressed.status, "已退订" in pressed.raw.decode()) == (200, True)
    assert await withdrawn(server, "C7") == [("web", "promotional")]


async def test_a_link_of_an_id_that_was_merged_withdraws_for_whom_they_are_now(server: Server) -> None:
    """A message sent before two ids became one carries the old one; its button and other systems still say no."""
    url = (await server.get("/v1/customers/C5/opt-out-link?channel=web", role="portal")).json["url"]
    merged = await server.post(
        "/v1/customers/merge", {"old": "C5", "new": "C4", "why": "one person"}, role="admin"
    )
    assert merged.status == 200
    pressed = await server.post(
        "/" + url.split("/", 3)[3], b"List-Unsubscribe=One-Click", role=None, once=None
    )
    assert pressed.status == 200
    told = await server.post("/v1/customers/C5/consents", CONSENT, role="ivr")
    assert told.status == 200
    assert {("web", "promotional"), ("outbound_call", "all")} <= set(await withdrawn(server, "C4"))


async def test_only_our_own_links_work(server: Server) -> None:
    """A signature is for one customer and one channel, and a receipt's is none of an opt-out."""
    url = (await server.get("/v1/customers/C8/opt-out-link?channel=web", role="agent")).json["url"]
    signature = url.rsplit("/", 1)[1]
    receipt = server.house.ports.links.sign("receipts", "C8")
    for path in (
        f"C9/web/{signature}",
        f"C8/all/{signature}",
        f"C8/web/{signature[:-1]}",
        f"C8/web/{receipt}",
    ):
        assert (await server.get(f"/opt-out/{path}", role=None)).status == 404
        assert (await server.post(f"/opt-out/{path}", b"", role=None, once=None)).status == 404
    assert await withdrawn(server, "C8") == []


async def test_a_receipt_needs_the_address_that_went_with_its_message(server: Server) -> None:
    """Kannel's numbers are understood at the signed address, each state once, and at no other."""
    path = f"/receipts/0190-c/{server.house.ports.links.sign('receipts', '0190-c')}"
    first = await server.get(f"{path}?state=1&seconds=1900000000", role=None)
    again = await server.get(f"{path}?state=1&seconds=1900000000", role=None)
    other = await server.get(f"{path}?state=8", role=None)
    assert [each.json["accepted"] for each in (first, again, other)] == [True, False, True]
    assert (await server.get(f"{path[:-1]}x?state=1", role=None)).status == 404
    assert (await server.get(f"{path}?state=3", role=None)).status == 400


async def test_a_gateway_may_show_its_key_as_a_password(server: Server) -> None:
    """Kannel's addresses carry credentials as Basic; another password, or none, opens nothing."""
    from base64 import b64encode

    def basic(secret: str) -> dict[str, str]:
        return {"Authorization": "Basic " + b64encode(f"kannel:{secret}".encode()).decode()}

    query = "/v1/replies?id=b-1&from=8613900000078&text=%90%00%8B%A2&charset=UTF-16BE&seconds=1900000000"
    good = await server.get(query, role=None, headers=basic(server.keys["gateway"]))
    assert (good.status, good.json) == (200, {"accepted": True})
    for headers in (basic("wrong"), basic(""), {"Authorization": "Basic %%%"}, {"Authorization": "Basic"}):
        assert (await server.get(query, role=None, headers=headers)).status == 401
    hashed = server.house.ports.customers.number_hash("+8613900000078")
    journal = server.house.stores.database.journal
    assert journal is not None
    assert [each.consent.source for each in journal.read().entries if each.consent.number_hash == hashed] == [
        "reply"
    ]


async def test_a_number_that_said_no_binds_whoever_brings_it(server: Server, tmp_path: Path) -> None:
    """An opt-out of a number nobody had refuses the customer with whom an import later brings it."""
    answer = await server.post("/v1/opt-outs", {"number": "+8613800000088", "source": "shop"}, role="ivr")
    assert answer.status == 200
    file = tmp_path / "people.csv"
    file.write_text(CUSTOMERS + "C88,Li New,13800000088,Asia/Shanghai,G1,90\n", encoding="utf-8")
    await import_file(server.house.ports, "customers", str(file), CUSTOMER_MAPPING)
    for customer, allowed in (("C88", False), ("C6", True)):
        card = (await server.get(f"/v1/customers/{customer}/consents", role="agent")).json
        said = {each["channel"]: each for each in card["permissions"]}["outbound_call"]
        assert (said["allowed"] or "opted_out" not in str(said)) is allowed, said


async def test_an_opt_out_waits_for_no_playbook(tmp_path: Path) -> None:
    """Where none was published, or this release understands it no longer, an opt-out is kept all the same."""
    async with serving(tmp_path / "bare") as bare:
        answer = await bare.post("/v1/opt-outs", {"number": STRANGER, "source": "shop"})
        assert (answer.status, answer.json) == (200, {"cancelled": 0})

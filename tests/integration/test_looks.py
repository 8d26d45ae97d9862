"""Whoever has opened as many cards as one day allows is told no more of anybody else, by whatever route or page they ask."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contact.faces.console.shared.visits import SESSION_COOKIE
from contact.faces.http.edge.row import Route
from contact.faces.http.table.routes import ROUTES
from tests.integration.http_client import Answer, Server, serving
from tests.integration.http_story import DAY, MORNING, do, number_of, open_the_shop
from tests.integration.test_calls_http import TEXTS
from tests.unit.http.test_looks import COUNTING_PAGES, counts, named

pytestmark = pytest.mark.asyncio(loop_scope="module")
PERSON, OTHER = "agnes", "C2"
"""Somebody who has opened the card of C1, the only one that the day allows, and whom they ask about next."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ASKED: dict[str, Any] = {
    "POST /v1/decisions": {"customer": OTHER, "channel": "outbound_call", "reserve": True},
    "GET /v1/tasks": f"?customer={OTHER}",
    "GET /v1/customers/{customer}/explanation": "?channel=web",
    "POST /v1/customers/lookup": {"number": number_of(OTHER)},
    "GET /v1/customers/{customer}/opt-out-link": "?channel=web",
    "POST /v1/customers/{customer}/reveal": {"why": "the customer asked"},
    "POST /v1/ivr/calls": {"number": number_of(OTHER)},
    "POST /v1/ivr/menus": {"customer": OTHER},
    "POST /v1/ivr/voicexml/calls": f"number=%2B{number_of(OTHER)[1:]}".encode(),
    "GET /v1/ivr/screen-pops": "?call=put-through",
}
"""What is sent along, where the path alone does not say whom is asked about."""
MACHINES = ("portal", "ivr")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with serving(tmp_path_factory.mktemp("looks") / "home", console=True) as started:
        await open_the_shop(started)
        texts = TEXTS | {"operator.yaml": TEXTS["operator.yaml"] + "\ncard_views_per_day: 1\n"}
        base = await started.house.ports.playbooks.in_force()
        published = await started.post(
            "/v1/playbooks", {"texts": texts, "base": base, "why": "one card a day"}
        )
        assert published.status == 201, published.raw
        await do(started, await started.post("/v1/plans", {"day": DAY}))
        assert (await started.post("/v1/clock", {"to": MORNING})).status == 200
        put_through = await started.post(
            "/v1/ivr/calls", {"customer": OTHER, "call": "put-through"}, role="ivr"
        )
        assert put_through.status == 200, put_through.raw
        started.keys[PERSON] = await started.house.ports.keys.create("admin", PERSON)
        assert (await started.get("/v1/customers/C1", role=PERSON)).status == 200
        yield started


async def ask(server: Server, row: Route, role: str) -> Answer:
    """The route about the other customer, as this caller."""
    tasks = (await server.get("/v1/tasks")).json["items"]
    task = next(each for each in tasks if each["customer"] == OTHER)
    ids = {"customer": OTHER, "task": task["task"], "contact": task["contact"]}
    path = re.sub(r"{(\w+)}", lambda found: ids[found[1]], row.path)
    sent = ASKED.get(named(row), "")
    if row.method == "GET":
        return await server.get(path + sent, role=role)
    headers = FORM if isinstance(sent, bytes) else None
    return await server.post(path, sent, role=role, headers=headers)


@pytest.mark.parametrize("row", [row for row in ROUTES if counts(row)], ids=named)
async def test_one_customer_too_many_is_told_nothing_of(server: Server, row: Route) -> None:
    """Each route that counts refuses the person, before it kept a place or made anything; the customer's own way goes on."""
    before = await kept(server)
    refused = await ask(server, row, PERSON)
    assert (refused.status, refused.code) == (429, "too_many_cards"), refused.raw
    assert await kept(server) == before
    for role in row.roles & set(MACHINES):
        assert (await ask(server, row, role)).status != 429, role


async def kept(server: Server) -> Any:
    """How many contacts and looks there are."""

    def counted(tx: Any) -> list[int]:
        return [
            tx.connection.execute(f"SELECT COUNT(*) AS n FROM {table}").fetchone()["n"]
            for table in ("contact", "card_view")
        ]

    return await server.house.stores.database.read(counted)


async def test_who_was_looked_at_already_is_asked_about_again(server: Server) -> None:
    """The same customer counts once, however they are asked about."""
    for path in ("/v1/customers/C1/timeline", "/v1/tasks?customer=C1"):
        assert (await server.get(path, role=PERSON)).status == 200
    found = await server.post("/v1/customers/lookup", {"number": number_of("C1")}, role=PERSON)
    assert found.json["customers"] == ["C1"]
    asked = {"customer": "C1", "channel": "web"}
    assert (await server.post("/v1/decisions", asked, role=PERSON)).status == 200


async def test_nobody_is_looked_at_who_is_not_there(server: Server) -> None:
    """An id of nobody's is not found instead of being one card too many."""
    asked = {"customer": "C999", "channel": "web"}
    assert (await server.post("/v1/decisions", asked, role=PERSON)).status == 404
    assert (await server.get("/v1/tasks?customer=C999", role=PERSON)).json["items"] == []
    stranger = await server.post("/v1/ivr/calls", {"customer": "C999"}, role=PERSON)
    assert stranger.status == 200, "whoever rings hears everybody's menu"


@pytest.mark.parametrize("address", sorted(COUNTING_PAGES))
async def test_one_customer_too_many_is_shown_on_no_page(server: Server, address: str) -> None:
    """The pages count as the routes do."""
    keys = server.house.ports.keys
    secret = await keys.open_session(await keys.console_link("admin", PERSON))
    cookies = {SESSION_COOKIE: str(secret)}
    async with server.session.get(f"{server.url}/customers", cookies=cookies) as form:
        token = re.search(r'name="form_token" value="([^"]+)"', await form.text())
    assert token is not None
    method, path = address.split()
    data = {"form_token": token[1], "sought": number_of(OTHER), "why": "the customer asked"}
    sent = {"data": data} if method == "POST" else {}
    async with server.session.request(
        method, server.url + path.replace("{customer}", OTHER), cookies=cookies, allow_redirects=False, **sent
    ) as answer:
        page = await answer.text()
    assert answer.status == 429, page
    assert "Li " not in page

"""The workbench's own addresses ask for a second person as the API does, and never publish at another time than asked."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from contact.faces.console.shared.visits import SESSION_COOKIE, form_token
from contact.flow.publishing.drafts import create_draft, draft_file, get_draft, save_file
from contact.flow.publishing.publish import publish
from tests.integration.http_client import Server, serving
from tests.integration.http_story import PLAYBOOK

OPERATOR = "operator.yaml"
STRICT = PLAYBOOK | {OPERATOR: PLAYBOOK[OPERATOR] + "\napprovals: 1\n"}


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """API and console of one service."""
    async with serving(tmp_path / "home", console=True) as started:
        started.keys["mei"] = await started.house.ports.keys.create("strategist", "mei")
        yield started


async def edited(server: Server, texts: dict[str, str]) -> str:
    """A draft of mei's on these texts."""
    ports = server.house.ports
    await publish(ports, texts, None, "lin", "first")
    draft = (await create_draft(ports, "mei")).draft
    text, seen = await draft_file(ports, draft, OPERATOR)
    typed = text.replace("contacts_per_day: 1", "contacts_per_day: 2")
    await save_file(ports, draft, OPERATOR, typed, seen, "mei")
    return draft


async def posted(server: Server, address: str, **form: str) -> str:
    """Where the form of somebody without a name leads."""
    keys = server.house.ports.keys
    secret = await keys.open_session(await keys.console_link("strategist", None))
    assert secret is not None
    sent = {"idempotency_key": str(uuid.uuid4()), **form, "form_token": form_token(secret)}
    async with server.session.post(
        server.url + address, data=sent, cookies={SESSION_COOKIE: secret}, allow_redirects=False
    ) as response:
        return response.headers.get("Location", str(response.status))


async def test_a_session_of_nobody_approves_nothing(server: Server) -> None:
    """A key without a person may be the author's own; the page says so."""
    draft = await edited(server, STRICT)
    hash = (await get_draft(server.house.ports, draft)).hash
    assert "said=nobody" in await posted(server, f"/workbench/{draft}/approve", approve=hash)
    assert (await get_draft(server.house.ports, draft)).approvals == []


async def test_nobody_in_particular_writes_where_another_person_must_approve(server: Server) -> None:
    """Else one person writes with a key without a name, and approves with their own."""
    draft = await edited(server, STRICT)
    assert await posted(server, "/workbench/drafts") == "403"
    assert await posted(server, f"/workbench/{draft}/new", path="policies/x.yaml") == "403"
    begun = await server.post("/v1/drafts", {"title": "who?"}, role="strategist")
    assert begun.status == 403 and "belongs to a person" in begun.json["detail"], begun.raw
    assert (await server.post("/v1/drafts", {"title": "mine"}, role="mei")).status == 201


async def test_a_time_that_cannot_be_read_publishes_nothing(server: Server) -> None:
    """Not at once, when somebody asked for later."""
    draft = await edited(server, PLAYBOOK)
    led = await posted(server, f"/workbench/{draft}/publish", why="two a day", at="tomorrow at six")
    assert "said=time" in led and (await get_draft(server.house.ports, draft)).state == "open"

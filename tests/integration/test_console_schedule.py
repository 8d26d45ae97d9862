"""S8 over the workbench's own addresses: what was approved is what goes live, and only when it was asked for."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest_asyncio

from contact.faces.console.shared.visits import SESSION_COOKIE, form_token
from contact.flow.publishing.drafts import get_draft
from contact.flow.publishing.publish import publish
from strategies.instants import Instant, to_instant
from tests.integration.http_client import Server, serving
from tests.integration.http_story import PLAYBOOK

OPERATOR = "operator.yaml"
ZONE = ZoneInfo("Asia/Shanghai")


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """API and console of one service."""
    async with serving(tmp_path / "home", console=True) as started:
        yield started


async def session(server: Server, person: str) -> str:
    """The cookie of somebody who is logged in."""
    keys = server.house.ports.keys
    await keys.create("strategist", person)
    secret = await keys.open_session(await keys.console_link("strategist", person))
    assert secret is not None
    return secret


async def posted(server: Server, secret: str, address: str, **form: str) -> str:
    """Where a form leads."""
    sent = {**form, "form_token": form_token(secret), "idempotency_key": str(uuid.uuid4())}
    async with server.session.post(
        server.url + address, data=sent, cookies={SESSION_COOKIE: secret}, allow_redirects=False
    ) as response:
        return response.headers.get("Location", str(response.status))


async def edit(server: Server, secret: str, draft: str, limit: int) -> str:
    """The draft's operator allows so many contacts a day; where that leads."""
    async with server.session.get(
        f"{server.url}/workbench/{draft}/text?path={OPERATOR}", cookies={SESSION_COOKIE: secret}
    ) as response:
        found = await response.json()
    before = found["text"].split("contacts_per_day: ")[1].split("\n")[0].split("}")[0].split(",")[0]
    text = found["text"].replace(f"contacts_per_day: {before}", f"contacts_per_day: {limit}")
    return await posted(
        server, secret, f"/workbench/{draft}/file", path=OPERATOR, text=text, seen_hash=found["hash"], lines="lf"
    )  # fmt: skip


async def begun(server: Server, secret: str, texts: dict[str, str]) -> tuple[str, str]:
    """What is in force, and an edited draft on it."""
    first = await publish(server.house.ports, texts, None, "lin", "first")
    led = await posted(server, secret, "/workbench/drafts")
    draft = led.split("/workbench/")[1].split("?")[0]
    assert "said=saved" in await edit(server, secret, draft, 2)
    return first.version, draft


async def test_an_edit_after_an_approval_takes_it_away(server: Server) -> None:
    """What goes live is what the second person read, not what was written after that."""
    ports = server.house.ports
    mei, tao = await session(server, "mei"), await session(server, "tao")
    strict = PLAYBOOK | {OPERATOR: PLAYBOOK[OPERATOR] + "\napprovals: 1\n"}
    live, draft = await begun(server, mei, strict)
    seen = (await get_draft(ports, draft)).hash
    assert "said=approved" in await posted(server, tao, f"/workbench/{draft}/approve", approve=seen)
    assert [each.person for each in (await get_draft(ports, draft)).approvals] == ["tao"]
    assert "said=saved" in await edit(server, mei, draft, 3)
    assert (await get_draft(ports, draft)).approvals == []
    assert "said=unapproved" in await posted(server, mei, f"/workbench/{draft}/publish", why="more")
    assert "said=conflict" in await posted(server, tao, f"/workbench/{draft}/approve", approve=seen)
    assert await ports.playbooks.in_force() == live


async def test_a_changed_schedule_takes_force_only_at_the_new_time(server: Server) -> None:
    """The time that was given first passes without effect."""
    ports = server.house.ports
    mei = await session(server, "mei")
    live, draft = await begun(server, mei, PLAYBOOK)
    version = (await get_draft(ports, draft)).hash
    today = datetime.fromtimestamp((await ports.clock.now()).at / 1_000_000, ZONE).date()
    moments = {hour: datetime(today.year + 1, 3, 2, hour, 0, tzinfo=ZONE) for hour in (10, 14, 15)}
    for hour in (10, 15):
        at = f"{moments[hour]:%Y-%m-%dT%H:%M}"
        led = await posted(server, mei, f"/workbench/{draft}/publish", why="two a day", at=at)
        assert "said=scheduled" in led
    assert await looks_again(server, to_instant(moments[14])) == live
    assert await looks_again(server, to_instant(moments[15])) == version


async def looks_again(server: Server, at: Instant) -> str:
    """The version in force for a process that polls at that time."""
    playbooks = server.house.stores.playbooks
    await server.house.ports.clock.move_to(at)
    playbooks._asked = 0.0
    return (await playbooks.current()).version

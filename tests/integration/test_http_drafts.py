"""A draft over HTTP: begun, typed, checked, approved by a second person's key, published, told and rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.http_client import Server, serving
from tests.integration.http_story import PLAYBOOK

OPERATOR = "operator.yaml"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A service in which one other person must approve, with a strategist's key that belongs to a person."""
    async with serving(tmp_path / "home") as started:
        texts = PLAYBOOK | {OPERATOR: PLAYBOOK[OPERATOR] + "\napprovals: 1\n"}
        first = await started.post(
            "/v1/playbooks", {"texts": texts, "base": None, "why": "first"}, role="strategist"
        )
        assert first.status == 201, first.raw
        for person in ("mei", "tao"):
            started.keys[person] = await started.house.ports.keys.create("strategist", person)
        yield started


async def test_a_draft_goes_its_way_over_http(server: Server) -> None:
    """Every step by the key of who may do it; what the page shows is what the flow answers."""
    begun = await server.post("/v1/drafts", {"title": "one more contact a day"}, role="mei")
    assert begun.status == 201, begun.raw
    draft = begun.json["draft"]
    seen = (await server.get(f"/v1/drafts/{draft}/file?path={OPERATOR}", role="analyst")).json
    typed = seen["text"].replace("contacts_per_day: 1", "contacts_per_day: 2\r")
    broken = {"only": OPERATOR, "typed": {OPERATOR: typed + "colour: red\n"}}
    told = (await server.post(f"/v1/drafts/{draft}/check", broken, role="analyst")).json
    assert [each["code"] for each in told["problems"] if each["severity"] == "error"] == ["key.unknown"]
    edit = {"path": OPERATOR, "text": typed, "seen": seen["hash"]}
    saved = await server.post(f"/v1/drafts/{draft}/file", edit, role="mei")
    assert saved.json["changed"] == [OPERATOR] and saved.json["authors"] == ["mei"]
    assert (await server.post(f"/v1/drafts/{draft}/file", edit, role="tao")).status == 409
    assert (await server.get(f"/v1/drafts/{draft}/file?path={OPERATOR}")).json["text"] == typed
    reason = {"why": "two a day"}
    assert (await server.post(f"/v1/drafts/{draft}/publish", reason, role="mei")).status == 403
    approval = {"seen": saved.json["hash"]}
    assert (await server.post(f"/v1/drafts/{draft}/approve", approval, role="mei")).status == 403
    assert (await server.post(f"/v1/drafts/{draft}/approve", approval, role="strategist")).status == 403
    approved = await server.post(f"/v1/drafts/{draft}/approve", approval, role="tao")
    assert [each["person"] for each in approved.json["approvals"]] == ["tao"]
    diff = (await server.get(f"/v1/playbooks/diff?new={draft}", role="analyst")).json
    assert [each["words"] for each in diff["changes"]] == ["operator: contacts a day and customer 1 → 2"]
    published = await server.post(f"/v1/drafts/{draft}/publish", reason, role="mei")
    assert (published.json["author"], published.json["approved_by"]) == ("mei", ["tao"]), published.raw
    versions = (await server.get("/v1/playbooks", role="analyst")).json["items"]
    assert [(each["state"], each["why"]) for each in versions] == [
        ("in_force", "two a day"),
        ("past", "first"),
    ]
    live = (await server.get("/v1/playbooks/live", role="analyst")).json
    assert live == (await server.get(f"/v1/playbooks/{live['version'][:12]}", role="analyst")).json
    same = await server.get(f"/v1/playbooks/diff?old={live['version'][:12]}&new=live", role="analyst")
    assert same.json["changes"] == [] and same.json["new"] == live["version"], same.raw
    back = await server.post("/v1/playbooks/roll-back", {"why": "too many"}, role="strategist")
    assert back.json["version"] == versions[1]["version"], back.raw


async def test_without_an_approval_nobody_publishes_texts_directly(server: Server) -> None:
    """The short way is closed too, and says what is missing."""
    base = (await server.get("/readyz", role=None)).json["playbook"]
    sent = {"texts": PLAYBOOK, "base": base, "why": "round about"}
    refused = await server.post("/v1/playbooks", sent, role="admin")
    assert refused.status == 403 and "another person" in refused.json["detail"], refused.raw


async def test_texts_are_checked_without_a_draft(server: Server) -> None:
    """The same opinion as the command line's, with the examples and how long it took; nothing is stored."""
    texts = PLAYBOOK | {OPERATOR: PLAYBOOK[OPERATOR] + "\ncolour: red\n"}
    told = (await server.post("/v1/check", {"texts": texts}, role="analyst")).json
    assert [each["code"] for each in told["problems"]] == ["key.unknown"] and told["files"] == len(texts)
    assert (await server.get("/v1/drafts", role="analyst")).json == {"items": []}


async def test_a_draft_is_scheduled_and_called_off_over_http(server: Server) -> None:
    """It stands among the versions until then; discarded, it does not take force."""
    draft = (await server.post("/v1/drafts", {"texts": PLAYBOOK}, role="mei")).json
    await server.post(f"/v1/drafts/{draft['draft']}/approve", {"seen": draft["hash"]}, role="tao")
    later = {"why": "later", "at": "2031-01-01T00:00:00+00:00"}
    scheduled = await server.post(f"/v1/drafts/{draft['draft']}/publish", later, role="mei")
    assert scheduled.json["state"] == "scheduled", scheduled.raw
    assert (await server.get("/v1/playbooks")).json["items"][0]["state"] == "scheduled"
    gone = await server.post(f"/v1/drafts/{draft['draft']}/discard", None, role="tao")
    assert gone.json["state"] == "discarded", gone.raw
    assert [each["state"] for each in (await server.get("/v1/playbooks")).json["items"]] == ["in_force"]

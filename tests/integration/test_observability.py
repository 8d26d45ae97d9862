"""What is shipped for Prometheus and Grafana names only numbers that /metrics has; these tell how the work stands."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from contact.faces.console.doors.runbooks import RUNBOOKS
from contact.faces.http.edge import door, standing
from contact.faces.http.table.routes import ROUTES
from contact.flow.people.retain import retain_if_due
from contact.storage.people.standing import journal_in
from contact.telemetry import REGISTRY, exposition
from tests.integration.http_client import Server, serving
from tests.integration.http_story import DAY, MORNING, do, open_the_shop
from tests.servers import ROOT, Disk, may_mount

SHIPPED = files("contact") / "observability"
_NAME = re.compile(r"\bcontact_[a-z0-9_]+")


def rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    found = yaml.safe_load((SHIPPED / "alerts.yml").read_text("utf-8"))
    return [rule for group in found["groups"] for rule in group["rules"]]


def queries() -> Iterator[str]:
    """Every expression of rules and panels."""
    yield from (rule["expr"] for rule in rules())
    for panel in json.loads((SHIPPED / "dashboard.json").read_text("utf-8"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def told() -> set[str]:
    """Names of series that /metrics has, also those without a value yet."""
    assert door.TURNED_AWAY, "the door counts too, and only a service loads it"
    names = set()
    for family in REGISTRY.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(family.type, [""])
        names |= {f"{family.name}{suffix}" for suffix in suffixes}
    return names


def test_every_number_named_there_is_told() -> None:
    """A renamed meter would leave an alert silent and a panel empty."""
    named = {name for query in queries() for name in _NAME.findall(query)}
    assert len(named) >= 20
    assert named <= told()


def test_every_number_is_shown_or_watched() -> None:
    """A number nobody looks at is not kept: the dashboard or an alert has each."""
    named = {name for query in queries() for name in _NAME.findall(query)}
    bases = {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in named}
    assert {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in told()} <= bases


def test_every_number_is_explained() -> None:
    """The operators' page names each with what it tells, and none that there is not."""
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    series = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told()}
    assert series <= set(_NAME.findall(page))
    assert {name for name in _NAME.findall(page) if not name.endswith("_")} <= series


def test_what_every_process_tells_of_the_store_is_not_added_up() -> None:
    """Each API process tells the same of the one store: a sum over processes shows twice as much with two of them."""
    of_store = {family.name for family in REGISTRY.collect() if family.type == "gauge"}
    of_process = {
        "contact_http_in_flight",
        "contact_agi_calls",
        "contact_calls_waiting",
        "contact_decisions_waiting",
    }
    added = {
        name for query in queries() for name in re.findall(r"sum(?: by \([^)]*\) )?\((contact_\w+)", query)
    }
    assert "contact_http_in_flight" in added
    assert not added & (of_store - of_process)


def test_routes_and_labels_in_queries_are_real() -> None:
    """Addresses in label matchers stand in the route table, and braces and brackets are closed."""
    paths = {row.path for row in ROUTES}
    for query in queries():
        for alternatives in re.findall(r'route=~"([^"]*)"', query):
            assert set(alternatives.split("|")) <= paths, query
        assert all(query.count(left) == query.count(right) for left, right in ("()", "[]", "{}"))


def test_each_alert_says_what_it_means_and_what_to_do() -> None:
    """A summary and a runbook line each, one name each, two severities."""
    found = rules()
    assert len({rule["alert"] for rule in found}) == len(found) >= 12
    assert {rule["labels"]["severity"] for rule in found} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] and rule["annotations"]["runbook"] for rule in found)


def test_the_status_page_says_the_same_as_the_rules() -> None:
    """What to do stands in both places, word for word; the page's has a translation."""
    assert {rule["alert"]: rule["annotations"]["runbook"] for rule in rules()} == RUNBOOKS


def test_panels_have_places_of_their_own() -> None:
    """No two panels of the dashboard overlap."""
    places = [
        (x, y)
        for panel in json.loads((SHIPPED / "dashboard.json").read_text("utf-8"))["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24


async def numbers(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """/metrics as a scrape gets it, not one of a moment ago."""
    monkeypatch.setattr(standing, "_told_at", -1000.0)
    return (await server.get("/metrics", role=None)).raw.decode()


async def test_the_numbers_follow_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reserved places, waiting tasks and the oldest due one are told as planned, and a halt as soon as it stands."""
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        await do(server, await server.post("/v1/plans", {"day": DAY}, role="strategist"))
        before = await numbers(server, monkeypatch)
        assert 'contact_open{channel="outbound_call",state="reserved"} 9.0' in before
        assert 'contact_queue{channel="outbound_call",state="waiting"} 9.0' in before
        assert 'contact_moves_last_minute{to="reserved"} 9.0' in before
        assert 'contact_queue_oldest_seconds{channel="outbound_call"} 0.0' in before
        await server.post("/v1/clock", {"to": MORNING})
        await server.post("/v1/halts", {"why": "test"})
        later = await numbers(server, monkeypatch)
        waited = re.search(r'contact_queue_oldest_seconds\{channel="outbound_call"\} ([\d.]+)', later)
        assert waited is not None and float(waited[1]) > 60
        assert 'contact_halts{kind="all"} 1.0' in later
        assert "contact_due_oldest_seconds{" not in later, "what waits for an agent is not late for a gateway"
        assert 'contact_card_views_total{outcome="refused",role="agent"}' in later, (
            "the first refusal is a rise"
        )
        assert "contact_store_up 1.0" in later


async def test_when_records_were_last_deleted_is_told_by_any_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in the store, so that neither a restart nor another process forgets it; a moved clock is none of it."""
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        await server.post("/v1/clock", {"to": MORNING})
        await retain_if_due(server.house.ports)
        told = re.search(r"contact_retention_last_seconds ([\d.e+]+)", await numbers(server, monkeypatch))
        assert told is not None and abs(float(told[1]) - time.time()) < 60


def test_a_full_disk_of_the_journal_is_seen(tmp_path: Path) -> None:
    """The status page says so, since every opt-out is refused then while all else goes on."""
    assert not journal_in(tmp_path / "none yet").full
    if not may_mount():
        pytest.skip("only root may mount a small disk")
    disk = Disk(tmp_path / "disk")
    try:
        (disk.folder / "opt-outs.jsonl").write_bytes(b"x" * 4096)
        assert not journal_in(disk.folder).full
        disk.fill()
        assert journal_in(disk.folder).full
    finally:
        disk.away()


async def test_refusals_are_counted_by_rule(tmp_path: Path) -> None:
    """A decision refused by a rule of the playbook counts under that rule."""
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        consent = {"given": False, "channel": "web", "category": "all", "source": "test"}
        await server.post("/v1/customers/C5/consents", consent)
        answer = await server.post("/v1/decisions", {"customer": "C5", "channel": "web"}, once=None)
        rule = answer.json["refusals"][0]["rule"]
        assert f'rule="{rule}"' in exposition().decode()


async def test_receipts_that_are_turned_away_are_counted_where_the_alert_looks(tmp_path: Path) -> None:
    """A gateway with a revoked key, or one that was given another service's addresses, goes on and says nothing."""
    (rule,) = [rule for rule in rules() if rule["alert"] == "ContactReceiptsRefused"]
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        receipt = {"id": "1", "contact": "x", "state": "delivered", "at": "2030-03-04T10:00:00Z"}
        assert (await server.post("/v1/receipts", receipt, role=None)).status == 401
        assert (await server.get("/receipts/x/y?state=1", role=None)).status == 404
    told = exposition().decode()
    for method, route, status in (
        ("POST", "/v1/receipts", "401"), ("GET", "/receipts/{contact}/{signature}", "404"),
    ):  # fmt: skip
        assert f'contact_http_requests_total{{method="{method}",route="{route}",status="{status}"}}' in told
        assert route in rule["expr"]

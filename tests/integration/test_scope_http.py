"""A key of one unit, over HTTP: what is its own it reads and changes, what is not answers as if it were nowhere."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contact.faces.http.edge.row import Reach, Route
from contact.faces.http.table.routes import ROUTES
from contact.ports import Scope
from contact.storage.databases.named_sql import statements
from contact.storage.databases.scope import scope_values
from contact.storage.databases.transaction import Transaction
from tests.integration import http_story
from tests.integration.http_client import Server, on_either, serving
from tests.integration.http_story import DAY, PLAYBOOK, deliver, do

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNITS = PLAYBOOK["units.yaml"] + "  - {id: B2, kind: branch, parent: P1, title: {en: Other branch}}\n"
TWO_BRANCHES = {**PLAYBOOK, "units.yaml": UNITS}
CUSTOMERS = "id,name,msisdn,zone,unit,arpu,manager\n" + "".join(
    f"C{n},Li Number{n},1380000000{n},Asia/Shanghai,{'G1' if n < 6 else 'B2'},{40 + n * 10},{'M1' if n % 2 else ''}\n"
    for n in range(1, 10)
)
MAPPING = http_story.CUSTOMER_MAPPING.replace("  unit: unit\n", "  unit: unit\n  manager: manager\n")
STAFF = http_story.STAFF + "M1,Chen,account_manager,P1,en,field\n"
BODIES = {
    "/v1/customers/{customer}/consents": {
        "given": False,
        "channel": "web",
        "category": "marketing",
        "source": "t",
    },
    "/v1/customers/{customer}/reveal": {"why": "asked for by the customer"},
    "/v1/customers/{customer}/erase": {"why": "asked for by the customer"},
}


@pytest_asyncio.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
    scope="module",
    loop_scope="module",
)
async def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """Nine customers, five of branch B1 and four of branch B2, with the tasks of a day; keys of B1, of M1, of nobody."""
    environment = on_either(request, "scope_http")
    async with serving(tmp_path_factory.mktemp("scope") / "home", console=True, **environment) as started:
        keys = started.house.ports.keys
        published = await started.post("/v1/playbooks", {"texts": TWO_BRANCHES, "base": None, "why": "test"})
        assert published.status == 201, published.raw
        await deliver(started, "customers", CUSTOMERS, MAPPING)
        await deliver(started, "lines", http_story.LINES, http_story.LINE_MAPPING)
        await deliver(started, "staff", STAFF, http_story.STAFF_MAPPING)
        assert (await started.post("/v1/clock", {"to": "2030-03-05T08:00:00+08:00"})).status == 200
        await do(started, await started.post("/v1/plans", {"day": DAY}))
        for role in ("admin", "agent", "supervisor", "analyst", "strategist", "data_scientist"):
            started.keys[f"{role} of B1"] = await keys.create(role, "A1", unit="B1")
        started.keys["M1"] = await keys.create("account_manager", "M1")
        started.keys["gone"] = await keys.create("admin", None, unit="NO-SUCH-UNIT")
        started.keys["head"] = await keys.create("admin", None, unit="HQ")
        yield started


def of_a_customer() -> list[Route]:
    return [row for row in ROUTES if "{customer}" in row.path and not row.open]


@pytest.mark.parametrize("row", of_a_customer(), ids=lambda row: f"{row.method} {row.path}")
async def test_a_customer_of_another_unit_is_nobody(server: Server, row: Route) -> None:
    """Every route about a customer answers the same 404 for one of another unit as for one who never was."""
    assert row.reach is Reach.UNIT
    body = BODIES.get(row.path, {}) if row.method == "POST" else None
    for holder in ("admin of B1", "gone"):
        other, nobody = [
            await server.call(row.method, row.path.replace("{customer}", customer), body, role=holder)
            for customer in ("C7", "C999")
        ]
        assert other.status == nobody.status == 404, (other.raw, nobody.raw)
        assert other.json["detail"].replace("C7", "") == nobody.json["detail"].replace("C999", "")
    if row.path.endswith("/erase"):
        return  # the other tests still need the own ones
    own = await server.call(row.method, row.path.replace("{customer}", "C3"), body, role="admin of B1")
    assert own.status != 404, own.raw


async def test_lists_hold_the_own_customers_only(server: Server) -> None:
    """Tasks, numbers, selections, segments, the overview and the account manager's customers."""
    tasks = (await server.get("/v1/tasks", role="supervisor of B1")).json["items"]
    everybodys = (await server.get("/v1/tasks")).json["items"]
    assert {task["customer"] for task in tasks} == {"C1", "C2", "C3", "C4", "C5"}
    assert len(everybodys) == 9
    others = next(task["task"] for task in everybodys if task["customer"] == "C7")
    assert (await server.get(f"/v1/tasks/{others}", role="supervisor of B1")).status == 404
    mine = (await server.get("/v1/tasks", role="M1")).json["items"]
    assert {task["customer"] for task in mine} == {"C1", "C3", "C5", "C7", "C9"}
    for holder, found in (("agent of B1", []), ("M1", ["C7"]), ("head", ["C7"])):
        answer = await server.post(
            "/v1/customers/lookup", {"number": http_story.number_of("C7")}, role=holder
        )
        assert answer.json["customers"] == found, holder
    asked = {"condition": "arpu > 0", "channel": "outbound_call", "category": "marketing"}
    answer = (await server.post("/v1/selections", asked, role="analyst of B1", once=None)).json
    assert (answer["total"], answer["found"]) == (5, 5)
    overview = (await server.get("/v1/overview", role="supervisor of B1")).json
    assert (
        overview["customers"],
        overview["queues"][0]["refused_now"] + overview["queues"][0]["waiting"],
    ) == (5, 5)
    assert overview["jobs"] == [] and (await server.get("/v1/overview")).json["jobs"]


async def test_a_task_of_a_unit_is_found_without_reading_everybody(server: Server) -> None:
    """Whether a task's customer is theirs is asked by the customer's id, so that a desk is as fast in a large operator."""
    if server.house.stores.database.dialect != "sqlite":
        return  # PostgreSQL plans by the number of rows, of which there are few here
    scope = scope_values(Scope(("B1",), "M1"))
    for name in (
        "peek_task", "list_tasks", "list_tasks_of_customer", "queue_counts", "task_refusals", "funnel_counts",
    ):  # fmt: skip
        text, values = statements("sqlite")[name].bind(scope)
        empty = dict.fromkeys(re.findall(r"(?<![:\w]):(\w+)", text))

        def plan(tx: Transaction, text: str = text, values: dict[str, Any] = empty | values) -> list[str]:
            return [row["detail"] for row in tx.connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]

        steps = await server.house.stores.database.read(plan)
        assert not [step for step in steps if "SCAN i" in step], (name, steps)


async def test_an_agent_of_a_unit_pulls_its_tasks_only(server: Server) -> None:
    """The most valuable task is another branch's; the key's unit bounds what the person is given."""
    await server.post("/v1/clock", {"to": http_story.MORNING})
    pulled = await server.post("/v1/agents/A1/next", {}, role="agent of B1")
    assert pulled.json["task"]["customer"] in {"C1", "C2", "C3", "C4", "C5"}


async def test_what_concerns_the_whole_operator_is_not_for_a_key_of_a_unit(server: Server) -> None:
    """Every such route refuses the key, whatever its role, and changes nothing."""
    before = (await server.get("/v1/playbooks")).json
    for row in (row for row in ROUTES if row.reach is Reach.OPERATOR and not row.open):
        path = row.path.replace("{", "").replace("}", "")
        answer = await server.call(row.method, path, {} if row.method == "POST" else None, role="admin of B1")
        assert (answer.status, answer.code) == (403, "forbidden"), (row.method, path)
        assert "B1" in answer.json["detail"]
    assert (await server.get("/v1/playbooks")).json == before


async def test_learning_sees_the_units_customers_only(server: Server) -> None:
    """The table from which warnings are listed is cut to the scope; the head office is everybody's."""
    ports = server.house.ports
    playbook = await ports.playbooks.current()
    units = ports.within(Scope(("B2",)))
    assert sorted((await units.learning.table(playbook, ["arpu"])).index) == ["C6", "C7", "C8", "C9"]
    assert len((await ports.within(Scope((), None)).learning.table(playbook, ["arpu"])).index) == 0
    assert len((await ports.learning.table(playbook, ["arpu"])).index) == 9


async def test_a_decision_about_another_units_customer_cannot_be_explained(server: Server) -> None:
    """A decision's id does not open what the customer's page keeps shut."""
    asked = await server.post("/v1/decisions", {"customer": "C7", "channel": "web", "reserve": False})
    decision = asked.json["decision"]
    path = f"/v1/customers/C7/explanation?decision={decision}"
    assert (await server.get(path, role="admin of B1")).status == 404
    assert (await server.get(path)).status == 200

"""Exports of personal data over HTTP: one person asks, another answers for it, the first takes the file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contact.clock import real_now
from tests.integration import http_story
from tests.integration.http_client import Server, on_either, serving
from tests.integration.http_story import deliver
from tests.integration.test_scope_http import CUSTOMERS, MAPPING, STAFF, TWO_BRANCHES

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED = {
    "kind": "selection", "condition": "arpu > 0", "channel": "outbound_call", "category": "service",
    "columns": ["name", "number"], "why": "letters to everybody",
}  # fmt: skip


@pytest_asyncio.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
    scope="module",
    loop_scope="module",
)
async def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    environment = on_either(request, "exports_http")
    async with serving(tmp_path_factory.mktemp("exports") / "home", **environment) as started:
        keys = started.house.ports.keys
        await started.post("/v1/playbooks", {"texts": TWO_BRANCHES, "base": None, "why": "test"})
        await deliver(started, "customers", CUSTOMERS.replace("Li Number2", "=cmd|' /C calc'!A0"), MAPPING)
        await deliver(started, "staff", STAFF, http_story.STAFF_MAPPING)
        for name, role, person, unit in (
            ("ann", "analyst", "A1", None), ("ann too", "supervisor", "A1", None), ("sue", "supervisor", "A2", None),
            ("sue of B1", "supervisor", "A2", "B1"), ("ann of B1", "analyst", "A1", "B1"),
        ):  # fmt: skip
            started.keys[name] = await keys.create(role, person, unit=unit)
        yield started


async def ask(server: Server, who: str = "ann", **changed: Any) -> str:
    answer = await server.post("/v1/exports", ASKED | changed, role=who)
    assert answer.status == 201, answer.raw
    assert answer.json["state"] == "asked"
    return str(answer.json["export"])


async def decide(server: Server, export: str, who: str = "sue", word: str = "approve") -> int:
    return (await server.post(f"/v1/exports/{export}/{word}", {"why": "it is right"}, role=who)).status


async def taken(server: Server, export: str, who: str = "ann") -> tuple[int, list[dict[str, str]]]:
    answer = await server.get(f"/v1/exports/{export}/file", role=who)
    if answer.status != 200:
        return answer.status, []
    assert answer.headers["Content-Type"].startswith("text/csv")
    return 200, list(csv.DictReader(io.StringIO(answer.raw.decode("utf-8-sig"))))


async def test_a_file_is_there_once_another_person_approved_it(server: Server) -> None:
    """Not before, not for the approver, and not by the asker's own word under another key."""
    export = await ask(server)
    assert (await taken(server, export))[0] == 409
    assert await decide(server, export, "ann too") == 403
    assert await decide(server, export, "admin") == 403  # a key of nobody in particular
    assert await decide(server, export) == 200
    assert await decide(server, export, word="refuse") == 409
    assert (await taken(server, export, "sue"))[0] == 403
    status, rows = await taken(server, export)
    assert status == 200 and len(rows) == 9
    assert {"customer": "C1", "name": "Li Number1", "number": "+8613800000001"} in rows
    assert next(row["name"] for row in rows if row["customer"] == "C2").startswith("'=cmd")
    acts = [each.act for each in await server.house.ports.audit.page(about=export)]
    assert [(act.act, act.actor) for act in reversed(acts)] == [
        ("export.asked", "A1"), ("export.approved", "A2"), ("customers.exported", "A1"),
    ]  # fmt: skip


async def test_what_was_refused_or_waited_too_long_stays_closed(server: Server) -> None:
    """The day after the approval there is no file any more, nor ever after a refusal."""
    refused, late = await ask(server), await ask(server)
    assert await decide(server, refused, word="refuse") == 200
    assert await decide(server, late) == 200
    text = f"UPDATE export_request SET until_us = {real_now() - 1} WHERE id = '{late}'"
    await server.house.stores.database.write(lambda tx: tx.connection.execute(text))
    assert [(await taken(server, each))[0] for each in (refused, late)] == [409, 409]
    states = {
        each["export"]: each["state"]
        for each in (await server.get("/v1/exports", role="ann")).json["exports"]
    }
    assert (states[refused], states[late]) == ("refused", "expired")


async def test_what_was_approved_is_what_is_handed_out(server: Server) -> None:
    """Customers who come to fit afterwards are not in the file: the approval was about those who were found."""
    export = await ask(server, condition="arpu >= 100")
    assert await decide(server, export) == 200
    more = CUSTOMERS.replace(",50,", ",500,")
    await deliver(server, "customers", more, MAPPING)
    status, rows = await taken(server, export)
    assert status == 200 and {row["customer"] for row in rows} == {"C6", "C7", "C8", "C9"}


async def test_a_key_of_a_unit_exports_and_approves_its_own_customers_only(server: Server) -> None:
    """What it asks for holds its unit's customers; a request that names others is not there for it."""
    own, everybodys = await ask(server, "ann of B1"), await ask(server)
    assert await decide(server, everybodys, "sue of B1") == 404
    assert await decide(server, own, "sue of B1") == 200
    status, rows = await taken(server, own, "ann of B1")
    assert status == 200 and {row["customer"] for row in rows} == {"C1", "C2", "C3", "C4", "C5"}
    seen = {each["export"] for each in (await server.get("/v1/exports", role="sue of B1")).json["exports"]}
    assert own in seen and everybodys not in seen


async def test_an_export_that_is_over_tells_a_unit_nothing_of_others(server: Server) -> None:
    """Whom it named is forgotten by then; its condition and its reason are still not for a key of a unit."""
    refused = await ask(server)
    assert await decide(server, refused, word="refuse") == 200
    await ask(server)  # whoever asks next sweeps what is over
    seen = {each["export"] for each in (await server.get("/v1/exports", role="sue of B1")).json["exports"]}
    assert refused not in seen
    assert await decide(server, refused, "sue of B1") == 404
    everybodys = {each["export"] for each in (await server.get("/v1/exports", role="sue")).json["exports"]}
    assert refused in everybodys


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"kind": "list", "list": "no-such"}, 400, "invalid_value"),
        (
            {"kind": "list", "list": "no-such", "condition": None, "channel": None, "category": None},
            404,
            "not_found",
        ),
        ({"kind": "warnings"}, 400, "missing_field"),
        ({"condition": "arpu > 100000"}, 422, "problems_found"),
        ({"columns": ["name", "iban"]}, 400, "invalid_value"),
        ({"why": " "}, 422, "problems_found"),
    ],
)
async def test_a_request_that_cannot_be_meant_is_told_so(
    server: Server, changed: dict[str, Any], status: int, code: str
) -> None:
    """And nothing waits for anybody's approval."""
    before = len((await server.get("/v1/exports", role="ann")).json["exports"])
    answer = await server.post("/v1/exports", ASKED | changed, role="ann")
    assert (answer.status, answer.code) == (status, code), answer.raw
    assert len((await server.get("/v1/exports", role="ann")).json["exports"]) == before


async def test_a_file_of_nobody_is_not_asked_for(server: Server) -> None:
    """Where the condition finds nobody there is nothing for a second person to answer for."""
    answer = await server.post("/v1/exports", ASKED | {"condition": "arpu > 999999"}, role="ann")
    assert (answer.status, answer.json["problems"][0]["code"]) == (422, "export.nobody")


async def test_whoever_is_erased_leaves_the_file_and_its_readers_keep_the_rest(server: Server) -> None:
    """A unit's people go on seeing what they asked for: the erased one is out of it, nobody else."""
    export = await ask(server, "ann of B1")
    assert await decide(server, export, "sue of B1") == 200
    why = {"why": "asked by letter"}
    assert (await server.post("/v1/customers/C5/erase", why)).status == 200
    status, rows = await taken(server, export, "ann of B1")
    assert status == 200 and {row["customer"] for row in rows} == {"C1", "C2", "C3", "C4"}

"""Journeys over HTTP: foreign menus and the hotline report theirs, those who look after menus read what all say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.integration import http_story
from tests.integration.http_client import Answer, Server, serving
from tests.integration.http_story import PLAYBOOK, deliver, number_of
from tests.integration.test_calls_http import MENU

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNITS = PLAYBOOK["units.yaml"] + "  - {id: B2, kind: branch, parent: P1, title: {en: Other branch}}\n"
CUSTOMERS = "id,name,msisdn,zone,unit,arpu\n" + "".join(
    f"C{n},Li,1380000000{n},Asia/Shanghai,{'G1' if n < 3 else 'B2'},50\n" for n in range(1, 5)
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """Four customers of two branches, a menu in force, four reported calls and an enquiry."""
    async with serving(tmp_path_factory.mktemp("journeys") / "home") as started:
        texts = {**PLAYBOOK, "units.yaml": UNITS, "ivr/main.yaml": MENU}
        published = await started.post("/v1/playbooks", {"texts": texts, "base": None, "why": "test"})
        assert published.status == 201, published.raw
        await deliver(started, "customers", CUSTOMERS, http_story.CUSTOMER_MAPPING)
        assert (await started.post("/v1/clock", {"to": "2030-03-05T12:00:00+08:00"})).status == 200
        started.keys["B1"] = await started.house.ports.keys.create("analyst", None, unit="B1")
        taken = await report(started, *CALLS)
        assert (taken.status, taken.json) == (200, {"calls": 5}), taken.raw
        yield started


def made(id: str, minute: int, *way: tuple[str, str | None, float], **more: Any) -> dict[str, Any]:
    """A reported call of that minute."""
    steps = [{"node": node, "key": key, "seconds": seconds} for node, key, seconds in way]
    return {"id": id, "at": f"2030-03-05T11:{minute:02}+08:00", "menu": "main", "steps": steps, **more}


CALLS = (
    made("1", 1, ("main", "1", 6.0), ("bill", None, 9.0), customer="C1", outcome="reached", goal="bill", arm="static"),
    made("2", 2, ("main", None, 5.0), ("main", "0", 6.0), number=number_of("C2"), outcome="agent", arm="personal"),
    made("3", 3, ("main", None, 7.0), customer="C3", outcome="abandoned", arm="personal"),
    made("4", 4, ("main", None, 7.0), number="+8613900000099", outcome="abandoned"),
    {"id": "5", "at": "2030-03-05T11:05:00+08:00", "customer": "C1", "topic": "roaming", "seconds": 90.0},
)  # fmt: skip


async def report(server: Server, *journeys: dict[str, Any], role: str = "ivr") -> Answer:
    return await server.post("/v1/ivr/journeys", {"journeys": list(journeys)}, role=role)


async def test_reported_calls_are_measured(server: Server) -> None:
    """Reach, keys and seconds by the menu in force, callers by customer or number, enquiries apart."""
    answer = (
        await server.get("/v1/ivr/journeys?language=zh-CN&split=2030-03-05T11:02:30%2B08:00", "strategist")
    ).json
    assert (answer["menu"], answer["calls"], answer["measures"]["callers"]) == ("main", 4, 3)
    reach = answer["measures"]["reached"]
    assert (reach["count"], reach["of"], reach["rate"]) == (1, 4, 0.25)
    assert answer["goals"]["bill"]["median"] == 6.0 and answer["goal_titles"]["bill"] == "账单"
    assert {unit: each["calls"] for unit, each in answer["by_unit"].items()} == {"G1": 2, "B2": 1, "": 1}
    assert answer["before_after"]["control_calls"] == 2
    against = answer["against_static"]
    assert (against["comparison"]["callers"], against["comparison"]["control_callers"]) == (2, 1)
    assert [(each["topic"], each["calls"]) for each in answer["topics"]] == [("roaming", 1)]
    assert answer["paths"][0]["nodes"] == ["main"] and not answer["more"]


async def test_the_same_report_again_changes_nothing(server: Server) -> None:
    """Neither figures nor paths."""
    before = (await server.get("/v1/ivr/journeys")).json
    assert (await report(server, *CALLS)).status == 200
    after = (await server.get("/v1/ivr/journeys")).json
    assert {**after, "at": None, "until": None, "since": None} == {
        **before,
        "at": None,
        "until": None,
        "since": None,
    }


async def test_filters_leave_out_what_they_do_not_name(server: Server) -> None:
    """A unit with all below it, a time, a source."""
    for query, calls in (
        ("unit=P1", 3),
        ("unit=G1", 2),
        ("source=own", 0),
        ("until=2030-03-05T11:02:00%2B08:00", 1),
    ):
        assert (await server.get(f"/v1/ivr/journeys?{query}")).json["calls"] == calls, query


async def test_a_key_of_a_unit_measures_the_calls_of_its_customers_only(server: Server) -> None:
    """Neither other units' callers nor strangers from nowhere are counted."""
    answer = (await server.get("/v1/ivr/journeys", "B1")).json
    assert (answer["calls"], list(answer["by_unit"])) == (2, ["G1"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"topic": "bill"}, "key.conflict"),
        ({"outcome": None}, "key.missing"),
        ({"outcome": "abandoned"}, "key.conflict"),
        ({"customer": "C77"}, "reference.unknown"),
        ({"at": "2030-03-07T11:00:00+08:00"}, "value.instant"),
        ({"at": "1970-01-01T11:00:00+08:00"}, "value.instant"),
    ],
)
async def test_a_report_with_a_fault_is_refused_whole(
    server: Server, changed: dict[str, Any], code: str
) -> None:
    """The good journeys beside it are not kept either."""
    wrong = {**CALLS[0], "id": "wrong", **changed}
    answer = await report(server, made("good", 9, ("main", None, 1.0), outcome="abandoned"), wrong)
    assert answer.status == 422 and [each["code"] for each in answer.json["problems"]] == [code], answer.raw
    assert (await server.get("/v1/ivr/journeys")).json["calls"] == 4


async def test_questions_that_cannot_be_answered_say_why(server: Server) -> None:
    """A time that ends before it begins, and a unit nobody has."""
    for query, code in (
        ("since=2031-01-01T00:00:00Z", "value.range"),
        ("since=2020-01-01T00:00:00Z", "value.range"),
        ("unit=X", "reference.unknown"),
    ):
        answer = await server.get(f"/v1/ivr/journeys?{query}")
        assert (answer.status, answer.json["problems"][0]["code"]) == (422, code), answer.raw


async def test_topics_are_told_for_a_month_and_for_ones_own_unit(server: Server) -> None:
    """Goals of calls and enquiries together, titled by the menu; a unit's key counts its own; a month must be one."""
    everybody = (await server.get("/v1/ivr/topics?month=2030-03&language=zh-CN", "strategist")).json[
        "groups"
    ][0]
    assert (everybody["group"], everybody["title"]) == ("everybody", "全部客户")
    assert {(each["topic"], each["title"]) for each in everybody["topics"]} >= {
        ("bill", "账单"),
        ("roaming", "roaming"),
    }
    own = (await server.get("/v1/ivr/topics?month=2030-03", "B1")).json
    assert own["calls"] < (await server.get("/v1/ivr/topics?month=2030-03")).json["calls"]
    assert own["answers"]["hit_rate"] is None and own["forecast"] == []
    for month in ("2030-13", "0000-01", "9999-12"):
        refused = await server.get(f"/v1/ivr/topics?month={month}")
        assert (refused.status, refused.json["problems"][0]["code"]) == (422, "value.date"), month

"""One day of a small operator over HTTP alone, from files to evaluation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from contact.faces.http.edge.tidying import tidy
from contact.faces.http.edge.uploads import UPLOADS
from tests.integration.http_client import Server, on_either, serving
from tests.integration.http_story import (
    CUSTOMER_MAPPING,
    CUSTOMERS,
    DAY,
    MORNING,
    PLAYBOOK,
    do,
    number_of,
    open_the_shop,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    async with serving(
        tmp_path_factory.mktemp("path") / "home", **on_either(request, "http_path")
    ) as started:
        await open_the_shop(started)
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def planned(server: Server) -> Any:
    """The day is planned, and it is morning."""
    job = await do(server, await server.post("/v1/plans", {"day": DAY}, role="strategist"))
    assert job["state"] == "done", job
    await server.post("/v1/clock", {"to": MORNING})
    return job["result"]


async def pulled(server: Server, agent: str) -> Any:
    answer = await server.post(f"/v1/agents/{agent}/next", {}, role=agent)
    assert answer.status == 200, answer.raw
    assert answer.json["task"] is not None, answer.json
    return answer.json


async def test_a_decision_answers_ranked_options(server: Server) -> None:
    """Advice for a web portal names the offer, its priority and the verdict."""
    answer = await server.post(
        "/v1/decisions", {"customer": "C5", "channel": "web"}, role="portal", once=None
    )
    assert answer.status == 200
    assert (answer.json["chosen"]["offer"], answer.json["chosen"]["allowed"]) == ("data-20", True)
    by_number = await server.post(
        "/v1/decisions", {"number": number_of("C5"), "channel": "web"}, role="ivr", once=None
    )
    assert by_number.json["customer"] == "C5"


@pytest.mark.parametrize(("body", "status", "code"), [
    ({"customer": "C99", "channel": "web"}, 404, "not_found"),
    ({"number": "+8613999999999", "channel": "web"}, 404, "not_found"),
    ({"channel": "web"}, 400, "missing_field"),
    ({"customer": "C5", "number": "+8613800000005", "channel": "web"}, 400, "invalid_value"),
    ({"customer": "C5", "channel": "pigeon"}, 422, "problems_found"),
    ({"customer": "C5", "channel": "web", "strategies": ["none"]}, 422, "problems_found"),
    ({"customer": "C5", "channel": "web", "reserve": True}, 400, "idempotency_key_missing"),
])  # fmt: skip
async def test_a_decision_that_cannot_be_taken_says_why(
    server: Server, body: Any, status: int, code: str
) -> None:
    """An unknown customer, channel or strategy, no customer or two, and a reservation without its key."""
    answer = await server.post("/v1/decisions", body, role="portal", once=None)
    assert (answer.status, answer.code) == (status, code)
    assert "13999999999" not in answer.raw.decode()


async def test_what_was_shown_is_counted_once(server: Server) -> None:
    """A report on a decision is accepted once by its id."""
    decision = await server.post("/v1/decisions", {"customer": "C6", "channel": "web"}, role="portal")
    report = {
        "id": "shown-1", "type": "shown", "customer": "C6", "strategy": "more-data", "offer": "data-20",
        "channel": "web", "at": decision.json["at"],
    }  # fmt: skip
    path = f"/v1/decisions/{decision.json['decision']}/events"
    first = await server.post(path, report, role="portal", once=None)
    second = await server.post(path, report, role="portal", once=None)
    assert [first.json, second.json] == [{"accepted": True}, {"accepted": False}]


async def test_a_retried_reservation_takes_one_place(server: Server) -> None:
    """The same reserving request answers the same task; the ledger holds one contact."""
    body = {"customer": "C7", "channel": "web", "reserve": True}
    first = await server.post("/v1/decisions", body, role="portal", once="reserve-1")
    again = await server.post("/v1/decisions", body, role="portal", once="reserve-1")
    assert first.json["task"] is not None
    assert first.json["chosen"]["text"] == ["20 GB more?"]
    assert first.raw == again.raw


async def test_of_many_who_ask_at_once_one_gets_the_last_place(server: Server) -> None:
    """200 concurrent requests for one place (F8): one reservation, 199 refusals by the cap with one clear time."""
    await server.post("/v1/clock", {"to": "2030-03-05T09:30:00+08:00"})
    body = {"customer": "C8", "channel": "outbound_call", "reserve": True}
    answers = await asyncio.gather(*(server.post("/v1/decisions", body, role="agent") for _ in range(200)))
    assert {answer.status for answer in answers} == {200}
    refused = [answer.json for answer in answers if answer.json["task"] is None]
    assert len(refused) == 199
    assert all("caps.weekly-calls" in [refusal["rule"] for refusal in each["refusals"]] for each in refused)
    assert len({each["until"] for each in refused}) == 1


async def test_no_name_or_number_is_kept_for_retries(server: Server, planned: Any) -> None:
    """The store of answers holds neither, yet a retried pull and start answer them while the task is held."""
    first = await server.post("/v1/agents/A1/next", {}, role="A1", once="pull-1")
    again = await server.post("/v1/agents/A1/next", {}, role="A1", once="pull-1")
    task = first.json["task"]
    assert "Li Number" in str(first.json["card"]["name"])
    assert (again.json["card"]["name"], again.json["task"]) == (first.json["card"]["name"], task)
    path = f"/v1/tasks/{task['task']}"
    started = await server.post(f"{path}/start", {"fence": task["fence"]}, role="A1", once="start-1")
    retried = await server.post(f"{path}/start", {"fence": task["fence"]}, role="A1", once="start-1")
    assert retried.json["number"] == started.json["number"] == number_of(task["customer"])
    report = {"fence": started.json["fence"], "result": "no_answer"}
    ended = await server.post(f"{path}/complete", report, role="A1", once="end-1")
    assert ended.status == 200
    late = await server.post("/v1/agents/A1/next", {}, role="A1", once="pull-1")
    assert (late.json["task"]["task"], late.json["card"]) == (task["task"], None)
    key = await server.house.ports.keys.authenticate(server.keys["A1"])
    assert key is not None
    for once, sent in (("pull-1", b"POST /v1/agents/A1/next\n{}"),):
        begun = await server.house.ports.idempotency.begin(key.id, once, sha256(sent).hexdigest())
        assert begun.state == "stored"
        assert b"Li Number" not in begun.body
        assert b"1380000" not in begun.body


async def test_an_agent_works_a_task(server: Server, planned: Any) -> None:
    """Pull, start, complete: the number is handed out at start only, and the outcome is on the timeline."""
    assert planned["reserved"] > 0
    found = await pulled(server, "A1")
    task, path = found["task"], f"/v1/tasks/{found['task']['task']}"
    assert task["number"] is None
    assert found["card"]["customer"] == task["customer"]
    assert (await pulled(server, "A1"))["task"]["task"] == task["task"]
    started = await server.post(f"{path}/start", {"fence": task["fence"]}, role="A1")
    assert started.status == 200, started.raw
    assert started.json["number"] == number_of(task["customer"])
    done = await server.post(
        f"{path}/complete", {"fence": started.json["fence"], "result": "accepted"}, role="A1"
    )
    assert (done.status, done.json["state"]) == (200, "done")
    timeline = (await server.get(f"/v1/customers/{task['customer']}/timeline", role="portal")).json
    assert timeline["items"][0]["result"] == "accepted"
    order = {
        "id": "o-1",
        "type": "ordered",
        "customer": task["customer"],
        "at": MORNING,
        "data": {"offer": "data-20"},
    }
    assert (await server.post("/v1/events", order, role="portal", once=None)).json == {"accepted": True}
    evaluation = (await server.get("/v1/strategies/more-data/evaluation", role="analyst")).json
    assert evaluation["effect"]["treated_goals"] == 1


async def test_two_agents_who_pull_at_once_get_two_tasks(server: Server, planned: Any) -> None:
    """One lease for a task (D5): two agents who pull at the same moment never hold the same task."""
    for _ in range(5):
        pulls = await asyncio.gather(pulled(server, "A1"), pulled(server, "A2"))
        tasks = [each["task"] for each in pulls]
        assert [task["leased_to"] for task in tasks] == ["A1", "A2"]
        assert tasks[0]["task"] != tasks[1]["task"]
        for task in tasks:
            back = {"fence": task["fence"], "reason": "test"}
            path = f"/v1/tasks/{task['task']}/give-back"
            assert (await server.post(path, back, role=task["leased_to"])).status == 200


async def test_another_s_task_is_out_of_reach(server: Server, planned: Any) -> None:
    """Start, complete and give back by who does not hold the task are refused as lease_lost."""
    task = (await pulled(server, "A1"))["task"]
    path, fence = f"/v1/tasks/{task['task']}", {"fence": task["fence"]}
    for verb, body in (
        ("start", fence),
        ("complete", {**fence, "result": "accepted"}),
        ("give-back", {**fence, "reason": "mine"}),
    ):
        answer = await server.post(f"{path}/{verb}", body, role="A2")
        assert (answer.status, answer.code) == (409, "lease_lost"), verb
    nobody = await server.post(f"{path}/start", fence, role="agent")
    assert (nobody.status, nobody.code) == (403, "forbidden")
    by_admin = await server.post(f"{path}/give-back", {**fence, "reason": "shift ends"})
    assert (by_admin.status, by_admin.json["state"]) == (200, "waiting")


async def test_a_forbidden_start_is_a_problem_that_names_the_rule(server: Server, planned: Any) -> None:
    """After an opt-out a held task cannot be started: the answer says by which rule, and that time does not help."""
    task = (await pulled(server, "A2"))["task"]
    consent = {"given": False, "channel": "outbound_call", "category": "all", "source": "hotline"}
    await server.post(f"/v1/customers/{task['customer']}/consents", consent, role="ivr")
    answer = await server.post(f"/v1/tasks/{task['task']}/start", {"fence": task["fence"]}, role="A2")
    assert (answer.status, answer.code) in ((409, "refused"), (409, "lease_lost"))
    if answer.code == "refused":
        assert [refusal["rule"] for refusal in answer.json["refusals"]] == ["consent.opted_out"]
    card = (await server.get(f"/v1/customers/{task['customer']}", role="agent")).json
    permission = next(each for each in card["permissions"] if each["channel"] == "outbound_call")
    assert permission["allowed"] is False


async def test_an_opt_out_cancels_waiting_tasks_once(server: Server, planned: Any) -> None:
    """Withdrawing consent answers how many waiting tasks it cancelled; a retry answers the same."""
    waiting = (
        await server.get("/v1/tasks?state=waiting&channel=outbound_call&limit=1", role="strategist")
    ).json
    customer = waiting["items"][0]["customer"]
    body = {"given": False, "channel": "all", "category": "all", "source": "letter"}
    first = await server.post(f"/v1/customers/{customer}/consents", body, role="agent", once="optout-1")
    again = await server.post(f"/v1/customers/{customer}/consents", body, role="agent", once="optout-1")
    assert (first.json, again.json) == ({"cancelled": 1}, {"cancelled": 1})
    consents = (await server.get(f"/v1/customers/{customer}/consents", role="ivr")).json
    assert consents["consents"][0]["given"] is False


async def test_tasks_are_listed_page_by_page(server: Server, planned: Any) -> None:
    """Every task comes once over the pages, and none shows a name or number."""
    seen: list[str] = []
    after = ""
    while True:
        page = await server.get(f"/v1/tasks?limit=2{after}", role="analyst")
        assert b"Number" not in page.raw
        assert b"1380000" not in page.raw
        seen += [item["task"] for item in page.json["items"]]
        if page.json["next"] is None:
            break
        after = f"&after={page.json['next']}"
    assert len(seen) == len(set(seen)) >= planned["reserved"]
    one = (await server.get(f"/v1/tasks/{seen[0]}", role="agent")).json
    assert one["task"] == seen[0]


async def test_an_analyst_sees_the_card_without_the_person(server: Server) -> None:
    """Name and number are for roles that may see them; even those see both masked, in full only for a reason on record."""
    agent = await server.get("/v1/customers/C9?language=zh-CN", role="agent")
    analyst = await server.get("/v1/customers/C9", role="analyst")
    assert agent.json["name"] == "L•• N••"
    assert number_of("C9") not in agent.raw.decode()
    assert (analyst.json["name"], analyst.json["number"]) == (None, None)
    assert b"Number9" not in analyst.raw + agent.raw
    body, address = {"why": "asked which number we call"}, "/v1/customers/C9/reveal"
    shown = await server.post(address, body, role="agent", once=None)
    assert shown.json == {"customer": "C9", "name": "Li Number9", "number": number_of("C9")}
    (act,) = await server.house.ports.audit.page(act="customer.revealed")
    assert (act.act.role, act.act.about, act.act.why) == ("agent", "C9", "asked which number we call")
    assert (await server.post(address, body, role="analyst", once=None)).status == 403


async def test_a_number_is_looked_up_in_a_body(server: Server) -> None:
    """The customers of a number; none for a number nobody has."""
    found = await server.post("/v1/customers/lookup", {"number": number_of("C3")}, role="ivr", once=None)
    none = await server.post("/v1/customers/lookup", {"number": "+8613900000000"}, role="ivr", once=None)
    assert (found.json, none.json) == ({"customers": ["C3"]}, {"customers": []})


async def test_a_reply_that_says_stop_withdraws_consent(server: Server) -> None:
    """STOP by GET, as simple gateways send it, binds the customer; the same reply again changes nothing."""
    query = f"id=r-1&from=%2B{number_of('C4')[1:]}&text=TD&at=2030-03-05T08:00:00%2B08:00"
    first = await server.get(f"/v1/replies?{query}", role="gateway")
    again = await server.get(f"/v1/replies?{query}", role="gateway")
    assert (first.json, again.json) == ({"accepted": True}, {"accepted": False})
    consents = (await server.get("/v1/customers/C4/consents", role="agent")).json["consents"]
    assert any(each["channel"] == "sms" and each["given"] is False for each in consents)


async def test_a_receipt_is_taken_once_by_body_or_query(server: Server) -> None:
    """A receipt may come before its hand-over is confirmed; its id makes both forms one report."""
    body = {"id": "x-1", "contact": "early", "state": "delivered", "at": "2030-03-05T08:00:00Z"}
    posted = await server.post("/v1/receipts", body, role="gateway", once=None)
    fetched = await server.get(
        "/v1/receipts?" + "&".join(f"{key}={value}" for key, value in body.items()), "gateway"
    )
    assert (posted.json, fetched.json) == ({"accepted": True}, {"accepted": False})


async def test_an_explanation_is_a_look_at_the_customer(server: Server) -> None:
    """It tells what is known of a customer, so that it counts like the card; the same customer counts once."""
    server.keys["sue"] = await server.house.ports.keys.create("supervisor", "S7")
    for customer in ("C1", "C2", "C1"):
        path = f"/v1/customers/{customer}/explanation?channel=outbound_call"
        assert (await server.get(path, role="sue")).status == 200
    assert (await server.get("/v1/persons/S7/card-views")).json["used"] == 2


async def test_an_explanation_names_each_gate(server: Server) -> None:
    """Why a customer outside the audience gets nothing: the gate, its place and the values compared."""
    answer = (await server.get("/v1/customers/C1/explanation?channel=outbound_call", role="strategist")).json
    gates = answer["candidates"][0]["gates"]
    assert (
        any(
            gate["passed"] is False and gate["place"].startswith("strategies/more-data.yaml")
            for gate in gates
        )
        or gates
    )
    unknown = await server.get("/v1/customers/C1/explanation?strategy=none", role="strategist")
    assert (unknown.status, unknown.code) == (422, "problems_found")


async def test_a_playbook_with_problems_is_refused_whole(server: Server) -> None:
    """422 lists what `contact check` lists, and the version in force stays; a stale base is a 409."""
    version = (await server.get("/readyz", role=None)).json["playbook"]
    broken = {
        **PLAYBOOK,
        "strategies/more-data.yaml": PLAYBOOK["strategies/more-data.yaml"].replace("arpu", "arpo"),
    }
    refused = await server.post(
        "/v1/playbooks", {"texts": broken, "base": version, "why": "x"}, role="strategist"
    )
    assert (refused.status, refused.code) == (422, "problems_found")
    assert all(problem["path"] == "strategies/more-data.yaml" for problem in refused.json["problems"])
    changed = {**PLAYBOOK, "events.yaml": PLAYBOOK["events.yaml"] + "  left: {sets: {}}\n"}
    stale = await server.post(
        "/v1/playbooks", {"texts": changed, "base": "0" * 64, "why": "x"}, role="strategist"
    )
    assert (stale.status, stale.code) == (409, "conflict")
    assert (await server.get("/readyz", role=None)).json["playbook"] == version
    page = (await server.get(f"/v1/playbooks/{version}", role="strategist")).json
    assert page["texts"] == PLAYBOOK
    assert [each["version"] for each in (await server.get("/v1/playbooks")).json["items"]] == [version]


async def test_a_job_s_problems_come_with_it(server: Server) -> None:
    """A file that cannot be taken in fails its job with problems that name line and column."""
    answer = await server.post("/v1/plans", {"day": "2020-01-01"}, role="strategist")
    job = await do(server, answer)
    assert (job["state"], bool(job["problems"])) == ("failed", True)


async def test_the_overview_answers(server: Server, planned: Any) -> None:
    """Funnel, queues and refusals of the day, for those who watch."""
    overview = (await server.get("/v1/overview?language=zh-CN", role="analyst")).json
    assert (overview["customers"], overview["simulated_time"], overview["day"]) == (9, True, DAY)


async def test_a_delivered_file_is_removed_once_its_import_ended(server: Server) -> None:
    """Of the files that were delivered none stays on disk after its job, but one whose job still waits does."""
    folder = server.house.settings.home / UPLOADS
    form = aiohttp.FormData()
    for name, value in (("kind", "customers"), ("mapping", CUSTOMER_MAPPING)):
        form.add_field(name, value)
    form.add_field("file", CUSTOMERS.encode(), filename="customers.csv")
    waits = await server.post("/v1/imports", form, role="analyst")
    await tidy(folder, server.house.ports.jobs)
    assert len(list(folder.iterdir())) == 1
    await do(server, waits)
    assert await tidy(folder, server.house.ports.jobs) == 1
    assert list(folder.iterdir()) == []

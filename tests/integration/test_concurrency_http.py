"""F8, F14 and D5 over HTTP on both databases: however many ask at once, places and leases are given once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from contact.flow.working.sweep import sweep
from contact.storage.audits.ledger_check import check_ledger
from tests.integration.http_client import Server, serving
from tests.integration.http_story import (
    DAY,
    LINE_MAPPING,
    MORNING,
    PLAYBOOK,
    STAFF,
    STAFF_MAPPING,
    deliver,
    do,
)

CUSTOMERS = (
    "id,account,name,msisdn,zone,unit,arpu\n"
    "C1,A1,Li One,13800000001,Asia/Shanghai,G1,90\n"
    "C2,A1,Li Two,13800000002,Asia/Shanghai,G1,80\n"
)
CUSTOMER_MAPPING = """
kind: customers
mode: snapshot
columns:
  id: id
  account: account
  name: name
  number: {from: msisdn, type: phone, region: CN}
  zone: zone
  unit: unit
  arpu: {from: arpu, type: money}
"""
LINES = "id,customer,msisdn\nL1,C1,13800000001\nL2,C1,13800000003\nL3,C2,13800000002\n"
ACCOUNT_CAP = """
policy: caps
layer: company
rules:
  - rule: account-day
    effect: cap
    subject: account
    match: {channels: [outbound_call]}
    window: {calendar: day, zone: customer}
    max: 1
"""
TWO_A_WEEK = PLAYBOOK["policies/company/caps.yaml"].replace("max: 1", "max: 2")
PER_LINE = PLAYBOOK["strategies/more-data.yaml"].replace(
    "    family: data\n", "    family: data\n    per_line: true\n"
)
RESERVE = {"channel": "outbound_call", "reserve": True}


@pytest.fixture
async def server(tmp_path: Path, database_url: str) -> AsyncIterator[Server]:
    environment = {"CONTACT_DATABASE_URL": database_url, "CONTACT_LEASE_SECONDS": "0.05"}
    async with serving(tmp_path / "home", **environment) as started:
        yield started


async def open_shop(server: Server, **changed: str) -> None:
    """Two customers of one account with three lines and two agents, on a morning, under a changed playbook."""
    texts = {**PLAYBOOK, **{CHANGED[name]: text for name, text in changed.items()}}
    published = await server.post("/v1/playbooks", {"texts": texts, "base": None, "why": "test"})
    assert published.status == 201, published.raw
    await deliver(server, "customers", CUSTOMERS, CUSTOMER_MAPPING)
    await deliver(server, "lines", LINES, LINE_MAPPING)
    await deliver(server, "staff", STAFF, STAFF_MAPPING)
    assert (await server.post("/v1/clock", {"to": MORNING})).status == 200
    for person in ("A1", "A2"):
        server.keys[person] = await server.house.ports.keys.create("agent", person)


CHANGED = {"caps": "policies/company/caps.yaml", "strategy": "strategies/more-data.yaml"}


async def asked(server: Server, customers: Sequence[str]) -> list[Any]:
    """The answers to reserving asks for these customers, all sent at once."""
    answers = await asyncio.gather(
        *(server.post("/v1/decisions", {"customer": each, **RESERVE}, role="agent") for each in customers)
    )
    assert {answer.status for answer in answers} == {200}, [answer.raw for answer in answers][:1]
    return [answer.json for answer in answers]


def rules(answer: Any) -> set[str]:
    """What an answer was refused by."""
    return {refusal["rule"] for refusal in answer["refusals"]}


async def promises_held(server: Server) -> bool:
    """Whether the ledger's own check finds nothing."""
    playbook = await server.house.ports.playbooks.current()
    return (await check_ledger(server.house.stores.database, playbook)).violations == 0


async def test_f8_of_200_who_ask_at_once_one_gets_the_last_place(server: Server) -> None:
    """One of two places is taken; of 200 asks for the other one is reserved, 199 refused with the same clear time."""
    await open_shop(server, caps=TWO_A_WEEK)
    (before,) = await asked(server, ["C1"])
    assert before["task"] is not None
    answers = await asked(server, ["C1"] * 200)
    refused = [answer for answer in answers if answer["task"] is None]
    assert len(refused) == 199
    assert all("caps.weekly-calls" in rules(answer) for answer in refused)
    assert len({answer["until"] for answer in refused}) == 1
    assert refused[0]["until"] is not None
    tasks = (await server.get("/v1/tasks?customer=C1")).json["items"]
    assert len(tasks) == 2
    assert await promises_held(server)


async def test_f14_an_account_is_called_once_whoever_of_it_is_asked_for(server: Server) -> None:
    """Three lines, two customers, one call a day: forty concurrent asks for both take one place, and all see why."""
    await open_shop(server, caps=ACCOUNT_CAP, strategy=PER_LINE.replace("P3D", "PT12H"))
    answers = await asked(server, ["C1", "C2"] * 20)
    taken = [answer for answer in answers if answer["task"] is not None]
    refused = [answer for answer in answers if answer["task"] is None]
    assert (len(taken), len(refused)) == (1, 39)
    assert all("caps.account-day" in rules(answer) for answer in refused)
    assert len({answer["until"] for answer in refused}) == 1
    assert {answer["customer"] for answer in refused} == {"C1", "C2"}
    assert await promises_held(server)


async def test_f14_what_may_wait_is_spread_over_the_days(server: Server) -> None:
    """Where tasks may wait three days the others are deferred, and still no day of the account holds two calls."""
    await open_shop(server, caps=ACCOUNT_CAP, strategy=PER_LINE)
    answers = await asked(server, ["C1", "C2"] * 20)
    days = [(answer["deferred_to"] or DAY)[:10] for answer in answers if answer["task"] is not None]
    assert sorted(days) == sorted(set(days)) == ["2030-03-05", "2030-03-06", "2030-03-07", "2030-03-08"]
    assert await promises_held(server)


async def one_task(server: Server) -> Any:
    """The day's only task, waiting: the account is called once a day."""
    await open_shop(server, caps=ACCOUNT_CAP)
    job = await do(server, await server.post("/v1/plans", {"day": DAY}))
    assert job["result"]["reserved"] == 1, job
    return (await server.get(f"/v1/tasks?day={DAY}")).json["items"][0]


async def pull(server: Server, *agents: str) -> list[Any]:
    """What each of these agents gets, all pulling at once."""
    answers = await asyncio.gather(
        *(server.post(f"/v1/agents/{each}/next", {}, role=each) for each in agents)
    )
    assert {answer.status for answer in answers} == {200}, [answer.raw for answer in answers]
    return [answer.json["task"] for answer in answers]


async def lapse(server: Server) -> list[int]:
    """The lease's real time goes by, and two workers sweep at once: how many leases each let lapse."""
    await asyncio.sleep(0.1)
    swept = await asyncio.gather(*(sweep(server.house.ports) for _ in range(2)))
    return sorted(each["leases_lapsed"] for each in swept)


async def test_d5_two_agents_who_pull_at_once_get_one_lease(server: Server) -> None:
    """One task, two agents: one holds it; after its machine died before the start it returns once, uncounted."""
    task = await one_task(server)
    held = [each for each in await pull(server, "A1", "A2") if each is not None]
    assert [each["task"] for each in held] == [task["task"]]
    assert await lapse(server) == [0, 1]
    back = (await server.get(f"/v1/tasks/{task['task']}")).json
    assert (back["state"], back["leased_to"], back["attempts"]) == ("waiting", None, 0)
    late = await server.post(
        f"/v1/tasks/{task['task']}/start", {"fence": held[0]["fence"]}, role=held[0]["leased_to"]
    )
    assert (late.status, late.code) == (409, "lease_lost")
    other = "A2" if held[0]["leased_to"] == "A1" else "A1"
    (again,) = await pull(server, other)
    assert (again["task"], again["leased_to"], again["attempts"]) == (task["task"], other, 0)
    assert again["fence"] > held[0]["fence"]


async def test_d5_after_the_start_the_contact_is_unknown_and_counts(server: Server) -> None:
    """A machine that dies in a call leaves no second call: the contact turns unknown and keeps its place."""
    task = await one_task(server)
    (held,) = await pull(server, "A1")
    path = f"/v1/tasks/{task['task']}"
    started = await server.post(f"{path}/start", {"fence": held["fence"]}, role="A1")
    assert started.status == 200, started.raw
    assert await lapse(server) == [0, 0]
    assert (await server.post("/v1/clock", {"to": "2030-03-05T12:31:00+08:00"})).status == 200
    swept = await asyncio.gather(*(sweep(server.house.ports) for _ in range(2)))
    assert sum(each["became_unknown"] for each in swept) == 1
    timeline = (await server.get(f"/v1/customers/{task['customer']}/timeline")).json["items"]
    assert [entry["state"] for entry in timeline if entry["kind"] == "contact"] == ["unknown"]
    assert await pull(server, "A2") == [None]
    assert (await server.get(path)).json["attempts"] == 1
    other = "C2" if task["customer"] == "C1" else "C1"
    advice = await server.post("/v1/decisions", {"customer": other, "channel": "outbound_call"})
    assert "caps.account-day" in rules(advice.json)
    assert await promises_held(server)


async def test_d5_whoever_comes_back_reports_what_became_of_the_call(server: Server) -> None:
    """The agent whose machine died holds the started task still, and its outcome ends the unknown contact."""
    task = await one_task(server)
    (held,) = await pull(server, "A1")
    path = f"/v1/tasks/{task['task']}"
    await server.post(f"{path}/start", {"fence": held["fence"]}, role="A1")
    await server.post("/v1/clock", {"to": "2030-03-05T12:31:00+08:00"})
    await sweep(server.house.ports)
    (again,) = await pull(server, "A1")
    assert (again["task"], again["state"]) == (task["task"], "started")
    done = await server.post(f"{path}/complete", {"fence": again["fence"], "result": "rejected"}, role="A1")
    assert (done.status, done.json["state"]) == (200, "done")
    assert await promises_held(server)

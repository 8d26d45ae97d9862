"""A caller's menu over HTTP: it is made anew as soon as anything it was made of has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contact.storage.calls.calls import Calls
from ivr.call import Journey, Step
from strategies.instants import Instant
from tests.integration.http_client import Server, on_either, serving
from tests.integration.http_story import PLAYBOOK, deliver, number_of, open_the_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")
MENU = """
title: {en: Hotline, zh-CN: 客服热线}
root: main
goals:
  plan: {title: {en: Plan, zh-CN: 套餐}, share: 40}
  bill: {title: {en: Bill, zh-CN: 账单}, share: 30, likelier: [{when: bill_issued, times: 30}]}
  fault: {title: {en: Fault, zh-CN: 故障}, share: 20, likelier: [{when: outage, times: 100}]}
  other: {title: {en: Other, zh-CN: 其他}, share: 1}
nodes:
  main:
    prompt: {en: Welcome., zh-CN: 您好。}
    items:
      - {to: plan, say: {en: For your plan, zh-CN: 套餐}}
      - {to: bill, say: {en: For your bill, zh-CN: 账单}}
      - {to: fault, say: {en: For a fault, zh-CN: 故障}}
      - {to: other, say: {en: For the rest, zh-CN: 其他}}
      - {to: operator, key: "0", say: {en: For an agent, zh-CN: 人工}}
  plan: {goal: plan, prompt: {en: Your plan., zh-CN: 您的套餐。}, then: main}
  bill: {goal: bill, prompt: {en: Your bill., zh-CN: 您的账单。}, then: main}
  fault: {goal: fault, prompt: {en: We know., zh-CN: 已知悉。}, then: main}
  other: {goal: other, prompt: {en: Well., zh-CN: 好。}, then: main}
  operator: {transfer: hotline, prompt: {en: One moment., zh-CN: 请稍候。}}
personal: {static: 0, ask_from: 0.9, changes: 9, moves: {times: 9, within: P1D}}
press: {en: "press {key}.", zh-CN: "请按{key}。"}
wrong: {en: No such key., zh-CN: 有误。}
silent: {en: We heard no key., zh-CN: 未按键。}
"""
FIELDS = """
  bill_issued: {type: boolean, source: customers.bill_issued}
  outage: {type: boolean, source: customers.outage}
"""
EVENTS = """
  bill_issued: {sets: {bill_issued: true}, lasts: P3D}
  outage: {sets: {outage: true}, lasts: PT6H}
  outage_over: {sets: {outage: false}, lasts: PT6H}
"""
TEXTS = PLAYBOOK | {
    "ivr/main.yaml": MENU,
    "fields.yaml": PLAYBOOK["fields.yaml"].rstrip() + FIELDS,
    "events.yaml": PLAYBOOK["events.yaml"].rstrip() + EVENTS,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    environment = on_either(request, "menus_http")
    async with serving(tmp_path_factory.mktemp("menus") / "home", **environment) as started:
        await open_the_shop(started)
        await publish(started, TEXTS)
        yield started


async def publish(server: Server, texts: dict[str, str]) -> None:
    base = await server.house.ports.playbooks.in_force()
    published = await server.post("/v1/playbooks", {"texts": texts, "base": base, "why": "a menu"})
    assert published.status == 201, published.raw


async def menu_of(server: Server, role: str = "ivr", **who: str) -> dict[str, Any]:
    """The answer, asked for twice: nothing has changed between."""
    first = await server.post("/v1/ivr/menus", who, role, once=None)
    assert first.status == 200, first.raw
    assert (await server.post("/v1/ivr/menus", who, role, once=None)).raw == first.raw
    found: dict[str, Any] = first.json
    return found


def order(answer: dict[str, Any]) -> list[str]:
    (level,) = [each for each in answer["levels"] if each["node"] == answer["first"]]
    return [each["to"] for each in level["keys"]]


async def tell(server: Server, id: str, kind: str, at: str = "2030-03-05T07:59:00+08:00", **who: str) -> None:
    told = await server.post("/v1/events", {"id": id, "type": kind, "at": at, **who}, once=None)
    assert (told.status, told.json["accepted"]) == (200, True), told.raw


async def test_what_happened_to_the_customer_or_the_unit_is_in_the_next_menu(server: Server) -> None:
    """An event of the customer, of a unit above and of its end: each is heard in the next menu, and by no other caller."""
    assert order(await menu_of(server, customer="C1")) == ["plan", "bill", "fault", "other", "operator"]
    await tell(server, "b1", "bill_issued", customer="C1")
    assert order(await menu_of(server, customer="C1"))[0] == "bill"
    assert order(await menu_of(server, customer="C2"))[0] == "plan"
    await tell(server, "o1", "outage", unit="P1")
    assert order(await menu_of(server, customer="C1"))[:2] == ["fault", "bill"]
    assert order(await menu_of(server, customer="C2"))[0] == "fault"
    await tell(server, "o2", "outage_over", unit="B1")
    assert order(await menu_of(server, customer="C2"))[0] == "plan"


async def test_a_call_changes_the_next_menu_before_it_is_written(server: Server) -> None:
    """What a caller came for is likelier in the call that follows at once, and still when it is on file."""
    calls = server.house.stores.calls
    assert order(await menu_of(server, customer="C3")).index("other") == 3
    at = (await server.house.ports.clock.now()).at
    for number in range(6):
        await calls.record(_call(f"c3-{number}", "C3", Instant(at - number)))
    before = order(await menu_of(server, customer="C3"))
    assert before.index("other") < 3
    await calls.flush()
    assert order(await menu_of(server, customer="C3")) == before


async def test_another_process_is_heard_too(server: Server) -> None:
    """A call that ended elsewhere, and what was learnt there, are in the next menu here."""
    elsewhere = Calls(server.house.stores.database)
    kept = await menu_of(server, customer="C4")
    at = (await server.house.ports.clock.now()).at
    for number in range(6):
        await elsewhere.record(_call(f"c4-{number}", "C4", Instant(at - number)))
    await elsewhere.flush()
    assert order(await menu_of(server, customer="C4")) != order(kept)


async def test_a_published_menu_and_an_import_are_heard_at_once(server: Server) -> None:
    """Another share in the playbook and another fact in a delivery change the order."""
    await publish(server, TEXTS | {"ivr/main.yaml": MENU.replace("share: 1}", "share: 90}")})
    assert order(await menu_of(server, customer="C5"))[0] == "other"
    await publish(server, TEXTS)
    assert order(await menu_of(server, customer="C5"))[0] == "plan"
    columns = "columns: {id: id, bill_issued: {from: issued, type: boolean}}"
    await deliver(server, "customers", "id,issued\nC5,yes\n", f"kind: customers\nmode: upsert\n{columns}\n")
    assert order(await menu_of(server, customer="C5"))[0] == "bill"


async def test_who_is_asked_about(server: Server) -> None:
    """A number stands for its customer; one that nobody has, and no word, get everybody's menu; an unknown id is 404."""
    await tell(server, "b7", "bill_issued", customer="C7")
    own = await menu_of(server, customer="C7", language="zh-CN")
    assert await menu_of(server, number=number_of("C7"), language="zh-CN") == own
    assert own["arm"] == "personal" and own["levels"][0]["keys"][0]["say"] == "账单"
    for who in ({}, {"number": "+8613999999999"}):
        answer = await menu_of(server, **who)
        assert (answer["arm"], answer["without"]) == ("unknown", "")
        assert order(answer) == ["plan", "bill", "fault", "other", "operator"]
    unknown = await server.post("/v1/ivr/menus", {"customer": "nobody"}, "ivr", once=None)
    both = await server.post("/v1/ivr/menus", {"customer": "C1", "number": number_of("C1")}, "ivr", once=None)
    wrong = await server.post("/v1/ivr/menus", {"customer": "C1", "menu": "sub"}, "ivr", once=None)
    assert (unknown.status, both.status, wrong.status, wrong.code) == (404, 400, 422, "problems_found")


async def test_a_key_of_a_unit_finds_its_own_customers(server: Server) -> None:
    """A branch's telephone system gets the menus of the branch's customers; others are not found."""
    server.keys["north"] = await server.house.ports.keys.create("ivr", None, unit="G1")
    server.keys["south"] = await server.house.ports.keys.create("ivr", None, unit="G9")
    assert (await menu_of(server, "north", customer="C1"))["arm"] == "personal"
    refused = await server.post("/v1/ivr/menus", {"customer": "C1"}, "south", once=None)
    assert refused.status == 404
    assert (await menu_of(server, "south", number=number_of("C1")))["arm"] == "unknown"


async def test_what_an_event_set_ends_by_the_clock(server: Server) -> None:
    """Nobody reports the end of an outage: six hours later it is over, and no kept menu outlives it."""
    await tell(server, "o3", "outage", "2030-03-05T08:00:00+08:00", customer="C6")
    assert order(await menu_of(server, customer="C6"))[0] == "fault"
    await server.post("/v1/clock", {"to": "2030-03-05T13:59:59+08:00"})
    assert order(await menu_of(server, customer="C6"))[0] == "fault"
    await server.post("/v1/clock", {"to": "2030-03-05T14:00:00+08:00"})
    assert order(await menu_of(server, customer="C6"))[0] == "plan"


def _call(id: str, customer: str, at: Instant) -> Journey:
    return Journey(
        id=id, customer=customer, at=at, menu="main", version="v", arm="personal", source="own",
        steps=(Step(1, "main", "4", 3.0),), outcome="reached", goal="other",
    )  # fmt: skip

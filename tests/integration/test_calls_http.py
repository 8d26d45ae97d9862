"""A call over HTTP from pick-up to end: the journey that is kept, opt-outs and offers, and steps that come twice."""

from __future__ import annotations

import asyncio
import io
import zlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from contact.faces.cli.hotline import call as ivr_call
from contact.faces.cli.hotline.line import OwnLine, ServiceLine
from contact.faces.cli.terminal.complaints import Complaint
from contact.flow.calls import call_token
from contact.flow.calls.answer_call import BeginCall
from contact.flow.calls.call_token import OpenCall
from contact.flow.calls.end_calls import end_forgotten_calls
from contact.ports import LinkPort
from contact.storage.databases.opt_out_journal import OptOutJournal
from ivr.call import Journey
from strategies.instants import HOUR, Instant
from tests.integration.http_client import Server, serving
from tests.integration.http_story import LINE_MAPPING, LINES, PLAYBOOK, deliver, number_of, open_the_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")
STRANGER = "+8613900000077"
MENU = """
title: {en: Hotline, zh-CN: 客服热线}
root: recorded
goals:
  bill: {title: {en: Bill, zh-CN: 账单}, share: 3}
  agent: {title: {en: Agent, zh-CN: 人工}, share: 1}
nodes:
  recorded: {notice: {en: Recorded., zh-CN: 录音。}, then: main}
  main:
    prompt: {en: Welcome., zh-CN: 您好。}
    items:
      - {to: bill, say: {en: For your bill, zh-CN: 账单}}
      - {to: offers, say: {en: For offers, zh-CN: 优惠}}
      - {to: stop, say: {en: For no more advertising, zh-CN: 退订}}
      - {to: operator, key: "0", say: {en: For an agent, zh-CN: 人工}}
  bill: {goal: bill, prompt: {en: "You pay {arpu} a month.", zh-CN: "月均{arpu}。"}, then: main}
  offers: {offer: {accept: "1"}, prompt: {en: "For you:", zh-CN: 推荐：}, then: main}
  stop: {opt_out: {channel: all, category: all}, prompt: {en: Done., zh-CN: 已退订。}, then: main}
  operator: {goal: agent, transfer: hotline, prompt: {en: One moment., zh-CN: 请稍候。}}
personal: {static: 100}
press: {en: "press {key}.", zh-CN: "请按{key}。"}
wrong: {en: No such key., zh-CN: 有误。}
silent: {en: We heard no key., zh-CN: 未按键。}
"""
TERMS = MENU.replace("{to: bill,", "{to: terms,").replace(
    "  bill: {goal", "  terms: {notice: {en: As of yesterday., zh-CN: 截至昨日。}, then: bill}\n  bill: {goal"
)
IVR = """
  ivr:
    title: {en: Voice menu, zh-CN: 语音菜单}
    direction: incoming
    delivery: interactive
    cost: 0
    stale_after: PT2M
    receipt_wait: P1D
    reserve_for: PT15M
  agent:
    title: {en: Hotline, zh-CN: 热线}
    direction: incoming
    delivery: interactive
    cost: 0
    stale_after: PT2M
    receipt_wait: P1D
    reserve_for: PT15M
"""
CAP = """
  - rule: one-offer-a-day
    effect: cap
    subject: customer
    match: {channels: [ivr], promotional: true}
    window: {sliding: P1D}
    max: 1
"""
WAY = """
      ivr: {propensity: 0.9, text: {en: "{name}, 20 GB more?", zh-CN: "{name}，加 20GB？"}}
      agent: {propensity: 0.5, script: {en: [May I tell you about the 20 GB pack?], zh-CN: [介绍流量包]}}
"""
TEXTS = PLAYBOOK | {
    "ivr/main.yaml": MENU,
    "ivr/terms.yaml": TERMS,
    "channels.yaml": PLAYBOOK["channels.yaml"].rstrip() + IVR,
    "policies/legal/law.yaml": PLAYBOOK["policies/legal/law.yaml"].replace(
        "[outbound_call, web]", "[agent, ivr, outbound_call, web]"
    ),
    "policies/company/caps.yaml": PLAYBOOK["policies/company/caps.yaml"].rstrip() + CAP,
    "strategies/more-data.yaml": PLAYBOOK["strategies/more-data.yaml"].rstrip() + WAY,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with serving(tmp_path_factory.mktemp("calls") / "home") as started:
        await open_the_shop(started)
        base = await started.house.ports.playbooks.in_force()
        published = await started.post("/v1/playbooks", {"texts": TEXTS, "base": base, "why": "a menu"})
        assert published.status == 201, published.raw
        yield started


async def call(server: Server, *keys: str | None, seconds: float = 5.0, **body: Any) -> list[Any]:
    """Ring, press these keys, and give back every answer."""
    answer = await server.post("/v1/ivr/calls", {"language": "en", **body}, role="ivr")
    assert answer.status == 200, answer.raw
    answers = [answer.json]
    for key in keys:
        answers.append(await pressed(server, answers[-1], key, seconds))
    return answers


async def pressed(server: Server, last: Any, key: str | None, seconds: float = 5.0) -> Any:
    body = {"state": last["state"], "key": key, "seconds": seconds}
    answer = await server.post(f"/v1/ivr/calls/{last['call']}/keys", body, role="ivr")
    assert answer.status == 200, answer.raw
    return answer.json


async def ended(server: Server, last: Any, seconds: float = 5.0) -> Any:
    body = {"state": last["state"], "seconds": seconds}
    return (await server.post(f"/v1/ivr/calls/{last['call']}/end", body, role="ivr")).json


async def journey(server: Server, last: Any) -> Journey:
    found = await server.house.ports.calls.between(Instant(0), Instant(2**62))
    return next(each for each in found if each.id == last["call"])


async def shown(server: Server, customer: str) -> list[Any]:
    """Contacts of the voice menu on the customer's timeline, oldest first."""
    page = (await server.get(f"/v1/customers/{customer}/timeline", role="agent")).json["items"]
    return [each for each in reversed(page) if each["kind"] == "contact" and each["channel"] == "ivr"]


def words(answer: Any) -> str:
    return " ".join(each["text"] for each in answer["say"])


async def test_a_caller_is_known_by_number_and_the_journey_is_kept(server: Server) -> None:
    """Notice, level, an answer with their own figure, hung up: node by node with key and seconds."""
    first, answer = await call(server, "1", number=number_of("C1"), call="known-1")
    assert (first["call"], first["step"], first["node"], first["arm"]) == ("known-1", 0, "main", "static")
    assert words(first).startswith("Recorded. Welcome. For your bill, press 1.")
    assert (words(answer), answer["node"], answer["keys"]) == ("You pay 50 a month.", "bill", ["*", "#"])
    last = await ended(server, answer, 2.0)
    assert (last["ends"], last["step"]) == ("hang_up", 3)
    kept = await journey(server, last)
    assert (kept.customer, kept.goal, kept.outcome, kept.source, kept.language) == (
        "C1",
        "bill",
        "reached",
        "own",
        "en",
    )
    assert [(step.node, step.key) for step in kept.steps] == [
        ("recorded", None),
        ("main", "1"),
        ("bill", None),
    ]
    assert sum(step.seconds for step in kept.steps) == 7.0
    assert kept.heard == {"main": {"1": "bill", "2": "offers", "3": "stop", "0": "operator"}}
    assert number_of("C1")[1:] not in first["state"]


async def test_nobody_known_hears_everybodys_menu(server: Server) -> None:
    """A number nobody has, or none: a figure that is not known goes to an agent instead of being said with a hole."""
    for body in ({"number": STRANGER}, {}, {"customer": "C999"}):
        _, answer = await call(server, "1", **body)
        assert (answer["arm"], answer["ends"], answer["queue"]) == ("unknown", "transfer", "hotline")
        kept = await journey(server, answer)
        assert (kept.customer, kept.goal, kept.outcome) == (None, None, "agent")


async def test_a_notice_before_it_is_no_answer(server: Server) -> None:
    """Where only what is said ahead of the figure is known, an agent takes over, and no goal counts as served."""
    known = (await call(server, "1", customer="C1", menu="terms"))[-1]
    assert words(known) == "As of yesterday. You pay 50 a month."
    answer = (await call(server, "1", menu="terms"))[-1]
    assert (words(answer), answer["queue"]) == ("One moment.", "hotline")
    assert (await journey(server, answer)).goal is None


async def test_a_step_that_is_reported_twice_changes_nothing(server: Server) -> None:
    """The same state and key give the same words; the journey has the step once, and a late repeat shortens nothing."""
    first, second = await call(server, None, customer="C2")
    again = await pressed(server, first, None)
    assert again == second
    third = await pressed(server, second, "1")
    await pressed(server, first, None)
    await ended(server, third)
    await pressed(server, second, "1")
    kept = await journey(server, first)
    assert [step.key for step in kept.steps] == [None, None, "1", None]
    assert kept.outcome == "reached"


async def test_an_opt_out_binds_before_it_is_said_to_be_done(server: Server) -> None:
    """Of the customer and of the number they call from, journalled, once, with who told on record."""
    first, answer = await call(server, "3", number=number_of("C3"))
    assert words(answer) == "Done."
    consents = (await server.get("/v1/customers/C3/consents", role="agent")).json["consents"]
    assert {(each["scope"], each["given"], each["source"]) for each in consents} == {
        ("customer", False, "ivr"), ("number", False, "ivr"),
    }  # fmt: skip
    await pressed(server, first, "3")
    assert len((await server.get("/v1/customers/C3/consents", role="agent")).json["consents"]) == 2
    assert (await journey(server, await ended(server, answer))).outcome == "opted_out"


async def test_who_shares_a_number_is_withdrawn_with_it(server: Server) -> None:
    """Nobody knows which of them calls: as by a message from that number, it binds each of them."""
    shared = "S1,C3,13900000091\nS2,C9,13900000091\n"
    await deliver(server, "lines", LINES + shared, LINE_MAPPING)
    first, answer = await call(server, "3", number="+8613900000091")
    assert (first["arm"], words(answer)) == ("unknown", "Done.")
    for customer in ("C3", "C9"):
        consents = (await server.get(f"/v1/customers/{customer}/consents", role="agent")).json["consents"]
        assert ("customer", False, "ivr") in {
            (each["scope"], each["given"], each["source"]) for each in consents
        }


async def test_who_opted_out_and_was_never_ended_did_not_abandon(server: Server) -> None:
    """A call whose end is never told is ended as what it was."""
    ports = server.house.ports
    told = await journey(server, (await call(server, "3", None, number="+8613900000092"))[-1])
    assert (told.outcome, told.steps[-1].node) == ("open", "stop")
    await ports.calls.record(replace(told, id="never-ended", at=Instant(told.at - 2 * HOUR)))
    assert await end_forgotten_calls(ports) == 1
    kept = await ports.calls.get("never-ended")
    assert kept is not None and kept.outcome == "opted_out"


async def test_an_id_that_the_telephone_gives_again_loses_nobodys_opt_out(server: Server) -> None:
    """A switch that numbers its calls anew: the second call of an id is heard as the first was."""
    journal = server.house.stores.database.journal
    assert isinstance(journal, OptOutJournal)
    for number in ("+8613900000081", "+8613900000082"):
        assert words((await call(server, "3", number=number, call="again"))[-1]) == "Done."
        hashed = server.house.ports.customers.number_hash(number)
        assert any(each.consent.number_hash == hashed for each in journal.read().entries)


async def test_a_number_nobody_has_can_opt_out(server: Server) -> None:
    """Its hash is kept, in the journal too; who calls without a number is passed to an agent, for nothing can be kept."""
    answer = (await call(server, "3", number=STRANGER))[-1]
    assert words(answer) == "Done."
    journal = server.house.stores.database.journal
    assert isinstance(journal, OptOutJournal)
    hashed = server.house.ports.customers.number_hash(STRANGER)
    assert [each.consent.source for each in journal.read().entries if each.consent.number_hash == hashed] == [
        "ivr"
    ]
    answer = (await call(server, "3"))[-1]
    assert (answer["ends"], words(answer)) == ("transfer", "One moment.")


async def test_an_offer_is_permitted_when_it_is_spoken_and_accepted_once(server: Server) -> None:
    """Under way while it is said; said again on repeat; accepted in the ledger, though the key is reported twice."""
    answer = (await call(server, "2", customer="C4"))[-1]
    assert words(answer) == "For you: Li Number4, 20 GB more? To accept, press 1."
    assert (answer["shown"]["strategy"], answer["shown"]["offer"]) == ("more-data", "data-20")
    (contact,) = await shown(server, "C4")
    assert (contact["state"], contact["result"]) == ("sending", None)
    again = await pressed(server, answer, "#")
    assert (words(again), again["shown"]) == (words(answer), answer["shown"])
    for _ in range(2):
        thanked = await pressed(server, again, "1")
        assert words(thanked).startswith("Thank you. It is on its way. Welcome.")
    (contact,) = await shown(server, "C4")
    assert (contact["state"], contact["result"]) == ("sent", "accepted")


async def test_the_same_step_makes_one_offer(server: Server) -> None:
    """However often it is reported, also at once: one place in the ledger, the same offer; then the cap holds."""
    (first,) = await call(server, customer="C5")
    answer = await pressed(server, first, "2")
    assert await pressed(server, first, "2") == answer
    assert len(await shown(server, "C5")) == 1
    rejected = await pressed(server, answer, "9")
    assert rejected["node"] == "main"
    assert [each["result"] for each in await shown(server, "C5")] == ["rejected"]
    refused = (await call(server, "2", customer="C5"))[-1]
    assert (refused["node"], refused["shown"]) == ("main", None)
    assert len(await shown(server, "C5")) == 1


async def test_of_two_reports_at_once_one_makes_the_offer(server: Server) -> None:
    """The other learns that the step is being answered, or the same answer; never a second place."""
    (first,) = await call(server, customer="C6")
    body = {"state": first["state"], "key": "2", "seconds": 1.0}
    answers = await asyncio.gather(
        *(server.post(f"/v1/ivr/calls/{first['call']}/keys", body, role="ivr") for _ in range(3))
    )
    assert {each.status for each in answers} <= {200, 409}
    assert 200 in {each.status for each in answers}
    assert len(await shown(server, "C6")) == 1


async def test_an_offer_that_was_spoken_counts_though_the_caller_hangs_up(server: Server) -> None:
    """Shown, with no answer to it."""
    answer = (await call(server, "2", customer="C7"))[-1]
    await ended(server, answer)
    (contact,) = await shown(server, "C7")
    assert (contact["state"], contact["result"]) == ("sent", None)


async def test_nothing_comes_of_a_rehearsal(server: Server) -> None:
    """The same words; no place is taken, no consent withdrawn, no journey kept."""
    answers = await call(server, "2", "#", "1", "3", customer="C8", rehearse=True)
    assert words(answers[1]) == words(answers[2]) == "For you: Li Number8, 20 GB more? To accept, press 1."
    assert (answers[1]["shown"]["task"], words(answers[4])) == ("", "Done.")
    assert await shown(server, "C8") == []
    assert (await server.get("/v1/customers/C8/consents", role="agent")).json["consents"] == []
    await ended(server, answers[4])
    assert await server.house.ports.calls.get(answers[0]["call"]) is None


async def test_whoever_hangs_up_in_the_simulator_was_there_as_long_as_it_took(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last stay of a call lasts until ``x`` was typed."""
    monkeypatch.setattr("sys.stdin", iter(["x\n"]))
    instants = iter([100.0, 112.5])
    monkeypatch.setattr(ivr_call, "time", SimpleNamespace(monotonic=lambda: next(instants)))
    asked = BeginCall(customer="C1", call="left-alone", language="en")
    await ivr_call._talk(OwnLine(server.house.ports), asked, as_json=False)
    journey = await server.house.ports.calls.get("left-alone")
    assert journey is not None and sum(step.seconds for step in journey.steps) == 12.5


async def test_the_simulator_speaks_with_a_service(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys are read a line each; what is said is printed; of what is no key it is said what is one, and the call goes on."""
    line = ServiceLine(server.url, server.keys["ivr"])
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n*\n0\n"))
    await ivr_call._talk(line, BeginCall(customer="C1", language="en"), as_json=False)
    printed = [
        each for each in capsys.readouterr().out.splitlines() if each.startswith(("  ", "—"))
    ]  # no log lines
    assert printed[:3] == ["  Recorded.", "  Welcome.", "  For your bill, press 1."]
    assert "  You pay 50 a month." in printed
    assert printed[-1] == "— to an agent, queue hotline —"
    monkeypatch.setattr("sys.stdin", io.StringIO("-\nq\n0\n"))
    await ivr_call._talk(line, BeginCall(language="en"), as_json=False)
    said = capsys.readouterr()
    assert (
        "'q' is no key: type one of 0123456789*#" in said.err and "— to an agent, queue hotline —" in said.out
    )
    with pytest.raises(Complaint, match="401"):
        await ServiceLine(server.url, "ck_no").begin(BeginCall())


async def test_an_agent_sees_the_call_that_is_put_through(server: Server) -> None:
    """Way, what is likely wanted and the next best action, by call or by customer, in the reader's language."""
    answer = (await call(server, "9", "0", customer="C1", call="pop-1"))[-1]
    assert answer["ends"] == "transfer"
    by_call = await server.get("/v1/ivr/screen-pops?call=pop-1", role="agent")
    found = by_call.json
    assert (found["outcome"], found["queue"], found["customer"], found["keys"]) == (
        "agent",
        "hotline",
        "C1",
        2,
    )
    assert [(step["node"], step["title"], step["key"]) for step in found["path"]] == [
        ("recorded", "Recorded", None), ("main", "Welcome", "9"), ("main", "Welcome", "0"),
        ("operator", "For an agent", None),
    ]  # fmt: skip
    assert [(each["goal"], each["title"]) for each in found["likely"]] == [
        ("bill", "Bill"),
        ("agent", "Agent"),
    ]
    assert (found["next"]["offer"], found["next"]["text"]) == (
        "data-20",
        ["May I tell you about the 20 GB pack?"],
    )
    assert found["decision"]
    by_customer = await server.get("/v1/ivr/screen-pops?customer=C1&language=zh-CN", role="agent")
    assert by_customer.json["call"] == "pop-1"
    assert by_customer.json["path"][-1]["title"] == "人工"
    assert (await server.get("/v1/ivr/screen-pops?call=nobodys", role="agent")).status == 404
    assert (await server.get("/v1/ivr/screen-pops", role="agent")).code == "invalid_parameter"
    assert (await server.get("/v1/ivr/screen-pops?call=pop-1", role="ivr")).status == 403


async def test_a_state_that_is_not_ours_is_refused(server: Server) -> None:
    """Changed by one sign, of another call, or made up."""
    (first,) = await call(server, customer="C8")
    (other,) = await call(server, customer="C8")
    changed = ("B" if first["state"][5] == "A" else "A").join((first["state"][:5], first["state"][6:]))
    for state in (changed, other["state"], "x", first["state"].partition(".")[0]):
        for path, more in (("keys", {"key": "1"}), ("end", {})):
            answer = await server.post(
                f"/v1/ivr/calls/{first['call']}/{path}", {"state": state, **more}, role="ivr"
            )
            assert (answer.status, answer.code) == (422, "problems_found"), answer.raw


async def test_a_call_whose_menu_is_gone_begins_anew_in_todays(server: Server) -> None:
    """Rather that than silence: the version is not on file, or this release packs a state in another way."""
    ports = server.house.ports
    menu = (await ports.playbooks.current()).menus["main"]
    for version, dialogue in (("f" * 64, b""), (await ports.playbooks.in_force() or "", b"\x90")):
        lost = OpenCall("lost", "C2", "main", version, "static", 1, None, None, None, None, dialogue)
        answer = await pressed(server, {"state": raw_token(ports.links, lost), "call": "lost"}, "1")
        assert (answer["call"], answer["step"], answer["node"]) == ("lost", 0, menu.top)


async def test_a_call_that_begins_anew_stays_in_the_menu_it_was_called_with(server: Server) -> None:
    """Of that name, where there still is one; else the usual one."""
    ports = server.house.ports
    for name, expected in (("terms", "terms"), ("gone", "main")):
        for customer in ("C2", "C999"):
            lost = OpenCall("lost", customer, name, "f" * 64, "static", 1, None, None, None, None, b"")
            answer = await pressed(server, {"state": raw_token(ports.links, lost), "call": "lost"}, "1")
            assert call_token.read(ports.links, answer["state"]).menu == expected


def raw_token(links: LinkPort, held: OpenCall) -> str:
    """As the service signs it, with a dialogue of the test's."""
    text = urlsafe_b64encode(zlib.compress(msgspec.msgpack.encode(held))).decode().rstrip("=")
    return f"{text}.{links.sign('call', text)}"


async def test_a_call_goes_through_the_menu_it_began_with(server: Server) -> None:
    """What is published meanwhile counts from the next call on."""
    (first,) = await call(server, customer="C9")
    base = await server.house.ports.playbooks.in_force()
    renamed = TEXTS | {"ivr/main.yaml": MENU.replace("Welcome.", "Hello.")}
    published = await server.post("/v1/playbooks", {"texts": renamed, "base": base, "why": "another word"})
    assert published.status == 201, published.raw
    assert "Welcome." in words(await pressed(server, first, "8"))
    assert "Hello." in words((await call(server, customer="C9"))[0])

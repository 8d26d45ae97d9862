"""What people do with tasks, and what gateways and customers answer."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from contact.faults import LeaseLost
from contact.flow.deciding.explain import explain
from contact.flow.hearing.receive import EventBody, ReceiptBody, event, receipt, reply
from contact.flow.hearing.record_consent import ConsentBody, record_consent
from contact.flow.people.merge import recycle_number
from contact.flow.planning.evaluate import evaluate
from contact.flow.planning.plan import plan
from contact.flow.working import dispatch, work_task
from contact.flow.working.dispatch import dispatch_due
from contact.flow.working.next_task import next_task
from contact.flow.working.show_customer import card, timeline
from contact.flow.working.sweep import sweep
from contact.wiring import House
from strategies.instants import DAY as DAY_LONG
from strategies.instants import MINUTE, SECOND, Instant, parse_instant, to_datetime
from strategies.problems import ProblemsFound
from strategies.profile import CustomerId
from tests.integration.flow.stage import CAPS, Gateway, customer, deliver, open_for_business, texts

DAY = "2030-03-05"
MORNING = parse_instant("2030-03-05T10:05+08:00")
CALLERS = {"p_call": "0.9"}
READERS = {"p_sms": "0.9"}


async def planned(house: House, folder: Path, *people: dict[str, object]) -> None:
    """Plan Tuesday on Monday, and let Tuesday's hours open."""
    await open_for_business(house, folder, people)
    await plan(house.ports, DAY)
    await house.ports.clock.move_to(MORNING)


async def test_an_agent_pulls_starts_and_completes(house: House, tmp_path: Path) -> None:
    """The card comes without the number, starting hands it out, and the outcome is on the timeline."""
    await planned(house, tmp_path, customer(1, **CALLERS))
    pulled = await next_task(house.ports, "P1")
    assert pulled.task is not None and pulled.card is not None and pulled.permission is not None
    assert pulled.task.number is None and pulled.card.number == "+86•••••••0001"
    assert pulled.task.text == ["Hello Person 1.", "You pay 230 a month.", "Shall I set it up?"]
    assert pulled.permission.allowed and pulled.permission.used == ["0 of 1 in 7 days (weekly contacts)"]
    assert pulled.permission.until == to_datetime(parse_instant("2030-03-05T21:00+08:00"))
    started = await work_task.start(house.ports, pulled.task.task, pulled.task.fence, "P1")
    assert started.task is not None and started.task.number == "+8613800000001"
    done = await work_task.complete(
        house.ports, started.task.task, started.task.fence, "P1", "accepted", "fine"
    )
    assert (done.state, done.reason) == ("done", "accepted")
    told = await timeline(house.ports, "C1")
    assert [(each.channel, each.result, each.title) for each in told] == [
        ("outbound_call", "accepted", "20 GB pack")
    ]


async def test_a_task_that_became_forbidden_never_reaches_the_agent(house: House, tmp_path: Path) -> None:
    """Once a complaint is open the permit cancels the task, and the next customer is pulled instead."""
    await planned(house, tmp_path, customer(1, p_call="0.9"), customer(2, p_call="0.5"))
    consents = await record_consent(house.ports, "C1", ConsentBody(False, "sms", "promotional"))
    assert consents == 0
    best = await next_task(house.ports, "P1")
    assert best.task is not None and best.task.customer == "C1"
    await work_task.give_back(house.ports, best.task.task, best.task.fence, "P1", "lunch")
    assert await record_consent(house.ports, "C1", ConsentBody(False, "outbound_call", "promotional")) == 1
    other = await next_task(house.ports, "P1")
    assert other.task is not None and other.task.customer == "C2"


async def test_outside_hours_nothing_is_pulled_and_the_rule_is_named(house: House, tmp_path: Path) -> None:
    """A task pulled too late in the evening is deferred to the morning; the answer says which rule holds it."""
    await planned(house, tmp_path, customer(1, **CALLERS))
    await house.ports.clock.move_to(parse_instant("2030-03-05T21:30+08:00"))
    found = await next_task(house.ports, "P1")
    assert found.task is None
    assert [(each["rule"], each["tasks"]) for each in found.blocked] == [("law.quiet", 1)]
    assert found.blocked[0]["until"] == to_datetime(parse_instant("2030-03-06T10:00+08:00"))


async def test_no_answer_leads_to_a_second_attempt_and_then_to_none(house: House, tmp_path: Path) -> None:
    """The channel's file grants one further attempt after an hour, where the caps leave room for it."""
    roomy = texts(caps=CAPS.replace("max: 1", "max: 5"))
    await open_for_business(house, tmp_path, [customer(1, **CALLERS)], roomy)
    await plan(house.ports, DAY)
    await house.ports.clock.move_to(MORNING)
    for attempt, state in ((1, "waiting"), (2, "done")):
        pulled = await next_task(house.ports, "P1")
        assert pulled.task is not None and pulled.task.attempts_left == 3 - attempt
        await work_task.start(house.ports, pulled.task.task, pulled.task.fence, "P1")
        after = await work_task.complete(house.ports, pulled.task.task, pulled.task.fence, "P1", "no_answer")
        assert (after.state, after.attempts) == (state, attempt)
        assert (await next_task(house.ports, "P1")).task is None
        await house.ports.clock.move_to(parse_instant(f"2030-03-05T1{attempt}:30+08:00"))


async def test_a_retry_the_caps_forbid_ends_the_task(house: House, tmp_path: Path) -> None:
    """One contact a week: the retry could only come after the task's validity, so there is none."""
    await planned(house, tmp_path, customer(1, **CALLERS))
    pulled = await next_task(house.ports, "P1")
    assert pulled.task is not None
    await work_task.start(house.ports, pulled.task.task, pulled.task.fence, "P1")
    after = await work_task.complete(house.ports, pulled.task.task, pulled.task.fence, "P1", "no_answer")
    assert (after.state, after.attempts) == ("done", 1)


async def test_the_script_speaks_the_customers_language_and_the_title_the_agents(
    house: House, tmp_path: Path
) -> None:
    """What is said to the customer follows the customer; what is said to the agent follows the agent."""
    playbook = texts()
    playbook["strategies/data-upgrade.yaml"] = playbook["strategies/data-upgrade.yaml"].replace(
        "script: {en:", 'script: {zh-CN: ["您好，{name}。"], en:'
    )
    await open_for_business(house, tmp_path, [customer(1, language="zh-CN", **CALLERS)], playbook)
    await plan(house.ports, DAY)
    await house.ports.clock.move_to(MORNING)
    pulled = await next_task(house.ports, "P1", language="en")
    assert pulled.task is not None
    assert (pulled.task.text, pulled.task.text_language) == (["您好，Person 1。"], "zh-CN")
    assert (pulled.task.title, pulled.task.why) == ("20 GB pack", ["uses 12.5 GB a month"])


async def test_do_not_contact_withdraws_what_the_scope_says(house: House, tmp_path: Path) -> None:
    """``marketing`` stops every promotional channel and cancels what waits; a wrong word is a problem."""
    await planned(house, tmp_path, customer(1, **CALLERS))
    pulled = await next_task(house.ports, "P1")
    assert pulled.task is not None
    started = await work_task.start(house.ports, pulled.task.task, pulled.task.fence, "P1")
    assert started.task is not None
    with pytest.raises(ProblemsFound, match="'result' cannot be"):
        await work_task.complete(house.ports, started.task.task, started.task.fence, "P1", "sold")
    task = started.task
    await work_task.complete(house.ports, task.task, task.fence, "P1", "do_not_contact", "", "marketing")
    told = await card(house.ports, "C1", masked=False)
    assert (told.name, told.number) == (None, None)
    assert {each.channel: each.allowed for each in told.permissions} == {"outbound_call": False, "sms": False}
    assert [(each["channel"], each["category"], each["given"]) for each in told.consents] == [
        ("all", "promotional", False)
    ]


async def test_two_agents_never_hold_one_task(house: House, tmp_path: Path) -> None:
    """One lease; a stranger's fence is refused as ``lease_lost``."""
    await planned(house, tmp_path, customer(1, **CALLERS))
    mine, theirs = await next_task(house.ports, "P1"), await next_task(house.ports, "P2")
    assert mine.task is not None and theirs.task is None
    with pytest.raises(LeaseLost):
        await work_task.start(house.ports, mine.task.task, mine.task.fence, "P2")


async def test_messages_leave_once_and_receipts_come_back(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """Each due message is handed over once, in the customer's language; a receipt is applied once."""
    await planned(house, tmp_path, customer(1, **READERS), customer(2, language="zh-CN", **READERS))
    assert await dispatch_due(house.ports, "sms") == 2
    assert await dispatch_due(house.ports, "sms") == 0
    said = {message["to"]: message["text"] for message in gateway[0].log}
    assert said == {
        "+8613800000001": "Hello Person 1, you use 12.5 GB.",
        "+8613800000002": "Person 2您好，您用 12.5 GB。",
    }
    contact = gateway[0].log[0]["contact"]
    body = ReceiptBody("r1", contact, "delivered", to_datetime(MORNING))
    assert await receipt(house.ports, body) is True
    assert await receipt(house.ports, body) is False
    found = await evaluate(house.ports, "data-upgrade")
    assert [(each["stage"], each["count"]) for each in found.funnel][:3] == [
        ("planned", 2), ("handed_over", 2), ("delivered", 1),
    ]  # fmt: skip


async def test_two_dispatchers_hand_each_message_over_once(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """Both see the same due contacts; the permit lets each out once."""
    await planned(house, tmp_path, *(customer(n, **READERS) for n in range(1, 11)))
    counts = await asyncio.gather(dispatch_due(house.ports, "sms"), dispatch_due(house.ports, "sms"))
    assert sum(counts) == 10
    assert len({message["contact"] for message in gateway[0].log}) == len(gateway[0].log) == 10


async def test_a_dispatcher_takes_any_batch_of_many(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not always the most valuable ones: another dispatcher would gather the same in vain. All go out in the end."""
    await planned(house, tmp_path, *(customer(n, **READERS) for n in range(1, 13)))
    monkeypatch.setattr(dispatch, "BATCH", 3)
    monkeypatch.setattr(random, "sample", lambda places, count: [*places][-count:])
    last = {each.contact for each in (await house.ports.ledger.due("sms", 12))[-3:]}
    assert await dispatch_due(house.ports, "sms") == 3
    assert {message["contact"] for message in gateway[0].log} == last
    assert [await dispatch_due(house.ports, "sms") for _ in range(4)] == [3, 3, 3, 0]
    assert len({message["contact"] for message in gateway[0].log}) == len(gateway[0].log) == 12


async def test_a_gateway_that_refuses_for_now_is_asked_again_later(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """429 puts the contact back; a minute later it goes out, and it went out once."""
    await planned(house, tmp_path, customer(1, **READERS))
    gateway[0].status = 429
    assert await dispatch_due(house.ports, "sms") == 0
    gateway[0].status = 202
    assert await dispatch_due(house.ports, "sms") == 0
    await house.ports.clock.move_to(parse_instant("2030-03-05T10:10+08:00"))
    assert await dispatch_due(house.ports, "sms") == 1
    assert len(gateway[0].log) == 1


async def test_what_a_gateway_puts_off_waits_since_it_first_did(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """Each refusal plans it anew, so that its own instant never looks late; once it is taken nothing waits."""
    await planned(house, tmp_path, customer(1, **READERS), customer(2, **READERS))
    gateway[0].status = 503
    first = Instant(MORNING + MINUTE)
    for minutes in (1, 3, 5):
        await house.ports.clock.move_to(Instant(MORNING + minutes * MINUTE))
        await dispatch_due(house.ports, "sms")
        waiting_since = await oldest(house)
        assert waiting_since is not None and first <= waiting_since < first + MINUTE
    gateway[0].status = 202
    await house.ports.clock.move_to(Instant(MORNING + 7 * MINUTE))
    assert await dispatch_due(house.ports, "sms") == 2
    assert await oldest(house) is None


async def test_each_channel_says_its_own_newest_trouble(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """A gateway that takes nothing, sixty times over, does not hide what became of a call before it."""
    await planned(house, tmp_path, customer(1, **CALLERS), customer(2, **READERS))
    pulled = await next_task(house.ports, "P1")
    assert pulled.task is not None and pulled.task.contact is not None
    started = await work_task.start(house.ports, pulled.task.task, pulled.task.fence, "P1")
    assert started.task is not None and started.task.contact is not None
    await house.ports.ledger.ambiguous(started.task.contact, started.task.fence, "line lost")
    gateway[0].status = 503
    assert await dispatch_due(house.ports, "sms") == 0
    move = {"contact_id": "any", "from_state": "sending", "to_state": "reserved", "why": "throttled"}
    later = [{**move, "channel": "sms", "at_us": MORNING + n * SECOND} for n in range(1, 60)]
    await house.stores.database.write(lambda tx: tx.many("insert_trouble", later))
    told = (await house.ports.standing.standing(["sms", "outbound_call", "web"])).troubles
    assert [(each.channel, each.why) for each in told] == [
        ("outbound_call", "line lost"),
        ("sms", "throttled"),
    ]


async def oldest(house: House) -> Instant | None:
    """Since when messages wait, as the status page and the alert see it."""
    counts = (await house.ports.standing.standing(["sms"])).contacts
    return next((each.oldest for each in counts if each.state == "reserved"), None)


async def test_a_gateway_whose_answer_is_unreadable_leaves_the_contact_unknown(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """500 is ambiguous: the contact counts, is not sent again, and a receipt settles it."""
    await planned(house, tmp_path, customer(1, **READERS))
    gateway[0].status = 500
    assert await dispatch_due(house.ports, "sms") == 0
    gateway[0].status = 202
    await house.ports.clock.move_to(parse_instant("2030-03-05T12:00+08:00"))
    assert await dispatch_due(house.ports, "sms") == 0
    entry = (await timeline(house.ports, "C1"))[0]
    assert entry.state == "unknown" and entry.contact is not None
    await receipt(house.ports, ReceiptBody("r9", entry.contact, "delivered", to_datetime(MORNING)))
    assert (await timeline(house.ports, "C1"))[0].state == "delivered"


async def test_a_message_that_cannot_be_said_whole_is_released(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """A plan reads no names; the missing one is found at dispatch, and the contact counts nowhere."""
    await planned(house, tmp_path, customer(1, name="", **READERS))
    assert await dispatch_due(house.ports, "sms") == 0 and gateway[0].log == []
    entry = (await timeline(house.ports, "C1"))[0]
    assert (entry.state, entry.moves[-1]["why"]) == ("released", "unknown_field: name")


@pytest.mark.parametrize("word", ["stop", "ＴＤ", " 退订 "])
async def test_a_stop_withdraws_number_and_customer(house: House, tmp_path: Path, word: str) -> None:
    """The reply binds from its acknowledgement on, cancels the waiting message, and repeats change nothing."""
    await planned(house, tmp_path, customer(1, **READERS))
    at = to_datetime(MORNING)
    assert await reply(house.ports, "m1", "+8613800000001", word, at) is True
    assert await reply(house.ports, "m1", "+8613800000001", word, at) is False
    assert await dispatch_due(house.ports, "sms") == 0
    told = await card(house.ports, "C1")
    scopes = sorted((each["scope"], each["channel"], each["category"]) for each in told.consents)
    assert scopes == [("customer", "sms", "promotional"), ("number", "sms", "promotional")]
    other = await reply(house.ports, "m2", "+8613800000001", "what is this?", at)
    assert other is True and len((await card(house.ports, "C1")).consents) == 2


@pytest.mark.parametrize(("days", "binds"), [(-400, True), (0, True), (2, False)])
async def test_a_stop_that_was_under_way_as_its_number_changed_hands_binds_the_former_owner(
    house: House, tmp_path: Path, days: int, binds: bool
) -> None:
    """Sent before the change, or within a day of it by the gateway's clock; whoever sends it later has the number."""
    await planned(house, tmp_path, customer(1, **READERS))
    await recycle_number(
        house.ports, "+8613800000001", MORNING, author="boss", role="admin", why="given out again"
    )
    await deliver(house.ports, tmp_path, [customer(1, **READERS) | {"number": "13800000055"}])
    await house.ports.clock.move_to(Instant(MORNING + 3 * DAY_LONG))
    said = to_datetime(Instant(MORNING + days * DAY_LONG))
    assert await reply(house.ports, "late", "+8613800000001", "STOP", said) is True
    told = [(each["scope"], each["channel"]) for each in (await card(house.ports, "C1")).consents]
    assert told == ([("customer", "sms")] if binds else [])


async def test_an_event_is_seen_by_the_next_decision_and_the_explanation(
    house: House, tmp_path: Path
) -> None:
    """``sets`` lies over the imported value; a goal counts for the strategy; unknown types are problems."""
    await planned(house, tmp_path, customer(1, **READERS))
    await dispatch_due(house.ports, "sms")
    at = to_datetime(MORNING)
    assert await event(house.ports, EventBody("e1", "roaming_started", at, customer="C1")) is True
    assert await event(house.ports, EventBody("e1", "roaming_started", at, customer="C1")) is False
    assert (await house.ports.profiles.gather(CustomerId("C1"), await house.ports.playbooks.current())).facts[
        "roaming_now"
    ]
    later = to_datetime(parse_instant("2030-03-05T10:06+08:00"))
    await event(house.ports, EventBody("e2", "ordered", later, customer="C1", data={"offer": "data-20"}))
    assert (await evaluate(house.ports, "data-upgrade")).effect.treated_goals == 1
    with pytest.raises(ProblemsFound, match="no event 'vanished'"):
        await event(house.ports, EventBody("e3", "vanished", at, customer="C1"))
    told = await explain(house.ports, "C1", channel="sms")
    gates = {gate.gate: gate for gate in told.candidates[0].gates}
    assert gates["caps.weekly"].passed is False and gates["caps.weekly"].detail == "1 of 1 in 7 days"
    assert gates["audience"].compared[0]["value"] == 12.5


async def test_what_nobody_took_expires_and_what_nobody_confirmed_becomes_unknown(
    house: House, tmp_path: Path
) -> None:
    """The sweep ends tasks past their validity and turns a stale call into ``unknown``, which still counts."""
    await planned(house, tmp_path, customer(1, **CALLERS), customer(2, **CALLERS))
    pulled = await next_task(house.ports, "P1")
    assert pulled.task is not None
    await work_task.start(house.ports, pulled.task.task, pulled.task.fence, "P1")
    await house.ports.clock.move_to(parse_instant("2030-03-09T10:05+08:00"))
    counts = await sweep(house.ports)
    assert (counts["became_unknown"], counts["reservations_expired"]) == (1, 1)

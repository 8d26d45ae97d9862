"""Rules that need more than contacts hold in the reservation's transaction, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from contact.ports import Completion, IncomingEvent, Permit, Reserved
from contact.storage.open import Stores
from strategies.candidate import Candidate
from strategies.conditions.language import compile_condition
from strategies.declared.playbook import Offer, Playbook, Strategy, StrategyChannel
from strategies.instants import DAY, HOUR, Instant
from strategies.problems import Where
from strategies.profile import CustomerId, Line
from strategies.verdict import Verdict
from tests.contracts import situations
from tests.contracts.situations import CALL, profile, wish
from tests.contracts.test_ledger import AGENT, now, reserved

HERE = Where("test.yaml", 1, 1)
CALM = "  - {rule: calm, effect: cooldown, event: complaint_closed, lasts: P14D}\n"
DEAR = "  - {rule: dear, effect: suppress, results: [rejected], same: channel, lasts: P30D}\n"


async def test_an_event_of_which_the_profile_knows_nothing_yet_refuses_under_the_locks(
    stores: Stores,
) -> None:
    """The cooldown begins with the event, though the profile was gathered before it."""
    playbook, who, at = situations.playbook(CALM), profile(), await now(stores)
    await stores.events.accept(
        IncomingEvent("e1", "complaint_closed", CustomerId("C1"), None, at, {}), {}, None
    )
    answer = await stores.ledger.reserve(wish(playbook, who, Instant(at + HOUR)))
    assert isinstance(answer, Verdict)
    assert (answer.rules, answer.until) == (("p.calm",), at + 14 * DAY)
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile("C2"), at)), Reserved)


async def test_a_result_of_ones_own_is_stored_and_suppresses(stores: Stores) -> None:
    """F12: "too dear" means rejected: it proves the rejection, ends the task, and the rest begins with it."""
    playbook = situations.playbook(DEAR)
    (dear,) = playbook.rules
    assert dear.suppression is not None
    own = replace(dear.suppression, results=frozenset({"too_dear"}))
    operator = replace(playbook.operator, results={"too_dear": "rejected"})
    playbook = replace(playbook, operator=operator, rules=(replace(dear, suppression=own),))
    await stores.playbooks.publish(situations.playbook(DEAR), base=None, author="test", why="test")
    first = await reserved(stores, wish(playbook, profile(), await now(stores)))
    task = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert task is not None
    permit = await stores.ledger.permit(first.contact, profile(), playbook, fence=task.fence, person=AGENT.id)
    assert isinstance(permit, Permit)
    await stores.tasks.complete(Completion(task.id, task.fence, AGENT.id, "too_dear"), playbook)
    answer = await stores.ledger.reserve(wish(playbook, profile(), await now(stores)))
    assert isinstance(answer, Verdict) and answer.rules == ("p.dear",)
    assert answer.until is not None and answer.until >= permit.at + 30 * DAY


async def test_the_next_attempt_goes_to_the_number_with_fewest(stores: Stores) -> None:
    """Nobody answered at the customer's own number: the task comes back for the line's, and is counted there."""
    playbook = situations.playbook()
    await stores.playbooks.publish(playbook, base=None, author="test", why="test")
    who = replace(profile(), lines=(Line("L1", "hash-of-line"),))
    first = await reserved(stores, wish(playbook, who, await now(stores)))
    task = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert task is not None and task.candidate.number_hash == "hash-of-C1"
    await stores.ledger.permit(first.contact, who, playbook, fence=task.fence, person=AGENT.id)
    completion = Completion(task.id, task.fence, AGENT.id, "no_answer", profile=who)
    again = await stores.tasks.complete(completion, playbook)
    assert (again.state, again.candidate.number_hash) == ("waiting", "hash-of-line")
    row = await stores.database.read(lambda tx: tx.row("peek_contact", id=again.contact))
    assert row is not None and row["number_hash"] == "hash-of-line"


async def test_a_channel_lets_go_no_more_than_its_rate(stores: Stores) -> None:
    """Two a second: two are due at once, no more until the second is over; one in four seconds waits that long."""
    playbook, start = situations.playbook(), await now(stores)
    sms = Candidate(channel="sms", category="marketing")
    for place in range(5):
        await reserved(stores, wish(playbook, profile(f"C{place}"), start, sms))
    due = await stores.ledger.due("sms", 10, 2.0)
    assert len(due) == 2 and len(await stores.ledger.due("sms", 10)) == 5
    for each in due:
        await stores.ledger.permit(each.contact, profile(each.customer), playbook)
    handed = await now(stores)
    assert await stores.ledger.due("sms", 10, 0.25) == []
    await stores.clock.move_to(Instant(handed + 5_000_000))
    assert len(await stores.ledger.due("sms", 10, 0.25)) == 1
    assert len(await stores.ledger.due("sms", 10, 2.0)) == 2


async def test_two_who_hand_over_at_once_keep_the_rate_of_the_channel_together(stores: Stores) -> None:
    """Both saw room for two; of six permits two are given, the others stay reserved for the next second."""
    playbook, start = situations.playbook(), await now(stores)
    sms = Candidate(channel="sms", category="marketing")
    waiting = [await reserved(stores, wish(playbook, profile(f"C{n}"), start, sms)) for n in range(6)]
    permits = await asyncio.gather(
        *(
            stores.ledger.permit(each.contact, profile(f"C{n}"), playbook, rate=2.0)
            for n, each in enumerate(waiting)
        )
    )
    refused = [each for each in permits if isinstance(each, Verdict)]
    assert {each.rules for each in refused} == {("channel.rate",)} and len(refused) == 4
    assert len(await stores.ledger.due("sms", 10)) == 4


async def test_a_rule_that_reroutes_moves_the_task_to_another_channel(stores: Stores) -> None:
    """No calls any more, says the permit: the same offer is reserved as a message, the call's task is cancelled."""
    plain = offering(situations.playbook())
    forbid = "  - {rule: quiet, effect: forbid, match: {channels: [outbound_call]}, on_hit: {reroute: [web, sms]}}\n"
    strict = offering(situations.playbook(forbid))
    await stores.playbooks.publish(situations.playbook(), base=None, author="test", why="test")
    call = replace(CALL, strategy="s", offer="o", family="f")
    first = await reserved(stores, wish(plain, profile(), await now(stores), call))
    task = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert task is not None
    refused = await stores.ledger.permit(first.contact, profile(), strict, fence=task.fence, person=AGENT.id)
    assert isinstance(refused, Verdict) and refused.rules == ("p.quiet",)
    assert (await stores.tasks.get(task.id)).state == "cancelled"
    (due,) = await stores.ledger.due("sms", 10)
    assert (due.candidate.offer, due.candidate.number_hash) == ("o", "hash-of-C1")


def offering(playbook: Playbook) -> Playbook:
    """The playbook with one offer in all its channels."""
    way = {name: StrategyChannel(name, {"en": ("Hello",)}, propensity=0.5) for name in playbook.channels}
    offer = Offer("o", "f", {}, 100, 0.0, None, way, HERE)
    everyone = compile_condition("TRUE", {}, HERE)
    strategy = Strategy("s", "marketing", {}, HERE, everyone, (offer,), None, None, 0, "s")
    return replace(playbook, strategies=(strategy,))

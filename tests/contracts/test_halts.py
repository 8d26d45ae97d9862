"""A halt stops contact at once and loses nothing, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from contact.domain.acts import Act
from contact.faults import NotFound
from contact.ports import Permit, Person, Reserved
from contact.storage.backups.quarantine import hold
from contact.storage.open import Stores
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.verdict import Verdict
from tests.contracts import situations
from tests.contracts.situations import profile, wish

SMS = Candidate(channel="sms", category="marketing")
SPRING = Candidate(channel="sms", category="marketing", strategy="spring", offer="o", family="f")
SERVICE = Candidate(channel="sms", category="service", promotional=False)
AGENT = Person("a1", "Agent One", "agent", None, channels=("outbound_call",))


def act(what: str) -> Act:
    return Act("boss", "admin", what, why="test")


async def now(stores: Stores) -> Instant:
    return (await stores.clock.now()).at


@pytest.mark.parametrize(
    ("kind", "key", "candidate", "rule"),
    [
        ("all", "", SERVICE, "halt.all"),
        ("channel", "sms", SMS, "halt.channel"),
        ("strategy", "spring", SPRING, "halt.strategy"),
    ],
)
async def test_under_a_halt_nothing_it_covers_is_reserved_or_handed_over(
    stores: Stores, kind: str, key: str, candidate: Candidate, rule: str
) -> None:
    """Reservation and permit are refused by name, service included; what was reserved stays and goes out afterwards."""
    playbook, at = situations.playbook(strategy=situations.SPRING), await now(stores)
    before = await stores.ledger.reserve(wish(playbook, profile(), at, candidate))
    assert isinstance(before, Reserved)
    await stores.halts.set(kind, key, act("halt.set"))
    refused = await stores.ledger.reserve(wish(playbook, profile("C2"), at, candidate))
    assert isinstance(refused, Verdict) and refused.rules == (rule,)
    assert refused.refusals[0].reason == "forbidden" and refused.until is None
    held = await stores.ledger.permit(before.contact, profile(), playbook)
    assert isinstance(held, Verdict) and held.rules == (rule,)
    assert await stores.ledger.due("sms", 10) == []
    await stores.halts.lift(kind, key, act("halt.lifted"))
    assert [each.contact for each in await stores.ledger.due("sms", 10)] == [before.contact]
    assert isinstance(await stores.ledger.permit(before.contact, profile(), playbook), Permit)


@pytest.mark.parametrize(("kind", "key"), [("channel", "outbound_call"), ("strategy", "other")])
async def test_a_halt_of_something_else_holds_nothing_back(stores: Stores, kind: str, key: str) -> None:
    """Only what a halt names waits."""
    playbook, at = situations.playbook(), await now(stores)
    await stores.halts.set(kind, key, act("halt.set"))
    answer = await stores.ledger.reserve(wish(playbook, profile(), at, SMS))
    assert isinstance(answer, Reserved)
    assert isinstance(await stores.ledger.permit(answer.contact, profile(), playbook), Permit)


async def test_an_agent_loses_a_halted_task_to_the_queue_and_sees_why(stores: Stores) -> None:
    """A leased task goes back when it is started or pulled again; the pull says that a halt holds it."""
    playbook, at = situations.playbook(), await now(stores)
    await stores.playbooks.publish(playbook, base=None, author="test", why="test")
    reserved = await stores.ledger.reserve(wish(playbook, profile(), at))
    assert isinstance(reserved, Reserved)
    held = await stores.tasks.next(AGENT, "outbound_call", 60)
    assert held is not None
    await stores.halts.set("channel", "outbound_call", act("halt.set"))
    answer = await stores.ledger.permit(
        reserved.contact, profile(), playbook, fence=held.fence, person=AGENT.id
    )
    assert isinstance(answer, Verdict)
    assert (await stores.tasks.get(held.id)).state == "waiting"
    assert await stores.tasks.next(AGENT, "outbound_call", 60) is None
    _, blocked = await stores.tasks.waiting(AGENT, "outbound_call")
    assert [(each.rule, each.reason, each.tasks) for each in blocked] == [("halt.channel", "forbidden", 1)]
    await stores.halts.lift("channel", "outbound_call", act("halt.lifted"))
    assert (await stores.tasks.next(AGENT, "outbound_call", 60)) is not None


async def test_a_halt_stands_once_and_is_audited(stores: Stores) -> None:
    """Whoever halts again changes nothing; setting and lifting leave an act each; lifting nothing is said so."""
    first = await stores.halts.set("all", "", act("halt.set"))
    again = await stores.halts.set("all", "", Act("other", "admin", "halt.set", why="again"))
    assert again == first and await stores.halts.list() == [first]
    await stores.halts.lift("all", "", act("halt.lifted"))
    assert [entry.act.act for entry in await stores.audit.page()] == ["halt.lifted", "halt.set"]
    with pytest.raises(NotFound):
        await stores.halts.lift("all", "", act("halt.lifted"))


async def test_after_a_halt_is_acknowledged_no_racing_permit_commits(stores: Stores) -> None:
    """Permits race a halt: whatever was allowed was committed before the halt's answer, nothing after."""
    playbook, at = situations.playbook(), await now(stores)
    wishes = [wish(playbook, profile(f"C{n}"), at, SMS) for n in range(40)]
    reserved = [each for each in await stores.ledger.reserve_many(wishes) if isinstance(each, Reserved)]

    async def hand_over(n: int) -> Permit | Verdict:
        return await stores.ledger.permit(reserved[n].contact, profile(f"C{n}"), playbook)

    permits = [asyncio.create_task(hand_over(n)) for n in range(40)]
    await asyncio.sleep(0)
    await stores.halts.set("all", "", act("halt.set"))
    sent = await stores.database.read(lambda tx: tx.rows("handed_over_since", channel="sms", since_us=0))
    granted = sum(isinstance(each, Permit) for each in await asyncio.gather(*permits))
    assert granted == sent[0]["contacts"]


async def test_in_quarantine_nobody_is_given_work(stores: Stores) -> None:
    """Neither an agent nor a dispatcher is handed what no permit would let begin; both learn what holds it back."""
    playbook, at = situations.playbook(), await now(stores)
    await stores.playbooks.publish(playbook, base=None, author="test", why="test")
    for candidate in (situations.CALL, SMS):
        assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), at, candidate)), Reserved)
    await stores.database.write(lambda tx: hold(tx, "boss"))
    assert await stores.ledger.due("sms", 10) == []
    assert await stores.tasks.next(AGENT, "outbound_call", 60) is None
    _, blocked = await stores.tasks.waiting(AGENT, "outbound_call")
    assert [each.rule for each in blocked] == ["halt.quarantine"]

"""The contact ledger keeps its promises on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from contact.faults import Conflict, LeaseLost
from contact.ports import Completion, Permit, Person, Receipt, Reserved, Wish
from contact.storage.open import Stores
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, HOUR, MINUTE, Instant
from strategies.profile import Consent, Profile
from strategies.verdict import Verdict
from tests.contracts import situations
from tests.contracts.situations import ACCOUNT_ONCE_A_DAY, CALL_ONCE_A_DAY, profile, wish

AGENT = Person("a1", "Agent One", "agent", None, channels=("outbound_call",))
SMS = Candidate(channel="sms", category="marketing")


async def now(stores: Stores) -> Instant:
    return (await stores.clock.now()).at


async def published(stores: Stores, rules: str = "") -> Playbook:
    playbook = situations.playbook(rules)
    await stores.playbooks.publish(playbook, base=None, author="test", why="test")
    return playbook


async def reserved(stores: Stores, wanted: Wish) -> Reserved:
    answer = await stores.ledger.reserve(wanted)
    assert isinstance(answer, Reserved), answer
    return answer


async def history(stores: Stores, contact: str) -> list[str]:
    moves = await stores.database.read(lambda tx: tx.rows("moves_of_contacts", contacts=[contact]))
    return [move["to_state"] for move in moves]


async def test_f8_of_200_concurrent_requests_one_takes_the_last_place(stores: Stores) -> None:
    """F8: exactly one reservation; 199 refusals with the same clear time."""
    playbook, at = situations.playbook(CALL_ONCE_A_DAY), await now(stores)
    answers = await asyncio.gather(
        *(stores.ledger.reserve(wish(playbook, profile(), at)) for _ in range(200))
    )
    grants = [answer for answer in answers if isinstance(answer, Reserved)]
    refusals = [answer for answer in answers if isinstance(answer, Verdict)]
    assert len(grants) == 1 and len(refusals) == 199
    assert {refusal.rules for refusal in refusals} == {("p.daily",)}
    assert {refusal.until for refusal in refusals} == {Instant(grants[0].planned_at + DAY)}


async def test_f14_a_call_to_one_customer_blocks_the_whole_account_also_concurrently(stores: Stores) -> None:
    """F14: account cap one call a day, three lines, two customers: one grant however they ask."""
    playbook, at = situations.playbook(ACCOUNT_ONCE_A_DAY), await now(stores)
    lines = [("C1", "n1"), ("C1", "n2"), ("C2", "n3")]
    people = [profile(customer, account="A1", number=number) for customer, number in lines]
    answers = await asyncio.gather(
        *(stores.ledger.reserve(wish(playbook, people[n % 3], at)) for n in range(60))
    )
    assert sum(isinstance(answer, Reserved) for answer in answers) == 1


async def test_f9_an_expired_reservation_returns_its_place_and_leaves_both_moves(stores: Stores) -> None:
    """F9: the place comes back; the contact's history shows reserved and expired with their instants."""
    playbook, at = await published(stores, CALL_ONCE_A_DAY), await now(stores)
    first = await reserved(stores, wish(playbook, profile(), at, valid_until=Instant(at + HOUR)))
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), at)), Verdict)
    await stores.clock.move_to(Instant(at + 2 * HOUR))
    assert (await stores.tasks.sweep())["reservations_expired"] == 1
    assert await history(stores, first.contact) == ["reserved", "expired"]
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), at)), Reserved)


async def test_a_refusal_that_may_wait_becomes_a_reservation_at_its_clearing_instant(stores: Stores) -> None:
    """F10: a deferral is a reservation; it counts where it will happen."""
    playbook, at = situations.playbook(CALL_ONCE_A_DAY), await now(stores)
    first = await reserved(stores, wish(playbook, profile(), at))
    later = await reserved(
        stores, wish(playbook, profile(), at, valid_until=Instant(at + 3 * DAY), may_defer=True)
    )
    assert later.deferred and later.planned_at == first.planned_at + DAY


async def test_q3_a_clearing_instant_past_validity_is_refused_as_expired(stores: Stores) -> None:
    """Q3: no reservation; refused ``task.expired`` together with the rule that caused it."""
    playbook, at = situations.playbook(CALL_ONCE_A_DAY), await now(stores)
    await reserved(stores, wish(playbook, profile(), at))
    answer = await stores.ledger.reserve(wish(playbook, profile(), at, may_defer=True))
    assert isinstance(answer, Verdict)
    assert answer.rules == ("p.daily", "task.expired")


async def test_an_opt_out_cancels_queued_tasks_and_forbids_the_permit(stores: Stores) -> None:
    """G3: once a withdrawal is acknowledged nothing reserved before it is handed over, also on an old profile."""
    playbook, at = await published(stores), await now(stores)
    who = profile()
    waiting = await reserved(stores, wish(playbook, who, at, SMS))
    withdrawal = Consent(False, await now(stores), "all", "promotional", customer=who.customer, source="test")
    assert await stores.ledger.record_consent(withdrawal) == 1
    assert (await stores.tasks.get(waiting.task)).state == "cancelled"
    with pytest.raises(Conflict):
        await stores.ledger.permit(waiting.contact, who, playbook)
    answer = await stores.ledger.reserve(wish(playbook, who, at, SMS))
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)


async def test_a_permit_asks_all_rules_again(stores: Stores) -> None:
    """What was lawful when reserved is deferred or cancelled when it no longer is."""
    playbook, at = await published(stores), await now(stores)
    waiting = await reserved(stores, wish(playbook, profile(), at, SMS))
    night = situations.playbook('  - {rule: hours, effect: hours, open: [{from: "00:00", to: "00:01"}]}\n')
    answer = await stores.ledger.permit(waiting.contact, profile(), night)
    if isinstance(answer, Permit):
        pytest.skip("asked in the one open minute of the day")
    assert answer.rules == ("p.hours",)
    task = await stores.tasks.get(waiting.task)
    assert task.state == (
        "waiting" if answer.until is not None and answer.until < task.valid_until else "cancelled"
    )


async def send(stores: Stores, playbook: Playbook, who: Profile) -> Permit:
    waiting = await reserved(stores, wish(playbook, who, await now(stores), SMS))
    permit = await stores.ledger.permit(waiting.contact, who, playbook)
    assert isinstance(permit, Permit)
    return permit


async def test_a_receipt_is_applied_once_in_any_order(stores: Stores) -> None:
    """G6: early, twice or late, the contact ends where the reports say."""
    playbook = await published(stores)
    permit = await send(stores, playbook, profile())
    receipt = Receipt("r1", permit.contact, "delivered", permit.at)
    assert await stores.ledger.receive(receipt) is True
    assert await stores.ledger.receive(receipt) is False
    await stores.ledger.confirm(permit.contact, permit.fence, "ref")
    assert await history(stores, permit.contact) == ["reserved", "sending", "sent", "delivered"]
    assert (await stores.tasks.get(permit.task)).state == "done"


async def test_a_gateways_final_no_releases_the_contact_and_a_passing_one_keeps_it(stores: Stores) -> None:
    """Released never counts; a throttled hand-over is reserved again, its attempt undone."""
    playbook = await published(stores)
    first = await send(stores, playbook, profile("C1"))
    await stores.ledger.refused(first.contact, first.fence, passing=False, why="bad number")
    assert await history(stores, first.contact) == ["reserved", "sending", "released"]
    second = await send(stores, playbook, profile("C2"))
    await stores.ledger.refused(second.contact, second.fence, passing=True, why="throttled")
    task = await stores.tasks.get(second.task)
    assert (task.state, task.attempts) == ("waiting", 0)


async def test_a_hand_over_nobody_confirmed_becomes_unknown_and_still_counts(stores: Stores) -> None:
    """G5: a stale ``sending`` is never sent again by itself, and frees no place."""
    playbook = await published(stores, CALL_ONCE_A_DAY.replace("outbound_call", "sms"))
    permit = await send(stores, playbook, profile())
    await stores.clock.move_to(Instant(permit.at + 3 * MINUTE))
    assert (await stores.tasks.sweep())["became_unknown"] == 1
    assert await history(stores, permit.contact) == ["reserved", "sending", "unknown"]
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), permit.at, SMS)), Verdict)


async def test_d5_two_agents_pull_at_once_and_one_lease_is_given(stores: Stores) -> None:
    """D5: one lease; when it lapses the task returns once and no attempt is counted."""
    playbook, at = await published(stores), await now(stores)
    waiting = await reserved(stores, wish(playbook, profile(), at))
    agents = [replace(AGENT, id=f"a{n}") for n in range(8)]
    pulled = await asyncio.gather(*(stores.tasks.next(agent, "outbound_call", 0.0) for agent in agents))
    leases = [task for task in pulled if task is not None]
    assert len(leases) == 1
    assert (await stores.tasks.sweep())["leases_lapsed"] == 1
    task = await stores.tasks.get(waiting.task)
    assert (task.state, task.attempts) == ("waiting", 0)
    with pytest.raises(LeaseLost):
        await stores.ledger.permit(waiting.contact, profile(), playbook, fence=leases[0].fence, person="a0")


async def test_one_agent_who_pulls_ten_times_at_once_holds_one_task(stores: Stores) -> None:
    """However fast the key is pressed, a person holds one lease in a channel."""
    playbook, at = await published(stores), await now(stores)
    for n in range(10):
        await reserved(stores, wish(playbook, profile(f"C{n}"), at))
    pulled = await asyncio.gather(*(stores.tasks.next(AGENT, "outbound_call", 60.0) for _ in range(10)))
    assert len({task.id for task in pulled if task is not None}) == 1


async def started(stores: Stores, playbook: Playbook, who: Profile) -> tuple[Reserved, int]:
    waiting = await reserved(stores, wish(playbook, who, await now(stores)))
    task = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert task is not None
    permit = await stores.ledger.permit(waiting.contact, who, playbook, fence=task.fence, person=AGENT.id)
    assert isinstance(permit, Permit)
    return waiting, task.fence


async def test_d5_an_agents_machine_that_dies_after_the_call_began_leaves_unknown(stores: Stores) -> None:
    """D5: started and never reported is ``unknown`` and counts."""
    playbook = await published(stores, CALL_ONCE_A_DAY)
    waiting, _ = await started(stores, playbook, profile())
    assert (await stores.tasks.sweep())["leases_lapsed"] == 0
    await stores.clock.move_to(Instant(waiting.planned_at + 3 * HOUR))
    assert (await stores.tasks.sweep())["became_unknown"] == 1
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), waiting.planned_at)), Verdict)


async def test_an_outcome_ends_the_task_and_an_opt_out_goes_with_it(stores: Stores) -> None:
    """Outcome, contact, task and opt-out are one transaction; another outcome for it is refused."""
    playbook = await published(stores)
    waiting, fence = await started(stores, playbook, profile())
    withdrawal = Consent(
        False, await now(stores), "outbound_call", "promotional", customer="C1", source="agent"
    )
    completion = Completion(
        waiting.task, fence, AGENT.id, "do_not_contact", "asked not to be called", withdrawal
    )
    assert (await stores.tasks.complete(completion, playbook)).state == "done"
    assert await history(stores, waiting.contact) == ["reserved", "sending", "sent"]
    with pytest.raises(LeaseLost):
        await stores.tasks.complete(completion, playbook)
    answer = await stores.ledger.reserve(wish(playbook, profile(), await now(stores)))
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)


async def test_no_answer_reserves_a_further_attempt_of_the_same_task(stores: Stores) -> None:
    """A retry is a new contact of the task, reserved at its time, as often as the channel's file allows."""
    playbook, who = await published(stores), profile()
    waiting, fence = await started(stores, playbook, who)
    completion = Completion(waiting.task, fence, AGENT.id, "no_answer", profile=who)
    task = await stores.tasks.complete(completion, playbook)
    assert task.state == "waiting" and task.contact != waiting.contact
    assert task.not_before >= waiting.planned_at + HOUR
    await stores.clock.move_to(task.not_before)
    again = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert again is not None and again.id == waiting.task and task.contact is not None
    assert isinstance(
        await stores.ledger.permit(task.contact, who, playbook, fence=again.fence, person=AGENT.id), Permit
    )
    last = await stores.tasks.complete(replace(completion, fence=again.fence), playbook)
    assert (last.state, last.attempts) == ("done", 2)

"""Two ids that are one person, and numbers that change hands, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contact.domain.acts import Act
from contact.faults import Conflict, NotFound
from contact.ports import Completion, Correction, Permit, Reserved
from contact.storage.audits.ledger_check import check_ledger
from contact.storage.open import Stores
from strategies.declared.playbook import Playbook
from strategies.instants import MINUTE, Instant
from strategies.profile import Consent, CustomerId
from strategies.verdict import Verdict
from tests.contracts import situations
from tests.contracts.situations import CALL_ONCE_A_DAY, profile, wish
from tests.contracts.test_ledger import AGENT, SMS, now, published, reserved, started

ACT = Act("boss", "admin", "customers.merged", why="one person")
RECYCLED = Act("boss", "admin", "number.recycled", why="given out again")
OLD, NEW = CustomerId("C1"), CustomerId("C2")


async def known(stores: Stores, *customers: str) -> None:
    """Identities of these customers, as an import leaves them."""
    for each in customers:
        await stores.database.write(
            lambda tx, each=each: tx.connection.execute(  # type: ignore[misc]
                "INSERT INTO identity (customer_id, customer_hash, bucket, account_id, number_hash) "
                f"VALUES ('{each}', 1, 1, '{each}', 'hash-of-{each}')"
            )
        )


def consent(
    given: bool, customer: str, at: Instant, channel: str = "sms", category: str = "marketing"
) -> Consent:
    return Consent(given, at, channel, category, customer=customer, source="test")


async def test_history_consents_and_tasks_of_the_old_id_are_the_new_ones(stores: Stores) -> None:
    """A cap that both used up together refuses; the waiting task goes on for the new id; the old id is gone for good."""
    playbook = await published(stores, CALL_ONCE_A_DAY)
    await known(stores, OLD, NEW)
    waiting = await reserved(stores, wish(playbook, profile(OLD), await now(stores)))
    done = await stores.people.merge(OLD, NEW, playbook, ACT)
    assert (done.contacts, done.tasks) == (1, 1)
    assert (await stores.tasks.get(waiting.task)).customer == NEW
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(NEW), await now(stores))), Verdict)
    assert isinstance(await stores.ledger.permit(waiting.contact, profile(NEW), playbook), Permit)
    assert await stores.people.merged_into(OLD) == NEW
    with pytest.raises(NotFound):
        await stores.customers.identity(OLD)
    (entry,) = await stores.audit.page(act="customers.merged")
    assert entry.act.about == NEW and entry.act.details["old"] == OLD


async def test_what_was_lawful_for_two_is_no_finding_once_they_are_one(stores: Stores) -> None:
    """Each was called once a day and one objected; together they are held to both only from the merger on."""
    loose, capped = situations.playbook(), await published(stores, CALL_ONCE_A_DAY)
    await known(stores, OLD, NEW)
    for each in (OLD, NEW):
        call = await reserved(stores, wish(capped, profile(each), await now(stores)))
        assert isinstance(await stores.ledger.permit(call.contact, profile(each), capped), Permit)
    at = await now(stores)
    await stores.ledger.record_consent(consent(False, OLD, at, "all", "promotional"))
    message = await reserved(stores, wish(capped, profile(NEW), at, SMS))
    assert isinstance(await stores.ledger.permit(message.contact, profile(NEW), capped), Permit)
    await stores.people.merge(OLD, NEW, capped, ACT)
    assert await findings(stores, capped) == {}
    service = replace(situations.CALL, category="service", promotional=False)
    later = await reserved(stores, wish(loose, profile(NEW), await now(stores), service))
    assert (await findings(stores, capped))["cap p.daily"] == (later.contact,)
    await stores.database.write(
        lambda tx: tx.connection.execute(
            f"UPDATE contact SET promotional = 1, state = 'sent', attempt_us = {at + MINUTE} "
            f"WHERE id = '{later.contact}'"
        )
    )
    assert (await findings(stores, capped))["handed_over_after_withdrawal"] == (later.contact,)


async def findings(stores: Stores, playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """What the check of the ledger finds."""
    report = await check_ledger(stores.database, playbook)
    return {name: ids for name, ids in report.found.items() if ids}


@pytest.mark.parametrize("objecting", [OLD, NEW])
async def test_of_two_consents_the_stricter_binds_whoever_said_it(
    stores: Stores, objecting: CustomerId
) -> None:
    """One had withdrawn, the other granted later: together they have withdrawn."""
    playbook = await published(stores)
    await known(stores, OLD, NEW)
    granting = NEW if objecting == OLD else OLD
    at = await now(stores)
    await stores.ledger.record_consent(consent(False, objecting, at, "all", "promotional"))
    await stores.ledger.record_consent(consent(True, granting, Instant(at + 1)))
    assert (await stores.people.merge(OLD, NEW, playbook, ACT)).stricter == 1
    answer = await stores.ledger.reserve(wish(playbook, profile(NEW), await now(stores), SMS))
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)


async def test_what_the_objector_had_given_back_stays_given(stores: Stores) -> None:
    """A withdrawal that its own maker lifted for SMS does not come back by a merger."""
    playbook = await published(stores)
    await known(stores, OLD, NEW)
    at = await now(stores)
    await stores.ledger.record_consent(consent(False, OLD, at, "all", "promotional"))
    await stores.ledger.record_consent(consent(True, OLD, Instant(at + 1)))
    await stores.ledger.record_consent(consent(True, NEW, Instant(at + 2)))
    assert (await stores.people.merge(OLD, NEW, playbook, ACT)).stricter == 0
    assert isinstance(
        await stores.ledger.reserve(wish(playbook, profile(NEW), await now(stores), SMS)), Reserved
    )


async def test_a_merger_happens_once_and_among_people_who_are_here(stores: Stores) -> None:
    """Unknown ids are not found, the same id or one merged before is a conflict."""
    await known(stores, OLD, NEW)
    with pytest.raises(NotFound):
        await stores.people.merge(OLD, CustomerId("C9"), None, ACT)
    with pytest.raises(Conflict):
        await stores.people.merge(OLD, OLD, None, ACT)
    await stores.people.merge(OLD, NEW, None, ACT)
    with pytest.raises(Conflict):
        await stores.people.merge(OLD, NEW, None, ACT)


async def test_a_recycled_number_does_not_bind_its_new_owner(stores: Stores) -> None:
    """Opt-out and cap by number end for the new owner; the former owner's waiting task is cancelled, never sent there."""
    rules = CALL_ONCE_A_DAY.replace("effect: cap", "effect: cap\n    subject: number")
    playbook = await published(stores, rules)
    number = "+8613800138001"
    hash = stores.hasher(number)
    former, owner = profile("C1", number=hash), profile("C2", number=hash)
    at = await now(stores)
    called = await reserved(stores, wish(playbook, former, at))
    await stores.ledger.permit(called.contact, former, playbook)
    waiting = await reserved(stores, wish(playbook, former, at, SMS))
    assert isinstance(await stores.ledger.reserve(wish(playbook, owner, at)), Verdict)
    said = Consent(False, at, "web", "all", number_hash=hash, source="test")
    await stores.ledger.record_consent(said)
    later = Instant(await now(stores) + 1)
    done = await stores.people.recycle(number, later, RECYCLED)
    assert (done.consents, done.tasks) == (1, 1)
    assert (await stores.tasks.get(waiting.task)).reason == "number_recycled"
    assert isinstance(await stores.ledger.reserve(wish(playbook, owner, await now(stores))), Reserved)
    events = await stores.database.read(lambda tx: tx.rows("customer_events", customer="C1", limit=5))
    assert [each["type"] for each in events] == ["number_recycled"]


async def test_the_former_owner_keeps_the_history_of_their_own(stores: Stores) -> None:
    """A cap of the person still counts what went to the number they had."""
    playbook = await published(stores, CALL_ONCE_A_DAY)
    number = "+8613800138001"
    former = profile("C1", number=stores.hasher(number))
    called = await reserved(stores, wish(playbook, former, await now(stores)))
    await stores.ledger.permit(called.contact, former, playbook)
    await stores.people.recycle(number, Instant(await now(stores) + 1), RECYCLED)
    assert isinstance(await stores.ledger.reserve(wish(playbook, former, await now(stores))), Verdict)


async def test_what_was_under_way_to_a_recycled_number_does_not_wait_for_another_try(stores: Stores) -> None:
    """A gateway that would take it later is not asked again: what the new owner says of the number finds all that waits."""
    playbook, number = await published(stores), "+8613800138001"
    former = profile("C1", number=stores.hasher(number))
    sent = await reserved(stores, wish(playbook, former, await now(stores), SMS))
    permit = await stores.ledger.permit(sent.contact, former, playbook)
    assert isinstance(permit, Permit)
    done = await stores.people.recycle(number, Instant(await now(stores) + 1), RECYCLED)
    assert (done.contacts, done.tasks) == (1, 0)
    await stores.ledger.refused(sent.contact, permit.fence, passing=True, why="busy")
    task = await stores.tasks.get(sent.task)
    assert (task.state, task.reason) == ("cancelled", "number_recycled")
    assert (await stores.ledger.get(sent.contact)).state == "released"


async def test_nobody_calls_again_at_a_recycled_number(stores: Stores) -> None:
    """Whoever was being called as their number changed hands, and did not answer, is not tried there once more."""
    playbook, number = await published(stores), "+8613800138001"
    former = profile("C1", number=stores.hasher(number))
    called, fence = await started(stores, playbook, former)
    await stores.people.recycle(number, Instant(await now(stores) + 1), RECYCLED)
    told = Completion(called.task, fence, AGENT.id, "no_answer", profile=former)
    task = await stores.tasks.complete(told, playbook)
    assert (task.state, task.reason) == ("done", "no_answer")


def by_number(number: str, at: Instant) -> Consent:
    """What an agent's button tells of a number, for everything."""
    return Consent(False, at, "all", "all", number_hash=number, source="agent", evidence="task by a1")


@pytest.mark.parametrize("corrected", [False, True])
async def test_an_opt_out_told_before_the_number_changed_hands_binds_the_person(
    stores: Stores, corrected: bool
) -> None:
    """The agent presses the button, or sets the outcome right, later: the new owner said nothing, the former one did."""
    playbook, number = await published(stores), "+8613800138001"
    hash = stores.hasher(number)
    former, owner = profile("C1", number=hash), profile("C2", number=hash)
    called, fence = await started(stores, playbook, former)
    await stores.people.recycle(number, Instant(await now(stores) + 1), RECYCLED)
    said = by_number(hash, await now(stores))
    first, withdraw = ("no_answer", None) if corrected else ("do_not_contact", said)
    told = Completion(called.task, fence, AGENT.id, first, withdraw=withdraw, profile=former)
    await stores.tasks.complete(told, playbook)
    if corrected:
        kept = (await stores.ledger.get(called.contact)).candidate.number_hash  # as a face reads it by now
        said = by_number(kept or "", await now(stores))
        setting = Correction(called.contact, "do_not_contact", ACT, withdraw=said, profile=former)
        await stores.ledger.correct(setting, playbook)
    moved = replace(former, number_hash="another number")
    answer = await stores.ledger.reserve(wish(playbook, moved, await now(stores), SMS))
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)
    assert isinstance(await stores.ledger.reserve(wish(playbook, owner, await now(stores), SMS)), Reserved)
    records = await stores.database.read(lambda tx: tx.rows("read_consents", customer="C1", numbers=[hash]))
    assert [(each["customer_id"], each["number_hash"], each["category"]) for each in records] == [
        ("C1", None, "promotional")
    ]


async def test_a_call_after_the_number_changed_hands_was_with_its_new_owner(stores: Stores) -> None:
    """That it had changed hands was told only during the call: who answered has the number, and said so for it."""
    playbook, number = await published(stores), "+8613800138001"
    hash = stores.hasher(number)
    former, owner = profile("C1", number=hash), profile("C2", number=hash)
    waiting = await reserved(stores, wish(playbook, former, await now(stores)))
    changed = Instant(await now(stores) + MINUTE)
    await stores.clock.move_to(Instant(changed + MINUTE))
    task = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert task is not None
    permit = await stores.ledger.permit(waiting.contact, former, playbook, fence=task.fence, person=AGENT.id)
    assert isinstance(permit, Permit)
    await stores.people.recycle(number, changed, RECYCLED)
    said = by_number(hash, await now(stores))
    told = Completion(task.id, task.fence, AGENT.id, "do_not_contact", withdraw=said, profile=former)
    await stores.tasks.complete(told, playbook)
    answer = await stores.ledger.reserve(wish(playbook, owner, await now(stores), SMS))
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)
    moved = replace(former, number_hash="another number")
    assert isinstance(await stores.ledger.reserve(wish(playbook, moved, await now(stores), SMS)), Reserved)


async def test_what_happened_between_the_change_and_its_telling_was_with_the_new_owner(
    stores: Stores,
) -> None:
    """A message that went out since counts for the number; a task made since for the former owner never goes there."""
    rules = CALL_ONCE_A_DAY.replace("effect: cap", "effect: cap\n    subject: number")
    playbook, number = await published(stores, rules), "+8613800138001"
    hash = stores.hasher(number)
    former, owner = profile("C1", number=hash), profile("C2", number=hash)
    called = await reserved(stores, wish(playbook, former, await now(stores)))
    changed = Instant(await now(stores) + MINUTE)
    await stores.clock.move_to(Instant(changed + MINUTE))
    permit = await stores.ledger.permit(called.contact, former, playbook)
    assert isinstance(permit, Permit)
    await stores.ledger.confirm(called.contact, permit.fence, "r1")
    of_former = await reserved(stores, wish(playbook, former, await now(stores), SMS))
    of_owner = await reserved(stores, wish(playbook, owner, await now(stores), SMS))
    done = await stores.people.recycle(number, changed, RECYCLED)
    assert (done.contacts, done.tasks) == (0, 1)
    assert (await stores.tasks.get(of_former.task)).reason == "number_recycled"
    assert (await stores.tasks.get(of_owner.task)).state == "waiting"
    assert isinstance(await stores.ledger.reserve(wish(playbook, owner, await now(stores))), Verdict)

"""Whose word an opt-out is where its number has changed hands, once or twice, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contact.domain.acts import Act
from contact.ports import Completion, Correction, Permit, Reserved
from contact.storage.open import Stores
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import HOUR, MINUTE, Instant
from strategies.profile import Consent, CustomerId
from tests.contracts.situations import CALL, profile, wish
from tests.contracts.test_ledger import AGENT, SMS, now, published, reserved
from tests.contracts.test_ledger_people import ACT, NEW, OLD, RECYCLED, consent, known

NUMBER = "+8613800138001"
LIFTED = Act("boss", "supervisor", "outcome.corrected", why="heard the recording")


async def may(stores: Stores, playbook: Playbook, customer: str, number: str, candidate: Candidate) -> bool:
    """Whether this customer, who has this number today, would be contacted."""
    who = profile(customer, number=number)
    return isinstance(
        await stores.ledger.reserve(wish(playbook, who, await now(stores), candidate)), Reserved
    )


async def later(stores: Stores, by: int = MINUTE) -> Instant:
    """The store's clock after so long."""
    moment = Instant(await now(stores) + by)
    await stores.clock.move_to(moment)
    return moment


async def called_the_second_owner(stores: Stores, playbook: Playbook) -> tuple[Reserved, int]:
    """A call made for C1 that begins after the number went to C2, which is told during the call; then it goes to C3."""
    hash = stores.hasher(NUMBER)
    first = profile("C1", number=hash)
    waiting = await reserved(stores, wish(playbook, first, await now(stores)))
    to_second = await later(stores)
    await later(stores)
    task = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert task is not None
    permit = await stores.ledger.permit(waiting.contact, first, playbook, fence=task.fence, person=AGENT.id)
    assert isinstance(permit, Permit)
    await stores.people.recycle(NUMBER, to_second, RECYCLED)
    await later(stores)
    await reserved(stores, wish(playbook, profile("C2", number=hash), await now(stores), SMS))
    to_third = await later(stores)
    await stores.people.recycle(NUMBER, to_third, RECYCLED)
    return waiting, task.fence


@pytest.mark.parametrize("corrected", [False, True])
async def test_a_number_that_changed_hands_twice_in_a_call_binds_its_owner_of_then(
    stores: Stores, corrected: bool
) -> None:
    """C2 spoke: they are bound where they have another number, and C3, who has this one now, is not."""
    playbook, hash = await published(stores), stores.hasher(NUMBER)
    call, fence = await called_the_second_owner(stores, playbook)
    said = Consent(
        False,
        await now(stores),
        "all",
        "all",
        number_hash=hash,
        source="agent",
        evidence=f"task {call.task} by a1",
    )
    first = ("no_answer", None) if corrected else ("do_not_contact", said)
    who = profile("C1", number=hash)
    await stores.tasks.complete(
        Completion(call.task, fence, AGENT.id, first[0], withdraw=first[1], profile=who), playbook
    )
    if corrected:
        setting = Correction(call.contact, "do_not_contact", ACT, withdraw=said, profile=who)
        await stores.ledger.correct(setting, playbook)
    assert not await may(stores, playbook, "C2", "another number", SMS)
    assert await may(stores, playbook, "C3", hash, SMS)
    assert not await may(stores, playbook, "C1", "a third number", SMS), "whom the agent meant to call"
    lifted = Correction(call.contact, "accepted", LIFTED, may_lift=True, profile=who)
    await stores.ledger.correct(lifted, playbook)
    assert await may(stores, playbook, "C2", "another number", SMS), "taken back for everybody it bound"


async def test_an_owner_nobody_knows_leaves_the_number_bound(stores: Stores) -> None:
    """Nothing was ever to go to the second owner: their word still stands at the number, if for its third owner too."""
    playbook, hash = await published(stores), stores.hasher(NUMBER)
    first = profile("C1", number=hash)
    waiting = await reserved(stores, wish(playbook, first, await now(stores)))
    changed = await later(stores)
    task = await stores.tasks.next(AGENT, "outbound_call", 60.0)
    assert task is not None
    await stores.ledger.permit(waiting.contact, first, playbook, fence=task.fence, person=AGENT.id)
    for at in (changed, await later(stores)):
        await stores.people.recycle(NUMBER, at, RECYCLED)
    said = Consent(False, await now(stores), "all", "all", number_hash=hash, source="agent", evidence="task")
    told = Completion(task.id, task.fence, AGENT.id, "do_not_contact", withdraw=said, profile=first)
    await stores.tasks.complete(told, playbook)
    assert not await may(stores, playbook, "C3", hash, SMS)


@pytest.mark.parametrize(("ago", "binds"), [(MINUTE, True), (3 * HOUR, False)])
async def test_an_opt_out_under_way_as_its_number_changed_hands_binds_both(
    stores: Stores, ago: int, binds: bool
) -> None:
    """Nobody can say who sent it: the number is bound, and so is whoever had it when it may have been sent."""
    playbook, hash = await published(stores), stores.hasher(NUMBER)
    await reserved(stores, wish(playbook, profile("C1", number=hash), await now(stores), SMS))
    await stores.people.recycle(NUMBER, await later(stores), RECYCLED)
    at = await later(stores, 2 * HOUR if not binds else MINUTE)
    stop = Consent(False, at, "sms", "promotional", number_hash=hash, source="reply", evidence="m1")
    for _ in range(2):  # a gateway's repeat
        await stores.ledger.record_consents([stop], idempotency="reply:m1", said_since=Instant(at - HOUR))
    assert not await may(stores, playbook, "C2", hash, SMS)
    assert await may(stores, playbook, "C1", "another number", SMS) == (not binds)
    assert await may(stores, playbook, "C1", "another number", CALL), "by SMS was all they said"
    found = await stores.database.read(lambda tx: tx.rows("read_consents", customer="C1", numbers=[]))
    assert len(found) == int(binds)


async def test_a_change_of_hands_committed_between_hearing_and_storing_is_seen(stores: Stores) -> None:
    """Who has the number was read before, and the change came in between: both are bound."""
    playbook, hash = await published(stores), stores.hasher(NUMBER)
    await reserved(stores, wish(playbook, profile("C1", number=hash), await now(stores), SMS))
    heard = await later(stores)
    await stores.people.recycle(NUMBER, await later(stores), RECYCLED)
    await stores.ledger.record_consent(Consent(False, heard, "all", "all", number_hash=hash, source="shop"))
    assert not await may(stores, playbook, "C1", "another number", SMS)
    assert not await may(stores, playbook, "C2", hash, SMS)


@pytest.mark.parametrize("given_since", [False, True])
async def test_what_was_withdrawn_by_a_number_outlasts_its_change_of_hands(
    stores: Stores, given_since: bool
) -> None:
    """The former owner is not advertised to at their next number, unless they allowed it since; the new one is free."""
    playbook, hash = await published(stores), stores.hasher(NUMBER)
    await reserved(stores, wish(playbook, profile("C1", number=hash), await now(stores), SMS))
    said = Consent(False, await now(stores), "all", "all", number_hash=hash, source="agent")
    await stores.ledger.record_consent(said)
    if given_since:
        await stores.ledger.record_consent(consent(True, "C1", await later(stores)))
    await stores.people.recycle(NUMBER, await later(stores), RECYCLED)
    assert await may(stores, playbook, "C1", "another number", SMS) == given_since
    service = replace(SMS, category="service", promotional=False)
    assert await may(stores, playbook, "C1", "another number", service)
    assert await may(stores, playbook, "C2", hash, SMS)
    (act,) = await stores.audit.page(act="number.recycled")
    assert act.act.details["kept"] == 1


@pytest.mark.parametrize("granting", [None, OLD, NEW])
async def test_what_was_withdrawn_by_the_old_ids_number_binds_the_new_id(
    stores: Stores, granting: CustomerId | None
) -> None:
    """A STOP from a number that was nobody's yet bound the old id alone; a grant of the new id does not lift it."""
    playbook = await published(stores)
    await known(stores, OLD, NEW)
    stop = Consent(
        False, await now(stores), "sms", "promotional", number_hash=f"hash-of-{OLD}", source="reply"
    )
    await stores.ledger.record_consent(stop)
    if granting is not None:
        await stores.ledger.record_consent(consent(True, granting, await later(stores)))
    await stores.people.merge(OLD, NEW, playbook, ACT)
    assert await may(stores, playbook, NEW, f"hash-of-{NEW}", SMS) == (granting == OLD)


async def test_nothing_happens_to_whoever_is_forgotten(stores: Stores) -> None:
    """A number that an erased customer had changes hands: no event is kept of them again."""
    playbook, hash = await published(stores), stores.hasher(NUMBER)
    await reserved(stores, wish(playbook, profile("C1", number=hash), await now(stores), SMS))
    await stores.database.write(lambda tx: tx.run("insert_erased", customer="C1", at_us=tx.now()))
    await stores.people.recycle(NUMBER, await later(stores), RECYCLED)
    assert await stores.database.read(lambda tx: tx.rows("customer_events", customer="C1", limit=5)) == []

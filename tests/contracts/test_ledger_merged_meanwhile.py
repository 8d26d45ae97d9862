"""What was read of a customer before a merger or an erasure decides nothing after it, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contact.domain.acts import Act
from contact.faults import Conflict
from contact.ports import Completion, Permit, Wish
from contact.storage.databases.opt_out_journal import Entry
from contact.storage.generations.files import Generations
from contact.storage.ledger import consents
from contact.storage.open import Stores
from contact.storage.privacy.erasing import Erasures
from strategies.declared.playbook import Playbook
from strategies.instants import MINUTE, Instant
from strategies.profile import Profile
from strategies.verdict import Verdict
from tests.contracts.situations import CALL_ONCE_A_DAY, profile, wish
from tests.contracts.test_ledger import AGENT, SMS, now, published, reserved
from tests.contracts.test_ledger_people import ACT, NEW, OLD, consent, known

ERASED = Act("boss", "admin", "customer.erased", why="asked for")


def as_gathered(customer: str) -> Profile:
    """The customer as a dispatcher or a plan read them while no consent of theirs had been told yet."""
    who = profile(customer)
    return replace(who, epochs=dict.fromkeys(who.subjects(), 0))


async def judged(stores: Stores, playbook: Playbook, who: Profile) -> Wish:
    """A wish of a plan, whose verdict stands where nothing has changed."""
    later = Instant(await now(stores) + MINUTE)
    return wish(playbook, who, await now(stores), planned_at=later, judged=True)


async def test_a_permit_asked_with_the_old_ids_profile_sees_that_it_is_old(stores: Stores) -> None:
    """A dispatcher read the old id, then the two became one: it reads again, and the new id's opt-out binds."""
    playbook = await published(stores)
    await known(stores, OLD, NEW)
    waiting = await reserved(stores, wish(playbook, profile(OLD), await now(stores), SMS))
    before = as_gathered(OLD)
    await stores.ledger.record_consent(consent(False, NEW, await now(stores)))
    await stores.people.merge(OLD, NEW, playbook, ACT)
    with pytest.raises(Conflict):
        await stores.ledger.permit(waiting.contact, before, playbook)
    assert isinstance(await stores.ledger.permit(waiting.contact, profile(NEW), playbook), Verdict)


@pytest.mark.parametrize("how", ["merged", "erased"])
async def test_no_place_is_taken_for_an_id_that_is_nobody_any_more(
    stores: Stores, tmp_path: Path, how: str
) -> None:
    """A plan that read a customer before they were merged or erased reserves nothing for them, and goes on."""
    playbook = await published(stores, CALL_ONCE_A_DAY)
    await known(stores, OLD, NEW)
    gone = await judged(stores, playbook, as_gathered(OLD))
    other = await judged(stores, playbook, as_gathered("C3"))
    if how == "merged":
        await stores.people.merge(OLD, NEW, playbook, ACT)
    else:
        erasures = Erasures(stores.database, Generations(tmp_path), stores.hasher, tmp_path)
        await erasures.erase(OLD, ERASED)
    refused, granted = await stores.ledger.reserve_many([gone, other])
    assert isinstance(refused, Verdict) and refused.rules == ("customer.gone",)
    assert not isinstance(granted, Verdict)
    assert isinstance(await stores.ledger.reserve(replace(gone, judged=False)), Verdict)


async def test_an_opt_out_under_the_old_id_binds_the_new_one(stores: Stores) -> None:
    """Whoever looked the customer up just before the merger stores their withdrawal with the person they are now."""
    playbook = await published(stores)
    await known(stores, OLD, NEW)
    await stores.people.merge(OLD, NEW, playbook, ACT)
    waiting = await reserved(stores, wish(playbook, profile(NEW), await now(stores), SMS))
    assert await stores.ledger.record_consent(consent(False, OLD, await now(stores))) == 1
    assert (await stores.tasks.get(waiting.task)).state == "cancelled"


async def test_what_the_journal_holds_of_the_old_id_binds_the_new_one(stores: Stores) -> None:
    """A withdrawal that reached the journal alone is played back into a store that knows of the merger."""
    playbook = await published(stores)
    await known(stores, OLD, NEW)
    await stores.people.merge(OLD, NEW, playbook, ACT)
    entry = Entry("c1", await now(stores), consent(False, OLD, await now(stores)))
    assert await stores.database.write(lambda tx: consents.restore(tx, entry))
    answer = await stores.ledger.reserve(wish(playbook, profile(NEW), await now(stores), SMS))
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)


async def test_no_attempt_follows_under_the_old_id(stores: Stores) -> None:
    """An outcome told with the old id's profile is told again with the new one's; the next attempt is the new one's."""
    playbook = await published(stores)
    await known(stores, OLD, NEW)
    await reserved(stores, wish(playbook, profile(OLD), await now(stores)))
    task = await stores.tasks.next(AGENT, "outbound_call", 60)
    assert task is not None and task.contact is not None
    before = as_gathered(OLD)
    permit = await stores.ledger.permit(task.contact, before, playbook, fence=task.fence, person=AGENT.id)
    assert isinstance(permit, Permit)
    await stores.people.merge(OLD, NEW, playbook, ACT)
    told = Completion(task.id, task.fence, AGENT.id, "no_answer", profile=before)
    with pytest.raises(Conflict):
        await stores.tasks.complete(told, playbook)
    after = await stores.tasks.complete(replace(told, profile=profile(NEW)), playbook)
    assert after.state == "waiting" and after.contact is not None
    assert (await stores.ledger.get(after.contact)).customer == NEW

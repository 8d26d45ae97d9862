"""An effect is committed with the word that it happened: a repeat after a crash changes nothing a second time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from contact.clock import real_now
from contact.faults import Conflict
from contact.ports.claims import Claim, held, unclaimed
from contact.storage.databases import idempotency
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores
from strategies.instants import HOUR, Instant


async def begun(stores: Stores, key: str = "k") -> Claim:
    found = await stores.idempotency.begin("caller", key, "payload")
    assert found.state == "fresh"
    assert found.claim is not None
    return found.claim


async def jobs(stores: Stores) -> int:
    return len(await stores.jobs.recent(100))


async def test_a_death_after_the_effect_leaves_its_answer(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the commit and its answer; the repeat is answered from what was committed."""
    claim = await begun(stores)
    claim.answer = lambda job: (202, job.id.encode())
    with held(claim):
        job = await stores.jobs.create("plan", {"day": "2030-01-01"})
    again = await stores.idempotency.begin("caller", "k", "payload")
    assert (again.state, again.status, again.body) == ("stored", 202, job.id.encode())


async def test_an_effect_whose_answer_was_lost_is_not_repeated(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an answer made in the transaction a repeat is told that it was carried out, however late it comes."""
    with held(await begun(stores)):
        await stores.jobs.create("plan", {"day": "2030-01-01"})
    assert (await stores.idempotency.begin("caller", "k", "payload")).state == "in_progress"
    monkeypatch.setattr(idempotency, "CLAIM_LASTS", 0)
    assert (await stores.idempotency.begin("caller", "k", "payload")).state == "effected"
    await stores.idempotency.abandon("caller", "k")
    assert (await stores.idempotency.begin("caller", "k", "payload")).state == "effected"
    assert await jobs(stores) == 1


async def test_a_claim_that_was_taken_away_changes_nothing(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that seemed dead and was begun anew loses its right: only the repeat has an effect."""
    slow = await begun(stores)
    monkeypatch.setattr(idempotency, "CLAIM_LASTS", 0)
    repeat = (await stores.idempotency.begin("caller", "k", "payload")).claim
    assert repeat is not None
    with held(slow), pytest.raises(Conflict):
        await stores.jobs.create("plan", {"day": "2030-01-01"})
    with held(repeat):
        await stores.jobs.create("plan", {"day": "2030-01-01"})
    assert await jobs(stores) == 1


async def test_nobody_waits_for_a_claim_of_a_clock_that_was_set_back(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever made it an hour ahead died: the repeat begins anew now, and what did have its effect is not repeated."""
    monkeypatch.setattr(idempotency, "real_now", lambda: Instant(real_now() + HOUR))
    await begun(stores, "dead")
    with held(await begun(stores, "done")):
        await stores.jobs.create("plan", {"day": "2030-01-01"})
    monkeypatch.setattr(idempotency, "real_now", real_now)
    assert (await stores.idempotency.begin("caller", "dead", "payload")).state == "fresh"
    assert (await stores.idempotency.begin("caller", "done", "payload")).state == "effected"
    assert await jobs(stores) == 1


async def test_a_unit_that_raises_leaves_its_claim_as_it_was(stores: Stores) -> None:
    """What changed nothing may come again: the claim is noted in the same savepoint as the effect."""
    with held(await begun(stores)), pytest.raises(ZeroDivisionError):
        await stores.database.write(lambda tx: 1 // 0)
    await stores.idempotency.abandon("caller", "k")
    await begun(stores)


async def test_what_would_be_written_anyway_spends_no_claim(stores: Stores) -> None:
    """Batches of records and scheduled publications, and work that outlives its request, are nobody's claim."""
    claim = await begun(stores)
    with held(claim), unclaimed():
        await stores.jobs.create("plan", {"day": "2030-01-01"})
    await stores.jobs.create("plan", {"day": "2030-01-02"})
    await stores.idempotency.abandon("caller", "k")
    assert (await begun(stores)).since > Instant(0)


async def test_a_key_that_is_given_up_at_that_moment_is_asked_for_again(stores: Stores) -> None:
    """Its row was in the way and is gone a statement later, as another writer's commit may have it: come again."""
    gone = idempotency.Request("caller", "gone", "payload")
    known = await stores.database.write(lambda tx: idempotency._known(tx, gone, real_now()))
    assert known.state == "in_progress"


async def test_requests_that_come_together_keep_each_its_own_claim(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of requests done by one call the one whose claim was taken away fails alone; the others stand with their answers."""
    monkeypatch.setattr(idempotency, "CLAIM_LASTS", 0)
    claims = [await begun(stores, key) for key in "abc"]
    assert (await stores.idempotency.begin("caller", "b", "payload")).state == "fresh"
    held_up = threading.Event()

    def together(tx: Transaction, items: list[str]) -> list[str]:
        for item in items:
            tx.run("insert_erased_line", line_hash=item)
        return items

    async def one(claim: Claim) -> str:
        claim.answer = lambda item: (200, item.encode())
        with held(claim):
            said: str = await stores.database.write_together(together, claim.key)
            return said

    first = asyncio.create_task(stores.database.write(lambda tx: held_up.wait(10)))
    asked = [asyncio.create_task(one(claim)) for claim in claims]
    await asyncio.sleep(0.05)
    held_up.set()
    answers = await asyncio.gather(first, *asked, return_exceptions=True)
    assert answers[1::2] == ["a", "c"] and isinstance(answers[2], Conflict)
    again = [await stores.idempotency.begin("caller", key, "payload") for key in "ac"]
    assert [(each.state, each.body) for each in again] == [("stored", b"a"), ("stored", b"c")]

"""Outcomes set right and unknown contacts reconciled: what was wrong is taken back, everything stays on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contact.domain.acts import Act
from contact.faults import Conflict, Forbidden
from contact.ports import Completion, Correction, Reserved
from contact.storage.backups.journal_replay import Replayed, replay
from contact.storage.databases.opt_out_journal import OptOutJournal
from contact.storage.open import Stores
from strategies.declared.playbook import Playbook
from strategies.profile import Consent
from strategies.verdict import Verdict
from tests.contracts.situations import CALL_ONCE_A_DAY, profile, wish
from tests.contracts.test_ledger import AGENT, SMS, history, now, published, reserved, send, started

ACT = Act("boss", "supervisor", "outcome.corrected", why="heard the recording")
RECONCILED = Act("boss", "supervisor", "contact.reconciled", why="asked the gateway")


async def completed(stores: Stores, playbook: Playbook, result: str, withdraw: bool = False) -> Reserved:
    """A call to C1 that an agent reported as this."""
    called, fence = await started(stores, playbook, profile())
    said = Consent(
        False, await now(stores), "outbound_call", "promotional", customer="C1", source="agent",
        evidence=f"task {called.task} by a1",
    )  # fmt: skip
    completion = Completion(
        called.task, fence, AGENT.id, result, withdraw=said if withdraw else None, profile=profile()
    )
    await stores.tasks.complete(completion, playbook)
    return called


async def moments(stores: Stores, contact: str) -> dict[str, bool]:
    row = await stores.database.read(lambda tx: tx.row("peek_contact", id=contact))
    assert row is not None
    return {name: row[f"{name}_us"] is not None for name in ("connected", "accepted", "rejected")}


async def test_d6_both_outcomes_stay_and_only_the_right_one_counts(stores: Stores) -> None:
    """Sold becomes wrong number: its moments are gone, task, moves, correction and audit tell the story."""
    playbook = await published(stores)
    call = await completed(stores, playbook, "accepted")
    row = await stores.ledger.correct(
        Correction(call.contact, "wrong_number", ACT, profile=profile()), playbook
    )
    assert row.result == "wrong_number" and row.state == "sent"
    assert [(each["result_before"], each["result"]) for each in row.corrections] == [
        ("accepted", "wrong_number")
    ]
    assert await moments(stores, call.contact) == {"connected": True, "accepted": False, "rejected": False}
    assert (await stores.tasks.get(call.task)).reason == "wrong_number"
    assert (await history(stores, call.contact))[-2:] == ["sent", "sent"]
    assert [each.act for each in await stores.audit.page(act="outcome.corrected")] == [ACT]


async def test_a_corrected_outcome_happened_when_it_was_first_told(stores: Stores) -> None:
    """However late it is set right, and however often, its moments lie at the first report."""
    playbook = await published(stores)
    call = await completed(stores, playbook, "no_answer")
    told = (await stores.database.read(lambda tx: tx.rows("moves_of_contacts", contacts=[call.contact])))[-1][
        "at_us"
    ]
    for result in ("rejected", "accepted"):
        await stores.ledger.correct(Correction(call.contact, result, ACT, profile=profile()), playbook)
    row = await stores.database.read(lambda tx: tx.row("peek_contact", id=call.contact))
    assert row is not None
    assert (row["connected_us"], row["accepted_us"], row["rejected_us"]) == (told, told, None)


async def test_an_opt_out_stored_by_mistake_is_taken_back_by_a_supervisor_only(stores: Stores) -> None:
    """Who may not lift it is refused and changes nothing; lifted, it is kept apart and binds no more."""
    playbook = await published(stores)
    call = await completed(stores, playbook, "do_not_contact", withdraw=True)
    at = await now(stores)
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), at)), Verdict)
    correction = Correction(call.contact, "accepted", ACT, profile=profile())
    with pytest.raises(Forbidden):
        await stores.ledger.correct(correction, playbook)
    assert (await stores.ledger.get(call.contact)).result == "do_not_contact"
    await stores.ledger.correct(replace(correction, may_lift=True), playbook)
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), at)), Reserved)
    kept = await stores.database.read(
        lambda tx: tx.connection.execute("SELECT customer_id, why FROM annulled_consent").fetchall()
    )
    assert [row["customer_id"] for row in kept] == ["C1"]


async def test_only_a_standing_outcome_is_corrected_and_not_to_itself(stores: Stores) -> None:
    """A contact without an outcome and a correction that changes nothing are conflicts."""
    playbook = await published(stores)
    waiting = await reserved(stores, wish(playbook, profile("C2"), await now(stores), SMS))
    with pytest.raises(Conflict):
        await stores.ledger.correct(
            Correction(waiting.contact, "accepted", ACT, profile=profile("C2")), playbook
        )
    call = await completed(stores, playbook, "accepted")
    with pytest.raises(Conflict):
        await stores.ledger.correct(Correction(call.contact, "accepted", ACT, profile=profile()), playbook)


@pytest.mark.parametrize(("state", "counts"), [("sent", True), ("not_sent", False)])
async def test_an_unknown_contact_is_reconciled_by_a_person(stores: Stores, state: str, counts: bool) -> None:
    """As sent it keeps its place, as not sent it gives it back; once, and on record."""
    playbook = await published(stores, CALL_ONCE_A_DAY.replace("outbound_call", "sms"))
    sent = await send(stores, playbook, profile())
    await stores.ledger.ambiguous(sent.contact, sent.fence, "no answer")
    assert [each.id for each in await stores.ledger.unknown()] == [sent.contact]
    row = await stores.ledger.reconcile(sent.contact, state, RECONCILED)
    assert row.state == state and await stores.ledger.unknown() == []
    again = await stores.ledger.reserve(wish(playbook, profile(), await now(stores), SMS))
    assert isinstance(again, Verdict) is counts
    with pytest.raises(Conflict):
        await stores.ledger.reconcile(sent.contact, "sent", RECONCILED)
    assert len(await stores.audit.page(act="contact.reconciled")) == 1


async def test_an_outcome_told_after_its_contact_was_reconciled_is_kept(stores: Stores) -> None:
    """A long call became unknown and somebody found that it took place; the agent's outcome still comes and stands."""
    playbook = await published(stores)
    call, fence = await started(stores, playbook, profile())
    await stores.ledger.ambiguous(call.contact, fence=1, why="stale")
    await stores.ledger.reconcile(call.contact, "sent", RECONCILED)
    after = await stores.tasks.complete(
        Completion(call.task, fence, AGENT.id, "accepted", profile=profile()), playbook
    )
    row = await stores.ledger.get(call.contact)
    assert (after.state, row.state, row.result) == ("done", "sent", "accepted")
    assert await moments(stores, call.contact) == {"connected": True, "accepted": True, "rejected": False}
    assert (await history(stores, call.contact))[-3:] == ["sending", "unknown", "sent"]


async def test_an_opt_out_that_was_taken_back_does_not_come_back_from_the_journal(stores: Stores) -> None:
    """A restore plays back the day before the backup too: what a supervisor had annulled by then stays annulled."""
    playbook = await published(stores)
    call = await completed(stores, playbook, "do_not_contact", withdraw=True)
    wrong = Correction(call.contact, "no_answer", ACT, may_lift=True, profile=profile())
    await stores.ledger.correct(wrong, playbook)
    journal = stores.database.journal
    assert isinstance(journal, OptOutJournal)
    assert await replay(stores.database, journal) == Replayed(1, 0, 0)
    await stores.database.write(lambda tx: tx.connection.execute("DELETE FROM annulled_consent"))
    assert await replay(stores.database, journal) == Replayed(1, 1, 0)

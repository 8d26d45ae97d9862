"""``contact ledger check`` finds by its own SQL what the ledger must never do."""

from __future__ import annotations

from functools import partial

import pytest

from contact.ports import Reserved
from contact.storage.audits.ledger_check import MEANINGS, check_in, check_ledger
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores
from strategies.instants import DAY, HOUR, MINUTE, Instant
from tests.contracts import situations
from tests.contracts.situations import CALL_ONCE_A_DAY, profile, wish


async def test_a_sound_ledger_has_no_findings(stores: Stores) -> None:
    """Reservations and refusals leave nothing to report."""
    playbook, at = situations.playbook(CALL_ONCE_A_DAY), (await stores.clock.now()).at
    for _ in range(3):
        await stores.ledger.reserve(wish(playbook, profile(), at))
    report = await check_ledger(stores.database, playbook)
    assert report.violations == 0 and "cap p.daily" in report.found


async def test_a_second_contact_inside_the_window_is_found(stores: Stores) -> None:
    """A ledger written under a looser rule overshoots the tighter one, and every contact over it is named."""
    loose, tight = situations.playbook(), situations.playbook(CALL_ONCE_A_DAY)
    at = (await stores.clock.now()).at
    first = await stores.ledger.reserve(wish(loose, profile(), at))
    second = await stores.ledger.reserve(wish(loose, profile(), at, planned_at=Instant(at + HOUR)))
    assert isinstance(first, Reserved) and isinstance(second, Reserved)
    report = await check_ledger(stores.database, tight)
    assert report.found["cap p.daily"] == (second.contact,)


async def test_two_on_one_day_are_found_and_two_across_midnight_are_not(stores: Stores) -> None:
    """A cap of one a calendar day: the second at noon and at 23:59 is over it, one at 00:01 of the next day is not."""
    loose, tight = situations.playbook(), situations.playbook(DAILY)
    midnight = Instant(((await stores.clock.now()).at // DAY + 2) * DAY)
    hours = {"C1": (-12 * HOUR, -MINUTE), "C2": (-MINUTE, MINUTE)}
    second = {}
    for customer, (one, other) in hours.items():
        for when in (one, other):
            at = Instant(midnight + when)
            until = Instant(midnight + 3 * DAY)
            made = await stores.ledger.reserve(
                wish(loose, profile(customer, number=customer), at, planned_at=at, valid_until=until)
            )
            assert isinstance(made, Reserved)
            second[customer] = made.contact
    report = await check_ledger(stores.database, tight)
    assert report.found["cap p.calendar-day"] == (second["C1"],) and report.not_checked == ()


async def test_a_state_that_no_move_led_to_is_found(stores: Stores) -> None:
    """A contact changed behind the ledger's back stands out."""
    playbook, at = situations.playbook(), (await stores.clock.now()).at
    made = await stores.ledger.reserve(wish(playbook, profile(), at))
    assert isinstance(made, Reserved)
    await stores.database.write(lambda tx: tx.run("move_contact", id=made.contact, state="sent", final=0))
    report = await check_ledger(stores.database, playbook)
    assert report.found["moves_astray"] == (made.contact,)
    assert len(report.found["tasks_without_contact"]) == 1


BROKEN = {
    "unlawful_moves": "UPDATE contact_move SET from_state = 'sent', to_state = 'reserved'",
    "broken_moves": "UPDATE contact_move SET from_state = 'sending', to_state = 'sent'",
    "contacts_without_moves": "DELETE FROM contact_move",
    "attempts_astray": "UPDATE contact SET attempt_us = 1",
    "handed_over_too_late": "UPDATE contact SET state = 'sent', attempt_us = valid_until_us",
    "started_without_contact": "UPDATE task SET state = 'started'",
    "unlapsed_leases": "UPDATE task SET state = 'leased', lease_until_us = 1",
    "unsettled_hand_overs": "UPDATE contact SET state = 'sending', attempt_us = 1",
    "unsettled_receipts": "UPDATE contact SET state = 'unknown', attempt_us = 1, receipt_until_us = 1",
    "unswept_reservations": "UPDATE contact SET valid_until_us = 1",
    "unapplied_reports": "INSERT INTO inbox (source, id, contact_id, payload, at_us, applied) "
    "SELECT 'receipt', 'r1', id, '{}', 1, 0 FROM contact",
    "consents_without_epoch": "INSERT INTO consent (customer_id, channel, category, given, at_us, source, evidence, "
    "recorded_us) VALUES ('C9', 'all', 'all', 0, 1, 'test', '', 1)",
    "epochs_ahead": """UPDATE contact SET epochs = '{"customer:C1": 7}'""",
    "orphans": "DELETE FROM task",
    "orphaned_reservations": "UPDATE task SET state = 'done'",
    "handed_over_after_withdrawal": "INSERT INTO consent (customer_id, channel, category, given, at_us, source, evidence, "
    "recorded_us) VALUES ('C1', 'all', 'all', 0, 1, 'test', '', 1); UPDATE contact SET state = 'sent', attempt_us = 2",
}
"""A check → what somebody did to the tables behind the ledger's back."""


async def test_a_corrected_outcome_is_no_unlawful_move(stores: Stores) -> None:
    """A correction leaves a contact where it is, and is a move with a record of its own; without one it is found."""
    playbook, at = situations.playbook(), (await stores.clock.now()).at
    made = await stores.ledger.reserve(wish(playbook, profile(), at))
    assert isinstance(made, Reserved)

    def corrected(tx: Transaction) -> list[int]:
        same = {"contact_id": made.contact, "at_us": tx.now(), "why": "outcome corrected"}
        tx.run("insert_move", from_state="sent", to_state="sent", **same)
        before = len(check_in(tx, playbook).found["unlawful_moves"])
        tx.run(
            "insert_correction", contact_id=made.contact, at_us=tx.now(), outcome_us=at, result_before="sold",
            result="busy", before="{}", author="A1", why="test",
        )  # fmt: skip
        return [before, len(check_in(tx, playbook).found["unlawful_moves"])]

    assert await stores.database.write(corrected) == [1, 0]


DAILY = """
  - rule: calendar-day
    effect: cap
    subject: customer
    match: {promotional: true}
    window: {calendar: day, zone: customer}
    max: 1
"""


class Undone(Exception):
    """Takes back what a unit did."""


async def test_every_check_finds_what_it_is_for(stores: Stores) -> None:
    """A reservation changed behind the ledger's back is found by the check of that name, which was silent before."""
    playbook, at = situations.playbook(CALL_ONCE_A_DAY), (await stores.clock.now()).at
    await stores.ledger.reserve(wish(playbook, profile(), at))
    sound = await check_ledger(stores.database, playbook)
    found = {}

    def breaks(tx: Transaction, name: str, statement: str) -> None:
        for part in statement.split("; "):
            tx.connection.execute(part)
        found[name] = len(check_in(tx, playbook).found[name])
        raise Undone

    for name, statement in BROKEN.items():
        with pytest.raises(Undone):
            await stores.database.write(partial(breaks, name=name, statement=statement))
    assert sound.violations == 0 and found == dict.fromkeys(BROKEN, 1)
    assert {name for name in sound.found if not name.startswith("cap ")} == MEANINGS.keys()


async def test_what_a_worker_found_is_told_by_every_process(stores: Stores) -> None:
    """The first look is at everything; what was found is kept in the store, for the numbers of whoever is asked."""
    playbook, at = situations.playbook(), (await stores.clock.now()).at
    await stores.ledger.reserve(wish(playbook, profile(), at))
    assert await stores.audit.last_check() is None
    checked = await stores.audit.check_ledger(playbook)
    assert set(checked.found.values()) == {0} and {"orphans", "unlapsed_leases"} <= checked.found.keys()
    await stores.database.write(lambda tx: tx.connection.execute(BROKEN["unlapsed_leases"]) and None)
    again = await stores.audit.check_ledger(playbook)
    assert (again.found["unlapsed_leases"], again.whole_at) == (1, checked.whole_at)
    assert (checked.since, again.since) == ({}, {"unlapsed_leases": again.at})
    assert (await stores.audit.check_ledger(playbook)).since == again.since, "since it was first found"
    last = await stores.audit.last_check()
    assert last is not None and (last.found, last.since) == (again.found, again.since)

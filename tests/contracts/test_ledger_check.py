"""``contact ledger check`` finds by its own SQL what the ledger must never do."""

from __future__ import annotations

from contact.ports import Reserved
from contact.storage.ledger_check import check_ledger
from contact.storage.open import Stores
from strategies.instants import HOUR, Instant
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


async def test_a_state_that_no_move_led_to_is_found(stores: Stores) -> None:
    """A contact changed behind the ledger's back stands out."""
    playbook, at = situations.playbook(), (await stores.clock.now()).at
    made = await stores.ledger.reserve(wish(playbook, profile(), at))
    assert isinstance(made, Reserved)
    await stores.database.write(lambda tx: tx.run("move_contact", id=made.contact, state="sent", final=0))
    report = await check_ledger(stores.database, playbook)
    assert report.found["moves_astray"] == (made.contact,)
    assert len(report.found["tasks_without_contact"]) == 1

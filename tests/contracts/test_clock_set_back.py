"""Consents told under a clock that was ahead and was set back since."""

from __future__ import annotations

from contact.ports import Reserved
from contact.storage.open import Stores
from strategies.candidate import Candidate
from strategies.instants import HOUR, SECOND, Instant
from strategies.profile import Consent
from tests.contracts.situations import playbook, profile, wish

SMS = Candidate(channel="sms", category="marketing")
STEP = 60 * SECOND


async def step(stores: Stores, by: int) -> None:
    """As somebody sets the clock of the machine that the store reads it from."""
    sql = f"UPDATE clock SET offset_us = offset_us + {by}"
    await stores.database.write(lambda tx: tx.connection.execute(sql) and None)


async def tell(stores: Stores, given: bool) -> None:
    at = (await stores.clock.now()).at
    told = Consent(given, at, "sms", "marketing", customer="C1", source="agent")
    await stores.ledger.record_consent(told)


async def allowed(stores: Stores) -> bool:
    at = (await stores.clock.now()).at
    answer = await stores.ledger.reserve(wish(playbook(), profile(), at, SMS))
    return isinstance(answer, Reserved)


async def test_a_grant_told_while_the_clock_was_ahead_does_not_come_back(stores: Stores) -> None:
    """It was withdrawn after the clock was set back: it stays withdrawn once time has caught up, until it is told anew."""
    await step(stores, STEP)
    await tell(stores, given=True)
    await step(stores, -STEP)
    await tell(stores, given=False)
    assert not await allowed(stores)
    await stores.clock.move_to(Instant((await stores.clock.now()).at + HOUR))
    assert not await allowed(stores)
    await tell(stores, given=True)
    assert await allowed(stores)


async def test_a_grant_told_after_the_clock_was_set_back_counts(stores: Stores) -> None:
    """The withdrawal before it is dated ahead: the grant binds once time has caught up, not never."""
    await step(stores, STEP)
    await tell(stores, given=False)
    await step(stores, -STEP)
    await tell(stores, given=True)
    await stores.clock.move_to(Instant((await stores.clock.now()).at + HOUR))
    assert await allowed(stores)

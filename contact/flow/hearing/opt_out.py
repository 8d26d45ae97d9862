"""Opt-outs by number, by customer and by link: one commit for a number and everybody who has it."""

from __future__ import annotations

from dataclasses import dataclass

from contact.domain.acts import Act
from contact.flow.hearing.record_consent import ALL, PROMOTIONAL, bound_by, check_scope
from contact.ports import Ports
from strategies.instants import Instant
from strategies.problems import Problem, ProblemsFound, Where
from strategies.profile import Consent, CustomerId

LINK = "opt-out"
"""What a signature of an opt-out link is for."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """What somebody no longer wants; exactly one of customer and number."""

    customer: str | None = None
    number: str | None = None
    channel: str = ALL
    category: str = PROMOTIONAL
    source: str = ""
    evidence: str = ""


async def opt_out(
    ports: Ports, told: OptOut, *, idempotency: str | None = None, by: Act | None = None
) -> int:
    """It binds before this answers how many waiting tasks it cancelled.

    A number nobody has is kept by its hash, and binds whoever turns out to have it.

    Raises NotFound for an unknown customer, ProblemsFound for a channel or category there is not.
    """
    await check_scope(ports, told.channel, told.category)
    if (told.customer is None) == (told.number is None):
        message = "an opt-out names a customer or a number, one of them"
        raise ProblemsFound([Problem("key.conflict", message, Where("request"))])
    now = (await ports.clock.now()).at
    if told.number is None:
        customer = await bound_by(ports, CustomerId(told.customer or ""))
        consents = [_withdrawal(told, now, customer=customer)]
    else:
        consents = await withdrawals(ports, told, told.number, now)
    return await ports.ledger.record_consents(consents, idempotency=idempotency, by=by)


async def withdrawals(ports: Ports, told: OptOut, number: str, now: Instant) -> list[Consent]:
    """For the number, and for each customer who has it now."""
    holders = await ports.customers.find_by_number(number)
    of_number = _withdrawal(told, now, number_hash=ports.customers.number_hash(number))
    return [of_number, *(_withdrawal(told, now, customer=holder) for holder in holders)]


def _withdrawal(
    told: OptOut, now: Instant, *, customer: str | None = None, number_hash: str | None = None
) -> Consent:
    return Consent(
        False, now, told.channel, told.category, customer=customer, number_hash=number_hash,
        source=told.source, evidence=told.evidence,
    )  # fmt: skip

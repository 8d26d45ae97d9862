"""Store what a customer allows or forbids."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contact.domain.acts import Act
from contact.faults import NotFound
from contact.flow.gather import unknown
from contact.ports import Ports
from strategies.instants import to_instant
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import Consent, CustomerId

ALL = "all"
PROMOTIONAL = "promotional"
"""As category: all promotional ones."""


class ConsentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is allowed (``given``) or withdrawn, for which channel and category (``all`` for every one)."""

    given: bool
    channel: str = ALL
    category: str = ALL
    source: str = ""
    evidence: str = ""
    until: datetime | None = None


async def record_consent(
    ports: Ports, customer: str, body: ConsentBody, *, idempotency: str | None = None, by: Act | None = None
) -> int:
    """The record is kept and binds from now on; answers how many waiting tasks it cancelled.

    Raises NotFound for an unknown customer and ProblemsFound for an unknown channel or category.
    """
    await check_scope(ports, body.channel, body.category)
    _check_until(body)
    binding = await bound_by(ports, CustomerId(customer))
    now = (await ports.clock.now()).at
    consent = Consent(
        given=body.given,
        at=now,
        channel=body.channel,
        category=body.category,
        customer=binding,
        source=body.source,
        evidence=body.evidence,
        until=None if body.until is None else to_instant(body.until),
    )
    return await ports.ledger.record_consents([consent], idempotency=idempotency, by=by)


async def bound_by(ports: Ports, customer: CustomerId) -> CustomerId:
    """Whom a consent told under this id binds: an id that was merged still stands in links and other systems.

    Raises NotFound where nobody is known by it.
    """
    try:
        return (await ports.customers.identity(customer)).customer
    except NotFound:
        into = await ports.people.merged_into(customer)
        if into is None:
            raise
        return (await ports.customers.identity(into)).customer


async def check_scope(ports: Ports, channel: str, category: str) -> None:
    """Raises ProblemsFound for a channel or category there is not; without a playbook that is understood, for none."""
    try:
        playbook = await ports.playbooks.current()
    except (NotFound, ProblemsFound):
        return  # an opt-out waits for no playbook: whatever it names, it is kept
    found = []
    if channel != ALL and channel not in playbook.channels:
        found.append(unknown("channel", channel, (*playbook.channels, ALL)))
    categories = (*playbook.operator.categories, ALL, PROMOTIONAL)
    if category not in categories:
        found.append(unknown("category", category, categories))
    if found:
        raise ProblemsFound(found)


def _check_until(body: ConsentBody) -> None:
    if body.until is not None and body.until.tzinfo is None:
        hint = Hint("2026-03-02T10:00+08:00")
        raise ProblemsFound([Problem("value.date", "until needs an offset or Z", Where("request"), hint)])

"""Store what a customer allows or forbids."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contact.flow.gather import unknown
from contact.ports import Ports
from strategies.instants import to_instant
from strategies.playbook import Playbook
from strategies.problems import Problem, ProblemsFound, Where
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
    ports: Ports, customer: str, body: ConsentBody, *, idempotency: str | None = None
) -> int:
    """The record is kept and binds from now on; answers how many waiting tasks it cancelled.

    Raises NotFound for an unknown customer and ProblemsFound for an unknown channel or category.
    """
    playbook = await ports.playbooks.current()
    problems = _problems(playbook, body)
    if problems:
        raise ProblemsFound(problems)
    identity = await ports.customers.identity(CustomerId(customer))
    now = (await ports.clock.now()).at
    consent = Consent(
        given=body.given,
        at=now,
        channel=body.channel,
        category=body.category,
        customer=identity.customer,
        source=body.source,
        evidence=body.evidence,
        until=None if body.until is None else to_instant(body.until),
    )
    return await ports.ledger.record_consent(consent, idempotency=idempotency)


def _problems(playbook: Playbook, body: ConsentBody) -> list[Problem]:
    found = []
    if body.channel != ALL and body.channel not in playbook.channels:
        found.append(unknown("channel", body.channel, (*playbook.channels, ALL)))
    categories = (*playbook.operator.categories, ALL, PROMOTIONAL)
    if body.category not in categories:
        found.append(unknown("category", body.category, categories))
    if body.until is not None and body.until.tzinfo is None:
        found.append(
            Problem("value.date", "until needs an offset or Z", Where("request"), "2026-03-02T10:00+08:00")
        )
    return found

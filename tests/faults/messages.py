"""An operator with many customers and one message reserved for each: what gateways, workers and Redis are attacked over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from contact.flow.gather import gather
from contact.ports import Ports, Reserved
from contact.wiring import House
from strategies.candidate import Candidate
from strategies.instants import HOUR, Instant
from strategies.profile import CustomerId
from tests.contracts.situations import wish
from tests.integration.flow.stage import customer, open_for_business, texts

NOON = "2030-03-05T12:00+08:00"
NO_CAPS = """
policy: caps
layer: company
rules:
  - {rule: weekly, effect: cap, match: {channels: [outbound_call]}, window: {sliding: P7D}, max: 1}
"""
VALID = 20 * HOUR


async def open_shop(house: House, folder: Path, customers: int) -> None:
    """So many customers who may all be written to, at noon on a Tuesday."""
    folder.mkdir(parents=True, exist_ok=True)
    people = [customer(n, p_sms="0.9") for n in range(1, customers + 1)]
    await open_for_business(house, folder, people, texts(caps=NO_CAPS), at=NOON)


async def reserve_each(ports: Ports, customers: Iterable[str]) -> Sequence[str]:
    """One message for each customer; the contacts that were acknowledged."""
    contacts = []
    for each in customers:
        contact = await reserve_one(ports, each)
        if contact is not None:
            contacts.append(contact)
    return contacts


async def reserve_one(ports: Ports, who: str) -> str | None:
    """A message to this customer, valid until tomorrow morning; its contact where it was reserved."""
    gathered = await gather(ports, CustomerId(who))
    now = (await ports.clock.now()).at
    candidate = Candidate(
        channel="sms", category="marketing", strategy="data-upgrade", offer="data-20", family="data",
        number_hash=gathered.profile.number_hash,
    )  # fmt: skip
    wanted = replace(
        wish(gathered.playbook, gathered.profile, now, candidate), valid_until=Instant(now + VALID)
    )
    answer = await ports.ledger.reserve(wanted)
    return str(answer.contact) if isinstance(answer, Reserved) else None

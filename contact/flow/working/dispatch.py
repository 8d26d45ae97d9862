"""Hand due messages to their gateway, each after its own permit, each at most once.

The text is filled before the permit is asked. A message that cannot be said whole, or has no number, is still taken
through permit and *released* at once: the contact ends as one that provably was not handed over, and counts nowhere.
A process that dies between permit and confirm leaves ``sending``; the sweep makes that ``unknown``, never a resend.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from contact import tracing
from contact.faults import Conflict, GatewayAmbiguous, GatewayRefused
from contact.flow.gather import facts_of, identity_or_none, placed
from contact.flow.wording import fill, in_language, titled, wording
from contact.ports import DueContact, GatewayPort, Identity, Message, Permit, Ports
from contact.telemetry import done_for, log
from strategies.declared.playbook import Playbook
from strategies.profile import Profile

_log = log("dispatch")
AT_ONCE = 16
"""Hand-overs under way at one time, in one process."""
BATCH = 256
FURTHER = 8
"""So many batches are looked at where so much is due: dispatchers who all took the first one would gather each message, and
all but one of them in vain."""


async def dispatch_due(ports: Ports, channel: str) -> int:
    """Hand over what is due in a gateway channel, most valuable first; how many the gateway took.

    A channel without a gateway hands over nothing. A fault of one message stops none of the others; it is raised
    once all are done.
    """
    gateway = ports.gateways.get(channel)
    if gateway is None:
        return 0
    places = asyncio.Semaphore(AT_ONCE)

    async def one(due: DueContact) -> bool:
        async with places:
            return await _hand_over(ports, gateway, due)

    rate = rate_of(await ports.playbooks.current(), channel)
    due = _some_of(await ports.ledger.due(channel, BATCH * FURTHER, rate))
    outcomes = await asyncio.gather(*(one(each) for each in due), return_exceptions=True)
    faults = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if faults:
        raise faults[0]
    return sum(1 for outcome in outcomes if outcome is True)


def rate_of(playbook: Playbook, channel: str) -> float | None:
    """How many a second the channel lets go, by its file; no date changes it."""
    way = playbook.channels.get(channel)
    return None if way is None else way.rate_per_second


def _some_of(due: Sequence[DueContact]) -> Sequence[DueContact]:
    """A batch of them, in their order."""
    if len(due) <= BATCH:
        return due
    return [due[place] for place in sorted(random.sample(range(len(due)), BATCH))]


async def _hand_over(ports: Ports, gateway: GatewayPort, due: DueContact) -> bool:
    request = due.reasons.get("request", "")
    with done_for(request), tracing.span("hand over", request or due.contact, contact=due.contact):
        return await _permitted(ports, gateway, due)


async def _permitted(ports: Ports, gateway: GatewayPort, due: DueContact) -> bool:
    playbook = await ports.playbooks.current()
    profile = await ports.profiles.gather(due.customer, playbook)
    message, why_not = await compose(ports, playbook, profile, due)
    rate = rate_of(playbook, due.candidate.channel)
    try:
        permit = await ports.ledger.permit(due.contact, profile, playbook, rate=rate)
    except Conflict:
        return False  # another dispatcher was first, or the contact was cancelled meanwhile
    if not isinstance(permit, Permit):
        return False
    if message is None:
        await ports.ledger.refused(due.contact, permit.fence, passing=False, why=why_not)
        return False
    return await _submit(ports, gateway, message, permit)


async def _submit(ports: Ports, gateway: GatewayPort, message: Message, permit: Permit) -> bool:
    try:
        reference = await gateway.submit(message)
    except GatewayRefused as fault:
        await ports.ledger.refused(
            permit.contact, permit.fence, passing=fault.passing, why=fault.detail or fault.code
        )
        return False
    except GatewayAmbiguous as fault:
        await ports.ledger.ambiguous(permit.contact, permit.fence, fault.detail or fault.code)
        return False
    await ports.ledger.confirm(permit.contact, permit.fence, reference)
    _log.info("handed over", contact=permit.contact)
    return True


async def compose(
    ports: Ports, playbook: Playbook, profile: Profile, due: DueContact
) -> tuple[Message | None, str]:
    """The message to this customer, in the language asked for if there is one, or None and why there is none.

    Reasons: ``no_text, no_number, number_changed, unknown_field: NAME``.
    """
    candidate, found = due.candidate, placed(playbook, due.candidate)
    if found.offer is None or found.way is None:
        return None, "no_text"
    identity = await identity_or_none(ports, due.customer)
    customers = identity.language or profile.language
    known = playbook.operator.languages
    language, texts = in_language(found.way.texts, due.reasons.get("language"), customers, known)
    facts = facts_of(playbook, profile, candidate.line)
    title = titled(found.offer.title, language, known, candidate.offer)
    text, hole = _joined(texts, wording(playbook, facts, texts, language, name=identity.name, offer=title))
    if hole is not None:
        return None, f"unknown_field: {hole}"
    number = await _number(ports, due, identity)
    if number is None:
        return None, "no_number"
    if ports.customers.number_hash(number) != candidate.number_hash:
        return None, "number_changed"  # the caps counted another one
    return (Message(due.contact, number, text, language), "") if text else (None, "no_text")


async def _number(ports: Ports, due: DueContact, identity: Identity) -> str | None:
    """The customer's own where it is the one the caps counted; else it is looked for."""
    counted = due.candidate.number_hash
    if identity.number is not None and ports.customers.number_hash(identity.number) == counted:
        return identity.number
    return await ports.customers.number(due.customer, due.candidate.line, counted)


def _joined(texts: Sequence[str], words: dict[str, str | None]) -> tuple[str, str | None]:
    filled = [fill(text, words) for text in texts]
    return "\n".join(text for text, _ in filled), next((hole for _, hole in filled if hole is not None), None)

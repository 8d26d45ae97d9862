"""What a case is given: the customer, their lines, consents and history, as the profile that rules are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from strategies.cases.fields import LINE_KEYS, OWN_KEYS
from strategies.declared.fields import BUILT_IN
from strategies.declared.playbook import Channel, Playbook
from strategies.declared.results import RESULTS
from strategies.documents.case_values import Numbers, field_value, instant_of, optional_text
from strategies.documents.days import read_jurisdiction
from strategies.documents.reading import Reading, Section
from strategies.hashing import bucket, hash64
from strategies.instants import Instant
from strategies.problems import Hint, Where
from strategies.profile import (
    NEVER_COUNTED_STATES,
    OPEN_STATES,
    Consent,
    CustomerId,
    FieldValue,
    Line,
    PastContact,
    PastEvent,
    Profile,
)
from strategies.texts.source import Node

MOMENTS = ("attempt", "delivered", "connected", "shown", "clicked", "accepted", "rejected")
RESULT_MOMENTS: Mapping[str, tuple[str, ...]] = {
    "accepted": ("connected", "accepted"), "wants_time": ("connected",), "rejected": ("connected", "rejected"),
    "wrong_number": ("connected",), "do_not_contact": ("connected", "rejected"),
}  # fmt: skip
"""What a result of a contact proves beside the attempt."""
STATES = tuple(sorted({"sent", "delivered", "undelivered", *OPEN_STATES, *NEVER_COUNTED_STATES}))
_ASSUMED_NUMBER = "+8613800138000"
_HISTORY_KEYS = (
    "at", "channel", "category", "state", "result", "strategy", "offer", "family", "line", "customer", "account",
    "number", "household", "device", "receipt_until", *MOMENTS[1:],
)  # fmt: skip
_CONSENT_KEYS = ("given", "channel", "category", "at", "until", "number")


def _facts(section: Section, playbook: Playbook, own: tuple[str, ...]) -> dict[str, FieldValue]:
    facts: dict[str, FieldValue] = {}
    for name, node in section.entries.items():
        declared = playbook.fields.get(name)
        if name not in own and declared is not None:
            facts[name] = field_value(section.reading, declared, node, playbook.operator.minor_per_major)
    return facts


def _line(
    reading: Reading, node: Node, playbook: Playbook, numbers: Numbers, found: Mapping[str, FieldValue]
) -> Line | None:
    """One line; advice is its own, so what ``found`` does not say of it is unknown, whatever other lines have."""
    section = reading.section(node, "a line", (*LINE_KEYS, *playbook.fields))
    if section is None:
        return None
    number = optional_text(section, "number")
    facts = {
        name: found.get(name) for name, each in playbook.fields.items() if each.source.startswith("advice.")
    }
    facts.update(_facts(section, playbook, LINE_KEYS))
    return Line(optional_text(section, "id") or "L1", numbers.hashed(number) if number else None, facts)


def scope_of(section: Section, playbook: Playbook) -> tuple[str, str]:
    """The channel and category that a consent is about; what is left out is all of them."""
    found = []
    for key, known in (
        ("channel", (*playbook.channels, "all")),
        ("category", (*playbook.operator.categories, "all", "promotional")),
    ):
        node = section.get(key)
        named = section.reading.reference(node, key, known) if node is not None else None
        found.append(named or "all")
    return found[0], found[1]


def _consent(
    reading: Reading, node: Node, playbook: Playbook, customer: str, numbers: Numbers
) -> Consent | None:
    section = reading.section(node, "a consent", _CONSENT_KEYS)
    if section is None:
        return None
    section.need("given", Hint("true or false"))
    at = instant_of(section, "at")
    number = optional_text(section, "number")
    channel, category = scope_of(section, playbook)
    return Consent(
        given=section.flag("given"),
        at=Instant(0) if at is None else at,
        channel=channel,
        category=category,
        customer=None if number else customer,
        number_hash=numbers.hashed(number) if number else None,
        source="case",
        until=instant_of(section, "until"),
    )


def moments_of(result: str | None, playbook: Playbook) -> tuple[str, ...]:
    """The counted moments that a result proves; a result of the operator's own proves what it means."""
    means = playbook.operator.results.get(result or "", result)
    return RESULT_MOMENTS.get(means or "", (means,) if means in MOMENTS else ())


def result_of(section: Section, playbook: Playbook) -> str | None:
    """A result of a contact: a standard one, one of the operator's own, or a moment that was reached."""
    node = section.get("result")
    if node is None:
        return None
    known = dict.fromkeys((*RESULTS, *playbook.operator.results, *MOMENTS[1:]))
    return section.reading.reference(node, "result", known)


def _moments(
    section: Section, state: str, result: str | None, at: Instant, playbook: Playbook
) -> dict[str, Instant]:
    """What has happened to a past contact; a hand-over is its attempt, ``true`` says: at the same instant."""
    found: dict[str, Instant] = {}
    if state != "reserved" and state not in NEVER_COUNTED_STATES:
        found["attempt"] = at
        found |= dict.fromkeys(moments_of(result, playbook), at)
    if state == "delivered":
        found["delivered"] = at
    for moment in MOMENTS[1:]:
        node = section.get(moment)
        known = at if node is not None and node.value is True else instant_of(section, moment)
        if known is not None:
            found[moment] = known
    return found


def _contact(
    section: Section,
    place: int,
    at: Instant,
    channel: Channel,
    playbook: Playbook,
    profile: Profile,
    numbers: Numbers,
) -> PastContact:
    state = section.choice("state", STATES, "sent")
    named = section.get("category")
    known = playbook.operator.categories
    category = section.reading.reference(named, "category", known) if named is not None else None
    category = category or next(iter(known), "marketing")
    number = optional_text(section, "number")
    customer = optional_text(section, "customer") or profile.customer
    own = customer == profile.customer
    receipt_until = instant_of(section, "receipt_until")
    line = optional_text(section, "line")
    own_number = (
        next((each.number_hash for each in profile.lines if each.id == line), None) or profile.number_hash
    )
    result = result_of(section, playbook)
    return PastContact(
        id=f"history-{place}",
        channel=channel.name,
        category=category,
        state=state,
        planned_at=at,
        direction=channel.direction,
        promotional=playbook.operator.categories.get(category, True),
        strategy=section.text("strategy") or "",
        offer=section.text("offer") or "",
        family=section.text("family") or "",
        customer=customer,
        account=optional_text(section, "account") or (profile.account if own else customer),
        number_hash=numbers.hashed(number)
        if number
        else (own_number if own and channel.needs_number else None),
        household=optional_text(section, "household") or (profile.household if own else None),
        device=optional_text(section, "device") or (profile.device if own else None),
        moments=_moments(section, state, result, at, playbook),
        result=result,
        final=state in ("delivered", "undelivered") or (state == "sent" and receipt_until is None),
        receipt_until=receipt_until,
    )


def _history(
    reading: Reading, nodes: tuple[Node, ...], playbook: Playbook, profile: Profile, numbers: Numbers
) -> tuple[list[PastContact], list[PastEvent]]:
    """Contacts, and events of the customer, which are told by their ``event``."""
    contacts: list[PastContact] = []
    events: list[PastEvent] = []
    for place, node in enumerate(nodes, start=1):
        happened = "event" in (node.mapping or {})
        what, keys = ("a past event", ("at", "event")) if happened else ("a past contact", _HISTORY_KEYS)
        section = reading.section(node, what, keys)
        if section is None:
            continue
        section.need("at", Hint("as 2026-03-02T10:00+08:00"))
        named = section.get("event") or section.need("channel")
        at = instant_of(section, "at")
        known = playbook.events if happened else playbook.channels
        name = (
            reading.reference(named, "event" if happened else "channel", known) if named is not None else None
        )
        if at is None or name is None:
            continue
        if happened:
            events.append(PastEvent(name, at))
        else:
            contacts.append(_contact(section, place, at, playbook.channels[name], playbook, profile, numbers))
    return contacts, events


def _unit(section: Section, playbook: Playbook) -> str | None:
    """One of those declared; where none are, any."""
    node, unit = section.get("unit"), optional_text(section, "unit")
    if node is not None and unit is not None and playbook.units and unit not in playbook.units:
        section.reading.unknown(node.where, "unit", unit, playbook.units)
    return unit


def _jurisdiction(section: Section) -> str | None:
    node = section.get("jurisdiction")
    return None if node is None or node.value is None else read_jurisdiction(section.reading, node)


def _customer(
    reading: Reading, node: Node | None, playbook: Playbook, numbers: Numbers, place: Where
) -> Profile:
    node = node or Node({}, place)
    section = reading.section(node, "the customer", (*OWN_KEYS, *BUILT_IN, *playbook.fields))
    section = section or Section(reading, node, {}, "the customer")
    customer = optional_text(section, "id") or "C1"
    account = optional_text(section, "account") or customer
    number = optional_text(section, "number")
    facts: dict[str, FieldValue] = dict.fromkeys(playbook.fields)
    facts.update(_facts(section, playbook, (*OWN_KEYS, *BUILT_IN)))
    return Profile(
        customer=CustomerId(customer),
        customer_hash=hash64(customer),
        bucket=bucket(account),
        account=account,
        number_hash=numbers.hashed(number) if number else None,
        household=optional_text(section, "household"),
        device=optional_text(section, "device"),
        zone=optional_text(section, "zone"),
        language=optional_text(section, "language"),
        unit=_unit(section, playbook),
        jurisdiction=_jurisdiction(section),
        facts=facts,
    )


def given_profile(case: Section, playbook: Playbook) -> tuple[Profile, Mapping[str, str]]:
    """The customer with lines, consents and history before the first step, and the numbers behind their hashes.

    A customer without a number of their own has the first line's; where the case says nothing of lines, some number.
    """
    reading, numbers = case.reading, Numbers()
    profile = _customer(reading, case.get("customer"), playbook, numbers, case.node.where)
    nodes = case.items("lines")
    found = profile.facts if len(nodes) == 1 else {}  # what is advised to a customer is their only line's
    lines = [_line(reading, node, playbook, numbers, found) for node in nodes]
    known = tuple(line for line in lines if line is not None)
    number = profile.number_hash or next((line.number_hash for line in known if line.number_hash), None)
    if number is None and case.get("lines") is None:
        number = numbers.hashed(_ASSUMED_NUMBER)
    profile = replace(profile, lines=known, number_hash=number)
    consents = [
        _consent(reading, node, playbook, profile.customer, numbers) for node in case.items("consents")
    ]
    theirs = {None, number, *(line.number_hash for line in known)}
    # what was said for a number binds whoever has it, and nobody else
    bind = tuple(each for each in consents if each is not None and each.number_hash in theirs)
    profile = replace(profile, consents=bind)
    contacts, events = _history(reading, case.items("history"), playbook, profile, numbers)
    return replace(profile, contacts=tuple(contacts), events=tuple(events)), numbers.known

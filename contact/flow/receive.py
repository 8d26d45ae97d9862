"""Take in what the world reports: receipts of gateways, replies of customers, events of other systems."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from contact.domain.contact import ContactId
from contact.flow.gather import unknown
from contact.flow.record_consent import PROMOTIONAL
from contact.ports import IncomingEvent, Ports, Receipt
from strategies.instants import Instant, to_instant
from strategies.playbook import EventType, Playbook
from strategies.problems import Problem, ProblemsFound, Where
from strategies.profile import Consent, CustomerId

STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "TD", "退订"})


class ReceiptBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gateway's report on one contact."""

    id: str
    contact: str
    state: Literal["delivered", "undelivered", "sent", "not_sent"]
    at: datetime
    result: str | None = None


class EventBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something happened to a customer or to a unit."""

    id: str
    type: str
    at: datetime
    customer: str | None = None
    unit: str | None = None
    data: dict[str, Any] = {}


def is_stop(text: str) -> bool:
    """Whether a reply is a stop word, whatever its width, case, blanks and closing punctuation."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if sign.isalnum()) in STOP_WORDS


async def receipt(ports: Ports, body: ReceiptBody) -> bool:
    """Applied once, in whatever order it comes; False where it was already known."""
    at = _aware(body.at)
    return await ports.ledger.receive(Receipt(body.id, ContactId(body.contact), body.state, at, body.result))


async def reply(
    ports: Ports, id: str, sender_number: str, text: str, at: datetime, channel: str = "sms"
) -> bool:
    """Kept once by id; a stop word withdraws the channel for the number and every customer who has it.

    False where the reply was already known. Each withdrawal carries its own idempotency key, so a gateway's
    retry after a crash between two of them stores what is missing. The reply is recorded last, for that reason.
    """
    instant = _aware(at)
    customers = await ports.customers.find_by_number(sender_number)
    stopped = is_stop(text)
    if stopped:
        now = (await ports.clock.now()).at
        number = Consent(
            False, now, channel, PROMOTIONAL, number_hash=ports.customers.number_hash(sender_number),
            source="reply", evidence=id,
        )  # fmt: skip
        await ports.ledger.record_consent(number, idempotency=f"reply:{id}:number")
        for customer in customers:
            consent = Consent(
                False, now, channel, PROMOTIONAL, customer=customer, source="reply", evidence=id
            )
            await ports.ledger.record_consent(consent, idempotency=f"reply:{id}:{customer}")
    first = customers[0] if len(customers) == 1 else None
    event = IncomingEvent(f"reply:{id}", "reply", first, None, instant, {"channel": channel, "stop": stopped})
    return await ports.events.accept(event, {}, None)


async def event(ports: Ports, body: EventBody) -> bool:
    """Applied once by id and seen by the next decision; False where it was already known.

    Raises ProblemsFound for an unknown type, a missing value or one of the wrong type, and for no or two subjects.
    """
    playbook = await ports.playbooks.current()
    kind = playbook.events.get(body.type)
    if kind is None:
        raise ProblemsFound([unknown("event", body.type, playbook.events)])
    if (body.customer is None) == (body.unit is None):
        place = Where("request")
        raise ProblemsFound(
            [Problem("key.conflict", "an event names a customer or a unit, one of them", place)]
        )
    if body.unit is not None and body.unit not in playbook.units:
        raise ProblemsFound([unknown("unit", body.unit, playbook.units)])
    at = _aware(body.at)
    sets = settled(playbook, kind, body.data)
    customer = None if body.customer is None else CustomerId(body.customer)
    if customer is not None:
        await ports.customers.identity(customer)
    until = None if kind.lasts is None else Instant(at + kind.lasts)
    return await ports.events.accept(
        IncomingEvent(body.id, body.type, customer, body.unit, at, body.data), sets, until
    )


def settled(playbook: Playbook, kind: EventType, data: Mapping[str, Any]) -> dict[str, Any]:
    """Field → value that an event of this type sets. Raises ProblemsFound with every missing or mistyped value."""
    problems, sets = [], {}
    for name, source in kind.sets.items():
        value: Any = source
        if isinstance(source, str) and source.startswith("data."):
            key = source.removeprefix("data.")
            if key not in data:
                problems.append(
                    Problem("key.missing", f"data.{key} is needed by {kind.name}", Where("request"))
                )
                continue
            value = data[key]
        wanted = playbook.fields[name].type if name in playbook.fields else "text"
        if not _fits(wanted, value):
            problems.append(Problem("value.type", f"{name} is a {wanted}", Where("request")))
        sets[name] = value
    if problems:
        raise ProblemsFound(problems)
    return sets


def _fits(wanted: str, value: object) -> bool:
    if value is None:
        return True
    if wanted == "boolean":
        return isinstance(value, bool)
    if wanted in ("number", "money"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted in ("date", "instant"):
        return isinstance(value, int | str) and not isinstance(value, bool)
    if wanted == "list":
        return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
    return isinstance(value, str)


def _aware(at: datetime) -> Instant:
    if at.tzinfo is None:
        hint = "write it as 2026-03-02T10:00+08:00"
        raise ProblemsFound(
            [Problem("value.date", "the instant needs an offset or Z", Where("request"), hint)]
        )
    return to_instant(at)

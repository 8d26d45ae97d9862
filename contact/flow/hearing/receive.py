"""Take in what the world reports: receipts of gateways, replies of customers, events of other systems."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import UnionType
from typing import Any, Literal

import msgspec

from contact.domain.contact import ContactId
from contact.domain.stop_words import is_stop
from contact.flow.gather import unknown
from contact.flow.hearing.opt_out import OptOut, withdrawals
from contact.ports import IncomingEvent, Ports, Receipt
from strategies.declared.playbook import EventType, Playbook
from strategies.instants import DAY, Instant, parse_instant, to_instant
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import CustomerId

LONGEST_AHEAD = DAY
"""How far another system's clock may be ahead of ours in what it says has happened."""


class ReceiptBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gateway's report on one contact."""

    id: str
    contact: str
    state: Literal["delivered", "undelivered", "sent", "not_sent"]
    at: datetime
    result: str | None = None


class EventBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something happened to a customer or to a unit, which is everybody in it and in the units below."""

    id: str
    type: str
    at: datetime
    customer: str | None = None
    unit: str | None = None
    data: dict[str, Any] = {}


async def receipt(ports: Ports, body: ReceiptBody) -> bool:
    """Applied once, in whatever order it comes; False where it was already known."""
    at = _aware(body.at)
    return await ports.ledger.receive(Receipt(body.id, ContactId(body.contact), body.state, at, body.result))


async def reply(
    ports: Ports, id: str, sender_number: str, text: str, at: datetime, channel: str = "sms"
) -> bool:
    """Kept once by id; a stop word withdraws the channel for the number, every customer who has it and whoever may have sent
    it while they had it.

    False where the reply was already known. Withdrawals are one commit and carry keys made of the reply, so a gateway's
    retry after a crash stores nothing twice. The reply itself is recorded last, for that reason.
    """
    now = (await ports.clock.now()).at
    instant = min(_aware(at), now)  # a gateway's clock may be wrong, and no opt-out is lost for it
    stopped = is_stop(text)
    if stopped:
        told = OptOut(number=sender_number, channel=channel, source="reply", evidence=id)
        consents = await withdrawals(ports, told, sender_number, now)
        # some gateways begin their ids anew: whose word it is, and when it was sent, belongs to the key
        key = f"reply:{id}:{ports.customers.number_hash(sender_number)}:{_aware(at)}"
        sent = Instant(instant - LONGEST_AHEAD)  # the number may have changed hands while it was under way
        await ports.ledger.record_consents(consents, idempotency=key, said_since=sent)
    customers = await ports.customers.find_by_number(sender_number)
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
    if body.unit is not None:
        _check_unit(playbook, body.unit)
    at = _aware(body.at)
    if at > (await ports.clock.now()).at + LONGEST_AHEAD:
        message = "what has happened cannot lie more than a day ahead"
        raise ProblemsFound(
            [Problem("value.instant", message, Where("request"), Hint("look at the sender's clock"))]
        )
    sets = settled(playbook, kind, body.data)
    customer = None if body.customer is None else CustomerId(body.customer)
    if customer is not None:
        await ports.customers.identity(customer)
    until = None if kind.lasts is None else Instant(at + kind.lasts)
    return await ports.events.accept(
        IncomingEvent(body.id, body.type, customer, body.unit, at, body.data), sets, until
    )


def _check_unit(playbook: Playbook, unit: str) -> None:
    if unit not in playbook.units:
        raise ProblemsFound([unknown("unit", unit, playbook.units)])


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
        try:
            sets[name] = _fitting(wanted, value)
        except ValueError:
            problems.append(Problem("value.type", f"{name} is a {wanted}", Where("request")))
    if problems:
        raise ProblemsFound(problems)
    return sets


def _fitting(wanted: str, value: Any) -> Any:
    """The value as facts hold it: money in minor units, dates as ISO text, instants as microseconds.

    Raises ``ValueError`` for one of another type.
    """
    if value is None:
        return None
    if wanted == "instant" and isinstance(value, str):
        return parse_instant(value)
    if wanted == "date" and isinstance(value, str):
        return date.fromisoformat(value).isoformat()
    if wanted == "list" and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return list(value)
    kinds: dict[str, type | UnionType] = {"boolean": bool, "number": int | float, "money": int, "text": str}
    if (
        wanted not in kinds
        or not isinstance(value, kinds[wanted])
        or (wanted != "boolean" and isinstance(value, bool))
    ):
        raise ValueError(wanted)
    return value


def _aware(at: datetime) -> Instant:
    if at.tzinfo is None:
        hint = Hint("write it as 2026-03-02T10:00+08:00")
        raise ProblemsFound(
            [Problem("value.date", "the instant needs an offset or Z", Where("request"), hint)]
        )
    return to_instant(at)

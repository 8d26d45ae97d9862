"""Between rows of SQL and the values that rules and flow know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.ports import TaskRow
from contact.ports.corrections import ContactRow
from contact.storage.databases.transaction import Row
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.profile import Consent, CustomerId, PastContact, PastEvent

MOMENTS = ("attempt", "delivered", "connected", "shown", "clicked", "accepted", "rejected")


def past_contact(row: Row) -> PastContact:
    """A contact as rules see it."""
    return PastContact(
        id=row["id"],
        channel=row["channel"],
        category=row["category"],
        state=row["state"],
        planned_at=Instant(row["planned_us"]),
        direction=row["direction"],
        promotional=bool(row["promotional"]),
        strategy=row["strategy"],
        offer=row["offer"],
        family=row["family"],
        customer=row["customer_id"],
        account=row["account_id"],
        number_hash=row["number_hash"],
        household=row["household_id"],
        device=row["device_id"],
        moments=moments(row),
        result=row["result"],
        final=bool(row["final"]),
        receipt_until=row["receipt_until_us"],
    )


def past_event(row: Row) -> PastEvent:
    """An event as rules see it."""
    return PastEvent(row["type"], Instant(row["at_us"]))


def moments(row: Row) -> dict[str, Instant]:
    """What has happened to a contact so far, by name."""
    return {name: Instant(row[f"{name}_us"]) for name in MOMENTS if row[f"{name}_us"] is not None}


def consent(row: Row) -> Consent:
    """A consent record."""
    return Consent(
        given=bool(row["given"]),
        at=Instant(row["at_us"]),
        channel=row["channel"],
        category=row["category"],
        customer=row["customer_id"],
        number_hash=row["number_hash"],
        source=row["source"],
        evidence=row["evidence"],
        until=row["until_us"],
    )


def candidate(row: Row) -> Candidate:
    """The candidate a task or contact row stands for; its cost is the channel's, not stored here."""
    return Candidate(
        channel=row["channel"],
        category=row["category"],
        direction=row["direction"],
        promotional=bool(row["promotional"]),
        strategy=row["strategy"],
        offer=row["offer"],
        family=row["family"],
        line=row["line_id"],
        number_hash=row["number_hash"],
        value_minor=row.get("value_minor", 0),
    )


def task(row: Row) -> TaskRow:
    """A task as stored."""
    return TaskRow(
        id=TaskId(row["id"]),
        customer=CustomerId(row["customer_id"]),
        candidate=candidate(row),
        state=row["state"],
        fence=row["fence"],
        priority=row["priority"],
        day=row["day"],
        rank=row["rank"],
        not_before=Instant(row["not_before_us"]),
        valid_until=Instant(row["valid_until_us"]),
        attempts=row["attempts"],
        playbook=row["playbook"],
        reasons=json.loads(row["reasons"]),
        leased_to=row["leased_to"],
        contact=ContactId(row["contact_id"]) if row["contact_id"] else None,
        reason=row["reason"],
        language=row["language"],
        unit=row["unit"],
    )


def contact(row: Row, moves: Sequence[Row] = (), corrections: Sequence[Row] = ()) -> ContactRow:
    """A contact as stored, with what became of it."""
    return ContactRow(
        id=ContactId(row["id"]),
        task=TaskId(row["task_id"]) if row["task_id"] else None,
        customer=CustomerId(row["customer_id"]),
        candidate=candidate(row),
        state=row["state"],
        planned_at=Instant(row["planned_us"]),
        result=row["result"],
        person=row["person"],
        attempt=Instant(row["attempt_us"]) if row["attempt_us"] is not None else None,
        moves=moves,
        corrections=corrections,
    )


_compact = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""Made once: ``json.dumps`` makes another for each text."""


def json_text(value: Mapping[str, Any]) -> str:
    """Compact JSON with sorted keys, the same text for the same value."""
    return _compact(value)

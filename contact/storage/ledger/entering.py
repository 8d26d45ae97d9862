"""Rows with which a contact enters the ledger: its task, itself, and its first moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.ports import Wish
from contact.storage.databases import rows
from contact.storage.databases.transaction import Transaction
from strategies.declared.playbook import Channel
from strategies.instants import Instant
from strategies.profile import Profile, Subject

Values = dict[str, Any]


def task_row(
    wish: Wish,
    task: TaskId,
    contact: ContactId,
    at: Instant,
    now: Instant,
    *,
    started: bool,
    held_by: str | None,
) -> Values:
    """The wish's task with its open contact."""
    candidate, profile = wish.candidate, wish.profile
    return {
        "id": task, "customer_id": profile.customer, "line_id": candidate.line,
        "number_hash": candidate.number_hash or profile.number_hash, "account_id": profile.account,
        "strategy": candidate.strategy, "offer": candidate.offer, "family": candidate.family,
        "channel": candidate.channel, "direction": candidate.direction, "category": candidate.category,
        "promotional": int(candidate.promotional), "value_minor": candidate.value_minor,
        "state": "started" if started else "waiting", "priority": wish.priority, "urgency": -wish.priority,
        "day": wish.day, "rank": wish.rank,
        "not_before_us": at, "valid_until_us": wish.valid_until, "created_us": now, "playbook": wish.playbook.version,
        "reasons": rows.json_text(wish.reasons), "held_by": held_by or ("plan.hour" if at > now else None),
        "contact_id": contact, "language": profile.language, "unit": profile.unit,
    }  # fmt: skip


def contact_row(
    wish: Wish, epochs: Mapping[Subject, int], contact: ContactId, task: TaskId | None, at: Instant, now: Instant,
    channel: Channel, *, handed_over: bool,
) -> Values:  # fmt: skip
    """The wish's contact, reserved, or already ``sending`` where a face of ours is about to show it."""
    candidate, profile = wish.candidate, wish.profile
    return {
        "id": contact, "task_id": task, "customer_id": profile.customer, "account_id": profile.account,
        "household_id": profile.household, "device_id": profile.device,
        "number_hash": candidate.number_hash or profile.number_hash, "line_id": candidate.line,
        "strategy": candidate.strategy, "offer": candidate.offer, "family": candidate.family,
        "channel": candidate.channel, "direction": candidate.direction, "category": candidate.category,
        "promotional": int(candidate.promotional), "state": "sending" if handed_over else "reserved",
        "planned_us": at, "valid_until_us": wish.valid_until, "created_us": now,
        "attempt_us": at if handed_over else None, "shown_us": None,
        "receipt_until_us": at + channel.receipt_wait if handed_over else None, "final": 0, "over_cap": 0,
        "fence": 1 if handed_over else 0, "playbook": wish.playbook.version, "epochs": epochs_text(epochs),
        "decision": wish.decision, "person": None,
    }  # fmt: skip


def first_moves(contact: ContactId, now: Instant, *, handed_over: bool) -> list[Values]:
    """Reserved, and where it was handed over in the same breath, sending."""
    reserved = {
        "contact_id": contact,
        "from_state": None,
        "to_state": "reserved",
        "at_us": now,
        "why": "reserved",
    }
    if not handed_over:
        return [reserved]
    sending = {
        "contact_id": contact,
        "from_state": "reserved",
        "to_state": "sending",
        "at_us": now,
        "why": "permit",
    }
    return [reserved, sending]


def insert_contact(
    tx: Transaction, wish: Wish, profile: Profile, contact: ContactId, task: TaskId | None, at: Instant, now: Instant,
    channel: Channel, *, handed_over: bool,
) -> None:  # fmt: skip
    """A single contact with its moves."""
    tx.run("insert_contact", **contact_row(
        wish, profile.epochs, contact, task, at, now, channel, handed_over=handed_over
    ))  # fmt: skip
    for move in first_moves(contact, now, handed_over=handed_over):
        tx.run("insert_move", **move)


def epochs_text(epochs: Mapping[Subject, int]) -> str:
    """The consent epochs a verdict saw, as kept on the contact; whoever is not named had none."""
    raised = {f"{each.kind}:{each.key}": epoch for each, epoch in epochs.items() if epoch}
    return json.dumps(raised, sort_keys=True) if raised else "{}"

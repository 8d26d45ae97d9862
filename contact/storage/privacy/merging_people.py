"""People who turn out to be one, and numbers that turn out to be somebody else's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from uuid_utils import uuid7

from contact.domain.acts import Act
from contact.faults import Conflict, NotFound
from contact.ports.people import Merged, Recycled
from contact.storage.audits.audit import record_in
from contact.storage.calls.calls import merge_callers
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.keys.numbers import NumberHasher
from contact.storage.ledger import consents
from contact.storage.ledger.moves import RECYCLED, cancel, former_name
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.merged_consents import stricter
from strategies.profile import Consent, CustomerId, Subject

_MOVED = (
    "merge_tasks", "merge_annulled", "merge_events", "merge_changes", "merge_would_have", "merge_lines",
    "merge_calls", "merge_lists", "leave_lists", "end_identity",
)  # fmt: skip


class People:
    """Keeps PeoplePort on either database."""

    def __init__(self, database: Database, hasher: NumberHasher) -> None:
        self.database, self.hasher = database, hasher

    async def merge(self, old: CustomerId, new: CustomerId, playbook: Playbook | None, act: Act) -> Merged:
        """Everything of the old id is the new one's; the stricter of two consents binds. Raises NotFound, Conflict."""
        if old == new:
            raise Conflict("these are one customer already")
        numbers = await self.database.read(lambda tx: _numbers(tx, (old, new)))
        people = [Subject("customer", each) for each in (old, new)]
        bound = [
            *people,
            *(Subject("account", each) for each in (old, new)),
            *(Subject("number", n) for n in numbers),
        ]
        # an import writes under the same pointer: it comes before, or meets the tombstone
        subjects = sorted({*bound, Subject("pointer", "generation")})
        return await self.database.write(lambda tx: _merge(tx, old, new, playbook, act), subjects)

    async def merged_into(self, customer: CustomerId) -> CustomerId | None:
        """Who the customer is now; None where they were never merged."""
        row = await self.database.read(lambda tx: tx.row("merged_into", customer=customer))
        return None if row is None else CustomerId(row["into_id"])

    async def recycle(self, number: str, at: Instant, act: Act) -> Recycled:
        """What was said of and sent to the number before the instant binds its new owner no more."""
        hash = self.hasher(number)
        owners = await self.database.read(lambda tx: _owners(tx, hash, at))
        subjects = sorted([Subject("number", hash), *(Subject("customer", each) for each in owners)])
        return await self.database.write(lambda tx: _recycle(tx, hash, at, act), subjects)


def _numbers(tx: Transaction, customers: Sequence[str]) -> list[str]:
    return [row["number_hash"] for each in customers for row in tx.rows("numbers_of_customer", customer=each)]


def _merge(tx: Transaction, old: CustomerId, new: CustomerId, playbook: Playbook | None, act: Act) -> Merged:
    before = tx.row("merged_into", customer=old)
    if before is not None:
        raise Conflict(f"{old} was merged into {before['into_id']} before")
    identities = {each: tx.row("read_identity", customer=each) for each in (old, new)}
    unknown = [each for each, identity in identities.items() if identity is None]
    if unknown:
        raise NotFound(f"there is no customer {' and no '.join(unknown)}")
    consents.keep_for_person(tx, _given_up(tx, old, new), old)
    now, kept = tx.now(), _stricter(tx, old, new, playbook)
    account = str((identities[new] or {}).get("account_id") or new)
    tx.run("remember_owner", customer=old)  # what closed minutes of the ledger hold stays what they held
    contacts = tx.run("merge_contacts", old=old, new=new, account=account)
    moved = tx.run("merge_consents", old=old, new=new)
    counts = {name: tx.run(name, **_named(name, old, new, account)) for name in _MOVED}
    merge_callers(tx, old, new)
    tx.run("erase_answers", customer=old)
    tx.run("erase_exports", customer=old)  # nobody approved a file under the new id
    for consent in kept:
        consents.record(tx, consent, playbook)
    for kind, key in (("customer", old), ("customer", new)):
        tx.run("raise_epoch", kind=kind, key=key)
    tx.run("follow_merger", old=old, new=new)
    tx.run("note_merger", old=old, new=new, at_us=now, author=act.actor, why=act.why)
    tx.run("insert_erased", customer=old, at_us=now)
    done = Merged(contacts, moved, counts["merge_tasks"], len(kept))
    details: dict[str, str | int] = {
        "old": old, "contacts": contacts, "consents": moved, "tasks": done.tasks, "stricter": done.stricter,
    }  # fmt: skip
    record_in(tx, replace(act, about=new, details=details))
    return done


def _given_up(tx: Transaction, old: CustomerId, new: CustomerId) -> list[str]:
    """Numbers that the person had under the old id alone: what they said by them is no word of the new id's."""
    return sorted({*_numbers(tx, (old,))} - {*_numbers(tx, (new,))})


def _named(name: str, old: str, new: str, account: str) -> dict[str, str]:
    """What a statement of a merger takes."""
    if name in ("leave_lists", "end_identity"):
        return {"old": old}
    return {"old": old, "new": new} | ({"account": account} if name == "merge_tasks" else {})


def _stricter(tx: Transaction, old: CustomerId, new: CustomerId, playbook: Playbook | None) -> list[Consent]:
    """Withdrawals that one of the two had made and a grant of the other would lift."""
    promotional = (
        frozenset(name for name, sells in playbook.operator.categories.items() if sells)
        if playbook
        else frozenset()
    )
    told = {
        each: [rows.consent(row) for row in tx.rows("withdrawals_of_customer", customer=each)]
        for each in (old, new)
    }
    found = stricter(told[old], told[new], promotional, tx.now())
    return [
        Consent(False, tx.now(), channel, category, customer=new, source="merge", evidence=f"merged {old}")
        for channel, category in found
    ]


def _recycle(tx: Transaction, number: str, at: Instant, act: Act) -> Recycled:
    at = Instant(min(at, tx.now()))
    owners = _owners(tx, number, at)
    # whoever tells it late has planned for the former owner since: that too would reach the new one
    cancelled = sum(
        _left_queue(tx, task)
        for task in tx.rows("tasks_of_number", number=number)
        if task["created_us"] < at or task["customer_id"] in owners
    )
    kept = sum(consents.keep_for_person(tx, [number], each, at) for each in owners)
    ended = tx.run("end_consents_of_number", number=number, at_us=at)
    contacts = tx.run("part_contacts", number=number, at_us=at, former=former_name(number, at))
    tx.run("raise_epoch", kind="number", key=number)
    for customer in owners:
        tx.run(
            "accept_event", id=f"{RECYCLED}:{uuid7()}", type=RECYCLED, customer_id=customer, unit=None, at_us=at,
            data=json.dumps({}),
        )  # fmt: skip
    details: dict[str, str | int] = {
        "consents": ended,
        "contacts": contacts,
        "tasks": cancelled,
        "kept": kept,
    }
    record_in(tx, replace(act, details=details))
    return Recycled(ended, contacts, cancelled)


def _owners(tx: Transaction, number: str, at: Instant) -> list[CustomerId]:
    """Who is known to have had the number before it changed hands: it was to be contacted for them."""
    return [CustomerId(row["customer_id"]) for row in tx.rows("owners_before", number=number, at_us=at)]


def _left_queue(tx: Transaction, task: Row) -> int:
    """A task for the former owner never goes to the new one."""
    contact = tx.row("read_contact", id=task["contact_id"]) if task["contact_id"] else None
    if contact is None or contact["state"] != "reserved":
        return 0
    cancel(tx, contact, "cancelled", RECYCLED, task_reason=RECYCLED)
    return 1

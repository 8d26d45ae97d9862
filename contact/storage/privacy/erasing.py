"""Customers who are forgotten: one transaction, a tombstone that every later delivery meets, and a line in a journal.

What stays is what proves lawful conduct and protects the person: contacts without notes under the customer's id, and
withdrawals, which go on binding by the hashes of the numbers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from contact.domain.acts import Act
from contact.faults import Conflict, NotFound
from contact.ports.privacy import Erased
from contact.storage.audits.audit import record_in
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.durable import append
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import CUSTOMER, Generation, Generations
from contact.storage.generations.switching import TRIES, current_generation, switch
from contact.storage.generations.tombstones import Tombstones, line_hash, read_tombstones
from contact.storage.keys.numbers import NumberHasher
from contact.storage.ledger import consents
from contact.storage.ledger.moves import cancel
from strategies.instants import Instant
from strategies.profile import Consent, CustomerId, Subject

JOURNAL = "erasures.jsonl"
RESTORED = Act("contact", "system", "customer.erased", why="named in the journal of erasures")
_GONE = (
    "erase_identity", "erase_lines", "erase_changes", "erase_events", "erase_decisions", "erase_memberships",
    "erase_calls", "erase_caller", "erase_answers",
    "erase_exports", "erase_views", "erase_notes", "erase_reasons",
)  # fmt: skip


class Erasures:
    """Keeps ErasurePort on either database."""

    def __init__(
        self, database: Database, generations: Generations, hasher: NumberHasher, journal: Path
    ) -> None:
        self.database, self.generations, self.hasher = database, generations, hasher
        self.journal = journal / JOURNAL
        self._turn = asyncio.Lock()

    async def erase(self, customer: CustomerId, act: Act) -> Erased:
        """Everything of the customer that need not stay, in one transaction.

        Raises NotFound, and Conflict for an id that was merged into another: whoever is behind it is still here.
        """
        known, erased, numbers = await self.database.read(lambda tx: _known(tx, customer))
        merged = await self.database.read(lambda tx: _merged(tx, customer))
        if erased is not None:
            return Erased(erased, 0, 0)
        if not known:
            raise NotFound("there is no customer of this id")
        for each in (
            customer,
            *merged,
        ):  # a backup from before the merger knows the person under the other ids
            await asyncio.to_thread(self._note, each)
        bound = [Subject("customer", customer), *(Subject("number", each) for each in numbers)]
        # an import writes under the same pointer: it comes before, and is erased with the rest, or meets the tombstone
        subjects = sorted([*bound, Subject("pointer", "generation")])
        return await self.database.write(self._work(customer, replace(act, about=customer)), subjects)

    async def forget(self) -> int:
        """Take everybody erased out of the generation in force; how many were still in it.

        One at a time: who was erased while another's files were written goes with the next writing, together with all
        who wait, and none of them is in the way of another's.
        """
        async with self._turn:
            return await self._forget()

    async def _forget(self) -> int:
        for left in reversed(range(TRIES)):
            base, stones = await self.database.read(lambda tx: (current_generation(tx), read_tombstones(tx)))
            if not stones or "customers" not in base.files:
                return 0
            files, count = await asyncio.to_thread(self._without, base, stones)
            if not count:
                return 0
            try:
                await switch(self.database, self.generations, base, files)
            except Conflict:
                if not left:
                    raise
                continue
            return count
        raise AssertionError("the last try answers or raises")

    async def replay(self) -> Sequence[CustomerId]:
        """Erase again whom the journal names and the store still knows, as one restored from a backup may."""
        named = await asyncio.to_thread(self._named)
        done = []
        for customer in named:
            known, erased, _ = await self.database.read(lambda tx, each=customer: _known(tx, each))  # type: ignore[misc]
            if known and erased is None:
                await self.erase(customer, RESTORED)
                done.append(customer)
        return done

    def _work(self, customer: CustomerId, act: Act) -> Callable[[Transaction], Erased]:
        def work(tx: Transaction) -> Erased:
            numbers = [row["number_hash"] for row in tx.rows("numbers_of_customer", customer=customer)]
            lines = [row["line_id"] for row in tx.rows("lines_of_customer", customer=customer)]
            cancelled = _leave_queues(tx, customer)
            kept = _bind_numbers(tx, customer, numbers)
            for statement in _GONE:
                tx.run(statement, customer=customer)
            tx.run("insert_erased", customer=customer, at_us=tx.now())
            tx.many("insert_erased_line", [{"line_hash": line_hash(self.hasher, each)} for each in lines])
            tx.run("raise_epoch", kind="customer", key=customer)
            record_in(tx, replace(act, details={"tasks": cancelled, "consents": kept}))
            return Erased(tx.now(), cancelled, kept)

        return work

    def _without(self, base: Generation, stones: Tombstones) -> tuple[dict[str, str], int]:
        """The generation's files without the erased; only those that hold any are written anew."""
        files, count = dict(base.files), 0
        for kind, name in base.files.items():
            gone = pc.is_in(self.generations.whole(name, [CUSTOMER])[CUSTOMER], value_set=stones.customers)
            rows_gone = pc.sum(gone).as_py() or 0
            if not rows_gone:  # known by one column: to read them all takes eight times as long
                continue
            kept = self.generations.whole(name).replace_schema_metadata(None).filter(pc.invert(gone))
            count = max(count, rows_gone) if kind == "customers" else max(count, 1)
            files[kind] = self.generations.write(
                kind, base.number + 1, kept, self.generations.file(name).types
            )
        return files, count

    def _note(self, customer: str) -> None:
        """A line outside the database, durable before the erasure is: a restore must not bring the person back."""
        append(self.journal, (json.dumps({"customer": customer}) + "\n").encode())

    def _named(self) -> list[CustomerId]:
        """Whom the journal names, once; a line that a crash cut short names nobody."""
        if not self.journal.exists():
            return []
        found = dict[CustomerId, None]()
        for line in self.journal.read_text(encoding="utf-8").splitlines():
            try:
                found[CustomerId(json.loads(line)["customer"])] = None
            except (ValueError, KeyError, TypeError):
                continue
        return list(found)


def _known(tx: Transaction, customer: str) -> tuple[bool, Instant | None, list[str]]:
    """Whether the customer left anything here, when they were erased, and the hashes of their numbers."""
    known = tx.row("anything_of_customer", customer=customer) is not None
    erased = tx.row("read_erased", customer=customer)
    numbers = [row["number_hash"] for row in tx.rows("numbers_of_customer", customer=customer)]
    return known, None if erased is None else Instant(erased["at_us"]), numbers


def _merged(tx: Transaction, customer: str) -> list[str]:
    """The ids under which the customer was known before. Raises Conflict where this is one of them."""
    into = tx.row("merged_into", customer=customer)
    if into is not None and tx.row("read_erased", customer=into["into_id"]) is None:
        raise Conflict(f"{customer} was merged into {into['into_id']}: erase that one")
    return [row["customer_id"] for row in tx.rows("mergers_into", customer=customer)]


def _leave_queues(tx: Transaction, customer: str) -> int:
    """Waiting tasks end; one already started is reported on or becomes unknown."""
    cancelled = 0
    for task in tx.rows("queued_tasks_of_person", customer=customer, numbers=[]):
        contact = tx.row("read_contact", id=task["contact_id"])
        if task["customer_id"] == customer and contact is not None and contact["state"] == "reserved":
            cancel(tx, contact, "cancelled", "customer_erased", task_reason="customer_erased")
            cancelled += 1
    return cancelled


def _bind_numbers(tx: Transaction, customer: str, numbers: Sequence[str]) -> int:
    """What the person withdrew and never gave back binds their numbers from now on, whatever id they come under."""
    latest: dict[tuple[str, str], Consent] = {}
    for row in tx.rows("withdrawals_of_customer", customer=customer):
        consent = rows.consent(row)
        latest[consent.channel, consent.category] = consent
    withdrawn = [each for each in latest.values() if not each.given]
    for number in numbers:
        for consent in withdrawn:
            kept = replace(consent, customer=None, number_hash=number, source="erasure", evidence="")
            consents.record_as_dated(tx, kept, None)
    return len(withdrawn) * len(numbers)

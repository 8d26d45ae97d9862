"""Switches of the test build: each breaks the ledger in one way that people really broke theirs."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from contact.domain.contact import ContactId
from contact.ports import Job, Receipt, Reserved, Wish
from contact.storage.databases import postgresql, rows
from contact.storage.databases.transaction import Transaction
from contact.storage.databases.units import Unit
from contact.storage.ledger import history, ledger, sweeping
from contact.storage.ledger.ground import Ground, Subjects, subjects_held
from contact.storage.ledger.ledger import Ledger
from contact.storage.ledger.receipts import Heard
from contact.storage.ledger.reserving import Entries, reserve_together
from contact.storage.open import Stores
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import Profile
from strategies.verdict import Verdict
from tests.races import mutants_beside as beside
from tests.races.mutants_beside import replace_part

IN_BULK = "bulk_holds_nobody"
"""Breaks many in one commit, and nothing else."""
ON_POSTGRESQL = (
    "no_lock", "customer_row_only", "lock_and_count_in_one_statement", "expiry_frees_sending", IN_BULK,
)  # fmt: skip
"""What breaks caps there."""
ON_SQLITE = ("no_lock", "expiry_frees_sending", IN_BULK)
"""One writer at a time: without a lock is who counts in an earlier transaction than the insert; the others cannot fail."""

BEFORE_STORES = ("commits_not_synced",)
"""Those that are switched on before any store is opened."""


def switch_on(mutant: str, stores: Stores | None) -> None:
    """Break these stores in the named way; what breaks code that opens stores of its own needs none."""
    {
        "no_lock": _no_lock,
        "customer_row_only": _customer_row_only,
        "lock_and_count_in_one_statement": _one_statement,
        "expiry_frees_sending": _expiry_frees_sending,
        IN_BULK: _bulk_holds_nobody,
        "epoch_not_compared": _epoch_not_compared,
        "outbox_outside_the_transaction": _outbox_outside,
        "receipt_not_deduplicated": _receipt_not_deduplicated,
        "hours_not_asked_at_hand_over": _hours_not_asked,
        "ambiguous_is_sent_again": _ambiguous_again,
        "names_before_the_pointer": beside.names_first,
        "key_not_claimed": beside.key_not_claimed,
        "writes_before_it_reads": beside.writes_first,
        "any_key_will_do": beside.any_key,
        "journal_not_replayed": beside.journal_not_replayed,
        "open_contacts_not_settled": beside.not_settled,
        "no_quarantine": beside.no_quarantine,
        "no_reserved_places": beside.no_reserved_places,
        "commits_not_synced": beside.commits_not_synced,
    }[mutant](stores)  # type: ignore[operator]


def _no_lock(stores: Stores) -> None:
    """Nobody waits for anybody; where there is but one writer, it counts in a transaction before that of the insert."""
    if stores.database.dialect == "sqlite":
        _count_earlier(stores)
    else:
        _lock_nothing(stores)


def _lock_nothing(stores: Stores) -> None:
    stores.database._lock = lambda transaction, batch: None  # type: ignore[attr-defined]


def _customer_row_only(stores: Stores) -> None:
    def lock(transaction: Transaction, batch: Sequence[Unit]) -> None:
        subjects = {subject for unit in batch for subject in unit.subjects if subject.kind == "customer"}
        postgresql.lock_subjects(transaction, sorted(subjects))

    stores.database._lock = lock  # type: ignore[attr-defined]


def _one_statement(stores: Stores) -> None:
    """The lock is taken by the statement that counts: it waits, then counts on the snapshot from before the wait."""
    _lock_nothing(stores)

    def refreshed(
        tx: Transaction, profile: Profile, playbook: object, number_hash: str | None, now: int
    ) -> Profile:
        subjects = profile.subjects(number_hash)
        kinds, keys = [each.kind for each in subjects], [each.key for each in subjects]
        tx.connection.execute(
            "INSERT INTO subject (kind, key) SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            (kinds, keys),
        )
        found = tx.connection.execute(
            "WITH locked AS MATERIALIZED (SELECT kind, key FROM subject WHERE (kind, key) IN "
            "(SELECT * FROM unnest(%s::text[], %s::text[])) ORDER BY kind, key FOR UPDATE) "
            "SELECT DISTINCT c.* FROM contact c, (SELECT count(*) AS n FROM locked) AS l WHERE l.n >= 0 AND "
            "(c.customer_id = %s OR c.account_id = %s OR c.number_hash = %s)",
            (kinds, keys, profile.customer, profile.account, number_hash),
        ).fetchall()
        numbers = history.numbers_of(profile, number_hash)
        consents = history.consents(tx, profile.customer, numbers)
        return replace(profile, contacts=tuple(rows.past_contact(row) for row in found), consents=consents)

    _refreshed_by(refreshed)


def _refreshed_by(refreshed: Callable[..., Profile]) -> None:
    """What reservations and permits take for the profile under the locks."""

    def profile_of(self: Ground, wish: Wish) -> Profile:
        return refreshed(self.tx, wish.profile, wish.playbook, wish.candidate.number_hash, self.now)

    ledger.history.refreshed = refreshed  # type: ignore[assignment]
    Ground.profile_of = profile_of  # type: ignore[method-assign]


def _count_earlier(stores: Stores) -> None:
    """Count in one transaction, insert in the next: what SQLite's single writer cannot save."""

    class CountsEarlier(Ledger):
        async def reserve(self, wish: Wish) -> Reserved | Verdict:
            seen = await self.database.read(
                lambda tx: history.refreshed(
                    tx, wish.profile, wish.playbook, wish.candidate.number_hash, tx.now()
                )
            )
            counted = replace(wish, profile=seen)
            return await self.database.write(lambda tx: self.reserve_in(tx, counted))

    stores.ledger.__class__ = CountsEarlier
    Ground.profile_of = lambda self, wish: wish.profile  # type: ignore[method-assign]


def _bulk_holds_nobody(stores: Stores) -> None:
    """Who reserves many in one commit waits for nobody; who reserves alone does, and is whole."""
    if stores.database.dialect == "sqlite":
        _count_many_earlier(stores)
        return

    class HoldsNobody(Ledger):
        async def reserve_many(
            self, wishes: Sequence[Wish], run: Job | None = None
        ) -> list[Reserved | Verdict]:
            return await self.database.write(lambda tx: ledger._granted(reserve_together(tx, wishes)))

    stores.ledger.__class__ = HoldsNobody


def _count_many_earlier(stores: Stores) -> None:
    """What verdicts on many rest on is read in a transaction before that of the insert."""
    read_now = Ground.read
    earlier: dict[int, Ground] = {}

    class CountsManyEarlier(Ledger):
        async def reserve_many(
            self, wishes: Sequence[Wish], run: Job | None = None
        ) -> list[Reserved | Verdict]:
            held = [subjects_held(wish) for wish in wishes]
            earlier[id(wishes)] = await self.database.read(lambda tx: read_now(tx, wishes, held, tx.now()))
            try:
                return await super().reserve_many(wishes, run)
            finally:
                del earlier[id(wishes)]

    def read_earlier(
        tx: Transaction, wishes: Sequence[Wish], held: Sequence[Subjects], now: Instant
    ) -> Ground:
        known = earlier.get(id(wishes))
        return read_now(tx, wishes, held, now) if known is None else replace(known, tx=tx, now=now)

    replace_part(Ground, "read", staticmethod(read_earlier))
    stores.ledger.__class__ = CountsManyEarlier


def _epoch_not_compared(stores: Stores) -> None:
    """Consents are taken from the profile as gathered, whatever has been withdrawn since."""

    def refreshed(
        tx: Transaction, profile: Profile, playbook: object, number_hash: str | None, now: int
    ) -> Profile:
        numbers = history.numbers_of(profile, number_hash)
        found = history.contacts(tx, profile, numbers, history.since(playbook, now))  # type: ignore[arg-type]
        return replace(profile, contacts=found)

    _refreshed_by(refreshed)


def _expiry_frees_sending(stores: Stores) -> None:
    """A hand-over nobody confirmed is taken for one that never happened: its place returns."""

    def freed(tx: Transaction, channel: str, before: int) -> int:
        found = tx.rows("stale_sending", channel=channel, before_us=before, limit=500)
        for row in found:
            tx.run("move_contact", id=row["id"], state="released", final=1)
            tx.run(
                "insert_move", contact_id=row["id"], from_state="sending", to_state="released",
                at_us=tx.now(), why="stale",
            )  # fmt: skip
        return len(found)

    replace_part(sweeping, "_mark_unknown", freed)


def _outbox_outside(stores: Stores) -> None:
    """The task is committed and acknowledged first; what makes a worker see it follows in a transaction of its own."""
    late: dict[str, Entries] = {}

    def postponed(self: Entries, tx: Transaction) -> None:
        tx.put("insert_task", self.tasks)
        for contact in self.contacts:
            rest = late[contact["id"]] = Entries()
            rest.contacts = [contact]
            rest.moves = [move for move in self.moves if move["contact_id"] == contact["id"]]

    original = Entries.enter

    class AcknowledgesFirst(Ledger):
        async def reserve(self, wish: Wish) -> Reserved | Verdict:
            answer = await super().reserve(wish)
            if isinstance(answer, Reserved):
                rest = late.pop(answer.contact)
                task = asyncio.create_task(self.database.write(lambda tx: original(rest, tx)))
                _under_way.add(task)
                task.add_done_callback(_under_way.discard)
            return answer

    replace_part(Entries, "enter", postponed)
    stores.ledger.__class__ = AcknowledgesFirst


_under_way: set[asyncio.Task[None]] = set()


def _receipt_not_deduplicated(stores: Stores) -> None:
    """Every arrival of a report is taken for a new one."""
    original = ledger.receive
    arrivals = itertools.count()

    def anew(tx: Transaction, receipt: Receipt) -> Heard:
        return original(tx, replace(receipt, id=f"{receipt.id}~{os.getpid()}.{next(arrivals)}"))

    replace_part(ledger, "receive", anew)


def _hours_not_asked(stores: Stores) -> None:
    """What was allowed when the place was taken is handed over whatever the hour."""
    original = ledger.judge

    def judged(rules: Playbook, *words: Any, excluding: str | None = None, **named: Any) -> Verdict:
        verdict = original(rules, *words, excluding=excluding, **named)  # type: ignore[arg-type]
        left = tuple(each for each in verdict.refusals if each.reason != "hours")
        return verdict if excluding is None else replace(verdict, refusals=left)

    replace_part(ledger, "judge", judged)


def _ambiguous_again(stores: Stores) -> None:
    """An answer that was lost is taken for a refusal that passes."""

    class SendsAgain(Ledger):
        async def ambiguous(self, contact: ContactId, fence: int, why: str) -> None:
            await self.refused(contact, fence, passing=True, why=why)

    stores.ledger.__class__ = SendsAgain

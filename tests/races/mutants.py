"""Switches of the test build: each breaks the ledger in one way that people really broke theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contact.ports import Reserved, Wish
from contact.storage import history, ledger, postgresql, rows
from contact.storage.database import Unit
from contact.storage.ledger import Ledger
from contact.storage.open import Stores
from contact.storage.transaction import Transaction
from strategies.profile import Profile
from strategies.verdict import Verdict

ON_POSTGRESQL = ("no_lock", "customer_row_only", "lock_and_count_in_one_statement", "epoch_not_compared")
ON_SQLITE = ("count_in_an_earlier_transaction", "epoch_not_compared")


def switch_on(mutant: str, stores: Stores) -> None:
    """Break these stores in the named way."""
    {
        "no_lock": _no_lock,
        "customer_row_only": _customer_row_only,
        "lock_and_count_in_one_statement": _one_statement,
        "count_in_an_earlier_transaction": _count_earlier,
        "epoch_not_compared": _epoch_not_compared,
    }[mutant](stores)


def _no_lock(stores: Stores) -> None:
    stores.database._lock = lambda transaction, batch: None  # type: ignore[attr-defined]


def _customer_row_only(stores: Stores) -> None:
    def lock(transaction: Transaction, batch: Sequence[Unit]) -> None:
        subjects = {subject for unit in batch for subject in unit.subjects if subject.kind == "customer"}
        postgresql.lock_subjects(transaction, sorted(subjects))

    stores.database._lock = lock  # type: ignore[attr-defined]


def _one_statement(stores: Stores) -> None:
    """The lock is taken by the statement that counts: it waits, then counts on the snapshot from before the wait."""
    _no_lock(stores)

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

    ledger.history.refreshed = refreshed  # type: ignore[assignment]


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

        def _refreshed(self, tx: Transaction, wish: Wish, now: int) -> Profile:
            return wish.profile

    stores.ledger.__class__ = CountsEarlier


def _epoch_not_compared(stores: Stores) -> None:
    """Consents are taken from the profile as gathered, whatever has been withdrawn since."""

    def refreshed(
        tx: Transaction, profile: Profile, playbook: object, number_hash: str | None, now: int
    ) -> Profile:
        numbers = history.numbers_of(profile, number_hash)
        found = history.contacts(tx, profile, numbers, history.since(playbook, now))  # type: ignore[arg-type]
        return replace(profile, contacts=found)

    ledger.history.refreshed = refreshed  # type: ignore[assignment]

"""What a store refuses leaves nothing behind, not even the row that a lock on a made-up name is on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from contact.faults import NotFound
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores
from strategies.profile import Subject


def _locks(tx: Transaction) -> set[str]:
    return {row["key"] for row in tx.connection.execute("SELECT key FROM subject").fetchall()}


def _refuse(tx: Transaction) -> None:
    raise NotFound("nobody has it")


async def test_a_model_nobody_has_is_not_locked_for_good(stores: Stores) -> None:
    """Asked to put the one before in force."""
    with pytest.raises(NotFound):
        await stores.models.roll_back("C1", author="test", why="test")
    assert await stores.database.read(_locks) == set()


async def test_what_is_taken_beside_a_refusal_is_kept(stores: Stores) -> None:
    """Written together, in whichever commits: one is refused, the other has its effect."""

    def take(tx: Transaction) -> None:
        tx.connection.execute("UPDATE subject SET epoch = 7 WHERE key = 'C2'")
        tx.connection.execute(
            "INSERT INTO subject (kind, key, epoch) VALUES ('customer', 'C2', 7) ON CONFLICT DO NOTHING"
        )

    refused, taken = await asyncio.gather(
        stores.database.write(_refuse, [Subject("customer", "C1")]),
        stores.database.write(take, [Subject("customer", "C2")]),
        return_exceptions=True,
    )
    assert isinstance(refused, NotFound) and taken is None
    assert "C2" in await stores.database.read(_locks)

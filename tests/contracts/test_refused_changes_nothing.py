"""What a store refuses leaves nothing behind, not even the row that a lock on a made-up name is on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

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


async def test_what_is_taken_beside_refusals_is_kept(stores: Stores) -> None:
    """Many at once share their commits: what was refused leaves no lock's row, what was taken has its effect."""

    def take(tx: Transaction) -> None:
        tx.run("raise_epoch", kind="customer", key="both")

    def write(n: int) -> Awaitable[None]:
        own = Subject("customer", f"{'refused' if n % 2 else 'taken'} {n}")
        return stores.database.write(_refuse if n % 2 else take, [own, Subject("customer", "both")])

    answers = await asyncio.gather(*(write(n) for n in range(40)), return_exceptions=True)
    assert [isinstance(each, NotFound) for each in answers] == [bool(n % 2) for n in range(40)]
    kept = await stores.database.read(_locks)
    assert "both" in kept and not [key for key in kept if key.startswith("refused")]


async def test_a_row_that_stood_before_outlives_a_refusal(stores: Stores) -> None:
    """A customer who opted out is refused something: the epoch stays."""
    who = Subject("customer", "C3")
    await stores.database.write(lambda tx: tx.run("raise_epoch", kind=who.kind, key=who.key), [who])
    others = [stores.database.write(lambda tx: None, [Subject("customer", f"C{n}")]) for n in range(4, 24)]
    await asyncio.gather(stores.database.write(_refuse, [who]), *others, return_exceptions=True)
    assert "C3" in await stores.database.read(_locks)

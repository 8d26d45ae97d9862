"""Those who ask at the same time are answered from one reading."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from contact.faults import NotFound, StoreUnavailable
from contact.storage.databases.one_reading import OneReading
from contact.storage.databases.sqlite import SQLite
from contact.storage.databases.transaction import Transaction
from tests.migrated import copy_migrated


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLite]:
    opened = SQLite(copy_migrated(tmp_path / "contact.db"))
    yield opened
    opened.close()


async def test_all_who_ask_together_share_a_reading_and_each_gets_their_own(database: SQLite) -> None:
    """Fifty askers cost two readings at most, each is answered about what they asked, and a fault is only its asker's."""
    batches: list[int] = []

    def read(tx: Transaction, asked: Sequence[int]) -> list[int | Exception]:
        batches.append(len(asked))
        return [NotFound("nobody") if each == 7 else each * 2 for each in asked]

    reading = OneReading(database.read, read)
    found = await asyncio.gather(*(reading.ask(each) for each in range(50)), return_exceptions=True)
    assert [each for each in found if not isinstance(each, Exception)] == [n * 2 for n in range(50) if n != 7]
    assert isinstance(found[7], NotFound) and len(batches) <= 2


class Slow:
    """A reading that stands still until it is let on."""

    def __init__(self) -> None:
        self.stored = 0
        self.begun, self.on = threading.Event(), threading.Event()

    def __call__(self, tx: Transaction, asked: Sequence[str]) -> list[int]:
        value = self.stored
        self.begun.set()
        assert self.on.wait(30)
        return [value] * len(asked)


async def test_an_answer_is_never_older_than_its_question(database: SQLite) -> None:
    """Who asks while a reading runs is answered by the next one."""
    slow = Slow()
    reading = OneReading(database.read, slow)
    first = asyncio.create_task(reading.ask("a"))
    await asyncio.to_thread(slow.begun.wait, 30)
    slow.stored = 1
    second = asyncio.create_task(reading.ask("b"))
    await asyncio.sleep(0)
    slow.on.set()
    assert (await first, await second) == (0, 1)


async def test_the_impatient_are_told_and_do_not_wait_behind_a_reading_that_hangs(database: SQLite) -> None:
    """One waits as long as they would; who comes later does not begin to wait; who has patience is answered."""
    slow = Slow()
    reading = OneReading(database.read, slow)
    patient = asyncio.create_task(reading.ask("patient"))
    await asyncio.to_thread(slow.begun.wait, 30)
    with pytest.raises(StoreUnavailable):
        await reading.ask("first", patience=0.05)
    later = asyncio.create_task(reading.ask("second", patience=0.01))
    await asyncio.sleep(0)
    assert isinstance(later.exception(), StoreUnavailable)
    slow.on.set()
    assert await patient == 0


async def test_the_first_of_a_turn_waits_for_nobody_and_the_rest_read_together(database: SQLite) -> None:
    """One alone is answered without giving up its turn; of fifty in one turn the others share a reading."""
    batches: list[int] = []

    def read(tx: Transaction, asked: Sequence[int]) -> list[int | Exception]:
        batches.append(len(asked))
        return [NotFound("nobody") if each == 7 else each for each in asked]

    reading = OneReading(database.look_up, read, database.look_up_here)
    for number in range(3):
        alone = asyncio.create_task(reading.ask(number))
        await asyncio.sleep(0)
        assert alone.done() and alone.result() == number
    with pytest.raises(NotFound):
        await reading.ask(7)
    assert await asyncio.gather(*(reading.ask(each) for each in range(10, 60))) == list(range(10, 60))
    assert batches[:4] == [1, 1, 1, 1] and batches[-1] >= 49

"""A few rows at hand are read without another thread, and a file that is locked holds up nobody but who asks."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from contact.faults import StoreUnavailable
from contact.storage.databases.sqlite import SQLite
from contact.storage.databases.transaction import Row, Transaction
from tests.migrated import copy_migrated


def whose_thread(tx: Transaction) -> int:
    """Where this reading is carried out."""
    assert tx.now() > 0
    return threading.get_ident()


async def test_what_is_at_hand_is_read_in_the_thread_that_asks(tmp_path: Path) -> None:
    """No other thread is asked, and a store that was closed says so."""
    database = SQLite(copy_migrated(tmp_path / "contact.db"))
    assert await database.look_up(whose_thread) == threading.get_ident()
    database.close()
    with pytest.raises(StoreUnavailable):
        await database.look_up(whose_thread)


async def test_a_locked_file_is_waited_for_in_another_thread(tmp_path: Path) -> None:
    """The loop goes on while somebody has the file for themselves, and the answer comes when they let go."""
    path = copy_migrated(tmp_path / "contact.db")
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("PRAGMA locking_mode=EXCLUSIVE")
    locker.execute("BEGIN EXCLUSIVE")
    database = SQLite(path)
    async with asyncio.timeout(20):  # in this thread it would wait for longer, and nobody could let go
        asked = asyncio.create_task(database.look_up(whose_thread))
        await asyncio.sleep(0)
        assert not asked.done()
        locker.close()
        assert await asked != threading.get_ident()
    database.close()


async def test_what_stands_is_read_once_until_anybody_commits(tmp_path: Path) -> None:
    """Rows many ask for are read anew after a commit of another process, and of our own writer, and not before."""
    path = copy_migrated(tmp_path / "contact.db")
    database, other = SQLite(path), sqlite3.connect(path, isolation_level=None)

    async def clock() -> Row:
        return await database.look_up(lambda tx: tx.standing("read_clock")[0])

    first = await clock()
    assert await clock() is first
    other.execute("UPDATE clock SET offset_us = 7")
    await asyncio.sleep(0)
    second = await clock()
    assert second["offset_us"] == 7 and await clock() is second
    await database.write(lambda tx: tx.run("move_clock", offset_us=9))
    assert (await clock())["offset_us"] == 9
    other.close()
    database.close()


async def test_whoever_is_woken_after_a_commit_sees_it(tmp_path: Path) -> None:
    """Those who ask in one turn of the loop share a snapshot; who is woken by what was committed since has a newer one."""
    path = copy_migrated(tmp_path / "contact.db")
    database, other = SQLite(path), sqlite3.connect(path, isolation_level=None)

    async def offset() -> int:
        return await database.look_up(lambda tx: int(tx.standing("read_clock")[0]["offset_us"]))

    assert await offset() == 0
    other.execute("UPDATE clock SET offset_us = 7")
    woken = asyncio.create_task(offset())
    assert await offset() == 0
    assert await woken == 7
    other.close()
    database.close()


def test_a_loop_that_ended_within_a_turn_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    """What another loop of the same thread reads is as new as its own first turn."""
    path = copy_migrated(tmp_path / "contact.db")
    database, other = SQLite(path), sqlite3.connect(path, isolation_level=None)

    async def offset() -> int:
        return await database.look_up(lambda tx: int(tx.standing("read_clock")[0]["offset_us"]))

    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(offset()) == 0
    loop.close()
    other.execute("UPDATE clock SET offset_us = 7")
    assert asyncio.run(offset()) == 7
    other.close()
    database.close()


async def test_a_file_that_cannot_be_read_is_read_by_another_thread(tmp_path: Path) -> None:
    """SQLite ends a snapshot by itself where reading fails: whoever asked is answered over another connection, or told."""
    path = copy_migrated(tmp_path / "contact.db")
    database, other = SQLite(path), sqlite3.connect(path, isolation_level=None)
    assert await database.look_up(whose_thread) == threading.get_ident()
    other.execute("UPDATE clock SET offset_us = 7")
    await asyncio.sleep(0)
    folder = os.open(tmp_path, os.O_RDONLY)  # stands in place of the file from now on: to read it is an error
    for opened in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if str(opened.readlink()) in (str(path), f"{path}-wal"):
                os.dup2(folder, int(opened.name))
    for _ in range(2):
        assert await database.look_up(whose_thread) != threading.get_ident()
        await asyncio.sleep(0)
    other.close()
    database.close()
    os.close(folder)

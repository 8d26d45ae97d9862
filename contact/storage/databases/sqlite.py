"""SQLite: one group-committing writer thread a process, taking turns behind a lock file; readers see snapshots."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from contact.faults import StoreUnavailable
from contact.storage.databases.damaged import fault_of
from contact.storage.databases.database import Database, NotAtHand
from contact.storage.databases.named_sql import Dialect
from contact.storage.databases.transaction import Connection, Transaction, Unchanged
from contact.storage.databases.turns import Turns
from contact.storage.databases.units import Unit, settle

_T = TypeVar("_T")
WRITER_CACHE_KIB = 64 * 1024
"""Keys of customers and numbers fall on pages at random; with SQLite's own 2 MB each insert reads them anew."""
MOST_UNCHANGED = 256
"""Statements whose rows are kept until the next commit."""
WAL_PAGES = 8000
"""A page that many commits touched is written to the file once."""


class SQLite(Database):
    """The embedded store. Writers of several processes queue at ``PATH.lock`` instead of busy-waiting in SQLite."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._turns = Turns(f"{path}.lock")
        self._user = os.open(f"{path}.open", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._user, fcntl.LOCK_SH)  # until closed, so that no migration swaps the file under us
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._last_used = 0
        super().__init__(writers=1)

    def _open_writer(self) -> Connection:
        connection = _connect(self.path)
        connection.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        durability = connection.execute("PRAGMA synchronous").fetchone()["synchronous"]
        if durability != 2:
            raise StoreUnavailable(
                "SQLite must run with synchronous=FULL, or a power cut loses what was acknowledged"
            )
        return cast(Connection, connection)

    def _commit(self, connection: Connection, batch: Sequence[Unit]) -> None:
        self._turns.take()
        try:
            connection.execute("BEGIN IMMEDIATE")
            self._last_used = 0
            done = self._run_units(connection, batch)
            if self._last_used:
                Transaction(connection, self.dialect).run("remember_clock", last_us=self._last_used)
            connection.execute("COMMIT")
        finally:
            self._turns.end()
        settle(done)

    def _noted(self, transaction: Transaction) -> None:
        self._last_used = max(self._last_used, transaction.used_now or 0)

    def _read(self, work: Callable[[Transaction], _T]) -> _T:
        try:
            return self._read_on(self._mine("connection"), work)
        except sqlite3.DatabaseError as error:
            if (fault := self._fault_of(error)) is None:
                raise
            raise fault from error

    def _fault_of(self, error: BaseException | None) -> StoreUnavailable | None:
        return fault_of(error, self.path)

    def _mine(self, name: str, wait_seconds: float = 30.0) -> sqlite3.Connection:
        """This thread's connection of a name, opened when it is first asked for."""
        connection: sqlite3.Connection | None = getattr(self._local, name, None)
        if connection is None:
            connection = _connect(self.path, wait_seconds)
            setattr(self._local, name, connection)
            self._opened.append(connection)
        return connection

    def _read_on(self, connection: sqlite3.Connection, work: Callable[[Transaction], _T]) -> _T:
        connection.execute("BEGIN DEFERRED")
        try:
            return work(Transaction(cast(Connection, connection), self.dialect))
        finally:
            connection.execute("ROLLBACK")

    def look_up_here(self, work: Callable[[Transaction], _T]) -> _T:
        """In this thread: the way to another and back costs more than a few rows do, and waits for turns.

        All who ask in one turn of the loop share a snapshot: whoever is woken after it was taken comes after its end. Where
        the file is locked or broken, that is found out, and waited for, by ``read``.
        """
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            return work(Transaction(*self._at_hand()))
        except sqlite3.DatabaseError:
            self._let_go()
            raise NotAtHand from None

    def _at_hand(self) -> tuple[Connection, Dialect, Unchanged]:
        """The snapshot of this turn, and what was read in earlier ones if nothing was committed since."""
        loop = asyncio.get_running_loop()
        connection = self._mine("at_hand", wait_seconds=0.0)
        if getattr(self._local, "turn_of", None) is not loop:
            self._let_go()  # a loop that ended within a turn left its snapshot
            connection.execute("BEGIN DEFERRED")
            self._local.turn_of = loop
            loop.call_soon(self._let_go)
            version = connection.execute("PRAGMA data_version").fetchone()["data_version"]
            known: tuple[int, Unchanged] | None = getattr(self._local, "unchanged", None)
            if known is None or known[0] != version or len(known[1]) >= MOST_UNCHANGED:
                self._local.unchanged = (version, {})
        return cast(Connection, connection), self.dialect, self._local.unchanged[1]

    def _let_go(self) -> None:
        """The turn is over: who asks next sees what was committed meanwhile."""
        if getattr(self._local, "turn_of", None) is not None:
            self._local.turn_of = None
            if not self._closed and self._mine("at_hand").in_transaction:  # a disk that failed has ended it
                self._mine("at_hand").execute("ROLLBACK")

    def _discard(self, connection: Connection | None) -> None:
        if connection is not None:
            cast(sqlite3.Connection, connection).close()

    def _close_readers(self) -> None:
        for connection in self._opened:
            connection.close()
        self._turns.close()
        os.close(self._user)


def transaction_on(connection: sqlite3.Connection) -> Transaction:
    """Named statements on a connection of somebody else's, outside of any store."""
    connection.row_factory = _as_dict
    return Transaction(cast(Connection, connection), "sqlite")


def _connect(path: Path, wait_seconds: float = 30.0) -> sqlite3.Connection:
    """``wait_seconds``: for a lock of somebody else's."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=wait_seconds, check_same_thread=False)
    connection.row_factory = _as_dict
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}

"""PostgreSQL: a few writers, each committing a group of units whose subject rows it locked first, in one order."""

from __future__ import annotations

import queue
import select
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import psycopg
from psycopg.rows import dict_row

from contact.faults import StoreUnavailable
from contact.storage.databases.database import READERS, Database
from contact.storage.databases.named_sql import Dialect
from contact.storage.databases.transaction import Connection, Transaction
from contact.storage.databases.units import Unit, settle
from strategies.profile import Subject

_T = TypeVar("_T")
WRITERS = 2
"""One works while the other's commit is under way. With four, each batch is half as large, and they wait for one another's
accounts and for turns of the interpreter."""
_TRIES = 5
_BROKEN = (psycopg.OperationalError, psycopg.InterfaceError)
"""What the driver raises where the world failed: the line, the server, its disk."""
WRITING = "contact"
READING = "contact reading"
"""Connections of this name change nothing, so that nobody has to wait for their transactions to end."""
_LINE: dict[str, Any] = {
    "connect_timeout": 5, "tcp_user_timeout": 15_000, "keepalives_idle": 10, "keepalives_interval": 5,
    "keepalives_count": 3,
}  # fmt: skip
"""A line on which the other end no longer answers anything is given up in seconds, not in the kernel's quarter of an hour;
a server that only works for long acknowledges what it was sent and is waited for."""
_SUBJECTS = "ROWS FROM (json_array_elements_text(%s), json_array_elements_text(%s)) AS s(kind, key)"
"""Kinds and keys of subjects, each as one JSON text."""
HALT_GATE = 0x68616C74
"""The advisory lock that all who hold subjects share, and a halt being set takes alone."""


class PostgreSQL(Database):
    """The production store. READ COMMITTED: the locks are one statement, what is counted under them the next."""

    dialect: Dialect = "postgresql"
    again = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle: queue.SimpleQueue[psycopg.Connection[Any]] = queue.SimpleQueue()
        super().__init__(writers=WRITERS)

    def _open_writer(self) -> Connection:
        connection = self._connect()
        row = connection.execute(
            "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS sync"
        ).fetchone()
        connection.rollback()
        if row is None or row["fsync"] != "on" or row["sync"] == "off":
            raise StoreUnavailable(
                "PostgreSQL must run with fsync=on and synchronous_commit, or a crash loses what was acknowledged"
            )
        return cast(Connection, connection)

    def _commit(self, connection: Connection, batch: Sequence[Unit]) -> None:
        """One transaction for the batch; where two batches deadlock, each unit goes alone."""
        native = cast("psycopg.Connection[Any]", connection)
        try:
            transaction = Transaction(connection, self.dialect)
            self._lock(transaction, batch)
            done = self._run_units(connection, batch)
            _forget_refused(transaction, batch)
            _end(native, batch)
        except self.again:
            native.rollback()
            for unit in batch:
                self._commit_alone(native, unit)
            return
        settle(done)

    def _commit_alone(self, connection: psycopg.Connection[Any], unit: Unit) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self._lock(Transaction(cast(Connection, connection), self.dialect), [unit])
                done = self._run_units(cast(Connection, connection), [unit])
                _end(connection, [unit])
            except self.again:
                connection.rollback()
                if not left:
                    raise
                continue
            settle(done)
            return

    def _lock(self, transaction: Transaction, batch: Sequence[Unit]) -> None:
        """Every subject row of the whole batch, in the order (kind, key): no two batches can wait in a ring."""
        subjects = sorted({subject for unit in batch for subject in unit.subjects})
        lock_subjects(transaction, subjects)

    def _stands(self, connection: Connection) -> bool:
        """Unasked, a server says nothing but that it goes, and a line that was cut reads as its end.

        Else whatever came first after a restart of the server failed, once on each line: also the confirmation of a message
        that had just gone out.
        """
        try:
            line = select.poll()
            line.register(cast("psycopg.Connection[Any]", connection).fileno(), select.POLLIN)
            return not line.poll(0)
        except psycopg.OperationalError:  # known to be closed
            return False

    def _reader(self) -> psycopg.Connection[Any]:
        """One that stands, of those that were used before or a new one."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return self._connect(READING)
            if self._stands(cast(Connection, connection)):
                return connection
            connection.close()

    def _fault_of(self, error: BaseException | None) -> StoreUnavailable | None:
        return StoreUnavailable(f"PostgreSQL: {why(error)}") if isinstance(error, _BROKEN) else None

    def _read(self, work: Callable[[Transaction], _T]) -> _T:
        try:
            return self._read_on(self._reader(), work)
        except _BROKEN as error:
            raise self._fault_of(error) or error from error

    def _read_on(self, connection: psycopg.Connection[Any], work: Callable[[Transaction], _T]) -> _T:
        try:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            result = work(Transaction(cast(Connection, connection), self.dialect))
            connection.rollback()
        except _BROKEN:
            connection.close()
            raise
        except BaseException:
            connection.rollback()
            self._idle.put(connection)
            raise
        self._idle.put(connection)
        return result

    def _connect(self, name: str = WRITING) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, row_factory=dict_row, application_name=name, **_LINE)

    def _discard(self, connection: Connection | None) -> None:
        if connection is not None:
            cast("psycopg.Connection[Any]", connection).close()

    def _close_readers(self) -> None:
        for _ in range(READERS):
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return


def _end(connection: psycopg.Connection[Any], batch: Sequence[Unit]) -> None:
    """Where every unit was refused there is nothing to keep, and no sync is waited for."""
    if all(unit.undone for unit in batch):
        connection.rollback()
    else:
        connection.commit()


def why(error: BaseException | None) -> str:
    """What the server said or why it cannot be reached, in one line; never the values of a row."""
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    if said is not None:
        return said
    lines = str(error).splitlines() if isinstance(error, _BROKEN) else []
    return f"{lines[0] if lines else 'it does not answer'}; look at CONTACT_DATABASE_URL"


def lock_subjects(transaction: Transaction, subjects: Sequence[Subject]) -> None:
    """Hold the row of each subject, made where there is none, in order; a halt that is being set comes first.

    A row in the way is locked even where nothing is to be updated; what was made here nobody else sees before the commit.
    """
    if not subjects:
        return
    transaction.connection.execute(
        "WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s)) "
        f"INSERT INTO subject (kind, key) SELECT kind, key FROM gate, {_SUBJECTS} "
        "ORDER BY kind, key ON CONFLICT (kind, key) DO UPDATE SET epoch = subject.epoch WHERE false",
        (HALT_GATE, *map(transaction.batch, zip(*subjects, strict=True))),
    )


def _forget_refused(transaction: Transaction, batch: Sequence[Unit]) -> None:
    """A lock on what nobody has is a row, made by this transaction: those that only refused units held go away again."""
    left = {subject for unit in batch if unit.undone for subject in unit.subjects}
    if left:
        left -= {subject for unit in batch if not unit.undone for subject in unit.subjects}
    if not left:
        return
    transaction.connection.execute(
        f"DELETE FROM subject USING {_SUBJECTS} "
        "WHERE subject.kind = s.kind AND subject.key = s.key AND epoch = 0 AND subject.xmin = pg_current_xact_id()::xid",
        tuple(map(transaction.batch, zip(*left, strict=True))),
    )

"""Two databases behind one shape: ``write`` joins concurrent units of work in one commit, ``read`` sees a snapshot."""

from __future__ import annotations

import asyncio
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from contact.faults import StoreUnavailable
from contact.ports.claims import held_claim
from contact.storage.databases import chaining
from contact.storage.databases.claimed import answers_of
from contact.storage.databases.named_sql import Dialect
from contact.storage.databases.opt_out_journal import OptOutJournal
from contact.storage.databases.transaction import Connection, Transaction
from contact.storage.databases.units import Done, Together, Unit, fail, grouped
from strategies.profile import Subject

_T = TypeVar("_T")
BATCH = 256
READERS = 4


class UnitFailed(Exception):
    """A unit's own statement raised what a broken world raises, before anything was committed."""


class NotAtHand(Exception):
    """The rows cannot be read at once in the thread that asks; whoever wants them waits for ``read``."""


class Database(ABC):
    """A store that commits units of work in groups, each in its own savepoint.

    A unit that raises is undone alone; its neighbours stand. What ``write`` has answered is durable.
    """

    dialect: Dialect
    journal: OptOutJournal | None = None
    """Where consents are written down before they are committed."""
    again: tuple[type[BaseException], ...] = ()
    """What the driver raises where the same unit may succeed when it is done again."""

    def __init__(self, writers: int) -> None:
        self._waiting: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._closed = False
        self._door = threading.Lock()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writers = [
            threading.Thread(target=self._serve, daemon=True, name=f"store-write-{n}") for n in range(writers)
        ]
        for writer in self._writers:
            writer.start()

    async def write(self, work: Callable[[Transaction], _T], subjects: Sequence[Subject] = ()) -> _T:
        """Run ``work`` in a transaction that first locks one row for every subject; answers once it is durable."""
        answer: _T = await self.write_together(_alone(work), None, subjects)
        return answer

    async def write_together(self, work: Together, item: Any, subjects: Sequence[Subject] = ()) -> Any:
        """As ``write``, but items of one kind that wait at the same time are done by one call of ``work``."""
        answer = asyncio.get_running_loop().create_future()
        unit = Unit(work, item, tuple(subjects), answer, held_claim())
        with self._door:  # nothing queues behind the writers' last word, where nobody would answer it
            if self._closed:
                raise StoreUnavailable("the store is closed")
            self._waiting.put(unit)
        return await answer

    async def read(self, work: Callable[[Transaction], _T]) -> _T:
        """Run ``work`` in a read-only transaction on another thread."""
        if self._closed:
            raise StoreUnavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def look_up(self, work: Callable[[Transaction], _T]) -> _T:
        """``read`` for a few rows found by their keys: where they lie at hand, without another thread."""
        try:
            return self.look_up_here(work)
        except NotAtHand:
            return await self.read(work)

    def look_up_here(self, work: Callable[[Transaction], _T]) -> _T:
        """The same without waiting for anything. Raises NotAtHand, as all do that are asked over a line."""
        raise NotAtHand

    def read_here(self, work: Callable[[Transaction], _T]) -> _T:
        """``read`` in this thread, for whoever opens the stores before anything runs."""
        return self._read(work)

    def write_here(self, work: Callable[[Transaction], _T]) -> _T:
        """``write`` that this thread waits for."""
        answer: Future[_T] = Future()
        self._waiting.put(Unit(_alone(work), None, (), answer))
        return answer.result()

    def close(self) -> None:
        """Finish what is waiting and let go of every connection; what comes later is refused."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            for _ in self._writers:
                self._waiting.put(None)
        for writer in self._writers:
            writer.join(timeout=10)
        self._readers.shutdown()
        self._close_readers()

    def _serve(self) -> None:
        connection: Connection | None = None
        while True:
            batch = self._next_batch()
            if batch is None:
                break
            try:
                if connection is not None and not self._stands(connection):
                    connection = self._discard(connection)
                connection = connection or self._open_writer()
                self._commit(connection, batch)
            except UnitFailed:
                connection = self._one_by_one(self._discard(connection), batch)
            except BaseException as error:  # noqa: BLE001  the writer must outlive whatever a unit brings
                connection = self._discard(connection)
                fail(batch, self._fault_of(error) or error)
        self._discard(connection)

    def _one_by_one(self, connection: Connection | None, batch: Sequence[Unit]) -> Connection | None:
        """A unit broke its batch: each alone, so that only it fails; where the world is broken the rest fail at once."""
        for place, unit in enumerate(batch):
            if unit.settled:
                continue
            try:
                connection = connection or self._open_writer()
                self._commit(connection, [unit])
            except UnitFailed as failed:
                connection = self._discard(connection)
                fail([unit], self._fault_of(failed.__cause__) or failed)
            except BaseException as error:  # noqa: BLE001  as in ``_serve``
                fail(batch[place:], self._fault_of(error) or error)
                return self._discard(connection)
        return connection

    def _next_batch(self) -> list[Unit] | None:
        first = self._waiting.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < BATCH:
            try:
                unit = self._waiting.get_nowait()
            except queue.Empty:
                break
            if unit is None:
                self._waiting.put(None)
                break
            batch.append(unit)
        return batch

    def _run_units(self, connection: Connection, batch: Sequence[Unit]) -> list[Done]:
        """Each unit in a savepoint of its own, in order of arrival; what may be done together in one savepoint.

        What they recorded is audited with them, and the consents among it are on the disk before the commit.
        """
        done: list[Done] = []
        finished: list[Transaction] = []
        for units in grouped(batch):
            done += self._run_one(connection, units, finished)
        chaining.append(
            Transaction(connection, self.dialect), [act for each in finished for act in each.acts]
        )
        if self.journal is not None:
            self.journal.write([entry for each in finished for entry in each.journal])
        return done

    def _run_one(
        self, connection: Connection, units: Sequence[Unit], finished: list[Transaction]
    ) -> list[Done]:
        transaction = Transaction(connection, self.dialect)
        connection.execute("SAVEPOINT unit")
        try:
            answers = answers_of(transaction, units)
        except self.again:
            raise
        except Exception as raised:
            if self._fault_of(raised) is not None:
                raise UnitFailed from raised
            connection.execute("ROLLBACK TO SAVEPOINT unit")
            connection.execute("RELEASE SAVEPOINT unit")
            if len(units) == 1:
                units[0].undone = True
                return [(units[0], None, raised)]
            return [each for unit in units for each in self._run_one(connection, [unit], finished)]
        connection.execute("RELEASE SAVEPOINT unit")
        self._noted(transaction)
        finished.append(transaction)
        for unit in units:
            unit.undone = False  # if it was, then by a try that ended in a deadlock
        return [
            (unit, None, answer) if isinstance(answer, BaseException) else (unit, answer, None)
            for unit, answer in zip(units, answers, strict=True)
        ]

    def _noted(self, transaction: Transaction) -> None:  # noqa: B027  most databases keep nothing
        """Hook: what a database keeps of a finished unit."""

    def _stands(self, connection: Connection) -> bool:
        """Whether a connection that nothing was asked of for a while can still be asked."""
        return True

    @abstractmethod
    def _open_writer(self) -> Connection: ...

    @abstractmethod
    def _commit(self, connection: Connection, batch: Sequence[Unit]) -> None: ...

    @abstractmethod
    def _read(self, work: Callable[[Transaction], _T]) -> _T:
        """Raises StoreUnavailable where the world failed."""

    @abstractmethod
    def _fault_of(self, error: BaseException | None) -> StoreUnavailable | None:
        """What to say of what the driver raised because the world failed; None for what is the unit's own."""

    @abstractmethod
    def _discard(self, connection: Connection | None) -> None: ...

    @abstractmethod
    def _close_readers(self) -> None: ...


def _alone(work: Callable[[Transaction], Any]) -> Together:
    """Work that nothing is done together with: no other unit brings the same."""
    return lambda tx, items: (work(tx),)

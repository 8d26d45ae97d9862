"""Those who ask the same kind of thing at the same time are answered from one reading of the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from contact.faults import StoreUnavailable
from contact.storage.databases.database import NotAtHand
from contact.storage.databases.transaction import Transaction

_A = TypeVar("_A")
_R = TypeVar("_R")
Reading = Callable[[Callable[[Transaction], Any]], Awaitable[Any]]
ReadingHere = Callable[[Callable[[Transaction], Any]], Any]
MOST_TOGETHER = 256


class OneReading(Generic[_A, _R]):
    """Everybody who asks in one turn of the loop, or while a reading runs, is answered by the next reading.

    An answer is never older than its question. A hundred askers cost hardly more than one: the way to another thread and
    back is most of what a small reading costs. Where the rows lie at hand, whoever is first in a turn does not wait for
    company: a task and two turns of the loop cost several times what the rows do. The others of that turn read together.
    """

    def __init__(
        self,
        reading: Reading,
        read: Callable[[Transaction, Sequence[_A]], Sequence[_R | Exception]],
        here: ReadingHere | None = None,
    ) -> None:
        """``reading``: how the database is read, ``Database.look_up`` or ``read``; ``here``: ``Database.look_up_here``."""
        self._reading, self._read, self._here = reading, read, here
        self._waiting: list[tuple[_A, asyncio.Future[_R]]] = []
        self._first_came = False
        """Whether somebody was answered at once in this turn of the loop."""
        self._running: asyncio.Task[None] | None = None
        self._began: float | None = None
        """When the reading that runs began, by a clock that only runs."""

    async def ask(self, asked: _A, *, patience: float | None = None) -> _R:
        """The answer; one that is an exception is raised. Raises StoreUnavailable, also after ``patience`` seconds.

        Who is impatient does not wait at all while a reading lasts longer than that.
        """
        if patience is not None and self._began is not None and time.monotonic() - self._began > patience:
            raise StoreUnavailable("the store does not answer in time")
        if self._here is not None and not self._first_came and not self._waiting and self._began is None:
            try:
                found = self._at_once(asked, self._here)
            except NotAtHand:
                pass  # waited for with all others
            else:
                if isinstance(found, Exception):
                    raise found
                return found
        answer: asyncio.Future[_R] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._serve())
        if patience is None:
            return await answer
        ending = asyncio.get_running_loop().call_later(patience, _too_late, answer)
        try:
            return await answer
        finally:
            ending.cancel()

    def _at_once(self, asked: _A, here: ReadingHere) -> _R | Exception:
        """For the first of a turn. Raises NotAtHand."""
        self._first_came = True
        asyncio.get_running_loop().call_soon(self._turn_over)
        found: Sequence[_R | Exception] = here(lambda tx: self._read(tx, (asked,)))
        return found[0]

    def _turn_over(self) -> None:
        self._first_came = False

    async def _serve(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            there = [(asked, answer) for asked, answer in batch if not answer.done()]
            self._began = time.monotonic()
            try:
                found: Sequence[Any] = await self._reading(
                    lambda tx, there=there: self._read(tx, [asked for asked, _ in there])  # type: ignore[misc]
                )
            except Exception as error:  # noqa: BLE001  handed to whoever asked
                found = [error] * len(there)
            finally:
                self._began = None
            for (_, answer), each in zip(there, found, strict=True):
                if answer.done():
                    continue
                if isinstance(each, Exception):
                    answer.set_exception(each)
                else:
                    answer.set_result(each)


def _too_late(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(StoreUnavailable("the store does not answer in time"))

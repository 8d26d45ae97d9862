"""Units of work on their way to a writer and back: which go together, and how a commit's answers reach who asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from contact.faults import Fault, StoreUnavailable
from contact.ports.claims import Claim
from contact.storage.databases.transaction import Transaction
from strategies.profile import Subject

Together = Callable[[Transaction, list[Any]], Sequence[Any]]
"""One answer for each item, in their order; an answer that is an exception is raised to whoever brought the item."""


@dataclass(eq=False, slots=True)
class Unit:
    """One unit of work waiting for a writer, with the subjects it must hold."""

    work: Together
    """Units of one commit that bring the same one are done by one call of it."""
    item: Any
    subjects: tuple[Subject, ...]
    answer: asyncio.Future[Any] | Future[Any]
    claim: Claim | None = None
    """Of the request it is a part of, where that may be repeated."""
    settled: bool = False
    undone: bool = False
    """Rolled back by itself: nothing of it is left to be committed, but for the rows its locks are."""


Done = tuple[Unit, Any, BaseException | None]


def grouped(batch: Sequence[Unit]) -> Iterable[list[Unit]]:
    """Units that may be done together stand at the place of the first of them."""
    groups: dict[Together, list[Unit]] = {}
    for unit in batch:
        groups.setdefault(unit.work, []).append(unit)
    return groups.values()


def settle(done: Sequence[Done]) -> None:
    """Answer every unit of a committed batch; each event loop that waits is woken once."""
    loops: dict[asyncio.AbstractEventLoop, list[Done]] = {}
    for each in done:
        unit = each[0]
        unit.settled = True
        if isinstance(unit.answer, asyncio.Future):
            loops.setdefault(unit.answer.get_loop(), []).append(each)
        else:
            _tell([each])
    for loop, told in loops.items():
        try:
            loop.call_soon_threadsafe(_tell, told)
        except RuntimeError:
            if not loop.is_closed():  # else nobody waits any more
                raise


def fail(batch: Sequence[Unit], error: BaseException) -> None:
    """Tell whoever was not answered yet."""
    fault = error if isinstance(error, Fault) else _fault(error)
    settle([(unit, None, fault) for unit in batch if not unit.settled])


def _tell(done: Sequence[Done]) -> None:
    for unit, result, error in done:
        if unit.answer.done():  # cancelled: whoever asked went away
            continue
        if error is None:
            unit.answer.set_result(result)
        else:  # no future carries a StopIteration
            unit.answer.set_exception(_fault(error) if isinstance(error, StopIteration) else error)


def _fault(error: BaseException) -> Fault:
    fault = StoreUnavailable(type(error).__name__)
    fault.__cause__ = error
    return fault

"""Journeys of calls, written in batches: a caller is answered before a step is durable, and never waits for the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from typing import Any

from prometheus_client import Counter, Gauge

from contact.faults import StoreUnavailable
from contact.ports import Scope
from contact.ports.access import WHOLE
from contact.ports.claims import unclaimed
from contact.storage.calls.rows import caller_row, journey_of, known_of, page_of_columns, row_of
from contact.storage.databases import rows
from contact.storage.databases.behind import WritingBehind
from contact.storage.databases.database import Database
from contact.storage.databases.scope import scope_values
from contact.storage.databases.transaction import Transaction
from contact.telemetry import REGISTRY, log
from ivr.call import Journey, Known, another_call
from ivr.call_columns import CallPage
from ivr.remembering import remembered, together
from strategies.instants import Instant
from strategies.profile import Subject

BATCH = 200
TRIES = 5
"""Of a call that the database refuses while it answers otherwise; a broken connection is one of them."""
MOST_WAITING = 20_000
"""Calls that may wait for the database; beyond it the oldest is given up, and counted."""
MOST_OF_ONE_ID = 20
"""Calls that begin at one instant under one id; beyond it a log was read by a wrong mapping."""
_EVERY = 2**53
_NO_ROW = (ValueError, TypeError, OverflowError)
"""Raised for what no column holds: half a character, a value that JSON has no form for, an instant out of range."""

WAITING = Gauge("contact_calls_waiting", "Calls whose latest step is not yet written.", registry=REGISTRY)
LOST = Counter(
    "contact_calls_lost",
    "Calls given up because the database did not answer and too many waited.",
    registry=REGISTRY,
)
SAME_ID = Counter(
    "contact_calls_same_id",
    "Steps of calls whose id another call has, kept under an id of their own.",
    registry=REGISTRY,
)
_log = log("calls")


_Told = tuple[str, Instant, str | None]
"""A call as it is told: id, beginning and caller. Two that share an id wait beside each other; what is on file tells whose
the id is."""


class _Waiting:
    """Calls not yet written, shared by every scope of one store."""

    def __init__(self) -> None:
        self.calls: dict[_Told, Journey] = {}
        self.writing: dict[_Told, Journey] = {}
        self.refused: dict[_Told, int] = {}
        """How often a call that was alone was refused by a database that answers."""
        self.turn = asyncio.Lock()


class Calls:
    """Keeps CallPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.scope: Scope = WHOLE
        self._waiting = _Waiting()
        self._behind = WritingBehind("calls", self.flush, lambda: len(self._waiting.calls), LOST)

    def within(self, scope: Scope) -> Calls:
        """The same calls, read by a caller of this scope."""
        found = copy(self)
        found.scope = scope
        return found

    async def known(self, customer: str, menu: str) -> Known:
        """What earlier calls of this caller to this menu left behind, with those that are still to be written."""
        row = await self.database.read(lambda tx: tx.row("read_caller", customer=customer, menu=menu))
        return self.with_waiting(known_of(row), customer, menu)

    def with_waiting(self, known: Known, customer: str, menu: str) -> Known:
        """What is known with calls that have ended here and are not written yet."""
        waiting = self._waiting
        for each in (*waiting.writing.values(), *waiting.calls.values()):
            if each.customer == customer and each.menu == menu and each.outcome != "open":
                known = remembered(known, each)
        return known

    async def record(self, journey: Journey) -> None:
        """Keep a call as it stands; it is written with others within a tenth of a second.

        What others report waits its turn where too much waits; a call of our own never waits, and never fails.
        """
        waiting = self._waiting
        told = _told(journey)
        before = waiting.calls.get(told)
        if before is None or _later(journey, before):
            facts = journey.facts or (
                before.facts if before is not None else {}
            )  # told once, when a call begins
            waiting.calls[told] = replace(journey, facts=facts)
        if len(waiting.calls) > MOST_WAITING:
            if journey.source == "own":
                waiting.calls.pop(next(iter(waiting.calls)))
                LOST.inc()
            else:
                await self.flush()
        WAITING.set(len(waiting.calls))
        self._behind.soon()

    async def flush(self) -> None:
        """Write what waits. Raises StoreUnavailable; nothing is lost by it."""
        waiting = self._waiting
        async with waiting.turn:
            while waiting.calls:
                first = list(waiting.calls)[:BATCH]
                waiting.writing = {each: waiting.calls.pop(each) for each in first}
                try:
                    await self._write_all(sorted(waiting.writing.values(), key=lambda each: each.id))
                except BaseException:
                    waiting.calls = waiting.writing | waiting.calls
                    raise
                finally:
                    waiting.writing = {}
                    WAITING.set(len(waiting.calls))

    async def _write_all(self, batch: Sequence[Journey]) -> None:
        """The batch, or each of them alone where the database answers and does not take them together.

        Raises StoreUnavailable where some still wait; one that is refused again and again, or makes no row, is given up.
        """
        try:
            await self._put(batch)
            return
        except (StoreUnavailable, *_NO_ROW):
            await self.database.read(lambda tx: tx.now())
        waiting = self._waiting
        for each in batch:
            try:
                await self._put([each])
            except (StoreUnavailable, *_NO_ROW) as error:
                waiting.refused[_told(each)] = waiting.refused.get(_told(each), 0) + 1
                if waiting.refused[_told(each)] < TRIES and isinstance(error, StoreUnavailable):
                    continue
                LOST.inc()
                _log.error("call refused by the database")
            waiting.refused.pop(_told(each), None)
            del waiting.writing[_told(each)]
        if waiting.writing:
            raise StoreUnavailable("some calls wait for another try")

    async def _written(self) -> None:
        """Before calls are read: what waits is written if it can be; calls on file are told all the same."""
        with suppress(StoreUnavailable):
            await self.flush()

    async def _put(self, batch: Sequence[Journey]) -> None:
        customers = [Subject("customer", each.customer) for each in batch if each.customer]
        with unclaimed():  # a batch of many requests' calls
            await self.database.write(lambda tx: _write(tx, batch), customers)

    async def close(self) -> None:
        """Write what waits, or say how many calls are lost where the database does not answer."""
        await self._behind.close()

    async def between(
        self, since: Instant, until: Instant, *, menu: str | None = None, source: str | None = None,
        customer: str | None = None, limit: int | None = None,
    ) -> Sequence[Journey]:  # fmt: skip
        """Calls that began from ``since`` to before ``until``, oldest first."""
        await self._written()
        values = scope_values(self.scope)

        def work(tx: Transaction) -> list[Journey]:
            found = tx.rows(
                "calls_between", since_us=since, until_us=until, menu=menu, source=source, customer=customer,
                limit=_EVERY if limit is None else limit, **values,
            )  # fmt: skip
            return [journey_of(row) for row in found]

        return await self.database.read(work)

    async def columns(self, since: Instant, until: Instant) -> CallPage:
        """The same calls of every menu and source, column by column."""
        await self._written()
        values = scope_values(self.scope)
        return await self.database.read(
            lambda tx: page_of_columns(tx.columns("call_columns", since_us=since, until_us=until, **values))
        )

    async def get(self, call: str) -> Journey | None:
        """The newest call told under this id, as it stands; None where there is none, or none that the asker may see."""
        await self._written()
        values = scope_values(self.scope)
        row = await self.database.read(lambda tx: tx.row("read_call", id=call, **values))
        return None if row is None else journey_of(row)

    async def left_open(self, before: Instant, limit: int) -> Sequence[Journey]:
        """Calls that began before an instant and have not ended, as they stand on file."""
        await self._written()
        found = await self.database.read(lambda tx: tx.rows("calls_left_open", before_us=before, limit=limit))
        return [journey_of(row) for row in found]

    async def learnt(self, menu: str) -> Mapping[str, Any] | None:
        """What was last learnt of a menu's journeys; None before the first time."""
        row = await self.database.read(lambda tx: tx.row("read_learnt", menu=menu))
        if row is None:
            return None
        found: Mapping[str, Any] = json.loads(row["learnt"])
        return found

    async def keep_learnt(self, menu: str, learnt: Mapping[str, Any]) -> None:
        """Put what was learnt in force."""
        text = rows.json_text(learnt)
        await self.database.write(lambda tx: tx.run("insert_learnt", menu=menu, at_us=tx.now(), learnt=text))


def _told(call: Journey) -> _Told:
    return call.id, call.at, call.customer


def _later(journey: Journey, before: Journey) -> bool:
    """Whether this is a later state of the same call; once ended, only more steps say more."""
    if before.outcome != "open":
        return journey.outcome != "open" and len(journey.steps) > len(before.steps)
    return len(journey.steps) >= len(before.steps)


def _write(tx: Transaction, batch: Sequence[Journey]) -> None:
    """The states that say more than what is on file; what ended just now is remembered for its caller."""
    left = _put(tx, _of_those_here(tx, batch))
    for _ in range(MOST_OF_ONE_ID):
        left = _put(tx, [_told_apart(each) for each in left]) if left else left
    if left:
        LOST.inc(len(left))
        _log.error("too many calls have one id")


def _told_apart(call: Journey) -> Journey:
    """A telephone system, or a log, gave two calls one id: they stay two."""
    SAME_ID.inc()
    _log.warning("another call has this id", kind=call.source)
    return call.told_apart()


def _put(tx: Transaction, batch: Sequence[Journey]) -> list[Journey]:
    """Write these; what is given back was not written: another call is on file under its id."""
    now = tx.now()
    given = [(each, row_of(each, now)) for each in batch]
    tx.many("begin_call_rows", [row for _, row in given])
    held: dict[str, Mapping[str, Any]] = {
        row["id"]: row for row in tx.rows("lock_calls", ids=sorted({each.id for each in batch}))
    }
    fresh: dict[str, tuple[Journey, dict[str, Any]]] = {}
    left = []
    for each, row in given:
        if _another(row, held[each.id]):
            left.append(each)
        elif _says_more(row, held[each.id]):
            held[each.id], fresh[each.id] = row, (each, row)
    tx.many("update_call", [row for _, row in fresh.values()])
    ended = [each for each, row in fresh.values() if row["ended_us"] is not None]
    _remember(tx, [each for each in ended if each.customer and each.menu])
    return left


def _another(row: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    return another_call(
        Instant(row["at_us"]), row["customer_id"], Instant(held["at_us"]), held["customer_id"]
    )


def _says_more(row: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    if held["ended_us"] is not None:
        return row["ended_us"] is not None and row["steps"] > held["steps"]
    return bool(row["steps"] >= held["steps"])


def _of_those_here(tx: Transaction, batch: Sequence[Journey]) -> list[Journey]:
    """Without those of customers who were erased meanwhile; who was merged is who they are now."""
    asked = sorted({each.customer for each in batch if each.customer})
    gone = {row["customer_id"]: row["into_id"] for row in tx.rows("callers_gone", customers=asked)}
    if not gone:
        return list(batch)
    return [
        replace(each, customer=gone[each.customer]) if each.customer in gone else each
        for each in batch
        if each.customer not in gone or gone[each.customer] is not None
    ]


def merge_callers(tx: Transaction, old: str, new: str) -> None:
    """What is known of one caller is known of the other, who is the same person."""
    theirs = {row["menu"]: row for row in tx.rows("callers_of", customer=new)}
    for row in tx.rows("callers_of", customer=old):
        known, at = known_of(row), Instant(row["at_us"])
        other = theirs.get(row["menu"])
        if other is None:
            tx.run("begin_caller", customer_id=new, menu=row["menu"])
        else:
            known, at = together(known, known_of(other)), Instant(max(at, other["at_us"]))
        tx.run("update_caller", **caller_row(new, row["menu"], known, at))
    tx.run("erase_caller", customer=old)


def _remember(tx: Transaction, ended: Sequence[Journey]) -> None:
    if not ended:
        return
    pairs = sorted({(each.customer or "", each.menu) for each in ended})
    tx.many("begin_caller", [{"customer_id": customer, "menu": menu} for customer, menu in pairs])
    held = tx.rows("lock_callers", customers=sorted({customer for customer, _ in pairs}))
    known = {(row["customer_id"], row["menu"]): (known_of(row), Instant(row["at_us"])) for row in held}
    for each in sorted(ended, key=lambda each: each.at):
        before, at = known[each.customer or "", each.menu]
        known[each.customer or "", each.menu] = (remembered(before, each), Instant(max(at, each.at)))
    tx.many("update_caller", [caller_row(customer, menu, *known[customer, menu]) for customer, menu in pairs])

"""Halts: set while no permit is under way, and read with the clock by every reservation and permit."""

from __future__ import annotations

import time

from contact.domain.acts import Act
from contact.domain.halt import Halt, Halted
from contact.faults import NotFound, StoreUnavailable
from contact.storage.audits.audit import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import Instant

ADVICE_LAGS_SECONDS = 1.0
HOLD_SECONDS = 3600.0
"""How long what was last seen halted is gone by while the store is away: somebody may have halted more meanwhile."""


class Halts:
    """Keeps HaltPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seen: Halted | None = None
        """As last read here; None: never."""
        self._read = self._as_of = float("-inf")
        """When ``_seen`` was read, unless a change made it old; and all the same, by a clock that only runs."""
        self._changed = 0
        """How often this process set or lifted one, so that a look begun before does not bring back what stood then."""

    async def set(self, kind: str, key: str, act: Act) -> Halt:
        """Waits until no reservation or permit is under way, then stands."""

        def work(tx: Transaction) -> Halt:
            _alone(tx)
            if tx.run("set_halt", kind=kind, key=key, since_us=tx.now(), author=act.actor, why=act.why):
                record_in(tx, act)
            return _found(tx, kind, key)

        return self._told(await self.database.write(work), stands=True)

    async def lift(self, kind: str, key: str, act: Act) -> Halt:
        """Contact goes on. Raises NotFound."""

        def work(tx: Transaction) -> Halt:
            halt = _found(tx, kind, key)
            tx.run("lift_halt", kind=kind, key=key)
            record_in(tx, act)
            return halt

        return self._told(await self.database.write(work), stands=False)

    async def list(self) -> list[Halt]:
        """Every halt that stands, oldest first."""
        return [_halt(row) for row in await self.database.read(lambda tx: tx.rows("list_halts"))]

    async def in_force(self) -> Halted:
        """At most a second old."""
        if self._seen is None or time.monotonic() - self._read > ADVICE_LAGS_SECONDS:
            asked, changed = time.monotonic(), self._changed
            seen = frozenset((halt.kind, halt.key) for halt in await self.list())
            if self._changed != changed:
                return seen
            self._seen, self._read, self._as_of = seen, asked, asked
        return self._seen

    def last_seen(self) -> Halted:
        """As this process last read or set them. Raises StoreUnavailable where it never did, or not for an hour."""
        if self._seen is None:
            raise StoreUnavailable("halts were never read")
        if time.monotonic() - self._as_of > HOLD_SECONDS:
            raise StoreUnavailable("halts were last read too long ago")
        return self._seen

    def _told(self, halt: Halt, *, stands: bool) -> Halt:
        self._read = float("-inf")
        self._changed += 1
        if self._seen is not None:
            others = self._seen - {(halt.kind, halt.key)}
            self._seen = others | {(halt.kind, halt.key)} if stands else others
        return halt


def _alone(tx: Transaction) -> None:
    """Whoever holds subjects has committed, and whoever comes next sees what this transaction wrote."""
    if tx.dialect == "postgresql":
        from contact.storage.databases.postgresql import HALT_GATE  # its driver is loaded by those who use it

        tx.connection.execute("SELECT pg_advisory_xact_lock(%s)", (HALT_GATE,))


def _found(tx: Transaction, kind: str, key: str) -> Halt:
    row = tx.row("read_halt", kind=kind, key=key)
    if row is None:
        raise NotFound(f"nothing is halted: {' '.join(each for each in (kind, key) if each)}")
    return _halt(row)


def _halt(row: Row) -> Halt:
    return Halt(row["kind"], row["key"], Instant(row["since_us"]), row["author"], row["why"])

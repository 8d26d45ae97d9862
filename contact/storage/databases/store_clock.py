"""The store's one clock: the database's (SQLite: the host's) plus an offset only a demonstration may set."""

from __future__ import annotations

import time

from contact.domain.acts import Act
from contact.faults import Conflict, Forbidden
from contact.ports import Moment
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from strategies.instants import Instant


class StoreClock:
    """Keeps ClockPort on either database."""

    def __init__(self, database: Database, *, movable: bool) -> None:
        self.database = database
        self.movable = movable

    async def now(self) -> Moment:
        """The store's instant, and whether its clock was moved."""
        return await self.database.look_up(_moment)

    async def move_to(self, at: Instant, author: str = "") -> Moment:
        """Move forward, audited where somebody is named. Raises Conflict backwards and Forbidden without ``--demo``."""
        if not self.movable:
            raise Forbidden(
                "the clock moves only in a demonstration: `contact serve --demo`, or CONTACT_DEMO=1 for a command"
            )

        def work(tx: Transaction) -> Moment:
            row = tx.row("read_clock")
            assert row is not None
            host = row["now_us"] - row["offset_us"] if tx.dialect == "postgresql" else time.time_ns() // 1000
            if at < tx.now() or not tx.run("move_clock", offset_us=at - host):
                raise Conflict("the store's clock moves forward only")
            if author:
                record_in(tx, Act(author, "", "clock.moved", details={"to": int(at)}))
            return Moment(at, simulated=True)

        return await self.database.write(work)


def _moment(tx: Transaction) -> Moment:
    row = tx.row("read_clock")
    assert row is not None
    return Moment(tx.now(), simulated=row["offset_us"] != 0)

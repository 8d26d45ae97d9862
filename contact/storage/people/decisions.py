"""Decision records, written in batches: advice is answered before its record is durable."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter, Gauge

from contact.faults import NotFound, StoreUnavailable
from contact.ports import Scope
from contact.ports.claims import unclaimed
from contact.storage.databases import rows
from contact.storage.databases.behind import WritingBehind
from contact.storage.databases.database import Database
from contact.storage.people.decisions_within import DecisionsWithin
from contact.telemetry import REGISTRY

BATCH = 200
MOST_WAITING = 5_000
"""Records that may wait for the database, some kilobytes each; beyond it the oldest is given up, and counted."""

WAITING = Gauge("contact_decisions_waiting", "Decision records not yet written.", registry=REGISTRY)
LOST = Counter(
    "contact_decisions_lost",
    "Decision records given up because the database did not answer and too many waited.",
    registry=REGISTRY,
)


class Decisions:
    """Keeps DecisionPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: deque[dict[str, Any]] = deque()
        self.behind = WritingBehind("decisions", self.flush, self._waiting.__len__, LOST)
        self._turn = asyncio.Lock()
        """Held while records are on their way, so that whoever reads waits for them."""

    def within(self, scope: Scope) -> DecisionsWithin:
        """The same decisions, read by a caller of this scope."""
        return DecisionsWithin(self, scope)

    async def record(self, decision: str, customer: str, record: Mapping[str, Any]) -> None:
        """Keep a record; it is written with others within a tenth of a second."""
        at = int(record.get("at_us", 0))
        self._waiting.append(
            {"id": decision, "customer_id": customer, "at_us": at, "record": rows.json_text(record)}
        )
        self._bound()
        self.behind.soon()

    async def get(self, decision: str) -> Mapping[str, Any]:
        """A record. Raises NotFound."""
        await self.flush()
        row = await self.database.read(lambda tx: tx.row("read_decision", id=decision))
        if row is None:
            raise NotFound(f"there is no decision {decision}")
        record: Mapping[str, Any] = json.loads(row["record"])
        return record

    async def flush(self) -> None:
        """Write what waits. Raises StoreUnavailable; nothing is lost by it."""
        async with self._turn:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                try:
                    with unclaimed():  # a batch of many requests' records
                        await self.database.write(lambda tx, batch=batch: tx.many("insert_decision", batch))  # type: ignore[misc]
                except (StoreUnavailable, asyncio.CancelledError):
                    # those that were written all the same are not written twice: their ids are there
                    self._waiting.extendleft(reversed(batch))
                    self._bound()
                    raise
                WAITING.set(len(self._waiting))

    def _bound(self) -> None:
        """However long the database is away, what waits for it has its size: whoever asked was answered all the same."""
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            LOST.inc()
        WAITING.set(len(self._waiting))

    async def close(self) -> None:
        """Write what waits, or say how many records are lost where the database does not answer."""
        await self.behind.close()

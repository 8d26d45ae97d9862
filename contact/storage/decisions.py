"""Decision records, written in batches: advice is answered before its record is durable."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from contact.faults import NotFound, StoreUnavailable
from contact.ports import Scope
from contact.ports.claims import unclaimed
from contact.storage import rows
from contact.storage.database import Database
from contact.storage.scope import DecisionsWithin
from contact.telemetry import log

_log = log("decisions")

BATCH = 200
WAIT_SECONDS = 0.1


class Decisions:
    """Keeps DecisionPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: list[dict[str, Any]] = []
        self._flusher: asyncio.Task[None] | None = None

    def within(self, scope: Scope) -> DecisionsWithin:
        """The same decisions, read by a caller of this scope."""
        return DecisionsWithin(self, scope)

    async def record(self, decision: str, customer: str, record: Mapping[str, Any]) -> None:
        """Keep a record; it is written with others within a tenth of a second."""
        at = int(record.get("at_us", 0))
        self._waiting.append(
            {"id": decision, "customer_id": customer, "at_us": at, "record": rows.json_text(record)}
        )
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.get_running_loop().create_task(self._flush_soon())

    async def get(self, decision: str) -> Mapping[str, Any]:
        """A record. Raises NotFound."""
        await self.flush()
        row = await self.database.read(lambda tx: tx.row("read_decision", id=decision))
        if row is None:
            raise NotFound(f"there is no decision {decision}")
        record: Mapping[str, Any] = json.loads(row["record"])
        return record

    async def flush(self) -> None:
        """Write what waits."""
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                with unclaimed():  # a batch of many requests' records
                    await self.database.write(lambda tx, batch=batch: tx.many("insert_decision", batch))  # type: ignore[misc]
            except StoreUnavailable:
                self._waiting[:0] = batch
                raise

    async def close(self) -> None:
        """Write what waits, or say how many records are lost where the database does not answer."""
        try:
            await self.flush()
        except StoreUnavailable:
            _log.error("decision records lost", count=len(self._waiting))

    async def _flush_soon(self) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        with suppress(StoreUnavailable):  # what waits goes with the next record
            await self.flush()

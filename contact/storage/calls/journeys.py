"""Ended calls in the order they ended, and what callers' earlier calls and events say beside them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from contact.ports.journeys import EndedCall, ToldEvent
from contact.storage.calls.rows import journey_of
from contact.storage.databases.database import Database
from ivr.call import Journey
from strategies.instants import Instant


class Journeys:
    """Keeps JourneyPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def told(self) -> Instant | None:
        """Up to when ended calls were looked at; None before the first time."""
        row = await self.database.read(lambda tx: tx.row("read_journeys_told"))
        return None if row is None else Instant(row["until_us"])

    async def keep_told(self, until: Instant) -> None:
        """They were looked at so far."""
        await self.database.write(lambda tx: tx.run("keep_journeys_told", until_us=until))

    async def ended(
        self, since: Instant, after: str, until: Instant, began: Instant, limit: int
    ) -> list[EndedCall]:
        """Calls in the order they ended."""
        found = await self.database.read(
            lambda tx: tx.rows(
                "calls_ended", since_us=since, after=after, until_us=until, began_us=began, limit=limit
            )
        )
        return [EndedCall(journey_of(row), Instant(row["ended_us"])) for row in found]

    async def of_callers(self, customers: Sequence[str], since: Instant) -> Mapping[str, Sequence[Journey]]:
        """Caller → their calls, oldest first."""
        rows = await self.database.read(
            lambda tx: tx.rows("calls_of_callers", customers=customers, since_us=since)
        )
        found: dict[str, list[Journey]] = defaultdict(list)
        for row in rows:
            found[row["customer_id"]].append(journey_of(row))
        return found

    async def told_of(
        self, customers: Sequence[str], types: Sequence[str], since: Instant
    ) -> Mapping[str, Sequence[ToldEvent]]:
        """Caller → events, oldest first."""
        rows = await self.database.read(
            lambda tx: tx.rows("told_of_callers", customers=customers, types=types, since_us=since)
        )
        found: dict[str, list[ToldEvent]] = defaultdict(list)
        for row in rows:
            found[row["customer_id"]].append(
                ToldEvent(row["type"], Instant(row["at_us"]), json.loads(row["data"]))
            )
        return found

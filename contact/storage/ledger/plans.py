"""What plans leave behind besides reservations: would-haves of the control, refusals by rule, a summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contact.ports import Job, WouldHave
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from contact.storage.playbooks.jobs import hold_run


class Plans:
    """Keeps PlanPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def record(
        self, day: str, would_have: Sequence[WouldHave], refusals: Mapping[tuple[str, str, str, str], int],
        summary: Mapping[str, Any], run: Job | None = None,
    ) -> None:  # fmt: skip
        """Replace the day's record in one transaction; refusals by (strategy, channel, reason, rule)."""

        def work(tx: Transaction) -> None:
            hold_run(tx, run)
            tx.run("forget_would_have", day=day, now_us=tx.now())
            tx.run("forget_plan_refusals", day=day)
            tx.many("insert_would_have", [_row(entry, planned=1) for entry in would_have])
            tx.many("insert_plan_refusal", [
                {"day": day, "strategy": key[0], "channel": key[1], "reason": key[2], "rule": key[3], "count": count}
                for key, count in sorted(refusals.items())
            ])  # fmt: skip
            tx.run("put_plan_summary", day=day, summary=rows.json_text(summary), at_us=tx.now())

        await self.database.write(work)

    async def would_have(self, entry: WouldHave) -> None:
        """One control customer's place found by an online ask."""
        await self.database.write(lambda tx: tx.run("insert_would_have", **_row(entry, planned=0)))


def _row(entry: WouldHave, *, planned: int) -> dict[str, Any]:
    return {
        "day": entry.day, "customer_id": entry.customer, "strategy": entry.strategy, "offer": entry.offer,
        "channel": entry.channel, "arm": entry.arm, "at_us": entry.at, "unit": entry.unit, "planned": planned,
    }  # fmt: skip

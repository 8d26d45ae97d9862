"""Cold questions over all contacts, for evaluation and overview."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contact.faults import NotFound
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.scope import Scoped, scope_values
from contact.storage.databases.transaction import Row
from contact.storage.playbooks.published import Playbooks
from strategies.instants import Instant, to_datetime, to_instant


class Reports(Scoped):
    """Keeps ReportPort on either database."""

    def __init__(self, database: Database, playbooks: Playbooks) -> None:
        self.database = database
        self.playbooks = playbooks

    async def assigned(self, strategy: str) -> list[Mapping[str, Any]]:
        """One row for every place reserved for a treated, or recorded for a control customer."""
        found = await self.database.read(
            lambda tx: (
                tx.rows("assigned_treated", strategy=strategy)
                + tx.rows("assigned_control", strategy=strategy)
            )
        )
        return [_assigned(row) for row in found]

    async def goals(self, event: str, since: Instant) -> list[tuple[str, str | None, Instant]]:
        """(customer, offer or None, instant) of goal events, in order."""
        found = await self.database.read(lambda tx: tx.rows("goal_events", type=event, since_us=since))
        return [
            (row["customer_id"], json.loads(row["data"]).get("offer"), Instant(row["at_us"])) for row in found
        ]

    async def refusals(
        self, strategy: str | None = None, day: str | None = None
    ) -> list[tuple[str, str, str, str, int]]:
        """(strategy, channel, reason, rule, count) of plans, with tasks ended by a refusal added."""
        asked = {"strategy": strategy, "day": day}
        values = scope_values(self.scope)
        planned: list[Row] = []
        if self.scope.whole:  # plans count refusals over everybody, so they tell a unit nothing of its own
            planned = await self.database.read(lambda tx: tx.rows("plan_refusals", **asked))
        ended = await self.database.read(lambda tx: tx.rows("task_refusals", **asked, **values))
        counts: dict[tuple[str, str, str, str], int] = {}
        for row in planned:
            key = (row["strategy"], row["channel"], row["reason"], row["rule"])
            counts[key] = counts.get(key, 0) + int(row["count"])
        for row in ended:
            reason, _, rule = (row["reason"] or "cancelled").partition(" ")
            key = (row["strategy"], row["channel"], reason, rule or f"task.{reason}")
            counts[key] = counts.get(key, 0) + int(row["count"])
        return [(*key, count) for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]

    async def last_day(self) -> str | None:
        """The latest day planned."""
        row = await self.database.read(lambda tx: tx.row("last_planned_day"))
        return row["day"] if row else None

    async def plan_summary(self, day: str) -> Mapping[str, Any] | None:
        """What the plan of a day did."""
        row = await self.database.read(lambda tx: tx.row("read_plan_summary", day=day))
        return json.loads(row["summary"]) if row else None

    async def queues(self) -> list[Mapping[str, Any]]:
        """Each channel's queue at a glance; today is the operator's."""
        zone = ZoneInfo(await self._operator_zone())

        def work(tx: Any) -> list[Mapping[str, Any]]:
            now = tx.now()
            midnight = datetime.combine(to_datetime(now).astimezone(zone).date(), datetime.min.time(), zone)
            today, tomorrow = to_instant(midnight), to_instant(midnight + timedelta(days=1))
            days = {"today_us": today, "tomorrow_us": tomorrow}
            found = tx.rows("queue_counts", now_us=now, **days, **scope_values(self.scope))
            return [_queue(row) for row in found]

        return await self.database.read(work)

    async def funnel(self, day: str | None = None, strategy: str | None = None) -> Mapping[str, int]:
        """How far tasks came."""
        row = await self.database.read(
            lambda tx: tx.row("funnel_counts", day=day, strategy=strategy, **scope_values(self.scope))
        )
        return {name: int(count or 0) for name, count in (row or {}).items()}

    async def generation(self) -> int:
        """The profile generation in force, 0 where none."""
        row = await self.database.read(lambda tx: tx.row("generation_in_force"))
        return int(row["value"]) if row else 0

    async def _operator_zone(self) -> str:
        try:
            return (await self.playbooks.current()).operator.zone
        except NotFound:
            return "UTC"


def _assigned(row: Row) -> Mapping[str, Any]:
    treated = row["arm"] == "treated"
    return {
        "customer": row["customer"], "day": row["day"], "offer": row["offer"], "channel": row["channel"],
        "arm": row["arm"], "at": Instant(row["at_us"]), "unit": row["unit"],
        "person": row.get("person"), "contact_state": row.get("contact_state"), "result": row.get("result"),
        "moments": rows.moments(row) if treated else {},
    }  # fmt: skip


def _queue(row: Row) -> Mapping[str, Any]:
    def instant(name: str) -> Instant | None:
        return Instant(row[name]) if row[name] is not None else None

    counts = {
        name: int(row[name] or 0)
        for name in ("waiting", "in_hand", "done_today", "expiring_today", "refused_now")
    }
    return {
        "channel": row["channel"],
        **counts,
        "oldest": instant("oldest_us"),
        "opens_at": instant("opens_us"),
    }

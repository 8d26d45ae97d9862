"""Exports of personal data: asked for by one person, approved by another, taken by the first, for a while. Real time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from uuid_utils import uuid7

from contact.clock import real_now
from contact.domain.acts import Act
from contact.faults import Conflict, Forbidden, NotFound
from contact.ports.exports import ExportRow
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.rows import json_text
from contact.storage.databases.scope import Scoped, scope_values
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import DAY, Instant
from strategies.profile import CustomerId

WAITS = 7 * DAY
"""How long a request waits for the second person."""
STAYS = 1 * DAY
"""How long an approved file may be taken."""
SHOWN = 30 * DAY


class Exports(Scoped):
    """Keeps ExportPort on either database; no file lies anywhere: it is made when it is taken."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def ask(
        self, asked: Mapping[str, Any], columns: Sequence[str], customers: Sequence[str], *, by: str, why: str
    ) -> ExportRow:
        """Keep who is meant, by id; nothing is written out yet."""
        id = str(uuid7())

        def work(tx: Transaction) -> ExportRow:
            now = real_now()
            tx.run("forget_exports", now_us=now)
            tx.run(
                "insert_export", id=id, asked=json_text(asked), columns=" ".join(columns),
                customers=len(customers), asked_by=by, why=why, asked_us=now, until_us=now + WAITS,
            )  # fmt: skip
            places = enumerate(customers)
            tx.many(
                "insert_export_customer",
                [{"export": id, "place": place, "customer_id": each} for place, each in places],
            )
            details: dict[str, str | int] = {"customers": len(customers), "columns": " ".join(columns)}
            record_in(tx, Act(by, "", "export.asked", id, details, why))
            return self._read(tx, id)

        return await self.database.write(work)

    async def get(self, export: str) -> ExportRow:
        """One request. Raises NotFound."""
        return await self.database.read(lambda tx: self._read(tx, export))

    async def recent(self) -> list[ExportRow]:
        """Of the last thirty days, newest first."""
        values = scope_values(self.scope)
        found = await self.database.read(
            lambda tx: tx.rows("recent_exports", since_us=real_now() - SHOWN, **values)
        )
        return [_export(row) for row in found]

    async def decide(self, export: str, *, by: str, approve: bool, why: str = "") -> ExportRow:
        """The second person's word. Raises NotFound, Forbidden for whoever asked, Conflict."""

        def work(tx: Transaction) -> ExportRow:
            row, now = self._read(tx, export), real_now()
            if row.asked_by == by:
                raise Forbidden("whoever asks for an export does not decide on it: another person does")
            if row.state != "asked":
                raise Conflict(f"this export is {row.state} already")
            state = "approved" if approve else "refused"
            decided = {"state": state, "decided_by": by, "now_us": now, "until_us": now + STAYS}
            if not tx.run("decide_export", id=export, **decided):
                raise Conflict("somebody else decided on this export just now")
            record_in(tx, Act(by, "", f"export.{state}", export, {"customers": row.customers}, why))
            return self._read(tx, export)

        return await self.database.write(work)

    async def taken(self, export: str, *, by: str) -> list[CustomerId]:
        """Whom the file holds, and that it was taken, on record. Raises NotFound, Forbidden, Conflict."""

        def work(tx: Transaction) -> list[CustomerId]:
            row = self._read(tx, export)
            if row.asked_by != by:
                raise Forbidden("only who asked for an export takes its file")
            if row.state != "approved":
                raise Conflict(f"this export is {row.state}: a file is there once another person approved it")
            found = tx.rows("customers_of_export", id=export, **scope_values(self.scope))
            record_in(tx, Act(by, "", "customers.exported", export, {"customers": len(found)}))
            return [CustomerId(each["customer_id"]) for each in found]

        return await self.database.write(work)

    async def listed(self, name: str) -> list[CustomerId]:
        """Who of the caller's customers stands on an imported list. Raises NotFound."""

        def work(tx: Transaction) -> list[CustomerId]:
            if tx.row("list_is_there", name=name) is None:
                raise NotFound(f"there is no list {name}")
            found = tx.rows("members_of_list", name=name, **scope_values(self.scope))
            return [CustomerId(each["customer_id"]) for each in found]

        return await self.database.read(work)

    def _read(self, tx: Transaction, export: str) -> ExportRow:
        row = tx.row("read_export", id=export, **scope_values(self.scope))
        if row is None:
            raise NotFound(f"there is no export {export}")
        return _export(row)


def _export(row: Row) -> ExportRow:
    open_still = row["state"] in ("asked", "approved") and row["until_us"] > real_now()
    state = row["state"] if open_still or row["state"] == "refused" else "expired"
    return ExportRow(
        id=row["id"], asked=json.loads(row["asked"]), columns=tuple(row["columns"].split()),
        customers=int(row["customers"]), asked_by=row["asked_by"], why=row["why"], asked_at=Instant(row["asked_us"]),
        state=state, decided_by=row["decided_by"],
        decided_at=None if row["decided_us"] is None else Instant(row["decided_us"]), until=Instant(row["until_us"]),
    )  # fmt: skip

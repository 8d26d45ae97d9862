"""Files with names and numbers: one person asks, another approves, the first takes the file. Nothing lies on a disk."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from contact.domain.export_answers import ExportAnswer, ExportsAnswer
from contact.faults import NotFound
from contact.flow.present import moment_or_none
from contact.flow.publishing.publish import require_reason
from contact.flow.selecting.list_warnings import list_warnings
from contact.flow.selecting.select import selected
from contact.ports import Ports
from contact.ports.exports import ExportRow
from contact.telemetry import log
from strategies.instants import to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where

COLUMNS = ("customer", "name", "number", "language", "manager")
MOST = 50_000
"""Customers of one file."""
_RUNS_IN_EXCEL = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"\+[0-9]{3,15}")
_log = log("export")


async def ask(
    ports: Ports, asked: Mapping[str, Any], columns: Sequence[str], *, person: str, why: str
) -> ExportAnswer:
    """Find who is meant now and keep their ids for the second person. Raises ProblemsFound, NotFound for an unknown list."""
    require_reason(why)
    wanted = tuple(dict.fromkeys(("customer", *columns)))
    customers = await _meant(ports, asked)
    if not customers:
        raise ProblemsFound(
            [Problem("export.nobody", "nobody is meant, so there is nothing to export", _HERE)]
        )
    if len(customers) > MOST:
        hint = Hint("ask for fewer, in several exports")
        message = f"{len(customers)} customers are more than one export may hold ({MOST})"
        raise ProblemsFound([Problem("export.too_many", message, _HERE, hint)])
    row = await ports.exports.ask(asked, wanted, customers, by=person, why=why)
    _log.info("export asked", id=row.id, count=row.customers)
    return told(row)


async def decide(ports: Ports, export: str, *, person: str, approve: bool, why: str) -> ExportAnswer:
    """The second person's word. Raises ProblemsFound without a reason, NotFound, Forbidden for whoever asked, Conflict."""
    require_reason(why)
    row = await ports.exports.decide(export, by=person, approve=approve, why=why)
    _log.info("export decided", id=export, state=row.state)
    return told(row)


async def exports(ports: Ports) -> ExportsAnswer:
    """Requests of the last thirty days, newest first."""
    return ExportsAnswer(exports=[told(row) for row in await ports.exports.recent()])


async def file_of(ports: Ports, export: str, *, person: str) -> bytes:
    """The file as CSV, made now, for whoever asked; that it was taken is on record before it is made.

    Who was erased meanwhile, or is no longer the caller's, is left out. Raises NotFound, Forbidden, Conflict.
    """
    columns = (await ports.exports.get(export)).columns
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for customer in await ports.exports.taken(export, by=person):
        try:
            known = await ports.customers.identity(customer)
        except NotFound:
            continue
        values = {name: getattr(known, name) or "" for name in columns}
        writer.writerow([_defused(values[name]) for name in columns])
    return text.getvalue().encode("utf-8-sig")


async def _meant(ports: Ports, asked: Mapping[str, Any]) -> Sequence[str]:
    if asked["kind"] == "list":
        return await ports.exports.listed(asked["list"])
    if asked["kind"] == "warnings":
        found = await list_warnings(ports, float(asked["above"]), MOST + 1)
        return [row.customer for row in found.rows]
    selection = await selected(
        ports, asked.get("condition"), channel=asked["channel"], category=asked.get("category"),
        strategy=asked.get("strategy"), without=asked.get("without", ()),
    )  # fmt: skip
    return selection.customers()


def told(row: ExportRow) -> ExportAnswer:
    """A request as people see it."""
    return ExportAnswer(
        export=row.id, asked=dict(row.asked), columns=list(row.columns), customers=row.customers, asked_by=row.asked_by,
        why=row.why, asked_at=to_datetime(row.asked_at), state=row.state, decided_by=row.decided_by,
        decided_at=moment_or_none(row.decided_at), until=to_datetime(row.until),
    )  # fmt: skip


def _defused(cell: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; a number in E.164 runs nothing."""
    return f"'{cell}" if cell.startswith(_RUNS_IN_EXCEL) and not _NUMBER.fullmatch(cell) else cell


_HERE = Where("request")

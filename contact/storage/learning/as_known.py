"""Rows of a generation as they were known at the end of an earlier month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.facts import KindRows
from contact.storage.imports.merging import put
from strategies.instants import to_instant

DATED_BY = {
    "usage": ("month",),
    "bills": ("month",),
    "complaints": ("opened", "closed"),
    "products": ("from", "to"),
}
"""Kind → the columns that say since when, and until when, a row holds."""


def as_known(kind: str, rows: KindRows, month: int, zone: str) -> KindRows:
    """The rows as of the end of a month in the operator's zone.

    Usage and bills of later months are left out. So are complaints opened and products begun later, and complaints
    that do not say when they were opened; what was closed or ended later counts as not closed and not ended yet.
    Customers, lines, scores and advice have no date and stay as they are.
    """
    table, ends = rows.table, ZoneInfo(zone)
    if kind in ("usage", "bills"):
        return replace(rows, table=table.filter(pc.less_equal(table["month"], month)), latest_month=month)
    if kind == "complaints":
        table = _begun(rows, table, "opened", month, ends, unknown=False)
        return replace(rows, table=_reopened(rows, table, month, ends))
    if kind == "products":
        table = _begun(rows, table, "from", month, ends, unknown=True)
        return replace(rows, table=_unended(rows, table, "to", month, ends))
    return rows


def _begun(
    rows: KindRows, table: pa.Table, name: str, month: int, zone: ZoneInfo, *, unknown: bool
) -> pa.Table:
    if name not in table.column_names:
        return table
    return table.filter(pc.fill_null(pc.less(table[name], _next(rows, name, month, zone)), unknown))


def _unended(rows: KindRows, table: pa.Table, name: str, month: int, zone: ZoneInfo) -> pa.Table:
    if name not in table.column_names:
        return table
    ended = pc.less(table[name], _next(rows, name, month, zone))
    return put(
        table, name, pc.if_else(ended, table[name], pa.nulls(table.num_rows, table.schema.field(name).type))
    )


def _reopened(rows: KindRows, table: pa.Table, month: int, zone: ZoneInfo) -> pa.Table:
    """Complaints closed later are open."""
    if "closed" not in table.column_names:
        return table
    if "open" in table.column_names:
        later = pc.fill_null(pc.greater_equal(table["closed"], _next(rows, "closed", month, zone)), False)
        table = put(table, "open", pc.or_kleene(later, table["open"]))
    return _unended(rows, table, "closed", month, zone)


def _next(rows: KindRows, name: str, month: int, zone: ZoneInfo) -> Any:
    """The first day, or instant, of the month after."""
    year, index = divmod(month + 1, 12)
    if rows.types[name] == "date":
        return pa.scalar(date(year, index + 1, 1), pa.date32())
    return pa.scalar(int(to_instant(datetime(year, index + 1, 1, tzinfo=zone))), pa.int64())

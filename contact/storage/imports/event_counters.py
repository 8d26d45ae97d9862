"""Events of lines become counters of months: summed exactly, in place of what an earlier file made of the same months."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from contact.storage.generations.arrow import cells, whole
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import BUCKET, CUSTOMER
from contact.storage.imports.cell_types import QUANTITY_DECIMALS
from contact.storage.imports.mapping_events import EventCounter
from contact.storage.imports.merging import put

_KEYS = ("line", "month", CUSTOMER, BUCKET)
_GRAINS: int = 10**QUANTITY_DECIMALS
_DIVISOR_DECIMALS = 6
_DIVISOR_GRAINS: int = 10**_DIVISOR_DECIMALS
_THOUSANDTHS = 1000


def monthly(events: pa.Table, counters: Sequence[EventCounter]) -> pa.Table:
    """One row for each line and month with an event; a counter none of whose events is among them is 0.

    A month's sum is rounded half up to thousandths, and a divided one up to them: what was begun is not lost.
    """
    table = events.select(list(_KEYS))
    for counter in counters:
        table = table.append_column(counter.name, _quantities(events, counter))
    grouped = table.group_by(list(_KEYS), use_threads=False).aggregate(
        [(each.name, "sum") for each in counters]
    )
    columns: dict[str, Any] = {name: grouped[name] for name in _KEYS}
    for counter in counters:
        totals = [_amount(total, counter.divide_by) for total in cells(grouped[f"{counter.name}_sum"])]
        columns[counter.name] = pa.array(totals, pa.float64())
    return pa.table(columns)


def without_counters(usage: pa.Table, months: Any, counters: Sequence[EventCounter]) -> pa.Table:
    """Usage without these counters in these months; a row that had nothing else goes.

    So a file of events that is delivered again replaces what it brought before, and nothing is counted twice.
    """
    names = [each.name for each in counters if each.name in usage.column_names]
    covered = pc.is_in(usage["month"], value_set=months)
    touched = pa.nulls(usage.num_rows, pa.bool_()).fill_null(False)
    for name in names:
        touched = pc.or_(touched, pc.and_(covered, pc.is_valid(usage[name])))
        nothing = pa.nulls(usage.num_rows, usage.schema.field(name).type)
        usage = put(usage, name, pc.if_else(covered, nothing, usage[name]))
    blank = pa.nulls(usage.num_rows, pa.bool_()).fill_null(True)
    for name in usage.column_names:
        if name not in _KEYS:
            blank = pc.and_(blank, pc.is_null(usage[name]))
    return usage.filter(pc.invert(pc.and_(touched, blank)))


def lines_by_month(usage: pa.Table, fresh: pa.Table, counters: Sequence[str]) -> list[tuple[int, int, int]]:
    """Each month of the fresh usage, with how many lines have one of these counters in it on file, and how many now."""
    known: Any = pa.nulls(usage.num_rows, pa.bool_()).fill_null(False)
    for name in counters:
        if name in usage.column_names:
            known = pc.or_(known, pc.is_valid(usage[name]))
    before, now = (
        dict(zip(cells(counts.field("values")), cells(counts.field("counts")), strict=True))
        for counts in (
            pc.value_counts(whole(usage["month"].filter(known))),
            pc.value_counts(whole(fresh["month"])),
        )
    )
    return [(month, before.get(month, 0), now[month]) for month in sorted(now)]


def _quantities(events: pa.Table, counter: EventCounter) -> Any:
    """What each event adds to the counter, in the file's own unit."""
    exact = pa.decimal128(38, QUANTITY_DECIMALS)
    nothing = pa.scalar(Decimal(0), exact)
    if counter.sum is None:
        found: Any = pa.array([Decimal(1)] * events.num_rows, exact)
    else:
        found = pc.fill_null(events[counter.sum], nothing)
    for name, words in counter.only:
        wanted = pc.is_in(events[name], value_set=pa.array(sorted(words), pa.string()))
        found = pc.if_else(wanted, found, nothing)
    return found


def _amount(total: Decimal, divide_by: Decimal | None) -> float:
    """A month's quantity in thousandths, by whole numbers only."""
    grains = int(total.scaleb(QUANTITY_DECIMALS))
    if divide_by is None:
        step = _GRAINS // _THOUSANDTHS
        return (grains + step // 2) // step / _THOUSANDTHS
    divisor = int(divide_by.scaleb(_DIVISOR_DECIMALS)) * _GRAINS
    return -(-grains * _DIVISOR_GRAINS * _THOUSANDTHS // divisor) / _THOUSANDTHS

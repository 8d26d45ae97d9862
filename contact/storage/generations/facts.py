"""Rows of a generation become facts: columns of a customer's own file, and aggregates over rows of the others.

One function serves one customer and a whole bucket, so both mean the same. NULLs are left out of every aggregate;
where nothing is left the fact is None, but ``count`` is 0, and ``any`` is False where there are no rows at all and None
where one of them is NULL and no other true. Usage and bills of several lines are first summed by month; ``months``
counts back from the latest month on file. A list is the distinct entries of all rows, or of the ``latest``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contact.storage.generations.arrow import cells
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import CUSTOMER
from strategies.declared.playbook import Field
from strategies.profile import FieldValue

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NUMERIC = frozenset({"number", "money", "boolean", "date", "instant"})
SUMMED = frozenset({"number", "money"})
_ORDERED_BY = ("opened", "from")
_BLANK = -1


@dataclass(frozen=True, slots=True)
class KindRows:
    """Some rows of one kind with what its footer says."""

    table: pa.Table
    types: Mapping[str, str]
    latest_month: int | None = None


def column_facts(rows: KindRows, column: str, field: Field, minor_per_major: int) -> list[FieldValue]:
    """One fact a row, for customers' own columns and lines' own columns; None where the types do not fit."""
    stored = rows.types.get(column)
    if stored is None or not fits(stored, field.type):
        return [None] * int(rows.table.num_rows)
    # a generation calls the id of a customer `customer`, in every kind
    values = rows.table[column if column in rows.table.column_names else CUSTOMER]
    if stored == "date":
        values = pc.cast(values, pa.string())
    found: list[Any] = cells(values)
    convert = _conversion(stored, field.type, minor_per_major)
    return found if convert is None else [None if value is None else convert(value) for value in found]


def aggregate_facts(
    rows: KindRows, column: str, field: Field, owners: Integers, count: int, minor_per_major: int
) -> list[FieldValue]:
    """One fact for each of ``count`` owners; ``owners`` says whose each row is, -1 for nobody's."""
    stored = rows.types.get(column)
    if stored is None:
        return [None] * count
    values = rows.table[column]
    chosen = owners >= 0
    if field.months is not None and rows.latest_month is not None:
        months = rows.table["month"].to_numpy(zero_copy_only=False)
        chosen &= months > rows.latest_month - field.months
    present = ~values.is_null().to_numpy(zero_copy_only=False)
    if field.aggregate == "count":
        return [int(each) for each in np.bincount(owners[chosen & present], minlength=count)]
    if not fits(stored, field.type):
        return [None] * count
    order = order_of(rows)
    if stored not in NUMERIC:
        return _listed(values, owners, chosen & present, order, field, count)
    numbers = numbers_of(values, stored)
    if field.aggregate == "any":
        return _any(numbers, owners, chosen, present, count)
    kept = chosen & present
    numbers, owners, order = numbers[kept], owners[kept], order[kept]
    if has_months(rows) and stored in SUMMED:
        numbers, owners, order = summed_by_month(numbers, owners, order)
    reduced = reduced_by(field.aggregate, numbers, owners, order, count)
    return _as_facts(reduced, stored, field, minor_per_major)


def fits(stored: str, wanted: str) -> bool:
    """Whether a stored column can feed a field of a type."""
    same = {"id": "text", "zone": "text", "month": "text"}.get(stored, stored)
    return same == wanted or (same, wanted) in {("money", "number"), ("number", "money"), ("text", "list")}


def _conversion(stored: str, wanted: str, minor_per_major: int) -> Any:
    match stored, wanted:
        case "money", "number":
            return lambda value: value / minor_per_major
        case "number", "money":
            return lambda value: round(value * minor_per_major)
        case "month", _:
            return month_text
        case "list", _:
            return tuple
        case _, "list":
            return lambda value: (value,)
    return None


def month_text(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def has_months(rows: KindRows) -> bool:
    """Whether rows are of months; a column of another type that an operator calls ``month`` is none of ours."""
    return "month" in rows.table.column_names and pa.types.is_integer(rows.table.schema.field("month").type)


def order_of(rows: KindRows) -> Integers:
    """What ``latest`` goes by: the month, else the day a row begins, else its place."""
    names = rows.table.column_names
    if has_months(rows):
        return np.asarray(rows.table["month"].to_numpy(zero_copy_only=False), dtype=np.int64)
    for name in _ORDERED_BY:
        if name in names:
            return numbers_of(rows.table[name], rows.types[name]).astype(np.int64)
    return np.arange(rows.table.num_rows, dtype=np.int64)


def numbers_of(values: Any, stored: str) -> Floats:
    if stored == "date":
        values = pc.cast(values, pa.int32())
    elif stored == "boolean":
        values = pc.cast(values, pa.int8())
    filled = pc.fill_null(values, 0).to_numpy(zero_copy_only=False)
    return np.asarray(filled, dtype=np.float64)


def summed_by_month(numbers: Floats, owners: Integers, months: Integers) -> tuple[Floats, Integers, Integers]:
    """Summed over the lines of an owner within each month."""
    keys: Integers
    joined = owners * 65536 + months
    if (joined[1:] > joined[:-1]).all():  # one line each, and in order, as files mostly are
        return numbers, owners, months
    keys, places = np.unique(joined, return_inverse=True)
    sums = np.asarray(np.bincount(places, numbers, minlength=len(keys)), dtype=np.float64)
    return sums, keys >> 16, keys & 0xFFFF


def _any(
    numbers: Floats, owners: Integers, chosen: npt.NDArray[np.bool_], present: npt.NDArray[np.bool_], count: int
) -> list[FieldValue]:  # fmt: skip
    true, unknown = any_masks(numbers, owners, chosen, present, count)
    return [True if hit else None if blank else False for hit, blank in zip(true, unknown, strict=True)]


def any_masks(
    numbers: Floats,
    owners: Integers,
    chosen: npt.NDArray[np.bool_],
    present: npt.NDArray[np.bool_],
    count: int,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Who has a row that is true, and who one that is NULL."""
    true = np.bincount(owners[chosen & present], numbers[chosen & present] != 0, minlength=count) > 0
    return true, np.bincount(owners[chosen & ~present], minlength=count) > 0


def reduced_by(
    aggregate: str | None, numbers: Floats, owners: Integers, order: Integers, count: int
) -> Floats:
    """One number an owner, NaN where there is none; of repeated places numpy keeps the last written."""
    result = np.full(count, np.nan)
    if not len(numbers):
        return result
    match aggregate:
        case "sum" | "mean":
            sums = np.bincount(owners, numbers, minlength=count)
            rows = np.bincount(owners, minlength=count)
            there = rows > 0
            result[there] = sums[there] / rows[there] if aggregate == "mean" else sums[there]
        case "latest":
            sequence = np.lexsort((order, owners))
            result[owners[sequence]] = numbers[sequence]
        case "min" | "max":
            sequence = np.lexsort((numbers if aggregate == "max" else -numbers, owners))
            result[owners[sequence]] = numbers[sequence]
    return result


def _as_facts(reduced: Floats, stored: str, field: Field, minor_per_major: int) -> list[FieldValue]:
    if field.type == "boolean":
        return [None if value != value else value != 0 for value in reduced.tolist()]
    if field.type == "date":
        days = pc.cast(pa.array(reduced, from_pandas=True).cast(pa.int32()), pa.date32())
        texts: list[FieldValue] = cells(pc.cast(days, pa.string()))
        return texts
    scale = {("money", "number"): 1 / minor_per_major, ("number", "money"): minor_per_major}.get(
        (stored, field.type), 1
    )
    whole = field.type in ("money", "instant")
    return [
        None if value != value else round(value * scale) if whole else value * scale
        for value in reduced.tolist()
    ]


def _listed(
    values: Any, owners: Integers, kept: npt.NDArray[np.bool_], order: Integers, field: Field, count: int
) -> list[FieldValue]:  # fmt: skip
    """Texts and lists, which are few and read one by one."""
    found: dict[int, list[tuple[int, Any]]] = defaultdict(list)
    for value, owner, keep, place in zip(
        cells(values), owners.tolist(), kept.tolist(), order.tolist(), strict=True
    ):
        if keep:
            found[owner].append((place, month_text(value) if isinstance(value, int) else value))
    return [_one_of(found.get(owner, []), field) for owner in range(count)]


def _one_of(cells: Sequence[tuple[int, Any]], field: Field) -> FieldValue:
    if not cells:
        return None
    if field.type == "list":
        chosen = [max(cells, key=lambda cell: cell[0])] if field.aggregate == "latest" else cells
        return tuple(
            sorted({entry for _, cell in chosen for entry in (cell if isinstance(cell, list) else [cell])})
        )
    texts: list[str] = [cell for _, cell in cells]
    match field.aggregate:
        case "latest":
            return str(max(cells, key=lambda cell: cell[0])[1])
        case "min":
            return min(texts)
        case "max":
            return max(texts)
    return None

"""Usage and issued bills of lines by month, as arrays for the tariff engine."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contact.ports import LineMonths
from contact.storage.generations.arrow import cells, whole
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import CUSTOMER
from strategies.declared.tariff import Counter
from strategies.problems import Hint, Problem, ProblemsFound

Integers = npt.NDArray[np.int64]
Read = Callable[[str, Sequence[str]], pa.Table | None]
"""The named columns of a kind, as far as its file has them; None where it was never imported."""
Delivered = Sequence[Sequence[int]]
"""For the file and for each counter's column: the months in which anybody has a number, ascending."""
NO_BILL = -1


def check_counters(counters: Sequence[Counter], usage: Mapping[str, str] | None) -> None:
    """Whether the usage file has a number for every counter. Raises ``ProblemsFound`` with each it has not."""
    problems = []
    for counter in counters:
        column = _column(counter)
        type_ = None if usage is None else usage.get(column)
        if type_ == "number":
            continue
        if usage is None:
            message = f"counter '{counter.id}' reads {counter.source}, but no usage was imported yet"
        elif type_ is None:
            message = f"counter '{counter.id}' reads {counter.source}, a column the usage file does not have"
        else:
            message = f"counter '{counter.id}' reads {counter.source}, which is {type_} and not a number"
        hint = Hint(
            "map a number to '%(column)s' in a usage file, or make it from a file of events", column=column
        )
        problems.append(Problem("tariff.counter_missing", message, counter.place, hint))
    if problems:
        raise ProblemsFound(problems)


def columns_of(counters: Sequence[Counter]) -> tuple[str, ...]:
    """The columns of the usage file that the counters read, each once."""
    return tuple(dict.fromkeys(_column(counter) for counter in counters))


def delivered_months(table: pa.Table) -> Delivered:
    """Of ``month`` and the columns of counters: the months on file, then those in which a column has a number."""
    counted = [name for name in table.column_names if name != "month"]
    tables = [table, *(table.filter(pc.is_valid(table[name])) for name in counted)]
    return [sorted(cells(pc.unique(each["month"]))) for each in tables]


def latest_delivered(months: Delivered, until: int | None) -> int:
    """The newest month, none later than ``until``, for which every counter that ever had a number was delivered by then.

    A file of calls may come before the file of data: bills of that month would be too small. −1 where there is none.
    """
    lasts = [[month for month in each if until is None or month <= until] for each in months]
    return min((each[-1] for each in lasts if each), default=-1)


def line_months(read: Read, counters: Sequence[Counter], months: range) -> LineMonths:
    """Every line that ``read`` gives, in its order, over these months."""
    lines = _lines(read)
    ids = whole(lines["id"])
    usage = read("usage", ("line", "month", *columns_of(counters)))
    quantities = np.zeros((len(ids), len(months), len(counters)))
    there = np.zeros((len(ids), len(months)), dtype=np.bool_)
    if usage is not None:
        owners, places, kept = _cells_of(usage, usage["line"], ids, months)
        there[owners, places] = True
        for index, counter in enumerate(counters):
            numbers = pc.fill_null(usage[_column(counter)], 0.0).to_numpy(zero_copy_only=False)
            quantities[owners, places, index] = numbers[kept]
    people = read("customers", (CUSTOMER, "unit"))
    return LineMonths(
        lines=cells(ids),
        customers=cells(lines[CUSTOMER]),
        units=_units(lines[CUSTOMER], people),
        tariffs=_texts(lines, "tariff"),
        addons=[_entries(cell) for cell in _texts(lines, "addons")],
        contract_ends=_days(lines),
        months=list(months),
        quantities=quantities,
        there=there,
        issued=_issued(read("bills", ("line", CUSTOMER, "month", "total")), lines, months),
    )


def _column(counter: Counter) -> str:
    return counter.source.partition(".")[2]


def _lines(read: Read) -> pa.Table:
    """The lines on file; without a file of lines, those that usage names."""
    lines = read("lines", ("id", CUSTOMER, "tariff", "addons", "contract_end"))
    if lines is not None:
        return lines
    usage = read("usage", ("line", CUSTOMER))
    if usage is None:
        return pa.table({"id": pa.array([], pa.string()), CUSTOMER: pa.array([], pa.string())})
    pairs = dict(zip(cells(usage["line"]), cells(usage[CUSTOMER]), strict=True))
    return pa.table(
        {"id": pa.array(list(pairs), pa.string()), CUSTOMER: pa.array(pairs.values(), pa.string())}
    )


def _cells_of(
    table: pa.Table, owners: Any, ids: Any, months: range
) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
    """Line and month of each row that has its place in the arrays, and which rows those are."""
    lines = np.asarray(pc.fill_null(pc.index_in(owners, value_set=ids), -1).to_numpy(), dtype=np.int64)
    places = table["month"].to_numpy(zero_copy_only=False).astype(np.int64) - months.start
    kept = (lines >= 0) & (places >= 0) & (places < len(months))
    return lines[kept], places[kept], kept


def _issued(bills: pa.Table | None, lines: pa.Table, months: range) -> Integers:
    """A line's own bill, else the customer's where that is the customer's only line."""
    found = np.full((lines.num_rows, len(months)), NO_BILL, dtype=np.int64)
    if bills is None or "total" not in bills.column_names or not pa.types.is_int64(bills["total"].type):
        return found
    bills = bills.filter(pc.is_valid(bills["total"]))
    own = bills["line"] if "line" in bills.column_names else pa.nulls(bills.num_rows, pa.string())
    by_customer = bills.filter(pc.is_null(own))
    tally = Tally(cells(lines[CUSTOMER]))
    alone = pa.array(
        [customer if tally[customer] == 1 else None for customer in cells(lines[CUSTOMER])], pa.string()
    )
    for rows, owners, ids in (
        (by_customer, by_customer[CUSTOMER], alone),
        (bills, own, whole(lines["id"])),
    ):
        places, at, kept = _cells_of(rows, owners, ids, months)
        found[places, at] = rows["total"].to_numpy(zero_copy_only=False)[kept]
    return found


def _units(customers: Any, people: pa.Table | None) -> list[str | None]:
    if people is None or "unit" not in people.column_names:
        return [None] * len(customers)
    places = pc.index_in(customers, value_set=whole(people[CUSTOMER]))
    return cells(people["unit"].take(places))


def _texts(lines: pa.Table, name: str) -> list[Any]:
    return cells(lines[name]) if name in lines.column_names else [None] * lines.num_rows


def _entries(cell: Any) -> tuple[str, ...]:
    """A list; an older file's text is a list of one."""
    return () if cell is None else (cell,) if isinstance(cell, str) else tuple(cell)


def _days(lines: pa.Table) -> list[str | None]:
    if "contract_end" not in lines.column_names:
        return [None] * lines.num_rows
    return cells(pc.cast(lines["contract_end"], pa.string()))

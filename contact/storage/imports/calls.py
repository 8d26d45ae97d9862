"""Rows of a telephony log, or of the hotline's enquiries, become journeys; what no call can be made of is set aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Any

import pyarrow as pa

from contact.storage.generations.arrow import cells
from contact.storage.generations.arrow import compute as pc
from contact.storage.imports.checking import LINE, CheckedFile, open_reader
from contact.storage.keys.numbers import NumberHasher
from ivr.call import Journey
from ivr.dialogue_state import ASK
from ivr.journeys_sessions import ARMS, ENDS, Stay, enquiry, sessions
from strategies.declared.menu import Menu
from strategies.instants import Instant
from strategies.profile import FieldValue
from strategies.texts.meant import suggestion

NO_KEY = "-"
"""Stands for a time-out, or a call that ended, among the keys of a row that holds a whole call."""
LONGEST_STAY_SECONDS = 86_400.0
MOST_LETTERS = {
    "node": 64,
    "topic": 64,
    "key": 16,
    "menu": 64,
    "goal": 64,
    "version": 64,
    "unit": 64,
    "segment": 64,
    "language": 16,
}
_TOLD = ("menu", "outcome", "goal", "version", "arm", "unit", "segment", "language")
_COLUMNS = (
    LINE, "call", "customer", "number", "at", "node", "key", "seconds", "nodes", "keys", "stays", "topic", *_TOLD,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Callers:
    """Who is behind a customer's id or a number."""

    units: Mapping[str, str | None]
    """Customer → unit, of those whom the log names or whose numbers it does."""
    by_number: Mapping[str, str]
    """Hash of a number → the one customer who has it."""


class _Fault(Exception):
    """What is wrong with a row: our column and the reason."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column, self.reason = column, reason


def callers_of(
    customers: pa.Table, lines: pa.Table | None, names: Collection[str], numbers: Collection[str]
) -> Callers:
    """The units of these customers, and whose each of these hashed numbers is that only one customer has: what a log names,
    not everybody."""
    owners: dict[str, set[str]] = defaultdict(set)
    for table in (customers, lines):
        if table is not None and "number_hash" in table.column_names:
            theirs = _rows_of(table, "number_hash", numbers)
            for number, customer in zip(cells(theirs["number_hash"]), cells(theirs["customer"]), strict=True):
                if customer is not None:
                    owners[number].add(customer)
    one = {number: next(iter(found)) for number, found in owners.items() if len(found) == 1}
    named = _rows_of(customers, "customer", {*names, *one.values()})
    units = cells(named["unit"]) if "unit" in named.column_names else [None] * named.num_rows
    return Callers(dict(zip(cells(named["customer"]), units, strict=True)), one)


def named_in(checked: CheckedFile, hasher: NumberHasher) -> tuple[set[str], set[str]]:
    """The customers and the hashed numbers of a file."""
    found = []
    for name in ("customer", "number"):
        there = name in checked.table.column_names
        found.append({each for each in cells(checked.table[name].unique()) if each} if there else set[str]())
    return found[0], set(map(hasher, found[1]))


def _rows_of(table: pa.Table, column: str, values: Collection[str]) -> pa.Table:
    return table.filter(pc.is_in(table[column], value_set=pa.array(sorted(values), pa.string())))


def journeys_of(
    checked: CheckedFile, hasher: NumberHasher, callers: Callers, menus: Mapping[str, Menu]
) -> list[Journey]:
    """The calls and enquiries of a file; faulty rows are set aside in ``checked``, and with them all rows of their call.

    A number that nobody, or more than one customer, has leaves the caller unknown.
    """
    stays: dict[int, list[Stay]] = {}
    enquiries: list[Journey] = []
    for row in _rows(checked.table):
        try:
            if row["topic"] is not None:
                enquiries.append(enquiry(_stay(row, row["topic"], hasher, callers)))
            else:
                stays[row[LINE]] = list(_stays(row, hasher, callers))
                _require_spelt(row, stays[row[LINE]], menus)
        except _Fault as fault:
            column = checked.mapping.column(fault.column)
            name = fault.column if column is None else column.source or fault.column
            checked.faults[row[LINE]].append((name, fault.reason))
    _leave_out(checked, stays)
    return [
        *enquiries,
        *(each.journey for each in sessions((s for found in stays.values() for s in found), menus)),
    ]


def _require_spelt(row: Mapping[str, Any], stays: Sequence[Stay], menus: Mapping[str, Menu]) -> None:
    """Raises ``_Fault`` for a node that its menu does not have and that is written nearly as one it has.

    Nodes like no other stay: menus change, and a log may be older. So do all of a row that names the playbook it heard.
    """
    for stay in stays:
        menu = menus.get(stay.menu)
        if menu is None or stay.version or stay.node in menu.nodes or stay.node.startswith(ASK):
            continue
        meant = suggestion(stay.node, menu.nodes)
        if meant.startswith("did you mean"):
            raise _Fault(
                "nodes" if row["node"] is None else "node", f"menu '{menu.id}' has no '{stay.node}': {meant}"
            )


def _leave_out(checked: CheckedFile, stays: dict[int, list[Stay]]) -> None:
    """A call one of whose rows is faulty is no call any more: its other rows are set aside with it."""
    broken = _calls_of_faulty_rows(checked)
    column = checked.mapping.column("call")
    for line, found in list(stays.items()):
        if found and found[0].call in broken:
            name = "call" if column is None else column.source or "call"
            checked.faults[line].append((name, "has another row with a fault"))
            del stays[line]


def _calls_of_faulty_rows(checked: CheckedFile) -> set[str | None]:
    """Names of calls as faulty rows tell them, read from the file once more."""
    column = checked.mapping.column("call")
    if not checked.faults or column is None or column.source is None:
        return set()
    place, found = checked.header.index(column.source), set[str | None]()
    for batch in open_reader(checked.path, checked.mapping).batches():
        for line, row in zip(batch.lines, batch.rows, strict=True):
            if line in checked.faults and row[place] not in (None, ""):
                found.add(str(row[place]).strip())
    return found


def _stays(row: Mapping[str, Any], hasher: NumberHasher, callers: Callers) -> Iterator[Stay]:
    """The stays a row tells of: one, or a whole call's one after the other."""
    if row["node"] is not None:
        yield _stay(row, row["node"], hasher, callers)
        return
    nodes, keys, times = row["nodes"] or [], row["keys"] or [], row["stays"] or []
    for name, found in (("keys", keys), ("stays", times)):
        if found and len(found) != len(nodes):
            raise _Fault(
                name,
                f"has {len(found)} entries for {len(nodes)} nodes; write {NO_KEY} where there was no key",
            )
    at = Instant(row["at"])
    for place, node in enumerate(nodes):
        key = keys[place] if keys and keys[place] != NO_KEY else None
        seconds = _seconds(times[place]) if times else 0.0
        one = {**row, "at": at, "key": key, "seconds": seconds}
        yield _stay(one, node, hasher, callers)
        at = Instant(at + round(seconds * 1_000_000))


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _Fault("stays", "is no list of numbers") from None


def _stay(row: Mapping[str, Any], node: str, hasher: NumberHasher, callers: Callers) -> Stay:
    """One stay, checked. Raises ``_Fault``."""
    for name, most in MOST_LETTERS.items():
        if row[name] is not None and len(row[name]) > most:
            raise _Fault(name, f"has more than {most} letters")
    if not 0 < len(node) <= MOST_LETTERS["node"]:
        raise _Fault("nodes", f"has a node of more than {MOST_LETTERS['node']} letters")
    seconds = row["seconds"]
    if seconds is not None and not 0.0 <= seconds <= LONGEST_STAY_SECONDS:
        raise _Fault("seconds", f"is outside 0..{LONGEST_STAY_SECONDS:g}")
    for name, known in (("outcome", ENDS), ("arm", ARMS)):
        if row[name] is not None and row[name] not in known:
            raise _Fault(name, f"is none of {', '.join(known)}")
    number = None if row["number"] is None else hasher(row["number"])
    customer = row["customer"] or callers.by_number.get(number or "")
    if row["customer"] is not None and customer not in callers.units:
        raise _Fault("customer", "belongs to no imported customer")
    caller = number or customer  # the name of a call must not change when its number becomes a customer's
    if caller is None and row["call"] is None:
        raise _Fault("call", "is empty, and so is the caller: nobody knows which rows are one call")
    return Stay(
        line=row[LINE], at=Instant(row["at"]), node=node, call=row["call"], caller=caller, customer=customer,
        key=row["key"], seconds=seconds, menu=row["menu"] or "", outcome=row["outcome"], goal=row["goal"],
        version=row["version"] or "", arm=row["arm"] or "unknown", unit=row["unit"] or callers.units.get(customer or ""),
        segment=row["segment"], language=row["language"] or "", facts=row["facts"],
    )  # fmt: skip


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows as dicts; a column that is not there is NULL. ``facts`` are the columns that are none of a call's own: fields as
    they were known when it began."""
    columns: list[list[Any]] = [
        cells(table[name]) if name in table.column_names else [None] * table.num_rows for name in _COLUMNS
    ]
    fields = [name for name in table.column_names if name not in _COLUMNS]
    told = (
        zip(*(cells(table[name]) for name in fields), strict=True) if fields else repeat((), table.num_rows)
    )
    for row, values in zip(zip(*columns, strict=True), told, strict=True):
        known = {name: _fact(value) for name, value in zip(fields, values, strict=True) if value is not None}
        yield {**dict(zip(_COLUMNS, row, strict=True)), "facts": known}


def _fact(value: Any) -> FieldValue:
    if isinstance(value, date):
        return value.isoformat()
    return tuple(value) if isinstance(value, list) else value

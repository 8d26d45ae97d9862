"""Rows of a generation become profiles, without what SQL holds of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.arrow import cells, whole
from contact.storage.arrow import compute as pc
from contact.storage.facts import Integers, KindRows, aggregate_facts, column_facts
from contact.storage.generations import CUSTOMER
from strategies.playbook import Field, Playbook
from strategies.profile import CustomerId, FieldValue, Line, Profile

_MASK = (1 << 64) - 1


def decode(playbook: Playbook, generation: int, kinds: Mapping[str, KindRows]) -> list[Profile]:
    """A profile for each row of ``kinds['customers']``, in its order, with every field of the playbook."""
    customers = kinds["customers"]
    count = customers.table.num_rows
    if not count:
        return []
    facts = _customer_facts(playbook, kinds, count)
    lines = _lines(playbook, kinds)
    names, rows = list(facts), zip(*facts.values(), strict=True) if facts else iter([()] * count)
    found = []
    for row, values in zip(_identities(customers.table), rows, strict=True):
        found.append(
            Profile(
                customer=CustomerId(row["customer"]),
                customer_hash=row["customer_hash"] & _MASK,
                bucket=row["bucket"],
                account=row["account"] or row["customer"],
                number_hash=row["number_hash"],
                household=row["household"],
                device=row["device"],
                zone=row["zone"],
                language=row["language"],
                unit=row["unit"],
                facts=dict(zip(names, values, strict=True)),
                lines=tuple(lines.get(row["customer"], ())),
                generation=generation,
            )
        )
    return found


def _identities(table: pa.Table) -> list[dict[str, Any]]:
    wanted = (
        "customer",
        "customer_hash",
        "bucket",
        "account",
        "number_hash",
        "household",
        "device",
        "zone",
        "language",
        "unit",
    )
    columns = [
        cells(table[name]) if name in table.column_names else [None] * table.num_rows for name in wanted
    ]
    return [dict(zip(wanted, row, strict=True)) for row in zip(*columns, strict=True)]


def _customer_facts(
    playbook: Playbook, kinds: Mapping[str, KindRows], count: int
) -> dict[str, list[FieldValue]]:
    ids = kinds["customers"].table[CUSTOMER]
    owners = {kind: _owners(rows.table[CUSTOMER], ids) for kind, rows in kinds.items() if kind != "customers"}
    found: dict[str, list[FieldValue]] = {}
    for name, field in playbook.fields.items():
        kind, _, column = field.source.partition(".")
        if kind not in kinds:
            found[name] = [None] * count
        elif kind == "customers":
            found[name] = column_facts(kinds[kind], column, field, playbook.operator.minor_per_major)
        else:
            found[name] = aggregate_facts(
                kinds[kind], column, field, owners[kind], count, playbook.operator.minor_per_major
            )
    return found


def _lines(playbook: Playbook, kinds: Mapping[str, KindRows]) -> Mapping[str, list[Line]]:
    """Each customer's lines, in order of id, with the facts that are the line's own."""
    rows = kinds.get("lines")
    if rows is None or not rows.table.num_rows:
        return {}
    facts = _line_facts(playbook, kinds, rows)
    names, values = (
        list(facts),
        zip(*facts.values(), strict=True) if facts else iter([()] * rows.table.num_rows),
    )
    ids, customers = cells(rows.table["id"]), cells(rows.table[CUSTOMER])
    numbers = cells(rows.table["number_hash"])
    found: dict[str, list[Line]] = defaultdict(list)
    for id_, customer, number, row in zip(ids, customers, numbers, values, strict=True):
        found[customer].append(Line(id_, number, dict(zip(names, row, strict=True))))
    return found


def _line_facts(
    playbook: Playbook, kinds: Mapping[str, KindRows], lines: KindRows
) -> dict[str, list[FieldValue]]:
    count, minor = lines.table.num_rows, playbook.operator.minor_per_major
    owners = {
        kind: _owners(rows.table["line"], lines.table["id"])
        for kind, rows in kinds.items()
        if kind != "lines" and "line" in rows.table.column_names
    }
    found: dict[str, list[FieldValue]] = {}
    for name, field in playbook.fields.items():
        kind, _, column = field.source.partition(".")
        if kind == "lines" and _is_about_one_line(field):
            found[name] = column_facts(lines, column, field, minor)
        elif kind in owners:
            found[name] = aggregate_facts(kinds[kind], column, field, owners[kind], count, minor)
    return found


def _is_about_one_line(field: Field) -> bool:
    """How many lines there are stays a fact about the customer."""
    return field.aggregate != "count"


def _owners(column: Any, ids: Any) -> Integers:
    places = pc.index_in(column, value_set=whole(ids))
    return np.asarray(pc.fill_null(places, -1).to_numpy(), dtype=np.int64)

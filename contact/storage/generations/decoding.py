"""Rows of a generation become profiles, without what SQL holds of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.generations.arrow import cells, whole
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.facts import Integers, KindRows, aggregate_facts, column_facts
from contact.storage.generations.files import CUSTOMER
from strategies.declared.playbook import Field, Playbook
from strategies.profile import CustomerId, FieldValue, Line, Profile

_MASK = (1 << 64) - 1
_IDENTITY = ("account", "number_hash", "household", "device", "zone", "language", "unit", "jurisdiction")
_KEYS = (CUSTOMER, "customer_hash", "bucket", "id", "line", "month", "opened", "from", *_IDENTITY)


def columns_read(playbook: Playbook) -> dict[str, set[str]]:
    """Kind → the columns that profiles of this playbook are made of; a kind that is not there is not needed."""
    found = {"customers": set(_KEYS), "lines": set(_KEYS)}
    for field in playbook.fields.values():
        kind, _, column = field.source.partition(".")
        found.setdefault(kind, set(_KEYS)).add(column)
    return found


def decode(playbook: Playbook, generation: int, kinds: Mapping[str, KindRows]) -> list[Profile]:
    """A profile for each row of ``kinds['customers']``, in its order, with every field of the playbook."""
    customers = kinds["customers"]
    count = customers.table.num_rows
    if not count:
        return []
    facts = customer_facts(playbook, playbook.fields.values(), kinds)
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
                jurisdiction=row["jurisdiction"],
                facts=dict(zip(names, values, strict=True)),
                lines=tuple(lines.get(row["customer"], ())),
                generation=generation,
            )
        )
    return found


def _identities(table: pa.Table) -> list[dict[str, Any]]:
    wanted = (CUSTOMER, "customer_hash", "bucket", *_IDENTITY)
    columns = [
        cells(table[name]) if name in table.column_names else [None] * table.num_rows for name in wanted
    ]
    return [dict(zip(wanted, row, strict=True)) for row in zip(*columns, strict=True)]


def customer_facts(
    playbook: Playbook, fields: Iterable[Field], kinds: Mapping[str, KindRows]
) -> dict[str, list[FieldValue]]:
    """Field → one fact for each row of ``kinds['customers']``."""
    ids, minor = kinds["customers"].table[CUSTOMER], playbook.operator.minor_per_major
    count, owners = len(ids), dict[str, Integers]()
    found: dict[str, list[FieldValue]] = {}
    for field in fields:
        kind, _, column = field.source.partition(".")
        rows = kinds.get(kind)
        if rows is None:
            found[field.name] = [None] * count
            continue
        if kind == "customers":
            found[field.name] = column_facts(rows, column, field, minor)
            continue
        if kind not in owners:
            owners[kind] = _owners(rows.table[CUSTOMER], ids)
        if kind == "scores":
            facts = column_facts(rows, column, field, minor)
            found[field.name] = _placed(facts, owners[kind], count)
        else:
            found[field.name] = aggregate_facts(rows, column, field, owners[kind], count, minor)
    return found


def _placed(facts: Sequence[FieldValue], owners: Integers, count: int) -> list[FieldValue]:
    """The fact of each owner's one row, None where it has none."""
    found: list[FieldValue] = [None] * count
    for fact, owner in zip(facts, owners.tolist(), strict=True):
        if owner >= 0:
            found[owner] = fact
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

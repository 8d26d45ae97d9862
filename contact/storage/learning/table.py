"""Facts of everybody as columns, made by the functions that make one customer's facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from contact.storage.generations.arrow import cells
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.decoding import customer_facts
from contact.storage.generations.facts import KindRows
from contact.storage.generations.files import BUCKET, CUSTOMER, Generation, Generations
from contact.storage.generations.unit_changes import OfUnits, UnitChange
from contact.storage.learning.as_known import DATED_BY, as_known
from strategies.declared.playbook import Field, FieldType, Playbook
from strategies.profile import FieldValue

if TYPE_CHECKING:
    import pandas as pd

Changes = Mapping[str, Sequence[Mapping[str, Any]]]
"""Customer → what events have set, the later after the earlier."""
UNIT = "unit"
_OBJECTS: tuple[FieldType, ...] = ("text", "list")


def table_of(
    generations: Generations,
    generation: Generation,
    playbook: Playbook,
    names: Sequence[str],
    changes: Changes,
    as_of: int | None,
    of_units: Sequence[UnitChange] = (),
) -> pd.DataFrame:
    """One row a customer in order of bucket and id, one column a field; no rows before the first import."""
    import pandas as pd  # half a second, which only those who learn pay

    fields = [playbook.fields[name] for name in names]
    if "customers" not in generation.files:
        ids, facts = list[str](), {field.name: list[FieldValue]() for field in fields}
    else:
        kinds = _kinds(generations, generation, fields, as_of, playbook.operator.zone)
        ids = cells(kinds["customers"].table[CUSTOMER])
        facts = customer_facts(playbook, fields, kinds)
        if of_units:
            _lay_units(facts, cells(kinds["customers"].table[UNIT]), OfUnits(playbook, of_units))
        _lay_over(facts, ids, changes)
    index = pd.Index(ids, dtype=object, name=CUSTOMER)
    columns = {
        field.name: pd.Series(
            _cells(facts[field.name], field), index=index, dtype=object if field.type in _OBJECTS else float
        )
        for field in fields
    }
    return pd.DataFrame(columns, index=index)


def _kinds(
    generations: Generations, generation: Generation, fields: Sequence[Field], as_of: int | None, zone: str
) -> dict[str, KindRows]:
    wanted: dict[str, set[str]] = {"customers": {CUSTOMER, BUCKET, UNIT}}
    for field in fields:
        kind, _, column = field.source.partition(".")
        wanted.setdefault(kind, {CUSTOMER, BUCKET, *DATED_BY.get(kind, ())}).add(column)
    found = {}
    for kind, columns in wanted.items():
        if kind not in generation.files:
            continue
        file = generations.file(generation.files[kind])
        there = [name for name in file.schema.names if name in columns]
        table = generations.whole(generation.files[kind], there).combine_chunks()
        rows = KindRows(table, file.types, file.latest_month)
        found[kind] = rows if as_of is None else as_known(kind, rows, as_of, zone)
    return found


def _lay_units(facts: Mapping[str, list[FieldValue]], units: Sequence[str | None], changes: OfUnits) -> None:
    """What events have set for their units stands over the facts of everybody in them."""
    for place, unit in enumerate(units):
        fields = changes.of(unit)[1]
        for name in fields.keys() & facts.keys():
            value = fields[name]
            facts[name][place] = tuple(value) if isinstance(value, list) else value


def _lay_over(facts: Mapping[str, list[FieldValue]], ids: Sequence[str], changes: Changes) -> None:
    """What events have set stands over the facts, as it does for one customer."""
    if not changes:
        return
    places = {customer: place for place, customer in enumerate(ids)}
    for customer, each in changes.items():
        place = places.get(customer)
        for fields in each if place is not None else ():
            for name in fields.keys() & facts.keys():
                value = fields[name]
                facts[name][place] = tuple(value) if isinstance(value, list) else value  # type: ignore[index]


def _cells(facts: Sequence[FieldValue], field: Field) -> Any:
    """The column's array: floats with NaN, or objects with None."""
    if field.type in _OBJECTS:
        found = np.empty(len(facts), dtype=object)
        for place, fact in enumerate(facts):  # at once, numpy would take tuples for rows of a matrix
            found[place] = fact
        return found
    if field.type == "date":
        days = pc.cast(pc.cast(pa.array(facts, pa.string()), pa.date32()), pa.int32())
        return pc.cast(days, pa.float64()).to_numpy(zero_copy_only=False)
    return np.array([np.nan if fact is None else fact for fact in facts], dtype=np.float64)

"""What models and tariffs found becomes a kind of the next generation: ``scores`` by customer, ``advice`` by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from contact.faults import NotFound
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import BUCKET, CUSTOMER, Generation, Generations
from contact.storage.imports.checking import ARROW_TYPES
from contact.storage.imports.kinds import ValueType
from contact.storage.imports.merging import Owners, rehomed

if TYPE_CHECKING:
    import pandas as pd

KEYS: Mapping[str, tuple[str, ...]] = {"scores": (CUSTOMER,), "advice": (CUSTOMER, "line")}
"""Kind → the columns that say whose a row is; the last makes it unique."""
_DAYS_AND_INSTANTS = ("date", "instant")


def findings_table(kind: str, columns: pd.DataFrame, types: Mapping[str, str]) -> pa.Table:
    """The frame as typed columns. Raises ValueError for another kind, columns or types, and rows that are there twice."""
    if kind not in KEYS:
        raise ValueError(f"{kind} is no kind that is written here")
    if set(columns.columns) != {*KEYS[kind], *types}:
        raise ValueError(f"columns and types of {kind} differ")
    if columns[KEYS[kind][-1]].duplicated().any():
        raise ValueError(f"a {KEYS[kind][-1]} is there twice in {kind}")
    arrays = {name: pa.array(columns[name].astype(object), pa.string()) for name in KEYS[kind]}
    return pa.table({**arrays, **{name: _array(columns[name], type_) for name, type_ in types.items()}})


def write_findings(
    generations: Generations, base: Generation, kind: str, table: pa.Table, types: Mapping[str, str]
) -> dict[str, str]:
    """The files of a generation in which the kind has these rows; who is not, or no longer, on file is left out."""
    if "customers" not in base.files:
        raise NotFound("there are no customers to write it to: import customers first")
    customers = generations.whole(base.files["customers"], (CUSTOMER, BUCKET))
    lines = generations.whole(base.files["lines"], ("id", CUSTOMER)) if "lines" in base.files else None
    homeless = table.append_column(BUCKET, pa.nulls(table.num_rows, pa.int16()))
    rows = rehomed(homeless, Owners(customers, lines), known_lines_only=True)
    return {
        **base.files,
        kind: generations.write(kind, base.number + 1, homeless if rows is None else rows, types),
    }


def _array(column: pd.Series[Any], type_: str) -> pa.Array[Any]:
    """NaN and None are NULL; money is whole minor units."""
    if type_ not in ARROW_TYPES:
        raise ValueError(f"there is no type {type_}")
    wanted = ARROW_TYPES[cast(ValueType, type_)]
    if type_ in ("number", "money", "boolean", "instant"):
        numbers = pa.array(column.astype(float).to_numpy(), pa.float64(), from_pandas=True)
        if type_ == "boolean":
            return cast("pa.Array[Any]", pc.not_equal(numbers, 0.0))
        return cast("pa.Array[Any]", pc.cast(pc.round(numbers) if type_ != "number" else numbers, wanted))
    values = [None if _is_blank(value) else value for value in column.astype(object)]
    if type_ == "date":
        return cast("pa.Array[Any]", pc.cast(pa.array(values, pa.string()), wanted))
    return pa.array(
        [list(value) if type_ == "list" and value is not None else value for value in values], wanted
    )


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)

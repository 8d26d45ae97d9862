"""pyarrow's compute functions are made at run time and no stub knows their types; here they stand untyped, once."""

from __future__ import annotations

from typing import Any

import pyarrow.compute

compute: Any = pyarrow.compute


def cells(column: Any) -> list[Any]:
    """The Python values of a column."""
    values: list[Any] = column.to_pylist()
    return values


def whole(column: Any) -> Any:
    """The column as one array, which look-ups need."""
    return column.combine_chunks() if hasattr(column, "combine_chunks") else column

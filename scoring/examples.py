"""What a model learns from: one row of features and one label each, with customer and time beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows to learn from; everything here has one entry a row, in the same order."""

    frame: pd.DataFrame = field(repr=False)
    """Every column is a feature: float64 (NaN unknown) or category, as ``design`` makes them."""
    label: npt.NDArray[np.int8] = field(repr=False)
    """1 where it happened, else 0."""
    customers: npt.NDArray[np.object_] = field(repr=False)
    """Rows of one customer never lie on both sides of a stratified fold."""
    time: npt.NDArray[np.int64] | None = field(default=None, repr=False)
    """When the row was: year × 12 + month − 1, days since 1970, or a rising order; None unknown."""
    time_name: Literal["month", "order", "day", ""] = ""
    known_after: int = 1
    """How long after a row's ``time`` its label is known; rows of folds in time keep that distance."""
    segments: Mapping[str, npt.NDArray[np.object_]] = field(default_factory=dict, repr=False)
    """Name → one text a row (None unknown), by which the report looks for weak spots."""
    retired: pd.DataFrame | None = field(default=None, repr=False)
    """Columns that only the model in force uses, so that it is compared with all it knows."""


def design(columns: pd.DataFrame) -> pd.DataFrame:
    """The features as a model takes them: numbers float64, texts categories, lists the number of their entries.

    Booleans are 0 and 1; what is unknown (None, NaN, infinite) is NaN. The index stays.
    """
    return pd.DataFrame({name: _taken(columns[name]) for name in columns.columns}, index=columns.index)


def _taken(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.astype("float64")
        return numbers.where(np.isfinite(numbers))
    known = column.dropna()
    if len(known) and known.map(lambda value: isinstance(value, Sized) and not isinstance(value, str)).all():
        return column.map(len, na_action="ignore").astype("float64")
    return column.where(column.isna(), column.astype(str)).astype("category")

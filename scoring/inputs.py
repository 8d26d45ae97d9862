"""A model's inputs as numbers: which texts a category knows, and the columns of one matrix."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

UNKNOWN = 0
"""Code of a category that is empty, was too rare in training, or was never seen in it."""
MOST_LEVELS = 250
"""A category keeps its most frequent texts; LightGBM bins at most 255."""

Matrix = npt.NDArray[np.float64]


class Input(msgspec.Struct, frozen=True):
    """A number, or a category whose text ``levels[i]`` has code i + 1."""

    name: str
    levels: tuple[str, ...] | None = None


def rare(rows: int) -> int:
    """A category's text in fewer rows than this is unknown: 10, and one in 2,000 from 20,000 rows on."""
    return max(10, rows // 2000)


def learn_inputs(frame: pd.DataFrame) -> tuple[Input, ...]:
    """One input a column, with the texts frequent enough to be learnt, in alphabetical order."""
    return tuple(Input(str(name), _levels(frame[name])) for name in frame.columns)


def _levels(column: pd.Series) -> tuple[str, ...] | None:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return None
    counts = column.value_counts()
    kept = counts[counts >= rare(len(column))]
    return tuple(sorted(str(each) for each in kept.index[:MOST_LEVELS]))


def matrix(frame: pd.DataFrame, inputs: Sequence[Input]) -> Matrix:
    """[row, input] as numbers: NaN is an unknown number, 0 an unknown category. A column that is not there is unknown."""
    result = np.full((len(frame), len(inputs)), np.nan)
    for place, each in enumerate(inputs):
        if each.levels is not None:
            result[:, place] = _codes(frame, each.name, each.levels)
        elif each.name in frame.columns:
            result[:, place] = np.asarray(frame[each.name], dtype=np.float64)
    result[~np.isfinite(result)] = np.nan
    return result


def _codes(frame: pd.DataFrame, name: str, levels: tuple[str, ...]) -> npt.NDArray[np.float64]:
    if name not in frame.columns:
        return np.full(len(frame), float(UNKNOWN))
    column = frame[name]
    numbers = {text: code for code, text in enumerate(levels, start=1)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = [numbers.get(str(text), UNKNOWN) for text in column.cat.categories]
        return np.asarray([*known, UNKNOWN], dtype=np.float64)[column.cat.codes.to_numpy()]
    return np.asarray([numbers.get(str(text), UNKNOWN) for text in column], dtype=np.float64)

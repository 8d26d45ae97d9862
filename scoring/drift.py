"""Whether inputs have moved: how each was spread over the rows before, and over the rows now."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from scoring.inputs import Input, Matrix
from scoring.measures import psi
from scoring.report import Stability

PARTS = 10
SHIFTING = 0.1
MOVED = 0.25

Numbers = npt.NDArray[np.float64]


class Spread(msgspec.Struct, frozen=True):
    """Shares of an input's rows by part. A number: by the cuts between parts, and last the unknown; a category: by code."""

    shares: tuple[float, ...]
    cuts: tuple[float, ...] | None = None


def spread(column: Numbers, each: Input) -> Spread:
    """Ten parts of about equal size, fewer where values repeat."""
    cuts: tuple[float, ...] | None = None
    if each.levels is None:
        known = column[~np.isnan(column)]
        tenths = np.arange(1, PARTS) / PARTS
        cuts = tuple(np.unique(np.quantile(known, tenths, method="lower")).tolist()) if len(known) else ()
    return Spread(tuple(_shares(column, each, cuts).tolist()), cuts)


def _shares(column: Numbers, each: Input, cuts: Sequence[float] | None) -> Numbers:
    if cuts is None:
        parts, count = column.astype(np.int64), len(each.levels or ()) + 1
    else:
        parts, count = np.searchsorted(np.asarray(cuts), column, side="left"), len(cuts) + 2
        parts = np.where(np.isnan(column), count - 1, parts)
    return np.bincount(parts, minlength=count) / len(column)


def moved(before: Spread, column: Numbers, each: Input) -> Stability:
    """How far an input has moved from where it was."""
    value = psi(np.asarray(before.shares), _shares(column, each, before.cuts))
    state = "moved" if value >= MOVED else "shifting" if value >= SHIFTING else "stable"
    return Stability(feature=each.name, psi=round(value, 4), state=state)


def drift(before: Matrix, after: Matrix, inputs: Sequence[Input]) -> list[Stability]:
    """Every input between the earlier and the later rows, the one that moved most first."""
    return _sorted([moved(spread(before[:, at], each), after[:, at], each) for at, each in enumerate(inputs)])


def drift_since(
    spreads: Sequence[Spread], known: Sequence[Input], rows: Matrix, inputs: Sequence[Input]
) -> list[Stability]:
    """The same against the spreads that a model was learnt with, where an input is still the same."""
    kept = dict(zip(known, spreads, strict=True))
    return _sorted([moved(kept[each], rows[:, at], each) for at, each in enumerate(inputs) if each in kept])


def _sorted(found: list[Stability]) -> list[Stability]:
    return sorted(found, key=lambda each: (-each.psi, each.feature))

"""Which rows are learnt from and which are tried: stratified, or earlier and later."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from scoring.settings import LEAST_OF_A_CLASS

FOLDS = 5
MOST_SINGLE_TIMES = 8
"""Up to so many distinct times each is a block of its own; more are cut into five blocks of about equal size."""
LEAST_TIMES = 3
LAST = 0.2

Rows = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Fold:
    """Row numbers to learn from and to try on; they share no row."""

    train: Rows = field(repr=False)
    test: Rows = field(repr=False)


def stratified(
    label: Labels, customers: npt.NDArray[np.object_], seed: int, folds: int = FOLDS
) -> list[Fold]:
    """``StratifiedKFold(folds, shuffle=True, random_state=seed)``; over customers where one has several rows.

    A customer counts as positive if any of their rows is, and all their rows stay on one side.
    """
    draw = StratifiedKFold(folds, shuffle=True, random_state=seed)
    codes, names = pd.factorize(customers)
    if len(names) == len(label):
        return [Fold(train, test) for train, test in draw.split(label, label)]
    ever = np.zeros(len(names), dtype=np.int8)
    np.maximum.at(ever, codes, label)
    held = np.zeros(len(names), dtype=np.int64)
    for number, (_, test) in enumerate(draw.split(ever, ever)):
        held[test] = number
    of_row = held[codes]
    return [
        Fold(np.flatnonzero(of_row != number), np.flatnonzero(of_row == number)) for number in range(folds)
    ]


def blocks(time: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The number of the block of time in which each row lies, from 0; rows of one time are never parted."""
    values = np.unique(time)
    if len(values) <= MOST_SINGLE_TIMES:
        return np.searchsorted(values, time)
    ordered = np.sort(time)
    cuts = np.unique(ordered[[len(time) * part // FOLDS for part in range(1, FOLDS)]])
    found = np.searchsorted(cuts, time, side="right")
    return np.searchsorted(np.unique(found), found)


def time_ordered(label: Labels, time: npt.NDArray[np.int64] | None, gap: int = 1) -> list[Fold]:
    """Each block tried by what was learnt from the rows before it (expanding window).

    ``gap``: how long after a row's time its label is known; a row is learnt from only if its label was known by then.
    Empty where time is unknown or has fewer than three values; a fold with fewer than 30 rows of a class to learn from,
    or fewer than 10 to try on, is left out.
    """
    if time is None or len(np.unique(time)) < LEAST_TIMES:
        return []
    block = blocks(time)
    tests = [np.flatnonzero(block == each) for each in range(1, block.max() + 1)]
    folds = [Fold(np.flatnonzero(time <= time[test].min() - gap), test) for test in tests]
    return [fold for fold in folds if _enough(label, fold)]


def last_fifth(label: Labels, time: npt.NDArray[np.int64] | None, gap: int = 1) -> Fold | None:
    """The last fifth in time against what was known before, cut where time changes; None where that cannot be judged."""
    if time is None or len(np.unique(time)) < LEAST_TIMES:
        return None
    cut = np.sort(time)[int(len(time) * (1 - LAST))]
    fold = Fold(np.flatnonzero(time <= cut - gap), np.flatnonzero(time >= cut))
    return fold if _enough(label, fold) else None


def _enough(label: Labels, fold: Fold) -> bool:
    train, test = np.bincount(label[fold.train], minlength=2), np.bincount(label[fold.test], minlength=2)
    return bool(train.min() >= LEAST_OF_A_CLASS and test.min() >= 10)

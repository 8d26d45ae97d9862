"""How good estimates are against planted chances: no draw of luck comes in, because the truth itself is a chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers of neighbouring scores: the mean score and the mean planted chance."""

    customers: int
    predicted: float
    planted: float


def expected_auc(scores: Sequence[float], chances: Sequence[float]) -> float:
    """The AUC to be expected of scores where each customer's outcome is drawn with a planted chance.

    The chance that a random one who does it scores higher than a random one who does not, ties counted half. It is
    largest where the scores are the chances themselves.
    """
    order = np.argsort(np.asarray(scores, dtype=np.float64), kind="stable")
    score, chance = np.asarray(scores, dtype=np.float64)[order], np.asarray(chances, dtype=np.float64)[order]
    _, group = np.unique(score, return_inverse=True)
    does, does_not = np.bincount(group, chance), np.bincount(group, 1 - chance)
    own = np.bincount(group, chance * (1 - chance))
    # a customer is not compared with itself: half of its own product lies in the tie
    lower = np.concatenate([[0.0], np.cumsum(does_not)[:-1]])
    wins = float((does * (lower + does_not / 2) - own / 2).sum())
    pairs = float(chance.sum() * (1 - chance).sum() - (chance * (1 - chance)).sum())
    return wins / pairs


def tenths(scores: Sequence[float], chances: Sequence[float]) -> list[Bin]:
    """Ten groups of equal size, lowest scores first."""
    score, chance = np.asarray(scores, dtype=np.float64), np.asarray(chances, dtype=np.float64)
    order = np.argsort(score, kind="stable")
    return [
        Bin(len(part), float(score[part].mean()), float(chance[part].mean()))
        for part in np.array_split(order, TENTHS)
        if len(part)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between predicted and planted over the groups."""
    total = sum(each.customers for each in bins)
    return sum(each.customers * abs(each.predicted - each.planted) for each in bins) / total


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """None where one of them does not vary."""
    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return float(np.corrcoef(one, other)[0, 1])

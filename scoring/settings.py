"""How models are learnt: what is tried on small and on large data, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

LARGE_FROM = 20_000
"""Rows from which the large settings are used."""
TRAINING_THREADS = 1
"""Threads that wait for each other spin: on a machine that also serves, two were up to thirty times slower than one."""
SCORING_THREADS = 2
"""Columns are scored in one go, without waiting for each other."""
LEAST_ROWS = 200
LEAST_OF_A_CLASS = 30


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One form of the trees, and what they begin from: nothing, or a logistic line shrunk by ``strength``.

    Where effects are straight, trees alone lose to a line; begun from one they add what the line cannot say.
    """

    leaves: int
    start: Literal["nothing", "line"] = "nothing"
    strength: float = 0.01
    """The line's inverse L2 penalty (scikit-learn's C); the baseline has 1."""
    learning_rate: float = 0.1
    feature_share: float = 0.3
    """Share of the features that each tree may look at; never fewer than three."""
    l2: float = 5.0
    least_in_leaf: int = 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen inside the training rows."""

    size: Literal["small", "large"]
    shape: Shape
    rounds: int
    calibration: Literal["none", "platt", "isotonic"]
    seed: int


@dataclass(frozen=True, slots=True)
class Size:
    """What is tried, how far, and on which folds, for data of a size."""

    name: Literal["small", "large"]
    shapes: tuple[Shape, ...]
    most_rounds: int
    patience: int
    """Trees without a gain after which a try ends."""
    inner_folds: int
    """Folds inside the training rows; 1: a fifth of them is held out."""
    most_seeds: int


SMALL = Size(
    "small",
    (Shape(leaves=8), Shape(leaves=4), Shape(leaves=2), Shape(leaves=3, start="line")),
    most_rounds=500,
    patience=30,
    inner_folds=3,
    most_seeds=10,
)
"""Few rows: flat trees, strong shrinkage, several folds and every seed, because each of them is cheap and noisy."""
LARGE = Size(
    "large",
    (
        Shape(leaves=16, feature_share=0.5, least_in_leaf=50),
        Shape(leaves=4),
        Shape(leaves=4, start="line"),
    ),
    most_rounds=600,
    patience=30,
    inner_folds=1,
    most_seeds=1,
)
"""Many rows: deeper trees may pay; one held-out part and one seed say enough."""


def size_of(rows: int) -> Size:
    """The settings for so many rows."""
    return LARGE if rows >= LARGE_FROM else SMALL


def parameters(shape: Shape, inputs: int, seed: int) -> Mapping[str, int | float | str | bool]:
    """LightGBM's own words for a shape; the same rows and seed give the same trees on any number of threads."""
    return {
        "objective": "binary",
        "num_leaves": shape.leaves,
        "learning_rate": shape.learning_rate,
        "feature_fraction": min(1.0, max(shape.feature_share, 3 / inputs)),
        "lambda_l2": shape.l2,
        "min_data_in_leaf": shape.least_in_leaf,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,  # the same trees as by rows, in two thirds of the time where inputs are few
        "num_threads": TRAINING_THREADS,
        "verbosity": -1,
    }

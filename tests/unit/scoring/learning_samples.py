"""Made-up examples to learn from: what happened follows from two numbers and a category, and some chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.examples import Examples, design
from strategies.declared.model import FieldLabel, Model
from strategies.problems import Where

PLACE = Where("models/churn.yaml", 1, 1)


def declared(*features: str) -> Model:
    """A model over some features, each with a place of its own."""
    places = {name: Where("models/churn.yaml", 5, 3 + at) for at, name in enumerate(features)}
    label = FieldLabel("left")
    return Model("churn", "churn", {}, label, features, PLACE, places, score="churn_risk")


def columns(rows: int, seed: int = 7) -> tuple[pd.DataFrame, npt.NDArray[np.int8]]:
    """Features as a store delivers them (with unknowns), and what happened."""
    draw = np.random.default_rng(seed)
    arpu = np.round(draw.lognormal(4, 0.5, rows), 2)
    tenure = draw.integers(0, 60, rows).astype(float)
    tier = np.asarray(["gold", "silver", "basic"], dtype=object)[draw.integers(0, 3, rows)]
    odds = -0.5 + 1.2 * (arpu > 60) - 0.05 * tenure + 1.0 * (tier == "basic")
    left = (draw.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    tenure[draw.random(rows) < 0.1] = np.nan
    tier[draw.random(rows) < 0.05] = None
    noise = draw.normal(size=rows)
    return pd.DataFrame({"arpu": arpu, "tenure": tenure, "tier": tier, "noise": noise}), left


def examples(rows: int, seed: int = 7, **given: Any) -> Examples:
    """The same, one row a customer."""
    frame, left = columns(rows, seed)
    customers = np.asarray([f"c{number}" for number in range(rows)], dtype=object)
    return Examples(design(frame), left, customers, **given)

"""Columns become features: numbers, categories with their unknown, and lists."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scoring.examples import design
from scoring.inputs import MOST_LEVELS, Input, learn_inputs, matrix


def test_design_keeps_numbers_names_texts_and_counts_lists() -> None:
    """Booleans are 0 and 1, infinities unknown, texts categories, a list is as long as it is."""
    given = pd.DataFrame(
        {
            "arpu": [1.5, np.inf, np.nan],
            "app": [True, False, True],
            "tier": pd.Series(["gold", None, "basic"], dtype=object),
            "addons": pd.Series([("a", "b"), (), None], dtype=object),
            "empty": pd.Series([None, None, None], dtype=object),
        }
    )
    made = design(given.set_axis(["x", "y", "z"]))
    assert list(made.index) == ["x", "y", "z"]
    np.testing.assert_array_equal(made["arpu"], [1.5, np.nan, np.nan])
    np.testing.assert_array_equal(made["app"], [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(made["addons"], [2.0, 0.0, np.nan])
    assert list(made["tier"].cat.categories) == ["basic", "gold"]
    assert made["empty"].isna().all()


def test_a_category_knows_only_texts_that_are_frequent_enough() -> None:
    """Nine rows of a text are too few to learn from: it is as unknown as an empty cell or one never seen."""
    texts = pd.Series(["gold"] * 12 + ["rare"] * 9 + [None] * 3 + ["basic"] * 10, dtype=object)
    inputs = learn_inputs(design(pd.DataFrame({"tier": texts})))
    assert inputs == (Input("tier", ("basic", "gold")),)
    seen = pd.DataFrame({"tier": pd.Series(["gold", "rare", None, "never", "basic"], dtype=object)})
    assert matrix(seen, inputs)[:, 0].tolist() == [2, 0, 0, 0, 1]
    assert matrix(design(seen), inputs)[:, 0].tolist() == [2, 0, 0, 0, 1]


def test_a_category_of_very_many_texts_keeps_the_most_frequent() -> None:
    """LightGBM bins at most 255; the others are unknown."""
    texts = [f"t{number}" for number in range(300) for _ in range(10 + number)]
    (tier,) = learn_inputs(design(pd.DataFrame({"t": pd.Series(texts, dtype=object)})))
    levels = tier.levels or ()
    assert len(levels) == MOST_LEVELS and "t299" in levels and "t0" not in levels


def test_a_column_that_is_missing_is_unknown() -> None:
    """Scoring does not fail where a generation has lost a column: a number is NaN, a category has code 0."""
    inputs = (Input("arpu"), Input("tier", ("gold",)))
    numbers = matrix(pd.DataFrame({"other": [1.0, 2.0]}), inputs)
    assert np.isnan(numbers[:, 0]).all() and (numbers[:, 1] == 0).all()

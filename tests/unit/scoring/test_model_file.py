"""The model file: what is read scores as what was written, explains itself, and damaged content is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from scoring.baseline import fit_line
from scoring.examples import Examples
from scoring.inputs import learn_inputs, matrix
from scoring.model_file import ScoringModel, read_model, write_model
from scoring.settings import SMALL, Shape
from scoring.training import train
from strategies.problems import ProblemsFound
from tests.unit.scoring.learning_samples import columns, declared, examples

NAMES = ("arpu", "tenure", "tier", "noise")


@pytest.fixture(scope="module", params=["nothing", "line"])
def given(request: pytest.FixtureRequest) -> tuple[ScoringModel, Examples]:
    """A model begun from nothing, and one begun from a line."""
    rows = examples(900)
    only = replace(SMALL, shapes=(Shape(leaves=4, start=request.param),))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("scoring.training.size_of", lambda rows: only)
        return train(declared(*NAMES), rows, seeds=(1,)).model, rows


def test_what_is_read_scores_as_what_was_written(given: tuple[ScoringModel, Examples]) -> None:
    """Chances before and after the file are the same to the last bit, and so are the file's bytes."""
    model, rows = given
    content = write_model(model)
    again = read_model(content)
    assert again.features == NAMES
    assert (again.predict(rows.frame) == model.predict(rows.frame)).all()
    assert write_model(again) == content


def test_one_customer_is_scored_as_among_many(given: tuple[ScoringModel, Examples]) -> None:
    """Scoring in columns and one at a time are the same declaration and the same number."""
    model, rows = given
    all_at_once = model.predict(rows.frame)
    one_by_one = [float(model.predict(rows.frame.iloc[[at]])[0]) for at in range(40)]
    assert one_by_one == all_at_once[:40].tolist()
    raw, _ = columns(900)
    assert (model.predict(raw) == all_at_once).all()  # texts as they come, without design()


def test_contributions_add_up_to_the_score(given: tuple[ScoringModel, Examples]) -> None:
    """Intercept plus contributions are the raw log-odds of every row, so a reason is worth what is said."""
    model, rows = given
    names, moved = model.contributions(rows.frame)
    assert names == NAMES and moved.shape == (900, 4)
    np.testing.assert_allclose(moved.sum(axis=1) + model.intercept, model.raw(rows.frame), atol=1e-9)
    strongest = np.abs(moved).mean(axis=0)
    assert strongest[NAMES.index("noise")] == strongest.min()


def test_unknown_and_unseen_are_scored_alike(given: tuple[ScoringModel, Examples]) -> None:
    """A category never seen, an empty one and a missing column are one unknown; nothing fails."""
    model, rows = given
    some = columns(900)[0].head(5)
    unseen, empty = some.assign(tier="platinum"), some.assign(tier=None)
    assert (model.predict(unseen) == model.predict(empty)).all()
    assert (model.predict(unseen) == model.predict(some.drop(columns="tier"))).all()
    assert model.predict(rows.frame.head(0)).shape == (0,)


def test_the_file_holds_no_rare_text_and_no_row() -> None:
    """What belongs to fewer than ten rows is not in the file, so nobody can be found in it."""
    rows = examples(400)
    texts = rows.frame["tier"].astype(object).where(rows.frame.index >= 5, "only-me")
    frame = rows.frame.assign(tier=texts.astype("category"))
    content = train(declared(*NAMES), replace(rows, frame=frame), seeds=(1,)).content
    assert b"basic" in content and b"only-me" not in content and b"c17" not in content


def damaged(content: bytes) -> dict[str, bytes]:
    """A good file, damaged in every way we know."""
    document = json.loads(content)

    def changed(**news: object) -> bytes:
        return json.dumps({**document, **news}).encode()

    return {
        "empty": b"",
        "binary": bytes(range(256)),
        "cut": content[: len(content) // 2],
        "another format": changed(format=99),
        "a key too many": changed(code="import os"),
        "a key too few": json.dumps({key: document[key] for key in document if key != "trees"}).encode(),
        "wrong type": changed(inputs="arpu"),
        "trees changed": changed(trees=document["trees"].replace("leaf_value=", "leaf_value=9", 1)),
        "fewer features than trees": changed(inputs=document["inputs"][:2], spreads=document["spreads"][:2]),
        "a list": b"[]",
    }


@pytest.mark.parametrize("way", list(damaged(b'{"trees": "", "inputs": [], "spreads": []}')))
def test_damaged_content_is_a_clear_problem(given: tuple[ScoringModel, Examples], way: str) -> None:
    """No damaged file scores anybody: each is refused with what to do."""
    content = damaged(write_model(given[0]))[way]
    with pytest.raises(ProblemsFound) as found:
        read_model(content)
    (problem,) = found.value.problems
    assert problem.code == "model.unreadable" and problem.hint


def test_the_baseline_is_scikit_learns_pipeline() -> None:
    """Plain numbers give the log-odds of imputing with indicator, scaling, one-hot and LogisticRegression."""
    frame, left = columns(800)
    inputs = learn_inputs(examples(800).frame)
    rows = matrix(frame, inputs)
    numbers = ["arpu", "tenure", "noise"]
    filled = make_pipeline(SimpleImputer(add_indicator=True), _ScaleAllButIndicator())
    whole = make_pipeline(
        make_column_transformer((filled, numbers), (OneHotEncoder(), ["tier"])),
        LogisticRegression(max_iter=1000, tol=1e-8),
    ).fit(frame.assign(tier=frame["tier"].fillna("")), left)
    theirs = whole.decision_function(frame.assign(tier=frame["tier"].fillna("")))
    np.testing.assert_allclose(fit_line(rows, left, inputs).raw(rows), theirs, atol=5e-3)


class _ScaleAllButIndicator(StandardScaler):  # type: ignore[misc]
    """Standardises the three numbers and leaves the indicator 0 or 1."""

    def transform(self, X: pd.DataFrame, copy: bool | None = None) -> np.ndarray:
        """Scaled numbers beside the untouched indicator."""
        plain = np.asarray(X)
        return np.column_stack([super().transform(plain)[:, :3], plain[:, 3]])

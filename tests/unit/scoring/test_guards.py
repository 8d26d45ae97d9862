"""What stops a training: too little, one outcome only, and features that know the answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.examples import Examples
from scoring.training import train
from strategies.problems import Problem, ProblemsFound
from tests.unit.scoring.learning_samples import PLACE, declared, examples

NAMES = ("arpu", "tenure", "tier", "noise")


def refused(rows: Examples, *names: str) -> list[Problem]:
    """The problems of a training."""
    with pytest.raises(ProblemsFound) as found:
        train(declared(*names or NAMES), rows, seeds=(1,))
    return list(found.value.problems)


@pytest.mark.parametrize("rows", [0, 20, 199])
def test_too_few_rows_are_not_learnt_from(rows: int) -> None:
    """Twenty rows are a problem with what is needed, at the model's place, and no model."""
    (problem,) = refused(examples(rows))
    assert (problem.code, problem.where) == ("model.too_few_rows", PLACE)
    assert "200 rows" in problem.hint and f"{rows} rows" in problem.message


@pytest.mark.parametrize(("kept", "code"), [(0, "model.one_class"), (29, "model.too_few_rows")])
def test_a_label_needs_both_outcomes(kept: int, code: str) -> None:
    """No positive row is one class; 29 are too few."""
    rows = examples(400)
    label = np.zeros(400, dtype=np.int8)
    label[:kept] = 1
    assert [problem.code for problem in refused(replace(rows, label=label))] == [code]


def test_many_rows_of_few_customers_are_few() -> None:
    """Forty positive rows of four people say how four people behave."""
    rows = examples(400)
    label = np.zeros(400, dtype=np.int8)
    label[:40] = 1
    customers = rows.customers.copy()
    customers[:40] = ["a", "b", "c", "d"] * 10
    (problem,) = refused(replace(rows, label=label, customers=customers))
    assert problem.code == "model.too_few_rows" and "4 customers" in problem.message


def leaking(kind: str, label: np.ndarray) -> np.ndarray:
    """A column that knows the label."""
    wobble = np.random.default_rng(0).random(len(label)) * 0.9
    if kind == "number":
        return label + wobble
    if kind == "falling":
        return -label - wobble
    if kind == "middle":  # positive in the middle, negative on both sides
        return np.where(label == 1, wobble - 0.45, np.where(wobble > 0.45, 5 + wobble, -5 - wobble))
    if kind == "filled only afterwards":
        return np.where(label == 1, wobble, np.nan)
    return np.where(label == 1, "closed", "open").astype(object)


@pytest.mark.parametrize("kind", ["number", "falling", "middle", "filled only afterwards", "text"])
def test_a_feature_that_knows_the_answer_stops_the_training(kind: str) -> None:
    """Whatever its form, a feature that alone separates the label is refused at its own place, with what to do."""
    rows = examples(600)
    column = leaking(kind, rows.label)
    frame = rows.frame.assign(closing=column)
    if column.dtype == object:
        frame = frame.astype({"closing": "category"})
    (problem,) = refused(replace(rows, frame=frame), *NAMES, "closing")
    assert problem.code == "model.leak" and "'closing'" in problem.message and "known_at" in problem.hint
    assert problem.where.line == 5 and problem.where.column == 3 + len(NAMES)


def test_a_category_with_a_text_of_its_own_for_every_row_is_no_leak() -> None:
    """An identifier separates rows it has seen and no others; only held-out rows are counted."""
    rows = examples(600)
    frame = rows.frame.assign(id=[f"n{at // 12}" for at in range(600)]).astype({"id": "category"})
    report = train(declared(*NAMES, "id"), replace(rows, frame=frame), seeds=(1,)).report
    assert report.leaks == []


def test_what_is_suspicious_or_useless_is_named_in_the_report() -> None:
    """A strong feature is kept and named; a constant one too; duplicates are counted."""
    rows = examples(600)
    strong = rows.label + np.random.default_rng(0).normal(size=600) * 0.45
    frame = rows.frame.assign(strong=strong, constant=1.0, empty=np.nan)
    doubled = np.r_[0:600, 0:25]
    customers = np.asarray([f"c{at}" for at in range(625)], dtype=object)
    given = Examples(frame.iloc[doubled], rows.label[doubled], customers)
    report = train(declared(*frame.columns), given, seeds=(1,)).report
    assert "1 strong feature to look at" in report.verdict
    said = {each.feature: each.why for each in report.leaks}
    assert said.keys() == {"strong", "constant", "empty"}
    assert "kept" in said["strong"] and said["empty"].startswith("constant")
    assert report.data.duplicates == 25

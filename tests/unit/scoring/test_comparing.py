"""Who is compared with whom, and the rule of promotion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.comparing import Tried, calibration_worse, contender, rule
from scoring.examples import Examples
from scoring.folds import Fold
from scoring.measures import auc_interval
from scoring.report import Contender, Interval
from scoring.training import Training, train
from tests.unit.scoring.learning_samples import declared, examples

NAMES = ("arpu", "tenure", "tier", "noise")


def figure(name: str, auc: float) -> Contender:
    """A contender with an AUC."""
    value = Interval(value=auc, low=auc - 0.01, high=auc + 0.01)
    return Contender(name=name, auc=value, log_loss=0.4, brier=0.1, calibration_error=0.01, folds=[auc])


@pytest.mark.parametrize(
    ("candidate", "in_force", "logistic", "worse", "expected"),
    [
        (0.81, None, 0.80, False, "first"),
        (0.80, None, 0.80, False, "not_better_than_logistic"),
        (0.79, None, 0.80, False, "not_better_than_logistic"),
        (0.81, None, 0.80, True, "calibration_worse"),
        (0.82, 0.81, 0.80, False, "better"),
        (0.82, 0.79, 0.80, False, "better"),
        (0.81, 0.81, 0.80, False, "not_better_than_in_force"),
        (0.80, 0.81, 0.79, False, "not_better_than_in_force"),
        (0.80, 0.81, 0.82, True, "not_better_than_in_force"),
        (0.81, 0.80, 0.82, False, "not_better_than_logistic"),
        (0.82, 0.81, 0.82, False, "not_better_than_logistic"),
        (0.82, 0.81, 0.80, True, "calibration_worse"),
    ],
)
def test_rule_of_promotion(
    candidate: float, in_force: float | None, logistic: float, worse: bool, expected: str
) -> None:
    """Higher than the one in force and than the baseline, and calibration no worse; equal is not higher."""
    others = [] if in_force is None else [figure("in_force", in_force)]
    contenders = [figure("candidate", candidate), *others, figure("logistic", logistic)]
    assert rule(contenders, worse) == expected


def tried(score: np.ndarray) -> Tried:
    """A contender that scored all rows in one fold."""
    rows = np.arange(len(score))
    return Tried("x", [(0, Fold(rows, rows), score)])


def test_calibration_is_worse_only_beyond_chance() -> None:
    """Chances a little off are no worse; shrunk to half, or spread too far, they are."""
    draw = np.random.default_rng(5)
    true = draw.uniform(0.02, 0.6, 6000)
    label = (draw.random(6000) < true).astype(np.int8)
    assert not calibration_worse(tried(true), tried(true), label)
    assert not calibration_worse(tried(np.clip(true + 0.002, 0, 1)), tried(true), label)
    assert calibration_worse(tried(true / 2), tried(true), label)
    assert not calibration_worse(tried(true), tried(true / 2), label)
    assert calibration_worse(tried(np.where(true > 0.3, 0.99, 0.01)), tried(true), label)


def test_other_seeds_try_the_same_rows_and_narrow_nothing() -> None:
    """The interval over three seeds is as wide as over one; one fold's interval is DeLong's."""
    draw = np.random.default_rng(6)
    score = draw.random(500)
    label = (draw.random(500) < score).astype(np.int8)
    once, thrice = tried(score), tried(score)
    thrice.parts += [(1, *thrice.parts[0][1:]), (2, *thrice.parts[0][1:])]
    delong = auc_interval(label, score)
    assert contender(once, label).auc == delong
    three = contender(thrice, label).auc
    assert delong is not None and (three.low, three.high) == pytest.approx((delong.low, delong.high))


@pytest.fixture(scope="module")
def first() -> Training:
    """A first model, of all features."""
    return train(declared(*NAMES), examples(800), seeds=(1,))


def without(rows: Examples, *names: str) -> Examples:
    """The same rows with some features held back for the model in force."""
    kept = rows.frame.drop(columns=list(names))
    return replace(rows, frame=kept, retired=rows.frame[list(names)])


def test_learning_the_same_again_changes_nothing(first: Training) -> None:
    """On the same rows the one in force is the candidate: figures are equal, and the incumbent stays."""
    again = train(declared(*NAMES), examples(800), incumbent=first.model, incumbent_id="churn-1", seeds=(1,))
    candidate, in_force, _ = again.report.contenders
    assert candidate.folds == in_force.folds and in_force.model == "churn-1"
    assert (again.report.rule, again.report.promoted) == ("not_better_than_in_force", False)
    assert again.content == first.content


def test_a_model_that_lost_a_feature_does_not_replace_a_better_one(first: Training) -> None:
    """The one in force is learnt again on the same folds with all its features, also those the candidate has not."""
    report = train(
        declared("noise"), without(examples(800), "arpu", "tenure", "tier"), incumbent=first.model
    ).report
    by_name = {each.name: each for each in report.contenders}
    assert not report.promoted and report.rule == "not_better_than_in_force"
    assert by_name["in_force"].auc.value > by_name["candidate"].auc.value + 0.1
    assert by_name["in_force"].auc.value == pytest.approx(first.report.contenders[0].auc.value, abs=0.03)


def test_a_model_with_a_feature_that_tells_more_is_promoted() -> None:
    """A better candidate takes the place; what the one in force had to do without is said."""
    rows = examples(2000)
    poor = train(declared("noise", "tier"), replace(rows, frame=rows.frame[["noise", "tier"]]), seeds=(1,))
    report = train(
        declared("arpu", "tenure"), without(rows, "tier", "noise"), incumbent=poor.model, seeds=(1,)
    ).report
    assert (report.rule, report.promoted) == ("better", True) and "Promoted" in report.verdict
    bare = replace(rows, frame=rows.frame[["arpu", "tenure"]])
    alone = train(declared("arpu", "tenure"), bare, incumbent=poor.model, seeds=(1,)).report
    assert "(without noise, tier)" in alone.verdict


def test_rows_later_than_the_one_in_force_are_scored_by_its_file() -> None:
    """What neither has seen is the fair test: when the world turned, the old file fails and the new one takes its place."""
    rows = examples(1600)
    month = np.repeat([24312, 24313, 24314, 24315], 400)
    old = replace(
        rows, frame=rows.frame.iloc[:1200], label=rows.label[:1200], customers=rows.customers[:1200]
    )
    before = train(declared(*NAMES), replace(old, time=month[:1200], time_name="month"), seeds=(1,))
    turned = rows.label.copy()
    turned[800:] = 1 - turned[800:]  # from the third month on the other half leaves
    now = replace(rows, label=turned, time=month, time_name="month")
    report = train(declared(*NAMES), now, incumbent=before.model, seeds=(1,)).report
    candidate, in_force, _ = report.contenders
    assert report.validation == "time_ordered" and len(candidate.folds) == 3
    assert candidate.folds[:2] == in_force.folds[:2]
    assert candidate.folds[2] != in_force.folds[2]
    last = slice(1200, 1600)
    own = auc_interval(turned[last], before.model.predict(rows.frame.iloc[last]))
    assert own is not None and in_force.folds[2] == pytest.approx(own.value, abs=1e-6)


def test_a_file_whose_labels_reach_into_the_rows_tried_is_not_asked_as_it_is() -> None:
    """It knew who left in the two months after its last row: those months say nothing about how well it foretells."""
    rows = examples(1600)
    month = np.repeat([24312, 24313, 24314, 24315], 400)

    def until(end: int) -> Examples:
        part = slice(0, end * 400)
        frame, label, people = rows.frame.iloc[part], rows.label[part], rows.customers[part]
        return Examples(frame, label, people, month[part], "month", known_after=2)

    now = until(4)
    for end, equal in ((1, False), (3, True)):
        before = train(declared(*NAMES), until(end), seeds=(1,))
        candidate, in_force, _ = train(
            declared(*NAMES), now, incumbent=before.model, seeds=(1,)
        ).report.contenders
        assert len(candidate.folds) == 2
        assert (candidate.folds[-1] == in_force.folds[-1]) == equal

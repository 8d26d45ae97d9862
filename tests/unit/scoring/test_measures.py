"""Measures against their definitions, against scikit-learn and against published figures."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from scoring import measures

SCORES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=6, max_size=60).filter(
    lambda rows: 2 <= sum(y for y, _ in rows) <= len(rows) - 2
)


def split(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores."""
    return np.asarray([y for y, _ in rows], dtype=np.int8), np.asarray([(s + 1) / 10 for _, s in rows])


@given(SCORES)
@settings(max_examples=60, deadline=None)
def test_auc_and_its_variance_are_delongs(rows: list[tuple[int, int]]) -> None:
    """The midrank formulas equal DeLong's own: every positive held against every negative, ties counting half."""
    label, score = split(rows)
    positives, negatives = score[label == 1], score[label == 0]
    above = np.asarray([[(x > y) + (x == y) / 2 for y in negatives] for x in positives])
    variance = above.mean(axis=1).var(ddof=1) / len(positives) + above.mean(axis=0).var(ddof=1) / len(
        negatives
    )
    assert measures.auc(label, score) == pytest.approx(above.mean())
    assert measures.auc(label, score) == pytest.approx(roc_auc_score(label, score))
    assert measures.auc_variance(label, score) == pytest.approx(variance)


@given(SCORES)
@settings(max_examples=40, deadline=None)
def test_losses_are_those_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    """Log loss and Brier score."""
    label, score = split(rows)
    assert measures.log_loss(label, score) == pytest.approx(log_loss(label, score))
    assert measures.brier(label, score) == pytest.approx(brier_score_loss(label, score))


def test_calibration_error_is_the_mean_distance_over_ten_bins() -> None:
    """Ten bins of a hundred rows, each with ten positives more or fewer than foretold, are off by a tenth."""
    foretold = np.arange(10) * 10 + 5
    happened = [15, 5, 35, 25, 55, 45, 75, 65, 95, 85]
    label = np.concatenate([np.r_[np.ones(k), np.zeros(100 - k)] for k in happened]).astype(np.int8)
    assert measures.calibration_error(label, np.repeat(foretold / 100, 100)) == pytest.approx(0.1)


def test_true_chances_show_the_noise_that_is_foretold() -> None:
    """Over many draws of labels from true chances, the mean calibration error is what ``calibration_noise`` says."""
    draw = np.random.default_rng(3)
    chance = draw.uniform(0.05, 0.6, 800)
    errors = [
        measures.calibration_error((draw.random(800) < chance).astype(np.int8), chance) for _ in range(300)
    ]
    noise = measures.calibration_noise(np.zeros(800, dtype=np.int8), chance)
    assert np.mean(errors) == pytest.approx(noise, rel=0.08)


def test_bins_hold_every_row_once_and_their_interval_holds_what_was_observed() -> None:
    """Counts add up, bins rise, and the observed share lies in its interval."""
    draw = np.random.default_rng(1)
    chance = draw.random(503)
    label = (draw.random(503) < chance).astype(np.int8)
    bins = measures.calibration_bins(label, chance)
    assert sum(each.rows for each in bins) == 503
    assert all(before.high <= after.low for before, after in pairwise(bins))
    assert all(each.observed.low <= each.observed.value <= each.observed.high for each in bins)


def test_lift_counts_the_positives_among_the_best() -> None:
    """A perfect order of 10 positives in 100 rows holds all of them in the best tenth; a tied score holds its share."""
    label = np.zeros(100, dtype=np.int8)
    label[:10] = 1
    perfect = {each.share: each for each in measures.lift(label, np.arange(100, 0, -1.0))}
    assert perfect[0.05].captured == pytest.approx(0.5) and perfect[0.1].lift == pytest.approx(10.0)
    tied = measures.lift(label, np.ones(100))
    assert [each.lift for each in tied] == pytest.approx([1.0] * len(tied))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([0.5, 0.5], [0.5, 0.5], 0.0),
        ([0.5, 0.5], [0.8, 0.2], 0.3 * np.log(1.6) + 0.3 * np.log(2.5)),
        ([1.0, 0.0], [0.5, 0.5], 0.5 * np.log(2) + (0.5 - 1e-4) * np.log(5000)),
    ],
)
def test_stability_index_by_its_formula(before: list[float], after: list[float], expected: float) -> None:
    """Σ (a − b) ln(a / b); an empty part counts as one in ten thousand."""
    assert measures.psi(np.asarray(before), np.asarray(after)) == pytest.approx(expected)


def test_an_interval_needs_two_rows_of_each_class() -> None:
    """With one positive there is no variance, so nothing is claimed."""
    score = np.asarray([0.4, 0.1, 0.2, 0.3])
    assert measures.auc_interval(np.asarray([1, 0, 0, 0], dtype=np.int8), score) is None
    assert measures.auc_interval(np.asarray([1, 1, 0, 0], dtype=np.int8), score) is not None

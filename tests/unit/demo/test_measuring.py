"""Measures against planted chances, beside the same by hand."""

from __future__ import annotations

import numpy as np
import pytest

from demo.measuring import calibration_error, correlation, expected_auc, tenths


def test_the_expected_auc_is_the_mean_over_all_pairs() -> None:
    """Every ordered pair weighed by the chance that the first does it and the second does not; ties count half."""
    random = np.random.default_rng(1)
    scores, chances = random.integers(0, 6, 40) / 10, random.random(40)
    wins = pairs = 0.0
    for one in range(40):
        for other in range(40):
            if one != other:
                weight = chances[one] * (1 - chances[other])
                pairs += weight
                wins += weight * ((scores[one] > scores[other]) + (scores[one] == scores[other]) / 2)
    assert expected_auc(scores.tolist(), chances.tolist()) == pytest.approx(wins / pairs)


def test_no_score_beats_the_chances_themselves() -> None:
    """The best possible AUC is the one of the planted chances; noise costs, a constant score gives one half."""
    random = np.random.default_rng(2)
    chances = random.beta(1, 6, 500)
    best = expected_auc(chances.tolist(), chances.tolist())
    noisy = expected_auc((chances + random.normal(0, 0.1, 500)).tolist(), chances.tolist())
    assert best > noisy > 0.5
    assert expected_auc([0.3] * 500, chances.tolist()) == pytest.approx(0.5)


def test_calibration_is_the_distance_of_the_tenths() -> None:
    """Scores that are one hundredth too high everywhere are off by one hundredth."""
    chances = np.linspace(0.01, 0.9, 95)
    bins = tenths((chances + 0.01).tolist(), chances.tolist())
    assert len(bins) == 10 and sum(each.customers for each in bins) == 95
    assert calibration_error(bins) == pytest.approx(0.01)
    assert [each.planted for each in bins] == sorted(each.planted for each in bins)


def test_what_does_not_vary_has_no_correlation() -> None:
    """None instead of a number that means nothing."""
    assert correlation([0.1, 0.1], [0.2, 0.3]) is None
    assert correlation([0.1, 0.2, 0.3], [0.2, 0.4, 0.6]) == pytest.approx(1.0)

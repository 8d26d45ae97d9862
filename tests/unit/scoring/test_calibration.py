"""Calibration: rises strictly, mends what is off, and leaves alone what is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.calibration import KINDS, Kind, chance, choose_calibration, fit_calibration
from scoring.measures import log_loss


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """True log-odds and what happened."""
    draw = np.random.default_rng(seed)
    odds = draw.normal(-1, 1.2, rows)
    return odds, (draw.random(rows) < chance(odds)).astype(np.int8)


@given(st.sampled_from(KINDS), st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_calibration_never_turns_or_ties_what_the_model_ranked(kind: Kind, seed: int) -> None:
    """Whatever the kind, higher raw log-odds give higher calibrated ones, inside and outside of what was seen."""
    odds, label = drawn(400, seed)
    made = fit_calibration(kind, odds * 0.5 + 1, label)
    calibrated = made.apply(np.linspace(-12, 12, 500))
    assert (np.diff(calibrated) > 0).all()


@pytest.mark.parametrize("kind", ["platt", "isotonic"])
def test_calibration_mends_chances_that_are_off(kind: Kind) -> None:
    """Log-odds doubled and shifted lose less on fresh rows after it was learnt."""
    odds, label = drawn(4000, 1)
    made = fit_calibration(kind, odds * 2 + 1, label)
    fresh, happened = drawn(4000, 2)
    before, after = chance(fresh * 2 + 1), chance(made.apply(fresh * 2 + 1))
    assert log_loss(happened, after) < log_loss(happened, before) - 0.05
    assert log_loss(happened, after) == pytest.approx(log_loss(happened, chance(fresh)), abs=0.01)


def test_true_chances_are_left_alone_and_wrong_ones_are_not() -> None:
    """A bolder kind is taken only where it gains on rows held out."""
    odds, label = drawn(3000, 3)
    assert choose_calibration(odds, label, 0).kind == "none"
    assert choose_calibration(odds * 2 + 1, label, 0).kind == "platt"
    assert choose_calibration(np.sign(odds + 1) * (odds + 1) ** 2, label, 0).kind == "isotonic"


def test_an_order_that_is_upside_down_is_not_turned_by_calibration() -> None:
    """Platt's line would fall: the raw odds stay, because calibration may not hide that a model ranks badly."""
    odds, label = drawn(1000, 4)
    assert fit_calibration("platt", -odds, label).kind == "none"

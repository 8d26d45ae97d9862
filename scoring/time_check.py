"""What is lost in time: learnt from the earlier rows, tried on the last fifth, and the likeliest cause of a fall."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
import numpy.typing as npt

from scoring.effects import Arm, effect
from scoring.measures import auc_interval
from scoring.report import Interval, Stability, TimeCheck

FALL = 0.02
"""A loss of AUC up to this, or within the interval of the last fifth, is no fall."""
ODDS = log(1.5)
"""Odds of a positive that changed by half or more are another base rate."""

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def base_rate_moved(before: Labels, last: Labels) -> bool:
    """Whether the share of positives is another one: Newcombe's 95 % interval of the difference leaves out zero, and the
    odds changed by at least half. Both classes must be in both."""
    arms = Arm(len(last), int(last.sum())), Arm(len(before), int(before.sum()))
    found = effect(*arms)
    low, high = found.low or 0.0, found.high or 0.0
    odds = [log(arm.rate / (1 - arm.rate)) for arm in arms]
    return (low > 0 or high < 0) and abs(odds[0] - odds[1]) >= ODDS


def time_check(
    auc_folds: float, before: Labels, last: Labels, score: Numbers, stability: Sequence[Stability]
) -> TimeCheck | None:
    """The check in figures and words. ``score`` are the last fifth's, by a model of the rows before.

    A fall is laid to the base rate if that moved, else to inputs whose PSI says they moved, else to nothing that was found.
    """
    found = auc_interval(last, score)
    if found is None:
        return None
    rates = float(before.mean()), float(last.mean())
    inputs = [each.feature for each in stability if each.state == "moved"]
    cause = "none"
    if auc_folds - found.value > FALL and found.high < auc_folds:
        cause = "base_rate" if base_rate_moved(before, last) else "inputs" if inputs else "unexplained"
    words = _words(cause, auc_folds, found, rates, inputs)
    return TimeCheck(
        auc_folds=auc_folds,
        auc_last=found,
        base_rate_before=rates[0],
        base_rate_last=rates[1],
        cause=cause,
        words=words,
    )


def _words(
    cause: str, folds: float, found: Interval, rates: tuple[float, float], inputs: Sequence[str]
) -> str:
    last = found.value
    held = (
        f"AUC {last:.3f} on the last fifth in time against {folds:.3f} in folds that mix early and late rows"
    )
    moved = ", ".join(inputs[:5]) + (f" and {len(inputs) - 5} more" if len(inputs) > 5 else "")
    if cause == "none":
        return f"{_no_cause(folds, found)}: {held}."
    if cause == "base_rate":
        also = f" Inputs moved as well: {moved}." if inputs else ""
        return f"{held}: positives went from {rates[0]:.1%} to {rates[1]:.1%}, the last fifth is another population.{also}"
    if cause == "inputs":
        return f"{held}: the share of positives held, and inputs moved: {moved}."
    return f"{held}: neither the share of positives nor any input moved enough to explain it."


def _no_cause(folds: float, found: Interval) -> str:
    fall = folds - found.value
    if round(fall, 3) <= 0:
        return "No fall in time"
    return f"The fall of {fall:.3f} is {'within chance' if found.high >= folds else 'too small to count'}"

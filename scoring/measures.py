"""How good scores are: ranking, calibration, lift and drift, each with the source of its formula.

AUC's variance: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, "Comparing the areas under two or more correlated
receiver operating characteristic curves", Biometrics 44 (1988) 837–845, by the midranks of X. Sun, W. Xu, IEEE Signal
Processing Letters 21 (2014) 1389–1393.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt

from scoring.effects import Z_95, Arm, wilson
from scoring.report import Bin, Interval, Lift

BINS = 10
SHARES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def midranks(values: Numbers) -> Numbers:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def auc(label: Labels, score: Numbers) -> float:
    """Chance that a positive scores above a negative, ties counting half. Both classes must be there."""
    positive = label == 1
    m, n = int(positive.sum()), int((~positive).sum())
    return float((midranks(score)[positive].sum() - m * (m + 1) / 2) / (m * n))


def auc_variance(label: Labels, score: Numbers) -> float:
    """DeLong's variance of ``auc``; both classes need two rows."""
    positive = label == 1
    m, n = int(positive.sum()), int((~positive).sum())
    ranks = midranks(score)
    above = (ranks[positive] - midranks(score[positive])) / n
    below = 1.0 - (ranks[~positive] - midranks(score[~positive])) / m
    return float(above.var(ddof=1) / m + below.var(ddof=1) / n)


def auc_interval(label: Labels, score: Numbers) -> Interval | None:
    """AUC with DeLong's 95 % interval; None where a class has fewer than two rows."""
    if np.bincount(label, minlength=2).min() < 2:
        return None
    return around(auc(label, score), auc_variance(label, score))


def around(value: float, variance: float) -> Interval:
    """The 95 % interval of a share by its variance, inside 0 and 1."""
    spread = Z_95 * sqrt(variance)
    return Interval(value=value, low=max(0.0, value - spread), high=min(1.0, value + spread))


def log_losses(label: Labels, chance: Numbers) -> Numbers:
    """What ``log_loss`` is the mean of."""
    clipped = np.clip(chance, 1e-15, 1 - 1e-15)
    return np.asarray(-np.where(label == 1, np.log(clipped), np.log1p(-clipped)), dtype=np.float64)


def log_loss(label: Labels, chance: Numbers) -> float:
    """Mean negative log-likelihood in nats."""
    return float(log_losses(label, chance).mean())


def squared_errors(label: Labels, chance: Numbers) -> Numbers:
    """What ``brier`` is the mean of."""
    return np.asarray((chance - label) ** 2, dtype=np.float64)


def brier(label: Labels, chance: Numbers) -> float:
    """Mean squared error of the chance."""
    return float(squared_errors(label, chance).mean())


def _binned(label: Labels, chance: Numbers) -> list[tuple[Numbers, Labels]]:
    """Neighbouring scores, lowest first, in ten bins of equal size; the order of equal scores does not matter."""
    order = np.lexsort((label, chance))
    parts = np.array_split(order, min(BINS, len(order)))
    return [(chance[part], label[part]) for part in parts]


def calibration_error(label: Labels, chance: Numbers) -> float:
    """Expected calibration error: mean over ten bins of equal size of |predicted − observed|, weighted by rows."""
    parts = _binned(label, chance)
    return float(sum(len(y) * abs(p.mean() - y.mean()) for p, y in parts) / len(label))


def calibration_noise(label: Labels, chance: Numbers) -> float:
    """What ``calibration_error`` would be on average for these chances if every one of them were true.

    A bin's share then deviates by about a normal with variance p(1−p)/n, whose mean absolute value is √(2/π) of that.
    """
    parts = _binned(label, chance)
    return float(sum(sqrt(2 / np.pi * len(p) * p.mean() * (1 - p.mean())) for p, _ in parts) / len(label))


def calibration_bins(label: Labels, chance: Numbers) -> list[Bin]:
    """What was predicted and what happened, in ten bins of equal size."""
    found = []
    for p, y in _binned(label, chance):
        arm = Arm(len(y), int(y.sum()))
        low, high = wilson(arm)
        observed = Interval(value=arm.rate, low=low, high=high)
        found.append(
            Bin(low=float(p[0]), high=float(p[-1]), rows=len(y), predicted=float(p.mean()), observed=observed)
        )
    return found


def lift(label: Labels, score: Numbers, shares: Sequence[float] = SHARES) -> list[Lift]:
    """Positives among the best-scored shares; of equal scores at the edge, the share they hold on average."""
    order = np.argsort(-score, kind="stable")
    _, first, counts = np.unique(-score[order], return_index=True, return_counts=True)
    share_of_tie = np.add.reduceat(label[order].astype(np.float64), first) / counts
    gained = np.concatenate([[0.0], np.cumsum(np.repeat(share_of_tie, counts))])
    found = []
    for share in shares:
        taken = max(1, round(share * len(label)))
        captured = float(gained[taken] / gained[-1])
        found.append(Lift(share=share, captured=captured, lift=captured * len(label) / taken))
    return found


def psi(before: Numbers, after: Numbers) -> float:
    """Population stability index of two distributions over the same parts: Σ (a − b) ln(a / b), shares at least 0.0001."""
    a, b = np.maximum(after, 1e-4), np.maximum(before, 1e-4)
    return float(((a - b) * np.log(a / b)).sum())

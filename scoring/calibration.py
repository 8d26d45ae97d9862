"""From raw log-odds to log-odds that come true: left alone, Platt's line, or isotonic, whichever held-out rows prefer.

Platt: J. Platt, "Probabilistic outputs for support vector machines" (1999), with his targets. Isotonic: pooled adjacent
violators joined at the centres of their blocks (A. P. Oron, N. Flournoy, "Centered isotonic regression", Statistics in
Biopharmaceutical Research 9 (2017) 258–267), so that it rises strictly and never ties or turns what the model ranked.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from scoring.effects import Z_95
from scoring.measures import log_losses
from scoring.settings import LEAST_OF_A_CLASS

Kind = Literal["none", "platt", "isotonic"]
KINDS: tuple[Kind, ...] = ("none", "platt", "isotonic")
LEAST_FOR_ISOTONIC = 1000

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


class Calibration(msgspec.Struct, frozen=True):
    """A strictly rising, piecewise straight map of log-odds through the points (raw, odds).

    Beyond the outermost points it goes on with ``slope``. No points: the map is ``slope · raw + shift``.
    """

    kind: Kind = "none"
    slope: float = 1.0
    shift: float = 0.0
    raw: tuple[float, ...] = ()
    odds: tuple[float, ...] = ()

    def apply(self, raw: Numbers) -> Numbers:
        """Calibrated log-odds."""
        if not self.raw:
            return self.slope * raw + self.shift
        inside = np.interp(raw, self.raw, self.odds)
        return np.asarray(inside + self.slope * (raw - np.clip(raw, self.raw[0], self.raw[-1])))


def chance(odds: Numbers) -> Numbers:
    """Probability of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -700, 700))))


def fit_calibration(kind: Kind, raw: Numbers, label: Labels) -> Calibration:
    """The map of a kind, learnt from rows that the model did not learn from; none where they are of one class."""
    if np.bincount(label, minlength=2).min() < 1:
        return Calibration()
    if kind == "platt":
        return _platt(raw, label)
    return _isotonic(raw, label) if kind == "isotonic" else Calibration()


def choose_calibration(raw: Numbers, label: Labels, seed: int) -> Calibration:
    """The boldest kind that gains on held-out thirds of these rows over what is simpler.

    To gain is to lower the log loss, row by row, by more than 1.96 standard errors of the difference. Fewer than 30 rows
    of a class say too little: nothing is changed.
    """
    if np.bincount(label, minlength=2).min() < LEAST_OF_A_CLASS:
        return Calibration()
    kinds = KINDS if len(raw) >= LEAST_FOR_ISOTONIC else KINDS[:2]
    losses: dict[Kind, Numbers] = {kind: np.zeros(len(raw)) for kind in kinds}
    for train, test in StratifiedKFold(3, shuffle=True, random_state=seed).split(raw, label):
        for kind in kinds:
            made = fit_calibration(kind, raw[train], label[train])
            losses[kind][test] = log_losses(label[test], chance(made.apply(raw[test])))
    best: Kind = "none"
    for kind in kinds:
        gain = losses[best] - losses[kind]
        if gain.mean() > Z_95 * gain.std() / np.sqrt(len(gain)):
            best = kind
    return fit_calibration(best, raw, label)


def _platt(raw: Numbers, label: Labels) -> Calibration:
    """Both classes with Platt's targets (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2), as weights of a logistic regression."""
    positives, negatives = int((label == 1).sum()), int((label == 0).sum())
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    both = np.concatenate([raw, raw]).reshape(-1, 1)
    classes = np.repeat([1, 0], len(raw))
    line = LogisticRegression(C=np.inf).fit(both, classes, sample_weight=np.concatenate([target, 1 - target]))
    slope = float(line.coef_[0, 0])
    return Calibration("platt", slope, float(line.intercept_[0])) if slope > 0 else Calibration()


def _isotonic(raw: Numbers, label: Labels) -> Calibration:
    """Blocks of the pooled fit, their centres joined in log-odds; each block's share is pulled in by half a row."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit_transform(raw, label)
    order = np.argsort(raw, kind="stable")
    _, start, counts = np.unique(fitted[order], return_index=True, return_counts=True)
    centre = np.add.reduceat(raw[order], start) / counts
    positives = np.add.reduceat(label[order].astype(np.float64), start)
    odds = np.log((positives + 0.5) / (counts - positives + 0.5))
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(odds)) > 1e-9])
    centre, odds = centre[rising], odds[rising]
    if len(centre) < 2:
        return Calibration()
    return Calibration("isotonic", 1.0, 0.0, tuple(centre.tolist()), tuple(odds.tolist()))

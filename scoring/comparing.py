"""The candidate, the model in force and the logistic baseline on the same folds, and the rule of promotion.

**The same folds.** In each of them the candidate is learnt from the training rows only, with everything chosen inside
them, and so is the baseline. The model in force has seen other rows, perhaps these: as it is, it would be flattered by
rows it learnt from. So: where all rows of a fold are later than every label it learnt from (months and days), its file
is asked as it is, because neither has seen them. In every other fold it is learnt again from the training rows, with its
own features and the settings in its file; where its features are the candidate's, that is the same model and it gets the
candidate's scores. Equal figures therefore mean: nothing new was learnt, and the one in force stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
import numpy.typing as npt

from scoring.baseline import fit_line
from scoring.calibration import chance
from scoring.effects import Z_95
from scoring.folds import Fold
from scoring.learning import Known, learn, learn_again
from scoring.measures import (
    around,
    auc,
    auc_variance,
    brier,
    calibration_error,
    calibration_noise,
    log_loss,
    squared_errors,
)
from scoring.model_file import ScoringModel
from scoring.report import Contender
from scoring.settings import Size

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class InForce:
    """The model in force, with its own inputs' numbers of the same rows."""

    model: ScoringModel = field(repr=False)
    known: Known = field(repr=False)
    same: bool
    """Whether it has the candidate's features."""
    missing: tuple[str, ...] = ()
    """Its features that nobody gave; to it they are unknown."""
    time: npt.NDArray[np.int64] | None = field(default=None, repr=False)
    """Time of the rows, if it can be compared with the time the model was learnt from."""
    gap: int = 1
    """How long after a row's time its label is known."""

    def unseen(self, rows: npt.NDArray[np.int64]) -> bool:
        """Whether all these rows are so late that no label it learnt from says anything of theirs."""
        last = self.model.document.last
        return self.time is not None and last is not None and bool(self.time[rows].min() >= last + self.gap)


@dataclass(slots=True)
class Tried:
    """One contender's chances for the rows held out, fold by fold."""

    name: str
    parts: list[tuple[int, Fold, Numbers]] = field(default_factory=list)
    """Number of the seed, fold, chances of its test rows."""

    def of(self, fold: Fold) -> Numbers | None:
        """Chances of a fold's test rows by what was learnt from its training rows, if that was tried."""
        for _, tried, score in self.parts:
            if np.array_equal(tried.train, fold.train) and np.array_equal(tried.test, fold.test):
                return score
        return None

    def once(self) -> tuple[npt.NDArray[np.int64], Numbers]:
        """Rows and their chances, each row once: those of the first seed, in order of rows."""
        rows = np.concatenate([fold.test for seed, fold, _ in self.parts if seed == 0])
        scores = np.concatenate([score for seed, _, score in self.parts if seed == 0])
        order = np.argsort(rows, kind="stable")
        return rows[order], scores[order]


def try_all(
    known: Known,
    in_force: InForce | None,
    folds: Sequence[Sequence[Fold]],
    size: Size,
    seeds: Sequence[int],
    step: Callable[[str], None],
) -> list[Tried]:
    """Candidate, model in force (if there is one) and baseline on every fold of every seed."""
    candidate, baseline, before = Tried("candidate"), Tried("logistic"), Tried("in_force")
    for number, seed in enumerate(seeds):
        for fold in folds[number]:
            train, rows = known.part(fold.train), known.rows[fold.test]
            score = learn(train, size, seed).predict(rows)
            candidate.parts.append((number, fold, score))
            line = fit_line(train.rows, train.label, train.inputs)
            baseline.parts.append((number, fold, chance(line.raw(rows))))
            if in_force is not None:
                before.parts.append((number, fold, _as_before(in_force, fold, score, size)))
            step("folds")
    return [candidate, before, baseline] if in_force is not None else [candidate, baseline]


def _as_before(in_force: InForce, fold: Fold, score: Numbers, size: Size) -> Numbers:
    rows = in_force.known.rows[fold.test]
    document = in_force.model.document
    if in_force.unseen(fold.test):
        return chance(document.calibration.apply(in_force.model.trees.raw(rows)))
    if in_force.same:
        return score
    return learn_again(in_force.known.part(fold.train), document.settings, size).predict(rows)


def contender(tried: Tried, label: Labels, model: str | None = None) -> Contender:
    """Its figures: means over folds and seeds; calibration over all rows held out.

    The interval of the mean AUC is from DeLong's variances within the folds of a seed (their test rows are disjoint),
    averaged over seeds: other seeds try the same rows again and make it no narrower. A fold without two rows of each
    class says nothing of AUC and is left out of it.
    """
    telling = [each for each in tried.parts if np.bincount(label[each[1].test], minlength=2).min() >= 2]
    aucs = [auc(label[fold.test], score) for _, fold, score in telling]
    per_seed: dict[int, list[float]] = {}
    for seed, fold, score in telling:
        per_seed.setdefault(seed, []).append(auc_variance(label[fold.test], score))
    variance = float(np.mean([sum(each) / len(each) ** 2 for each in per_seed.values()]))
    rows, scores = tried.once()
    return Contender(
        name=tried.name,
        auc=around(float(np.mean(aucs)), variance),
        log_loss=float(np.mean([log_loss(label[fold.test], score) for _, fold, score in tried.parts])),
        brier=float(np.mean([brier(label[fold.test], score) for _, fold, score in tried.parts])),
        calibration_error=calibration_error(label[rows], scores),
        folds=aucs,
        model=model,
    )


def calibration_worse(candidate: Tried, other: Tried, label: Labels) -> bool:
    """Whether the candidate's chances come true less well than the other's, by more than chance explains.

    Either its calibration error is larger by more than what a perfectly calibrated model of these chances shows
    (``calibration_noise``), or its squared errors on the same rows are larger by 1.96 standard errors of the difference.
    """
    rows, mine = candidate.once()
    _, theirs = other.once()
    y = label[rows]
    more = calibration_error(y, mine) - calibration_error(y, theirs)
    difference = squared_errors(y, mine) - squared_errors(y, theirs)
    beyond = Z_95 * float(difference.std(ddof=1)) / sqrt(len(difference))
    return more > calibration_noise(y, mine) or float(difference.mean()) > max(beyond, 1e-12)


def rule(contenders: Sequence[Contender], worse: bool) -> str:
    """Which rule decides: ``first`` and ``better`` promote, the others do not.

    Mean AUC must be higher than the one in force's and than the baseline's; equal is not higher. Then calibration must be
    no worse than that of the one in force, or of the baseline where none is in force.
    """
    mean = {each.name: each.auc.value for each in contenders}
    if "in_force" in mean and not mean["candidate"] > mean["in_force"]:
        return "not_better_than_in_force"
    if not mean["candidate"] > mean["logistic"]:
        return "not_better_than_logistic"
    if worse:
        return "calibration_worse"
    return "better" if "in_force" in mean else "first"

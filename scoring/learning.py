"""One model from rows: what is tried inside them, what is chosen, and the trees learnt from all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from scoring.baseline import Line, fit_line
from scoring.calibration import Calibration, chance, choose_calibration, fit_calibration
from scoring.folds import Fold, stratified
from scoring.inputs import Input, Matrix
from scoring.settings import TRAINING_THREADS, Settings, Shape, Size, parameters
from scoring.trees import Trees

Numbers = npt.NDArray[np.float64]
SLOPE_OVER = 50
"""Trees over which the fall of a try's loss is measured."""
CLEARLY = 3.0
"""Standard errors by which a shape loses on the first of several folds before the others are spared."""


@dataclass(frozen=True, slots=True)
class Known:
    """Rows as numbers, with what happened and whose they are."""

    rows: Matrix = field(repr=False)
    label: npt.NDArray[np.int8] = field(repr=False)
    customers: npt.NDArray[np.object_] = field(repr=False)
    inputs: tuple[Input, ...]

    def part(self, rows: npt.NDArray[np.int64]) -> Known:
        """Some of the rows."""
        return Known(self.rows[rows], self.label[rows], self.customers[rows], self.inputs)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model's parts, learnt from some rows."""

    settings: Settings
    trees: Trees
    calibration: Calibration

    def predict(self, rows: Matrix) -> Numbers:
        """Calibrated chance of each row."""
        return chance(self.calibration.apply(self.trees.raw(rows)))


@dataclass(frozen=True, slots=True)
class _Try:
    """A shape on the inner folds: its best number of trees, its loss, and the scores of rows held out."""

    shape: Shape
    rounds: int
    loss: float
    raw: Numbers = field(repr=False)
    label: npt.NDArray[np.int8] = field(repr=False)
    first: Numbers = field(repr=False)
    """Where there are several folds: the loss of each row held out of the first."""


def learn(known: Known, size: Size, seed: int) -> Learnt:
    """Choose shape, number of trees and calibration on folds inside these rows, then learn from all of them.

    Nothing outside ``known`` is looked at. Inner folds are stratified whether time is known or not.
    """
    folds = _inner(known, size, seed)
    best = _try(known, size.shapes[0], size, folds, seed)
    for shape in size.shapes[1:]:
        best = min(best, _try(known, shape, size, folds, seed, best), key=lambda each: each.loss)
    calibration = choose_calibration(best.raw, best.label, seed)
    settings = Settings(
        size=size.name, shape=best.shape, rounds=best.rounds, calibration=calibration.kind, seed=seed
    )
    return _fit(known, settings, calibration)


def ranked_again(known: Known, settings: Settings) -> Learnt:
    """Learn from these rows with settings chosen before, uncalibrated: who ranks above whom is the same, because every
    calibration rises strictly; the chances themselves are not to be relied on."""
    return _fit(known, settings, Calibration())


def learn_again(known: Known, settings: Settings, size: Size) -> Learnt:
    """Learn from these rows with settings chosen before; only the calibration's numbers are found anew, inside them."""
    if settings.calibration == "none":
        return ranked_again(known, settings)
    folds = _inner(known, size, settings.seed)
    tried = [_fit(known.part(fold.train), settings, Calibration()).trees for fold in folds]
    raw = [trees.raw(known.rows[fold.test]) for trees, fold in zip(tried, folds, strict=True)]
    label = np.concatenate([known.label[fold.test] for fold in folds])
    return _fit(known, settings, fit_calibration(settings.calibration, np.concatenate(raw), label))


def _inner(known: Known, size: Size, seed: int) -> list[Fold]:
    if size.inner_folds > 1:
        return stratified(known.label, known.customers, seed, size.inner_folds)
    return stratified(known.label, known.customers, seed)[:1]


def _try(
    known: Known, shape: Shape, size: Size, folds: Sequence[Fold], seed: int, best: _Try | None = None
) -> _Try:
    """A shape on the inner folds; its loss is infinite where it was left because it clearly loses against the ``best``."""
    given = parameters(shape, len(known.inputs), seed)
    curves, grown, first = [], [], np.empty(0)
    for fold in folds:
        start = _start(known.part(fold.train), shape)
        leaving = [] if best is None or len(folds) > 1 else [_leave(best.loss, size.most_rounds)]
        trees, curve = _grow(known, fold, start, given, size, leaving)
        curves.append(curve)
        grown.append(trees)
        if len(grown) == 1 < len(folds):
            first = _losses(
                trees.raw(known.rows[fold.test], int(np.argmin(curve)) + 1), known.label[fold.test]
            )
            if best is not None and _clearly_worse(first, best.first):
                return _Try(shape, 0, inf, np.empty(0), np.empty(0, dtype=np.int8), first)
    shortest = min(map(len, curves))
    mean = np.mean([curve[:shortest] for curve in curves], axis=0)
    rounds = int(np.argmin(mean)) + 1
    raw = [trees.raw(known.rows[fold.test], rounds) for trees, fold in zip(grown, folds, strict=True)]
    label = np.concatenate([known.label[fold.test] for fold in folds])
    return _Try(shape, rounds, float(mean[rounds - 1]), np.concatenate(raw), label, first)


def _grow(
    known: Known, fold: Fold, start: Line | None, given: Mapping[str, Any], size: Size,
    leaving: Sequence[Callable[[lightgbm.callback.CallbackEnv], None]],
) -> tuple[Trees, list[float]]:  # fmt: skip
    """Trees of the fold's rows until they gain nothing more, with the loss of the rows held out after each."""
    curve: dict[str, Any] = {}
    booster = lightgbm.train(
        dict(given),
        _dataset(known.part(fold.train), start, given),
        size.most_rounds,
        valid_sets=[_dataset(known.part(fold.test), start)],
        callbacks=[
            lightgbm.early_stopping(size.patience, verbose=False),
            lightgbm.record_evaluation(curve),
            *leaving,
        ],
    )
    losses: list[float] = curve["valid_0"]["binary_logloss"]
    return Trees(booster, start, TRAINING_THREADS), losses


def _losses(raw: Numbers, label: npt.NDArray[np.int8]) -> Numbers:
    """Log loss of each row, from log-odds."""
    return np.asarray(np.logaddexp(0.0, np.where(label > 0, -raw, raw)))


def _clearly_worse(losses: Numbers, than: Numbers) -> bool:
    """Whether the mean loss of the same rows is higher by more than chance explains: three standard errors of the pairs."""
    worse = losses - than
    return bool(worse.mean() > CLEARLY * worse.std() / np.sqrt(len(worse)))


def _leave(beaten: float, most_rounds: int) -> Callable[[lightgbm.callback.CallbackEnv], None]:
    """Ends a try that, falling on to the last tree as steeply as over its last 50, would still lose.

    Losses of boosted trees fall ever more slowly, so that the straight line is more than it will reach.
    """
    losses: list[float] = []

    def look(env: lightgbm.callback.CallbackEnv) -> None:
        found = env.evaluation_result_list or []
        losses.append(found[0][2])
        done = len(losses)
        if done <= SLOPE_OVER:
            return
        slope = (losses[-1 - SLOPE_OVER] - losses[-1]) / SLOPE_OVER
        if losses[-1] - slope * (most_rounds - done) > beaten:
            raise lightgbm.callback.EarlyStopException(int(np.argmin(losses)), found)

    return look


def _fit(known: Known, settings: Settings, calibration: Calibration) -> Learnt:
    shape = settings.shape
    line = _start(known, shape)
    given = parameters(shape, len(known.inputs), settings.seed)
    data = _dataset(known, line, given)
    booster = lightgbm.train(
        dict(given), data, settings.rounds, keep_training_booster=True
    )  # else read from its text
    return Learnt(settings, Trees(booster.free_dataset(), line, TRAINING_THREADS), calibration)


def _start(known: Known, shape: Shape) -> Line | None:
    return fit_line(known.rows, known.label, known.inputs, shape.strength) if shape.start == "line" else None


def _dataset(known: Known, line: Line | None, given: Mapping[str, Any] | None = None) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        known.rows,
        known.label,
        init_score=None if line is None else line.raw(known.rows),
        categorical_feature=[at for at, each in enumerate(known.inputs) if each.levels is not None],
        params={"verbosity": -1} if given is None else dict(given),
    )

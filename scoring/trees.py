"""Boosted trees, with the logistic line they may have started from: raw log-odds and what each input adds to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import lightgbm
import numpy as np
import numpy.typing as npt

from scoring.baseline import Line
from scoring.inputs import Matrix
from scoring.settings import SCORING_THREADS

FEW = 64
"""Up to so many rows one thread is faster than two."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trees:
    """Loaded trees; rows are matrices as ``scoring.inputs.matrix`` makes them."""

    booster: lightgbm.Booster = field(repr=False)
    line: Line | None
    threads: int = SCORING_THREADS
    """That score many rows; a training takes one, because another may run beside it."""

    def raw(self, rows: Matrix, rounds: int | None = None) -> Numbers:
        """Log-odds, of all trees or the first so many."""
        if not len(rows):
            return np.zeros(0)
        scored = self.booster.predict(
            rows, raw_score=True, num_iteration=rounds, num_threads=self._threads(rows)
        )
        return np.asarray(scored if self.line is None else scored + self.line.raw(rows), dtype=np.float64)

    def contributions(self, rows: Matrix) -> Matrix:
        """[row, input] in log-odds: how much each input moves the row from the average; with ``intercept`` it is ``raw``.

        TreeSHAP (S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
        Nature Machine Intelligence 2 (2020) 56–67), plus the line's term where there is a line.
        """
        shares = self._shares(rows)[:, :-1]
        return shares if self.line is None else shares + self.line.contributions(rows)

    @property
    def intercept(self) -> float:
        """Log-odds of the average row: what is left where no input contributes."""
        nobody = np.zeros((1, self.booster.num_feature()))
        return float(self._shares(nobody)[0, -1]) + (0.0 if self.line is None else self.line.intercept)

    def _shares(self, rows: Matrix) -> Matrix:
        if not len(rows):
            return np.zeros((0, self.booster.num_feature() + 1))
        shares = self.booster.predict(rows, pred_contrib=True, num_threads=self._threads(rows))
        return np.asarray(shares, dtype=np.float64)

    def _threads(self, rows: Matrix) -> int:
        return 1 if len(rows) <= FEW else self.threads

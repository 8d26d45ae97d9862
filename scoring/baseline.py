"""The baseline every model must beat: a logistic regression, kept as plain numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from scoring.inputs import Input, Matrix

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


class Term(msgspec.Struct, frozen=True):
    """What one input adds to the log-odds.

    A number: ``weights[0] · (x − middle) / scale``, or ``weights[1]`` where x is unknown. A category: ``weights[code]``.
    Minus ``average``, so that the term is 0 on average over the rows it was learnt from.
    """

    weights: tuple[float, ...]
    average: float
    middle: float = 0.0
    scale: float = 0.0
    """0: a category."""


class Line(msgspec.Struct, frozen=True):
    """Log-odds as an intercept and one term an input."""

    intercept: float
    terms: tuple[Term, ...]

    def contributions(self, rows: Matrix) -> Matrix:
        """[row, input] in log-odds."""
        return np.column_stack([_added(term, rows[:, place]) for place, term in enumerate(self.terms)])

    def raw(self, rows: Matrix) -> Numbers:
        """Log-odds."""
        return np.asarray(self.intercept + self.contributions(rows).sum(axis=1))


def _added(term: Term, column: Numbers) -> Numbers:
    weights = np.asarray(term.weights)
    if not term.scale:
        return np.asarray(weights[column.astype(np.int64)] - term.average)
    straight = weights[0] * (column - term.middle) / term.scale
    return np.asarray(np.where(np.isnan(column), weights[1], straight) - term.average)


def fit_line(rows: Matrix, label: Labels, inputs: Sequence[Input], strength: float = 1.0) -> Line:
    """scikit-learn's logistic regression (L2, C = ``strength``) on one-hot categories and standardised numbers.

    An unknown number is the mean, with an indicator of its own where training has unknown ones.
    """
    pieces = [_spread(rows[:, place], each) for place, each in enumerate(inputs)]
    fitted = LogisticRegression(C=strength, max_iter=1000).fit(
        np.column_stack([piece for piece, *_ in pieces]), label
    )
    weights, start, terms = fitted.coef_[0], 0, []
    for piece, middle, scale in pieces:
        own = weights[start : start + piece.shape[1]]
        start += piece.shape[1]
        average = float((piece @ own).mean())
        if scale:
            own = np.asarray([own[0], own[1] if len(own) > 1 else 0.0])
        terms.append(Term(tuple(own.tolist()), average, middle, scale))
    return Line(float(fitted.intercept_[0]) + sum(term.average for term in terms), tuple(terms))


def _spread(column: Numbers, each: Input) -> tuple[Matrix, float, float]:
    """An input's columns in the regression, and a number's mean and deviation."""
    if each.levels is not None:
        return np.eye(len(each.levels) + 1)[column.astype(np.int64)], 0.0, 0.0
    unknown = np.isnan(column)
    middle = float(column[~unknown].mean()) if not unknown.all() else 0.0
    filled = np.where(unknown, middle, column)
    scale = float(filled.std()) or 1.0
    straight = ((filled - middle) / scale).reshape(-1, 1)
    if not unknown.any():
        return straight, middle, scale
    return np.column_stack([straight, unknown.astype(np.float64)]), middle, scale

"""What stops a training or belongs into its report: too little data, one class, and features that know the answer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scoring.examples import Examples
from scoring.folds import stratified
from scoring.inputs import Input, Matrix
from scoring.measures import auc
from scoring.report import Refused
from scoring.settings import LEAST_OF_A_CLASS, LEAST_ROWS
from strategies.declared.model import Model, OutcomeLabel
from strategies.problems import Hint, Problem, ProblemsFound, Where

LEAK_FROM = 0.98
"""A feature that alone ranks the label this well knows the answer; training stops."""
LOOK_FROM = 0.9
"""From here on the report names it."""
LEAST_PEOPLE = 20
PARTS = 32

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def check_amount(model: Model, examples: Examples) -> None:
    """Raises ProblemsFound: ``model.one_class``, or ``model.too_few_rows`` also for too few people behind the rows."""
    label = examples.label
    rows, positives = len(label), int((label == 1).sum())
    few = min(positives, rows - positives)
    if not len(examples.frame.columns):
        _stop(
            "model.too_few_rows",
            "there is no feature to learn from",
            model.place,
            Hint("name at least one feature"),
        )
    if rows and not few:
        found = "positive" if positives else "negative"
        hint = Hint("look at the label (%(label)s): both outcomes must have happened", label=_label(model))
        _stop("model.one_class", f"all {rows} rows of model {model.id!r} are {found}", model.place, hint)
    people = [len(set(examples.customers[label == each].tolist())) for each in (0, 1)]
    said = f"model {model.id!r} has {rows} rows, {positives} of them positive"
    if rows < LEAST_ROWS or few < LEAST_OF_A_CLASS:
        hint = Hint(
            "at least %(rows)s rows and %(each)s of each outcome are needed; wait until there are more",
            rows=LEAST_ROWS,
            each=LEAST_OF_A_CLASS,
        )
        _stop("model.too_few_rows", said, model.place, hint)
    if min(people) < LEAST_PEOPLE:
        said += f", of {people[1]} customers; {people[0]} customers have the others"
        hint = Hint(
            "at least %(count)s customers with each outcome are needed; wait until there are more",
            count=LEAST_PEOPLE,
        )
        _stop("model.too_few_rows", said, model.place, hint)


def _label(model: Model) -> str:
    label = model.label
    return label.moment if isinstance(label, OutcomeLabel) else label.field


def _stop(code: str, message: str, place: Where, hint: Hint) -> None:
    raise ProblemsFound([Problem(code, message, place, hint)])


def check_features(
    model: Model, rows: Matrix, label: Labels, customers: npt.NDArray[np.object_], inputs: tuple[Input, ...]
) -> list[Refused]:
    """What the leakage guard found and let pass. Raises ProblemsFound (``model.leak``) at each feature that alone
    separates the label almost perfectly."""
    found, problems = [], []
    folds = stratified(label, customers, 0)
    held = np.concatenate([fold.test for fold in folds])
    for at, each in enumerate(inputs):
        column = rows[:, at]
        if len(np.unique(column[~np.isnan(column)])) + bool(np.isnan(column).any()) <= 1:
            found.append(
                Refused(
                    feature=each.name,
                    why="constant: one value in every row, so there is nothing to learn from it",
                )
            )
            continue
        alone = _alone(column, label, each, [(fold.train, fold.test) for fold in folds], held)
        if alone >= LEAK_FROM:
            place = model.feature_places.get(each.name, model.place)
            said = f"feature {each.name!r} alone tells the label with AUC {alone:.3f}"
            hint = Hint(
                "it is probably known only afterwards: give its field a later known_at, or remove it from features"
            )
            problems.append(Problem("model.leak", said, place, hint))
        elif alone >= LOOK_FROM:
            found.append(
                Refused(
                    feature=each.name, why=f"looked at: alone it tells the label with AUC {alone:.3f}; kept"
                )
            )
    if problems:
        raise ProblemsFound(problems)
    return found


def _alone(
    column: Numbers,
    label: Labels,
    each: Input,
    folds: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]],
    held: npt.NDArray[np.int64],
) -> float:
    """AUC of one feature alone, by its order either way, and by the rate of positives in its parts (out of fold)."""
    parts = column.astype(np.int64) if each.levels is not None else _parts(column)
    count, rate = int(parts.max()) + 1, float(label.mean())
    scores = []
    for train, test in folds:
        rows = np.bincount(parts[train], minlength=count)
        positives = np.bincount(parts[train], weights=label[train], minlength=count)
        scores.append(((positives + rate) / (rows + 1))[parts[test]])
    best = auc(label[held], np.concatenate(scores))
    if each.levels is None:
        filled = np.where(np.isnan(column), -np.inf, column)
        ordered = auc(label, filled)
        best = max(best, ordered, 1 - ordered)
    return best


def _parts(column: Numbers) -> npt.NDArray[np.int64]:
    """32 parts of about equal size, and one of the unknown; each value its own part where there are few."""
    known = column[~np.isnan(column)]
    values = np.unique(known)
    cuts = values[1:] if len(values) <= PARTS else np.unique(np.quantile(known, np.arange(1, PARTS) / PARTS))
    return np.where(np.isnan(column), len(cuts) + 1, np.searchsorted(cuts, column, side="right"))


def duplicates(rows: Matrix) -> int:
    """Rows whose features all equal an earlier row's."""
    plain = np.ascontiguousarray(np.where(np.isnan(rows), -1.7e308, rows))
    return len(rows) - len(np.unique(plain.view(np.dtype((np.void, plain.dtype.itemsize * plain.shape[1])))))

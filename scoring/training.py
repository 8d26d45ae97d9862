"""Training: guards, folds, the comparison that decides, the model itself and its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from scoring.comparing import InForce, Tried, calibration_worse, contender, rule, try_all
from scoring.drift import drift, drift_since, spread
from scoring.examples import Examples
from scoring.folds import last_fifth, stratified, time_ordered
from scoring.guards import check_amount, check_features
from scoring.inputs import learn_inputs, matrix
from scoring.learning import Known, Learnt, learn, ranked_again
from scoring.measures import auc, calibration_bins, lift
from scoring.model_file import FORMAT, ModelDocument, ScoringModel, hash_of, settings_in_words, write_model
from scoring.report import ModelReport, Refused, Stability, TimeCheck
from scoring.reporting import by_segment, by_time, data, importance, rounded, verdict
from scoring.settings import Size, size_of
from scoring.time_check import time_check
from strategies.declared.model import Model

MOST_INPUTS = 100
"""Inputs that a report lists with their drift: those that moved most."""

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Training:
    """A trained model: its file, its report with the verdict, and itself ready to score."""

    content: bytes = field(repr=False)
    report: ModelReport = field(repr=False)
    model: ScoringModel


def train(
    model: Model,
    examples: Examples,
    *,
    incumbent: ScoringModel | None = None,
    incumbent_id: str | None = None,
    seeds: Sequence[int] = (42, 0, 1),
    progress: Progress = lambda done, total, what: None,
) -> Training:
    """Learn a model from examples and judge it; ``report.promoted`` is the verdict, and nothing is put in force here.

    Features are all columns of ``examples.frame``. Where time is known and takes at least three values the folds go from
    earlier to later, and only rows whose label was known by then are learnt from; else there are five stratified folds
    for each seed. Folds in time are the same for every seed, so the first alone is used; so it is from 20,000 rows on
    (``settings.LARGE_FROM``), with the large settings.

    ``incumbent`` is the model in force; how it is compared stands in ``scoring.comparing``. ``progress(done, total,
    what)`` is called after each step. The same arguments give the same bytes; ``report.seconds`` is 0 here, for whoever
    has a clock. Raises ProblemsFound: ``model.too_few_rows``, ``model.one_class``, ``model.leak``.
    """
    check_amount(model, examples)
    with threadpool_limits(limits=1, user_api="blas"):
        return _train(model, examples, incumbent, incumbent_id, seeds, progress)


def _train(
    model: Model,
    examples: Examples,
    incumbent: ScoringModel | None,
    incumbent_id: str | None,
    seeds: Sequence[int],
    progress: Progress,
) -> Training:
    inputs = learn_inputs(examples.frame)
    label = np.asarray(examples.label, dtype=np.int8)
    known = Known(matrix(examples.frame, inputs), label, np.asarray(examples.customers, dtype=object), inputs)
    looked_at = check_features(model, known.rows, known.label, known.customers, inputs)
    size = size_of(len(known.label))
    gap = max(1, examples.known_after)
    ordered = time_ordered(label, examples.time, gap)
    used = list(seeds)[: 1 if ordered else size.most_seeds]
    folds = [ordered or stratified(label, known.customers, seed) for seed in used]
    total = sum(map(len, folds)) + 2
    done = iter(range(1, total + 1))

    def step(what: str) -> None:
        progress(next(done), total, what)

    in_force = None if incumbent is None else _in_force(incumbent, examples, known, gap)
    tried = try_all(known, in_force, folds, size, used, step)
    learnt = learn(known, size, used[0])
    step("model")
    trained = _model_of(model, examples, known, learnt)
    check, stability = _in_time(examples.time, gap, known, learnt, size, tried[0], incumbent)
    judged = _Judged(
        tried, in_force, check, stability, looked_at, "time_ordered" if ordered else "stratified_folds"
    )
    report = _report(model, examples, known, trained, judged, used, incumbent_id)
    step("report")
    return Training(write_model(trained), report, trained)


def _in_force(incumbent: ScoringModel, examples: Examples, known: Known, gap: int) -> InForce:
    document = incumbent.document
    parts = [examples.frame] if examples.retired is None else [examples.frame, examples.retired]
    columns = pd.concat([each.reset_index(drop=True) for each in parts], axis=1)
    columns = columns.loc[:, ~columns.columns.duplicated()]
    own = Known(matrix(columns, document.inputs), known.label, known.customers, document.inputs)
    comparable = examples.time_name in ("month", "day") and document.time_name == examples.time_name
    return InForce(
        incumbent,
        own,
        same=set(incumbent.features) == {each.name for each in known.inputs},
        missing=tuple(name for name in incumbent.features if name not in columns.columns),
        time=examples.time if comparable else None,
        gap=gap,
    )


def _model_of(model: Model, examples: Examples, known: Known, learnt: Learnt) -> ScoringModel:
    trees = learnt.trees.booster.model_to_string()
    document = ModelDocument(
        format=FORMAT,
        model=model.id,
        learns=model.learns,
        settings=learnt.settings,
        inputs=known.inputs,
        line=learnt.trees.line,
        trees=trees,
        trees_hash=hash_of(trees),
        calibration=learnt.calibration,
        spreads=tuple(spread(known.rows[:, at], each) for at, each in enumerate(known.inputs)),
        time_name=examples.time_name,
        last=None if examples.time is None else int(examples.time.max()),
    )
    return ScoringModel(document, learnt.trees)


def _in_time(
    time: npt.NDArray[np.int64] | None,
    gap: int,
    known: Known,
    learnt: Learnt,
    size: Size,
    candidate: Tried,
    incumbent: ScoringModel | None,
) -> tuple[TimeCheck | None, list[Stability]]:
    """The last fifth, by what is learnt from the rows before it, against five folds that mix all times.

    The mixed folds take the settings chosen from all rows, and no calibration, which AUC does not see: they are a
    yardstick and decide nothing. How inputs moved is between the two stretches; where time is unknown, since the rows
    that the model in force learnt from.
    """
    fold = last_fifth(known.label, time, gap)
    if fold is None:
        held = None if incumbent is None else incumbent.document
        return None, [] if held is None else drift_since(held.spreads, held.inputs, known.rows, known.inputs)
    stability = drift(known.rows[fold.train], known.rows[fold.test], known.inputs)
    mixed = []
    for each in stratified(known.label, known.customers, learnt.settings.seed):
        made = ranked_again(known.part(each.train), learnt.settings)
        mixed.append(auc(known.label[each.test], made.trees.raw(known.rows[each.test])))
    score = candidate.of(fold)
    if score is None:
        score = learn(known.part(fold.train), size, learnt.settings.seed).predict(known.rows[fold.test])
    before, last = known.label[fold.train], known.label[fold.test]
    return time_check(float(np.mean(mixed)), before, last, score, stability), stability


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the report's verdict is drawn from."""

    tried: Sequence[Tried]
    in_force: InForce | None
    check: TimeCheck | None
    stability: list[Stability]
    looked_at: list[Refused]
    validation: str


def _report(
    model: Model,
    examples: Examples,
    known: Known,
    trained: ScoringModel,
    judged: _Judged,
    seeds: list[int],
    incumbent_id: str | None,
) -> ModelReport:
    label, candidate = known.label, judged.tried[0]
    contenders = [
        contender(each, label, incumbent_id if each.name == "in_force" else None) for each in judged.tried
    ]
    other = next((each for each in judged.tried if each.name == "in_force"), judged.tried[-1])
    decided = rule(contenders, calibration_worse(candidate, other, label))
    missing = judged.in_force.missing if judged.in_force is not None else ()
    strong = sum("AUC" in each.why for each in judged.looked_at)
    rows, score = candidate.once()
    report = ModelReport(
        model=model.id,
        learns=model.learns,
        promoted=decided in ("first", "better"),
        verdict=verdict(decided, contenders, candidate, label, judged.check, missing, strong),
        rule=decided,
        contenders=contenders,
        validation=judged.validation,
        settings=settings_in_words(trained.document.settings),
        by_time=by_time(examples, candidate),
        calibration=calibration_bins(label[rows], score),
        lift=lift(label[rows], score),
        importance=importance(trained.trees, known.rows, known.inputs),
        segments=by_segment(examples, candidate),
        stability=judged.stability[:MOST_INPUTS],
        time_check=judged.check,
        leaks=judged.looked_at[:MOST_INPUTS],
        data=data(examples, known),
        seconds=0.0,
        seeds=seeds,
    )
    return rounded(report)

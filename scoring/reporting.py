"""The parts of a report that are computed from scores: by time, by segment, importance, and the verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from scoring.comparing import Tried
from scoring.examples import Examples
from scoring.folds import blocks
from scoring.guards import duplicates
from scoring.inputs import Input, Matrix
from scoring.learning import Known
from scoring.measures import auc_interval, calibration_noise
from scoring.report import Contender, Data, Importance, ModelReport, Part, TimeCheck
from scoring.trees import Trees

LEAST_IN_SEGMENT = 50
"""Rows of each class that a segment needs to be judged."""
MOST_PARTS = 36
MOST_IMPORTANT = 20
SAMPLE = 2_000
"""Rows, evenly spaced, from which mean contributions are taken: within three percent of what 5,000 rows say."""
DIGITS = 6
WELL_CALIBRATED = 0.01
"""A calibration error up to this, or up to twice what a perfect model shows, is called calibrated."""

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def part(name: str, label: Labels, score: Numbers) -> Part:
    """Performance on some rows."""
    return Part(
        name=name,
        rows=len(label),
        positives=int(label.sum()),
        auc=auc_interval(label, score),
        mean_score=float(score.mean()),
        base_rate=float(label.mean()),
    )


def by_time(examples: Examples, tried: Tried) -> list[Part]:
    """Rows held out by month, or by block of time where time is an order or one month of days; newest last."""
    if examples.time is None:
        return []
    rows, score = tried.once()
    time, label = examples.time[rows], examples.label[rows]
    names = _stretches(time, examples.time_name)
    found = [
        part(name, label[names == name], score[names == name])
        for name in dict.fromkeys(names[np.argsort(time)])
    ]
    return found[-MOST_PARTS:]


def _stretches(time: npt.NDArray[np.int64], name: str) -> npt.NDArray[np.object_]:
    """A text a row that names its stretch of time."""
    if name == "day":
        months = time.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        if len(np.unique(months)) > 1:
            return _stretches(months + 1970 * 12, "month")
    if name == "month":
        return np.asarray([said(value, name) for value in time], dtype=object)
    block = blocks(time)
    ends = {at: (time[block == at].min(), time[block == at].max()) for at in np.unique(block)}
    return np.asarray([f"{said(ends[at][0], name)}–{said(ends[at][1], name)}" for at in block], dtype=object)


def said(time: int, name: str) -> str:
    """A time as people write it: 2026-02, 2026-02-27, or the order's number."""
    if name == "month":
        return f"{time // 12:04d}-{time % 12 + 1:02d}"
    return str(np.datetime64(int(time), "D")) if name == "day" else str(time)


def by_segment(examples: Examples, tried: Tried) -> list[Part]:
    """Segments with at least 50 rows of each class, worst AUC first."""
    rows, score = tried.once()
    label, found = examples.label[rows], []
    for name, values in examples.segments.items():
        own = np.asarray(["" if value is None else str(value) for value in values[rows]], dtype=object)
        for value in sorted(set(own)):
            inside = own == value
            if value and np.bincount(label[inside], minlength=2).min() >= LEAST_IN_SEGMENT:
                found.append(part(f"{name} = {value}", label[inside], score[inside]))
    return sorted(found, key=lambda each: each.auc.value if each.auc else 1.0)[:MOST_PARTS]


def importance(trees: Trees, rows: Matrix, inputs: Sequence[Input]) -> list[Importance]:
    """Share of the trees' gain and mean absolute contribution in log-odds; the 20 with the largest contribution."""
    some = rows[:: max(1, -(-len(rows) // SAMPLE))]
    moved = np.abs(trees.contributions(some)).mean(axis=0)
    gain = np.asarray(trees.booster.feature_importance("gain"), dtype=np.float64)
    gain = gain / (gain.sum() or 1.0)
    found = [
        Importance(feature=each.name, gain=float(gain[at]), contribution=float(moved[at]))
        for at, each in enumerate(inputs)
    ]
    return sorted(found, key=lambda each: (-each.contribution, each.feature))[:MOST_IMPORTANT]


def data(examples: Examples, known: Known) -> Data:
    """What was learnt from, with a hash that any changed feature or label changes."""
    digest = sha256(msgspec.json.encode(known.inputs))
    digest.update(np.ascontiguousarray(known.rows).tobytes())
    digest.update(examples.label.astype(np.int8).tobytes())
    time = examples.time
    return Data(
        rows=len(examples.label),
        positives=int(examples.label.sum()),
        customers=len(set(examples.customers.tolist())),
        first="" if time is None else said(int(time.min()), examples.time_name),
        last="" if time is None else said(int(time.max()), examples.time_name),
        duplicates=duplicates(known.rows),
        hash=digest.hexdigest(),
    )


def verdict(
    rule: str,
    contenders: Sequence[Contender],
    tried: Tried,
    label: Labels,
    check: TimeCheck | None,
    missing: Sequence[str] = (),
    strong: int = 0,
) -> str:
    """The report's first sentence.

    ``missing``: features of the model in force that it had to do without. ``strong``: how many features the leakage guard
    let pass after a second look.
    """
    by_name = {each.name: each for each in contenders}
    mine = by_name["candidate"]
    without = f" (without {', '.join(missing)})" if missing else ""
    against = [f"{by_name['in_force'].auc.value:.3f} in force{without}"] if "in_force" in by_name else []
    against.append(f"{by_name['logistic'].auc.value:.3f} of the logistic baseline")
    rows, score = tried.once()
    true = mine.calibration_error <= max(2 * calibration_noise(label[rows], score), WELL_CALIBRATED)
    calibration = "calibrated" if true else f"calibration off by {mine.calibration_error:.3f}"
    if rule == "calibration_worse":
        calibration = f"calibration worse (off by {mine.calibration_error:.3f})"
    head = "Promoted" if rule in ("first", "better") else "Not promoted"
    interval = f"{mine.auc.value:.3f} [{mine.auc.low:.3f}, {mine.auc.high:.3f}]"
    words = f"{head}: AUC {interval} against {' and '.join(against)}; {calibration}; no leak found"
    if strong:
        words += f", {strong} strong feature{'s' if strong > 1 else ''} to look at"
    if check is not None and check.cause != "none":
        words += f"; {check.auc_folds:.3f} in mixed folds falls to {check.auc_last.value:.3f} on the last fifth in time"
        words += f" (cause: {check.cause.replace('_', ' ')})"
    return words + "."


def rounded(report: ModelReport) -> ModelReport:
    """The report with every figure at six digits after the point: smaller, and nobody reads more."""
    return msgspec.convert(_rounded(msgspec.to_builtins(report)), ModelReport)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value

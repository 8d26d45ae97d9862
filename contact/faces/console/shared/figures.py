"""Figures as flat rows, shown as tables, given out as JSON and CSV; and those behind each chart of a model's report."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

from scoring.report import Interval, ModelReport, Part

Row = dict[str, str | int | float | None]


def contenders(report: ModelReport) -> list[Row]:
    """Who was compared on the same folds."""
    return [
        {"name": each.name, "model": each.model, **_interval("auc", each.auc), "log_loss": each.log_loss,
         "brier": each.brier, "calibration_error": each.calibration_error,
         **{f"fold_{number}": auc for number, auc in enumerate(each.folds, 1)}}
        for each in report.contenders
    ]  # fmt: skip


def by_time(report: ModelReport) -> list[Row]:
    """Performance on each stretch of time."""
    return _parts(report.by_time)


def segments(report: ModelReport) -> list[Row]:
    """Performance in each segment, worst first."""
    return _parts(report.segments)


def calibration(report: ModelReport) -> list[Row]:
    """What was predicted and what happened, by bins of neighbouring scores."""
    return [
        {"low": each.low, "high": each.high, "rows": each.rows, "predicted": each.predicted,
         **_interval("observed", each.observed)}
        for each in report.calibration
    ]  # fmt: skip


def lift(report: ModelReport) -> list[Row]:
    """What the best-scored shares hold."""
    return [{"share": each.share, "captured": each.captured, "lift": each.lift} for each in report.lift]


def importance(report: ModelReport) -> list[Row]:
    """The features that matter most."""
    return [
        {"feature": each.feature, "gain": each.gain, "contribution": each.contribution}
        for each in report.importance
    ]


def stability(report: ModelReport) -> list[Row]:
    """How far inputs have moved."""
    return [{"feature": each.feature, "psi": each.psi, "state": each.state} for each in report.stability]


TABLES: Mapping[str, Callable[[ModelReport], list[Row]]] = {
    "contenders": contenders, "by_time": by_time, "calibration": calibration, "lift": lift,
    "importance": importance, "stability": stability, "segments": segments,
}  # fmt: skip
"""Name in the address → the rows of that chart."""


def as_csv(rows: Sequence[Row]) -> str:
    """The rows with a heading; a text that a spreadsheet would take for a formula is marked as text."""
    file = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(file, names, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return file.getvalue()


def _harmless(value: str | float | None) -> str | float | None:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def _parts(parts: Sequence[Part]) -> list[Row]:
    return [
        {"name": each.name, "rows": each.rows, "positives": each.positives, **_interval("auc", each.auc),
         "mean_score": each.mean_score, "base_rate": each.base_rate}
        for each in parts
    ]  # fmt: skip


def _interval(name: str, interval: Interval | None) -> Row:
    if interval is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}

"""Where the dots and intervals of a model's report are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from contact.faces.console.shared.charts import (
    LEFT,
    RIGHT,
    Dot,
    Mark,
    Plot,
    Scale,
    joined,
    places,
    scale_of,
    thinned,
    ticks,
    vertical,
)  # fmt: skip
from contact.faces.console.shared.pages import Look
from scoring.report import Interval, ModelReport

Range = tuple[float, float, float]
"""Low end, value and high end in percent of a row's drawing."""


def overall(report: ModelReport) -> Interval | None:
    """AUC of this model on all rows."""
    return next((each.auc for each in report.contenders if each.name == "candidate"), None)


def ranges(
    intervals: Sequence[Interval | None], also: Interval | None = None
) -> tuple[list[Range | None], float | None]:
    """Intervals of rows on one scale, and where the value that all are compared with stands."""
    known = [each for each in (*intervals, also) if each is not None]
    scale = scale_of([end for each in known for end in (each.low, each.high)], 3, 97, ceiling=1)
    drawn = [_range(scale, each) if each is not None else None for each in intervals]
    return drawn, scale.at(also.value) if also is not None else None


def by_time(look: Look, report: ModelReport) -> Plot | None:
    """AUC with its interval for each stretch of time, in order."""
    formats = look.formats
    known = [(each, each.auc) for each in report.by_time if each.auc is not None]
    if len(known) < 2:
        return None
    up = vertical([end for _, auc in known for end in (auc.low, auc.high)], ceiling=1)
    across = places(len(known))
    dots = [
        Dot(x, up.at(auc.value), up.at(auc.low), up.at(auc.high),
            said=f"{formats.month(part.name)}: {formats.decimal(auc.value)} {formats.between(auc.low, auc.high)}")
        for x, (part, auc) in zip(across, known, strict=True)
    ]  # fmt: skip
    labels = thinned(
        [Mark(x, *formats.month_of_year(part.name)) for x, (part, _) in zip(across, known, strict=True)]
    )
    return Plot(dots, ticks(up, lambda value: formats.decimal(value, 2)), labels, joined(dots))


def calibration(look: Look, report: ModelReport) -> Plot | None:
    """For each group of neighbouring scores: a dash for what was predicted, a dot with its interval for what happened."""
    formats, bins = look.formats, report.calibration
    if not bins:
        return None
    up = vertical([end for each in bins for end in (each.observed.high, each.predicted)], floor=0, ceiling=1)
    across = places(len(bins))
    dots = [
        Dot(x, up.at(each.observed.value), up.at(each.observed.low), up.at(each.observed.high), up.at(each.predicted),
            f"{formats.percent(each.predicted)} → {formats.percent(each.observed.value)} (n = {formats.number(each.rows)})")
        for x, each in zip(across, bins, strict=True)
    ]  # fmt: skip
    labels = [Mark(x, formats.number(number)) for number, x in enumerate(across, 1)]
    return Plot(dots, ticks(up, formats.percent), labels)


def group_sizes(look: Look, report: ModelReport) -> str:
    """How many rows a group of the calibration holds: one figure, or from and to."""
    sizes = [each.rows for each in report.calibration]
    if not sizes:
        return ""
    low, high = (look.formats.number(each) for each in (min(sizes), max(sizes)))
    return low if low == high else f"{low}–{high}"


def lift(look: Look, report: ModelReport) -> Plot | None:
    """How many of the cases the best-scored shares hold, against what chance would give."""
    formats = look.formats
    if not report.lift:
        return None
    up, across = vertical([1.0], floor=0, ceiling=1), scale_of([1.0], LEFT, RIGHT, floor=0, ceiling=1)
    dots = [
        Dot(across.at(each.share), up.at(each.captured),
            said=f"{formats.percent(each.share)}: {formats.percent(each.captured)} (×{formats.decimal(each.lift, 1)})")
        for each in sorted(report.lift, key=lambda each: each.share)
    ]  # fmt: skip
    start = Dot(across.at(0), up.at(0))
    return Plot(
        dots,
        ticks(up, formats.percent),
        ticks(across, formats.percent),
        joined([start, *dots]),
        (across.at(0), up.at(0), across.at(1), up.at(1)),
    )


def _range(scale: Scale, interval: Interval) -> Range:
    return scale.at(interval.low), scale.at(interval.value), scale.at(interval.high)

"""What stands on the report page of a model: the verdict in words, findings, and where everything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from contact.domain.model_answers import ModelAnswer
from contact.faces.console.models import charts, findings
from contact.faces.console.shared.pages import Look
from scoring.report import ModelReport

PSI_SHIFTING, PSI_MOVED = 0.1, 0.25
MOST_PSI = 1.0
"""A longer bar says no more, and would press the thresholds together."""


@dataclass(frozen=True)
class Place:
    """A model among its neighbours in the list; ``several`` of its kind were in force at some time."""

    newer: str | None = None
    older: str | None = None
    several: bool = False


def place_of(model: ModelAnswer, listed: Sequence[ModelAnswer]) -> Place:
    """Neighbours by the order of the list."""
    ids = [each.id for each in listed]
    at = ids.index(model.id) if model.id in ids else -1
    return Place(
        ids[at - 1] if at > 0 else None,
        ids[at + 1] if 0 <= at < len(ids) - 1 else None,
        any(
            each.model == model.model and each.id != model.id and each.promoted is not None for each in listed
        ),
    )


def report_view(
    look: Look, model: ModelAnswer, place: Place, *, may_decide: bool, said: str = "",
    problems: Sequence[tuple[str, str]] = (), why: str = "",
) -> dict[str, Any]:  # fmt: skip
    """What the report's template needs beside the answer."""
    report = msgspec.convert(model.report, ModelReport)
    weights = [each.contribution for each in report.importance]
    most_moved = min(MOST_PSI, max([2 * PSI_MOVED, *(each.psi for each in report.stability)]))
    return {
        "model": model,
        "report": report,
        "place": place,
        "head": findings.head(look, report),
        "verdict": findings.verdict(look, report),
        "finding": findings.of_charts(look, report),
        "fall": findings.fall_finding(look, report.time_check) if report.time_check else "",
        "contenders": charts.ranges([each.auc for each in report.contenders]),
        "segments": charts.ranges([each.auc for each in report.segments], also=charts.overall(report)),
        "by_time": charts.by_time(look, report),
        "calibration": charts.calibration(look, report),
        "group_sizes": charts.group_sizes(look, report),
        "lift": charts.lift(look, report),
        "leaks": [(each.feature, findings.said_of_feature(look, each)) for each in report.leaks],
        "heaviest": max(weights, default=0) or 1,
        "most_moved": most_moved,
        "thresholds": [PSI_SHIFTING / most_moved, PSI_MOVED / most_moved],
        "may_decide": may_decide,
        "decision": decision(model, place),
        "said": said,
        "problems": problems,
        "why": why,
    }


def decision(model: ModelAnswer, place: Place) -> str:
    """What may be done with this model now: ``promote``, ``roll_back`` or nothing."""
    if model.state != "in_force":
        return "promote"
    return "roll_back" if place.several else ""

"""A model's report in sentences: the verdict, and for each chart the one thing it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contact.faces.console.shared.pages import Look
from scoring.report import Bin, Contender, Lift, ModelReport, Refused, TimeCheck

_ALONE = re.compile(r"AUC (0\.\d+|1\.0+)")
SHARE_SHOWN = 0.1
"""The share of best-scored rows that the sentence about lift is about, or the nearest there is."""


def head(look: Look, report: ModelReport) -> str:
    """The verdict in a word."""
    say = look.formats.words.gettext
    return say("Promoted") if report.promoted else say("Not promoted")


def verdict(look: Look, report: ModelReport) -> str:
    """The verdict's figures: AUC with interval against the others, calibration, leaks."""
    words, formats = look.formats.words, look.formats
    this, others = _contenders(report)
    rest = []
    if this is not None:
        auc = this.auc
        figures = f"AUC {formats.decimal(auc.value)} {formats.between(auc.low, auc.high)}"
        rest.append(_against(look, figures, {each.name: each.auc.value for each in others}))
    if this is not None:
        error = words.gettext("calibration error %(error)s")
        rest.append(error % {"error": formats.percent(this.calibration_error)})
    looked_at = [each for each in report.leaks if not is_constant(each)]
    if looked_at:
        text = words.ngettext(
            "no leak found, %(count)s feature looked at", "no leak found, %(count)s features looked at", len(looked_at)
        )  # fmt: skip
        rest.append(text % {"count": formats.number(len(looked_at))})
    else:
        rest.append(words.gettext("no leak found"))
    check = report.time_check
    if check is not None and check.cause != "none":
        rest.append(
            words.gettext("falls to %(auc)s in time") % {"auc": formats.decimal(check.auc_last.value)}
        )
    return words.gettext("; ").join(rest)


def fall_finding(look: Look, check: TimeCheck) -> str:
    """Whether AUC fell on the last rows, and why if it did; a lower one within its interval is told as chance."""
    words = look.formats.words
    fall = check.auc_folds - check.auc_last.value
    if check.cause != "none" or round(fall, 3) <= 0:
        return look.named("causes", check.cause)
    text = (
        words.gettext("The fall of %(fall)s is within chance.")
        if check.auc_last.high >= check.auc_folds
        else words.gettext("The fall of %(fall)s is too small to count.")
    )
    return text % {"fall": look.formats.decimal(fall)}


def is_constant(found: Refused) -> bool:
    """Whether the guard only met a feature without any variation, which is no suspicion."""
    return found.why.startswith("constant")


def said_of_feature(look: Look, found: Refused) -> str:
    """What the leakage guard said of a feature, in the reader's language where its words are known."""
    words = look.formats.words
    if is_constant(found):
        return words.gettext("It has one value in every row; nothing was learnt from it.")
    figure = _ALONE.search(found.why)
    if figure is None:
        return found.why
    text = words.gettext("Alone it tells the label with AUC %(auc)s; it was looked at and kept.")
    return text % {"auc": look.formats.decimal(float(figure[1]))}


def of_charts(look: Look, report: ModelReport) -> dict[str, str]:
    """Chart → its finding; a chart without data says what is missing."""
    return {
        "contenders": _contenders_finding(look, report),
        "by_time": _time_finding(look, report),
        "calibration": _calibration_finding(look, report.calibration),
        "lift": _lift_finding(look, report.lift),
        "importance": _importance_finding(look, report),
        "stability": _stability_finding(look, report),
        "segments": _segments_finding(look, report),
    }


def _against(look: Look, figures: str, others: Mapping[str, float]) -> str:
    words, formats = look.formats.words, look.formats
    if {"in_force", "logistic"} <= others.keys():
        text = words.gettext(
            "%(figures)s against %(in_force)s in force and %(logistic)s of the logistic baseline"
        )
    elif "logistic" in others:
        text = words.gettext("%(figures)s against %(logistic)s of the logistic baseline")
    elif "in_force" in others:
        text = words.gettext("%(figures)s against %(in_force)s in force")
    else:
        return figures
    return text % {"figures": figures, **{name: formats.decimal(auc) for name, auc in others.items()}}


def _contenders(report: ModelReport) -> tuple[Contender | None, list[Contender]]:
    this = next((each for each in report.contenders if each.name == "candidate"), None)
    return this, [each for each in report.contenders if each.name != "candidate"]


def _contenders_finding(look: Look, report: ModelReport) -> str:
    words, formats = look.formats.words, look.formats
    this, others = _contenders(report)
    if this is None or not others:
        return words.gettext("Nothing to compare with.")
    best = max(others, key=lambda each: each.auc.value)
    difference = this.auc.value - best.auc.value
    apart = this.auc.low > best.auc.high or best.auc.low > this.auc.high
    text = (
        words.gettext("%(difference)s AUC against the best of the others (%(other)s); the intervals do not overlap.")
        if apart
        else words.gettext("%(difference)s AUC against the best of the others (%(other)s); the intervals overlap.")
    )  # fmt: skip
    sign = "+" if difference > 0 else ""
    return text % {
        "difference": sign + formats.decimal(difference), "other": look.named("contenders", best.name)
    }  # fmt: skip


def _time_finding(look: Look, report: ModelReport) -> str:
    words, formats = look.formats.words, look.formats
    known = [(each.name, each.auc) for each in report.by_time if each.auc is not None]
    if not report.by_time:
        return words.gettext("The rows have no time, so nothing can be said about it.")
    if not known:
        return words.gettext("No stretch of time has enough rows to be tried.")
    if len(known) == 1:
        return words.gettext("Only one stretch of time could be tried (%(stretch)s).") % {
            "stretch": formats.month(known[0][0])
        }
    worst, best = min(known, key=lambda each: each[1].value), max(known, key=lambda each: each[1].value)
    text = (
        words.gettext("AUC from %(low)s (%(worst)s) to %(high)s (%(best)s); the last stretch is the weakest.")
        if worst is known[-1] and worst[1].high < best[1].value
        else words.gettext("AUC from %(low)s (%(worst)s) to %(high)s (%(best)s).")
    )
    return text % {
        "low": formats.decimal(worst[1].value), "worst": formats.month(worst[0]),
        "high": formats.decimal(best[1].value), "best": formats.month(best[0]),
    }  # fmt: skip


def _calibration_finding(look: Look, bins: list[Bin]) -> str:
    words, formats = look.formats.words, look.formats
    if not bins:
        return words.gettext("Too few rows to compare predicted with observed shares.")
    missed = [each for each in bins if not each.observed.low <= each.predicted <= each.observed.high]
    if not missed:
        text = words.gettext(
            "In all %(bins)s groups the predicted share lies within the interval of the observed one."
        )
        return text % {"bins": formats.number(len(bins))}
    worst = max(missed, key=lambda each: abs(each.predicted - each.observed.value))
    text = words.gettext(
        "In %(missed)s of %(bins)s groups the predicted share lies outside; furthest: %(predicted)s, observed %(observed)s."
    )
    return text % {
        "missed": formats.number(len(missed)), "bins": formats.number(len(bins)),
        "predicted": formats.rate(worst.predicted), "observed": formats.rate(worst.observed.value),
    }  # fmt: skip


def _lift_finding(look: Look, lift: list[Lift]) -> str:
    words, formats = look.formats.words, look.formats
    if not lift:
        return words.gettext("Too few rows to say what the best-scored hold.")
    shown = min(lift, key=lambda each: abs(each.share - SHARE_SHOWN))
    text = words.gettext(
        "The best-scored %(share)s hold %(captured)s of all cases, %(lift)s times as many as by chance."
    )
    return text % {
        "share": formats.percent(shown.share), "captured": formats.percent(shown.captured),
        "lift": formats.decimal(shown.lift, 1),
    }  # fmt: skip


def _importance_finding(look: Look, report: ModelReport) -> str:
    words, formats = look.formats.words, look.formats
    first = report.importance[:3]
    if not first:
        return words.gettext("No feature contributes.")
    text = words.gettext("%(features)s move the score most; together they bring %(share)s of the gain.")
    return text % {
        "share": formats.percent(sum(each.gain for each in first)),
        "features": words.gettext(", ").join(look.field(each.feature) for each in first),
    }


def _stability_finding(look: Look, report: ModelReport) -> str:
    words = look.formats.words
    if not report.stability:
        return words.gettext("There are no earlier rows to compare with.")
    moved = words.gettext(", ").join(
        look.field(each.feature) for each in report.stability if each.state == "moved"
    )
    if report.by_time and moved:
        text = words.gettext("Moved between the earlier and the later rows: %(features)s.")
    elif report.by_time:
        text = words.gettext("No input has moved between the earlier and the later rows.")
    elif moved:
        text = words.gettext("Moved since the model in force was trained: %(features)s.")
    else:
        text = words.gettext("No input has moved since the model in force was trained.")
    return text % {"features": moved}


def _segments_finding(look: Look, report: ModelReport) -> str:
    words, formats = look.formats.words, look.formats
    worst = next((each for each in report.segments if each.auc is not None), None)
    if worst is None or worst.auc is None:
        return words.gettext("No segment has enough rows of both classes to be judged.")
    text = words.gettext("Weakest in %(segment)s: AUC %(auc)s among %(rows)s rows.")
    return text % {
        "segment": look.segment(worst.name), "auc": formats.decimal(worst.auc.value), "rows": formats.number(worst.rows)
    }  # fmt: skip

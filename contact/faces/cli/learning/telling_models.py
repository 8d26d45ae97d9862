"""Trainings, models and scores in words and tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import typer

from contact.domain.model_answers import (
    LearnAnswer,
    ModelAnswer,
    ModelsAnswer,
    ScoredAnswer,
    ScoresAnswer,
    TrainAnswer,
    WarningsAnswer,
)
from contact.faces.cli.terminal.complaints import line_of
from contact.faces.cli.terminal.printing import moment, money, table
from scoring.report import Interval, ModelReport, Part
from strategies.declared.playbook import Operator

SHOWN_FEATURES = 10
NAMES = {"candidate": "candidate", "in_force": "in force", "logistic": "logistic regression"}


def training(answer: TrainAnswer) -> None:
    """The verdict, then everything it rests on."""
    typer.echo(f"{answer.id}: {answer.verdict}")
    report(msgspec.convert(answer.report, ModelReport))
    if not answer.promoted:
        typer.echo(f"\nnot in force; to overrule this: contact models promote {answer.id} --why REASON")


def report(found: ModelReport) -> None:
    """Contenders, time, segments, leaks, what counts, data: in this order."""
    typer.echo()
    table(
        ("compared", "AUC", "95 % interval", "log loss", "Brier", "calibration error"),
        [
            (
                NAMES.get(each.name, each.name) + (f" {each.model}" if each.model else ""),
                f"{each.auc.value:.4f}",
                _interval(each.auc),
                f"{each.log_loss:.4f}",
                f"{each.brier:.4f}",
                f"{each.calibration_error:.4f}",
            )
            for each in found.contenders
        ],
    )
    folds = max((len(each.folds) for each in found.contenders), default=0)
    seeds = ", ".join(map(str, found.seeds))
    trials = "1 trial" if folds == 1 else f"mean of {folds} trials"
    typer.echo(f"{trials}: {found.validation.replace('_', ' ')}, seeds {seeds}")
    typer.echo(f"settings: {_settings(found)}")
    _parts("by time", found.by_time, "time is not known: rows have neither month nor order")
    if found.time_check is not None:
        typer.echo(f"last fifth in time: {found.time_check.words}")
    _parts("segment, worst first", found.segments, "no segment has 50 rows of each class")
    typer.echo()
    table(("refused", "why"), [(each.feature, each.why) for each in found.leaks], none="no leak found")
    _inputs(found)
    _data(found)


def _settings(found: ModelReport) -> str:
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in found.settings.items()
    )


def _interval(auc: Interval) -> str:
    return f"{auc.low:.4f} to {auc.high:.4f}"


def _parts(name: str, parts: Sequence[Part], none: str) -> None:
    typer.echo()
    rows = [
        (
            part.name, part.rows, part.positives, f"{part.base_rate:.1%}", f"{part.mean_score:.1%}",
            "-" if part.auc is None else f"{part.auc.value:.4f}", "-" if part.auc is None else _interval(part.auc),
        )
        for part in parts
    ]  # fmt: skip
    table((name, "rows", "positive", "observed", "predicted", "AUC", "95 % interval"), rows, none=none)


def _inputs(found: ModelReport) -> None:
    moved = {each.feature: f"{each.psi:.3f} {each.state}" for each in found.stability}
    typer.echo()
    table(
        ("feature", "gain", "contribution", "drift (PSI)"),
        [
            (each.feature, f"{each.gain:.1%}", f"{each.contribution:.3f}", moved.get(each.feature, "-"))
            for each in found.importance[:SHOWN_FEATURES]
        ],
        none="no feature counts",
    )
    rest = len(found.importance) - SHOWN_FEATURES
    if rest > 0:
        typer.echo(f"({rest} more, calibration and lift: --json, or the console's page)")


def _data(found: ModelReport) -> None:
    data = found.data
    when = f", from {data.first} to {data.last}" if data.first else ""
    taken = f", in {found.seconds:.0f} s" if found.seconds else ""
    typer.echo(
        f"\nlearnt from {data.rows} rows of {data.customers} customers, {data.positives} positive{when},"
        f" {data.duplicates} duplicates, data {data.hash[:12]}{taken}"
    )


def learning(answer: LearnAnswer) -> None:
    """What came back, then each training."""
    typer.echo(
        f"{answer.outcomes} outcomes, {answer.control} of them held back for control, {answer.accepted} accepted"
    )
    if not answer.trained:
        typer.echo("nothing was trained: no declared model learns from outcomes, or too few came back")
    for each in answer.trained:
        typer.echo(f"{each.id}: {each.verdict}")
    for problem in answer.problems:
        typer.echo(f"not trained: {line_of(problem)}")


def scored(answer: ScoredAnswer) -> None:
    """How many customers have which scores now."""
    typer.echo(
        f"{answer.customers} customers scored, generation {answer.generation}, in {answer.seconds:.1f} s"
    )
    table(
        ("model", "in force"),
        sorted(answer.models.items()),
        none="no model is in force: run `contact train --all`",
    )
    if answer.columns:
        typer.echo(f"columns: {', '.join(answer.columns)}")
    if answer.missing:
        typer.echo(f"not in force yet: {', '.join(answer.missing)} (contact train {answer.missing[0]})")


def scores(answer: ScoresAnswer, operator: Operator) -> None:
    """One customer: the risk with its reasons, then what asking is worth."""
    clock = " (simulated time)" if answer.simulated_time else ""
    typer.echo(f"{answer.customer} at {moment(answer.at)}{clock}")
    if not answer.models:
        typer.echo("no model is in force: run `contact train --all`")
    if answer.churn is not None:
        typer.echo(f"risk of leaving {answer.churn.risk:.1%} ({answer.churn.model})")
        table(
            ("because of", "value", "weight"),
            [(reason.title, reason.value, f"{reason.weight:+.2f}") for reason in answer.churn.reasons],
            none="no reason stands out",
        )
    rest = {name: value for name, value in answer.scores.items() if not _is_risk(answer, value)}
    if rest:
        table(("score", "value"), [(name, f"{value:.4f}") for name, value in sorted(rest.items())])
    if answer.chances:
        typer.echo()
        table(
            ("offer", "channel", "chance", "best hour", "worth", "cost", "expected"),
            [
                (
                    each.offer, each.channel, f"{each.propensity:.1%}", "-" if each.best_hour is None else each.best_hour,
                    money(each.value_minor, operator), money(each.cost_minor, operator),
                    money(each.expected_minor, operator),
                )
                for each in answer.chances
            ],
        )  # fmt: skip


def _is_risk(answer: ScoresAnswer, value: float) -> bool:
    return answer.churn is not None and value == answer.churn.risk


def models(answer: ModelsAnswer) -> None:
    """Newest first, then what nobody trained yet."""
    rows = [
        (
            each.id, each.state.replace("_", " "), each.learns, f"{each.auc:.4f}", each.rows, moment(each.created),
            each.author, each.why or each.verdict,
        )
        for each in answer.models
    ]  # fmt: skip
    table(
        ("model", "state", "learns", "AUC", "rows", "trained", "by", "why"),
        rows,
        none="no model was trained yet",
    )
    if answer.untrained:
        typer.echo(
            f"declared and not trained: {', '.join(answer.untrained)} (contact train {answer.untrained[0]})"
        )


def model(answer: ModelAnswer) -> None:
    """One model and its report."""
    since = f" since {moment(answer.promoted)}" if answer.promoted else ""
    typer.echo(
        f"{answer.id} ({answer.title}): {answer.state.replace('_', ' ')}{since}, sha256 {answer.hash[:12]}"
    )
    if answer.why:
        typer.echo(f"{answer.author}: {answer.why}")
    if not answer.why.startswith(answer.verdict):
        typer.echo(answer.verdict)
    if answer.report is not None:
        report(msgspec.convert(answer.report, ModelReport))


def warnings(answer: WarningsAnswer) -> None:
    """Who is about to leave, why, and whether they may be called."""
    typer.echo(f"{answer.total} customers with a risk of at least {answer.above:g}, at {moment(answer.at)}")
    table(
        ("customer", "risk", "because of", "tier", "unit", "manager", "may be called"),
        list(warning_rows(answer)),
    )
    if answer.total > len(answer.rows):
        typer.echo(f"({answer.total - len(answer.rows)} more: --limit)")


def warning_rows(answer: WarningsAnswer) -> Iterable[tuple[object, ...]]:
    """Cells of the warning list, for tables and workbooks."""
    for row in answer.rows:
        when = "now" if row.allowed else moment(row.until) if row.until else "no"
        yield (
            row.customer, f"{row.risk:.3f}", ", ".join(row.reasons), row.value_tier or "-", row.unit or "-",
            row.manager or "-", when,
        )  # fmt: skip

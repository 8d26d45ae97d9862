"""Plans, explanations and evaluations in words and tables for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typer

from contact.domain.answers import (
    EffectAnswer,
    EvaluationAnswer,
    ExplainedCandidate,
    ExplanationAnswer,
    GateAnswer,
    ReplayAnswer,
)
from contact.domain.model_answers import TrialAnswer, TrialArmAnswer
from contact.faces.cli.terminal.printing import moment, points, table

NOWHERE = "(not on file)"
"""Customers without a unit, in a table by branch or grid."""


def plan(result: Mapping[str, Any], *, as_json: bool) -> None:
    """What a plan did."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    typer.echo(f"{result['day']}: {result['customers']} customers, {result['candidates']} candidates")
    typer.echo(
        f"reserved {result['reserved']}, control {result['control']}, without capacity {result['no_capacity']},"
        f" earlier tasks cancelled {result['cancelled']}"
    )
    table(("channel", "tasks"), sorted(result["by_channel"].items()), none="no channel got a task")
    if result["refusals"]:
        typer.echo()
        table(("refused by", "candidates"), _most_first(result["refusals"]))


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def explanation(answer: ExplanationAnswer) -> None:
    """Each candidate with its gates, as far as it came."""
    clock = " (simulated time)" if answer.simulated_time else ""
    typer.echo(f"{answer.customer} at {moment(answer.at)}{clock}, playbook {answer.playbook[:12]}")
    if answer.of_today:
        typer.echo(
            f"as they are today: {', '.join(answer.of_today)}; as of that instant: contacts, consents, events"
        )
    if answer.replay is not None:
        _replay(answer.replay)
        if answer.replay.state == "gone":
            return
    if not answer.candidates:
        typer.echo("no strategy proposes anything to this customer")
    for candidate in answer.candidates:
        typer.echo()
        typer.echo(_headline(candidate))
        for gate in candidate.gates:
            _gate(gate)


def _replay(found: ReplayAnswer) -> None:
    """Whether the decision comes out again, and where not."""
    words = {"equal": "comes out again, equal to the byte", "different": "comes out differently"}
    said = words.get(found.state, "cannot be taken again")
    typer.echo(f"decision {found.decision} of generation {found.generation} {said}")
    for each in found.differences:
        typer.echo(f"  {each}")


def _headline(candidate: ExplainedCandidate) -> str:
    line = f" for line {candidate.line}" if candidate.line else ""
    what = f"{candidate.strategy} / {candidate.offer} / {candidate.channel}{line}"
    if candidate.allowed:
        return f"{what}: may be contacted now"
    when = f"possible from {moment(candidate.until)}" if candidate.until else "waiting does not help"
    return f"{what}: not now, {when}"


def _gate(gate: GateAnswer) -> None:
    mark = {True: "pass", False: "FAIL", None: "  - "}[gate.passed]
    place = f"  [{gate.place}]" if gate.place else ""
    until = f"  clears {moment(gate.until)}" if gate.until else ""
    detail = f"  {gate.detail}" if gate.detail else ""
    typer.echo(f"  {mark}  {gate.gate}{place}{detail}{until}")
    for leaf in gate.compared:
        outcome = {True: "true", False: "false"}.get(leaf["outcome"], "unknown")
        typer.echo(f"          {leaf['text']}: {leaf['field']} = {leaf['shown']} -> {outcome}")


def evaluation(answer: EvaluationAnswer) -> None:
    """Effect first, then where the funnel leaks, then who and where."""
    clock = " (simulated time)" if answer.simulated_time else ""
    typer.echo(f"{answer.strategy} at {moment(answer.at)}{clock}")
    rows = [
        _effect("all", answer.effect),
        *(_effect(name, each) for name, each in sorted(answer.by_offer_channel.items())),
    ]
    table(("offer/channel", "treated", "goals", "control", "goals", "effect, points", "95 % interval"), rows)
    if answer.sample_ratio_p is not None and answer.sample_ratio_p < 0.001:
        typer.echo(
            f"WARNING: the arms are too unequal to be an honest draw (p = {answer.sample_ratio_p:.2g})"
        )
    typer.echo()
    table(
        ("stage", "count", "lost", "why"),
        [[step.get(key, "") for key in ("stage", "count", "lost", "why")] for step in answer.funnel],
    )
    typer.echo()
    table(
        ("refused by", "count"),
        _most_first(answer.refusals),
        none="nothing was refused",
    )
    for name, breakdown in answer.breakdown.items():
        typer.echo()
        cells = [
            (
                row.title or row.key or NOWHERE,
                row.planned,
                row.contacted,
                row.reached,
                row.accepted,
                row.goals,
            )
            for row in breakdown[:20]
        ]
        table(
            (name, "planned", "contacted", "reached", "accepted", "goals"), cells, none=f"{name}: nothing yet"
        )
        if len(breakdown) > len(cells):
            typer.echo(f"({len(breakdown) - len(cells)} more in --json and --xlsx)")


def _effect(name: str, effect: EffectAnswer) -> tuple[object, ...]:
    interval = "-" if effect.low is None else f"{points(effect.low)} to {points(effect.high)}"
    return (
        name, effect.treated, effect.treated_goals, effect.control, effect.control_goals, points(effect.effect), interval,
    )  # fmt: skip


def trial(answer: TrialAnswer) -> None:
    """Each arm of a trial file against the control arm: shares to five digits, figures as they are."""
    typer.echo(f"{answer.goal} by {answer.arm}, against {answer.control!r}: {answer.rows} rows")
    shares = [(each.arm, each.effect) for each in answer.arms if each.effect is not None]
    if shares:
        rows = [
            (
                name, effect.treated, effect.treated_goals, effect.control, effect.control_goals,
                _signed(effect.effect), "-" if effect.low is None else f"{_signed(effect.low)} to {_signed(effect.high)}",
            )
            for name, effect in shares
        ]  # fmt: skip
        table(("arm", "rows", "goals", "control", "goals", "effect", "95 % interval"), rows)
    means = [each for each in answer.arms if each.effect is None]
    if means:
        head = ("arm", "rows", "mean", "control", "control mean", "effect", "95 % interval")
        table(head, [_mean(each, answer.control_rows) for each in means])
    if not answer.arms:
        typer.echo("there is no other arm to compare")


def _signed(share: float | None) -> str:
    return "-" if share is None else f"{share:+.6f}"


def _mean(arm: TrialArmAnswer, control_rows: int) -> tuple[object, ...]:
    if arm.mean is None:
        return arm.arm, arm.rows, "-", control_rows, "-", "too few rows", "-"
    found = arm.mean
    return (
        arm.arm, arm.rows, f"{found.mean:.4f}", control_rows, f"{found.control_mean:.4f}", f"{found.effect:+.4f}",
        f"{found.low:+.4f} to {found.high:+.4f}",
    )  # fmt: skip

"""Why a caller hears this order, on a terminal."""

from __future__ import annotations

import typer

from contact.domain.menu_learning_answers import GoalLikelyAnswer, HeardLevelAnswer, MenuExplanationAnswer
from contact.faces.cli.terminal import printing

SHOWN = 8
"""Goals that are told; the rest is summed up."""
_ARMS = {
    "personal": "hears a menu of their own",
    "static": "hears everybody's menu: held back to compare with",
    "unknown": "hears everybody's menu",
}


def explanation(found: MenuExplanationAnswer) -> None:
    """What the caller likely wants, the levels, and what they cost."""
    learnt = f"learnt from {found.learnt_from} calls" if found.learnt_from else "as declared"
    typer.echo(
        f"{found.customer} {_ARMS[found.arm]} ({found.menu}, {found.language}, {printing.moment(found.at)})"
    )
    typer.echo(f"Likely goals, weights {learnt}:")
    shown = [each for each in found.goals if each.probability > 0][:SHOWN]
    printing.table(("goal", "likely", "seconds", "everybody's", "because"), [_goal(each) for each in shown])
    rest = sum(each.probability for each in found.goals) - sum(each.probability for each in shown)
    if rest > 0.0005:
        typer.echo(f"other goals together {rest:.1%}")
    if found.ask is not None:
        typer.echo(f"Asked outright first: {found.ask}")
    for level in found.levels:
        _level(level)
    typer.echo(
        f"Expected seconds to the goal: {found.seconds:.1f}, in everybody's menu {found.static_seconds:.1f}; "
        f"no order that keeps the rules is below {found.bound:.1f}, none at all below {found.unfamiliar_seconds:.1f}"
    )


def _goal(each: GoalLikelyAnswer) -> tuple[str, ...]:
    because = ", ".join(
        f"share {factor.times:.1%}" if factor.name == "share" else f"{factor.name} × {factor.times:.3g}"
        for factor in each.factors
    )
    return (
        each.goal,
        f"{each.probability:.1%}",
        _seconds(each.seconds),
        _seconds(each.static_seconds),
        because,
    )


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"


def _level(level: HeardLevelAnswer) -> None:
    held = f" — held back: {level.held_back}" if level.held_back else ""
    heard = f" (last heard {printing.moment(level.heard_at)})" if level.heard_at is not None else ""
    typer.echo(f"{level.node}{heard}{held}")
    for each in level.entries:
        notes = ["lifted"] if each.lifted else []
        if level.heard_at is not None and each.before not in (None, each.to):
            notes.append(f"was {each.before}")
        if each.rests:
            notes.append("rests")
        told = f"  ({', '.join(notes)})" if notes else ""
        typer.echo(f"  {each.key}  {each.to}  {each.probability:.1%}{told}")

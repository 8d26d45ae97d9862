"""Tariff comparisons in words and tables for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from contact.domain.tariff_answers import LineTariffs, MatchAnswer, TariffOption, TariffsAnswer
from contact.faces.cli.terminal.printing import moment, money, table
from strategies.declared.playbook import Operator

if TYPE_CHECKING:
    from contact.faces.cli.learning.bills import Written

MOST = 12
"""Options of a line shown; --json has all."""


def comparison(answer: TariffsAnswer, operator: Operator) -> None:
    """Each line: the finding, the options, the bills before and after, what changes besides price."""
    clock = " (simulated time)" if answer.simulated_time else ""
    until = f"usage until {answer.data_until}" if answer.data_until else "no usage on file"
    typer.echo(f"{answer.customer} at {moment(answer.at)}{clock}: {until}, amounts in {answer.currency}")
    if not answer.lines:
        typer.echo("no line is on file for this customer")
    for line in answer.lines:
        typer.echo()
        _line(line, operator)
    typer.echo()
    for sentence in answer.how:
        typer.echo(sentence)


def _line(line: LineTariffs, operator: Operator) -> None:
    has = line.title + (f" with {', '.join(line.addons)}" if line.addons else "")
    end = f", contract until {line.contract_end}" if line.contract_end else ""
    typer.echo(f"line {line.line} has {has or 'no tariff on file'}{end}")
    typer.echo(line.sentence)
    if not line.options:
        return
    head = (
        "tariff",
        "verdict",
        "a month",
        "saving",
        "+/-",
        "dearest month",
        "dearer in",
        "penalty",
        "worth a year",
    )
    table(head, [_option(each, operator) for each in line.options[:MOST]])
    if len(line.options) > MOST:
        typer.echo(f"({len(line.options) - MOST} more in --json)")
    if line.best is not None:
        _before_after(line.best, operator)


def _option(each: TariffOption, operator: Operator) -> tuple[object, ...]:
    name = " + ".join([each.tariff, *each.addons])
    dearest = f"{money(each.dearest_before_minor, operator)} -> {money(each.dearest_after_minor, operator)}"
    return (
        name, each.verdict.replace("_", " "), money(each.mean_minor, operator), money(each.saving_minor, operator),
        money(each.spread_minor, operator), f"{each.dearest_month} {dearest}", f"{each.dearer_months} of {each.months}",
        money(each.penalty_minor, operator), money(each.worth_minor, operator),
    )  # fmt: skip


def _before_after(best: TariffOption, operator: Operator) -> None:
    typer.echo()
    head = ("month", "issued", "re-rated", f"with {best.tariff}", "issued less re-rated")
    rows = [
        (
            bill.month, money(bill.issued_minor, operator), money(bill.before_minor, operator),
            money(bill.after_minor, operator), money(bill.unexplained_minor, operator),
        )
        for bill in best.bills
    ]  # fmt: skip
    table(head, rows)
    typer.echo()
    parts = [
        (each.title, money(each.before_minor, operator), money(each.after_minor, operator))
        for each in best.components
    ]
    table(("a month, mean", "before", "after"), parts)
    for change in best.changes:
        typer.echo(f"changes: {change}")


def matched(answer: MatchAnswer, operator: Operator) -> None:
    """What the advice to everybody is."""
    months = f"{answer.months[0]} to {answer.months[-1]}" if answer.months else "no month on file"
    typer.echo(
        f"{answer.lines} lines under {answer.plans} plans (tariffs with their add-ons), {months}:"
        f" {answer.rated} bills in {answer.seconds:.1f} s, generation {answer.generation}"
    )
    table(
        ("verdict", "lines"),
        [(name.replace("_", " "), count) for name, count in _most_first(answer.by_verdict)],
    )
    if answer.best:
        typer.echo()
        table(("advised tariff", "lines"), _most_first(answer.best))
    typer.echo(
        f"saved by those who follow: {money(answer.saving_minor, operator)} {operator.currency} a month"
    )
    if answer.unexplained_minor is not None:
        typer.echo(
            f"issued and re-rated bills differ by {money(answer.unexplained_minor, operator)} on average"
        )


def _most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def written(found: Written, path: Path, operator: Operator) -> None:
    """How many bills are in the file, and how they compare by present tariff."""
    typer.echo(f"{found.bills} bills of {found.line_months} line-months in {path}")
    table(
        ("present tariff", "line-months", "mean bill", "another is cheaper in"),
        [
            (each.tariff, each.line_months, f"{each.mean:.4f}", f"{each.cheaper_elsewhere:.1%}")
            for each in found.tariffs
        ],
        none="no line has a tariff that is declared",
    )
    if found.unexplained_minor is not None:
        typer.echo(
            f"issued and re-rated bills differ by {money(found.unexplained_minor, operator)} on average"
        )

"""A simulation on a terminal: findings in sentences, then bars of load by hour and of refusals in pairs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Literal

from rich.console import Console
from rich.table import Table

from contact.domain.workbench_answers import PartAnswer, SimulationAnswer
from contact.faces.cli.terminal import printing
from strategies.counted import counted
from strategies.declared.playbook import Operator

_WIDTH = 8
_FULL, _EMPTY = "█", "·"
_MOST_RULES = 12
_MOST_PARTS = 8


def tell(answer: SimulationAnswer, operator: Operator) -> None:
    """All of it."""
    console = Console(highlight=False)
    console.print(
        f"{counted(answer.customers, 'customer')}, {counted(answer.days, 'day')} from {answer.first_day}, "
        f"{answer.old[:12]} beside {answer.new[:12]}, {answer.seconds:.1f} s",
        markup=False,
        soft_wrap=True,
    )
    for words in answer.words:
        console.print(f"  {words}", markup=False, soft_wrap=True)
    for table in (_load(answer), _refusals(answer), _parts(answer.parts, operator)):
        if table.row_count:
            console.print()
            console.print(table)


def _load(answer: SimulationAnswer) -> Table:
    """Share of the places that are taken, by channel and hour."""
    table = _table(
        "Load by hour, places taken in all days", "channel", "hour", "before", "", "after", "", "places"
    )
    for channel, hours in groupby(answer.load, key=lambda each: each.channel):
        for first, each in enumerate(hours):
            table.add_row(
                "" if first else channel, f"{each.hour:02}", str(each.before), _bar(each.before, each.capacity),
                str(each.after), _bar(each.after, each.capacity), str(each.capacity),
            )  # fmt: skip
    return table


def _refusals(answer: SimulationAnswer) -> Table:
    """How often each rule refused, in pairs; what changes most comes first."""
    shown = answer.refusals[:_MOST_RULES]
    most = max((max(each.before, each.after) for each in shown), default=0)
    table = _table("Refused, by rule", "rule", "before", "", "after", "", "no more", "anew")
    for each in shown:
        table.add_row(
            each.rule, str(each.before), _bar(each.before, most), str(each.after), _bar(each.after, most),
            str(answer.newly_allowed.get(each.rule, 0)), str(answer.newly_refused.get(each.rule, 0)),
        )  # fmt: skip
    return table


def _parts(parts: Iterable[PartAnswer], operator: Operator) -> Table:
    changed = sorted(parts, key=lambda each: (-abs(each.after - each.before), each.kind, each.name))
    title = f"Contacts and their value in {operator.currency}, where they change most"
    table = _table(title, "part", "before", "after", "value before", "value after")
    for each in changed[:_MOST_PARTS]:
        table.add_row(
            f"{each.kind} {each.name}", str(each.before), str(each.after),
            printing.money(each.value_before_minor, operator), printing.money(each.value_after_minor, operator),
        )  # fmt: skip
    return table


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, head in enumerate(heads):
        justify: Literal["left", "right"] = "left" if number == 0 or not head else "right"
        table.add_column(head, justify=justify, no_wrap=number > 0, overflow="fold")
    return table


def _bar(count: int, most: int) -> str:
    """A bar that is full where everything is taken."""
    filled = 0 if not most else min(_WIDTH, round(_WIDTH * count / most))
    return _FULL * filled + _EMPTY * (_WIDTH - filled)

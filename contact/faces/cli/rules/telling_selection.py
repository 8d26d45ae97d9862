"""Selections as a terminal shows them: the funnel as bars, clusters with their portraits."""

from __future__ import annotations

import typer

from contact.domain.selection_answers import ClustersAnswer, ListsAnswer, SegmentsAnswer, SelectionAnswer
from contact.faces.cli.terminal import printing
from strategies.counted import counted

WIDTH = 30
RULES = 4
"""Reasons shown below a step."""
_WORDS = {"do_not_disturb": "do not disturb"}


def funnel(answer: SelectionAnswer) -> None:
    """Who was found and who is left after each exclusion, with what took the most away."""
    rows = [
        ("all customers", _count(answer.total), "", _bar(answer.total, answer.total)),
        ("found", _count(answer.found), "", _bar(answer.found, answer.total)),
    ]
    for step in answer.exclusions:
        name = _WORDS.get(step.name, step.name)
        rows.append(
            (f"  − {name}", _count(step.left), f"−{_count(step.excluded)}", _bar(step.left, answer.total))
        )
        for rule, count in list(step.rules.items())[:RULES]:
            rows.append((f"      {rule}", "", f"({_count(count)})", ""))
    rows.append(("left", _count(answer.left), "", _bar(answer.left, answer.total)))
    printing.table((answer.condition, "customers", "excluded", ""), rows)
    if answer.sample:
        typer.echo(f"\nfor example {', '.join(answer.sample)}")
    typer.echo(f"\nbase {answer.age_seconds:.0f} s old, counted in {answer.seconds:.2f} s")


def segments(answer: SegmentsAnswer) -> None:
    """Each segment with its size now."""
    rows = [
        (each.segment, _count(each.found), _share(each.found, answer.total), each.title, each.condition)
        for each in answer.segments
    ]
    none = "no segments: write one with `contact segments save NAME --when …` and publish it"
    printing.table(("segment", "customers", "share", "title", "condition"), rows, none=none)


def lists(answer: ListsAnswer) -> None:
    """Each imported list."""
    rows = [
        (each.name, _count(each.customers), _count(each.set_aside), printing.moment(each.imported))
        for each in answer.lists
    ]
    printing.table(("list", "customers", "rows set aside", "imported"), rows, none="no lists yet")


def clusters(answer: ClustersAnswer) -> None:
    """Each cluster: how large, what sets it apart, and the rule that finds it."""
    clusters = counted(len(answer.clusters), "cluster")
    typer.echo(f"{clusters} of {counted(answer.customers, 'customer')} by {', '.join(answer.fields)}")
    for each in answer.clusters:
        typer.echo(
            f"\ncluster {each.number}: {_count(each.customers)} ({_share(each.customers, answer.customers)})"
        )
        rows = [
            (
                f"  {one['field']}",
                f"{one['mean']:.4g}",
                f"{one['mean_of_all']:.4g}",
                f"{one['deviations']:+.2f}",
            )
            for one in each.portrait
        ]
        printing.table(("  field", "mean here", "mean of all", "deviations"), rows)
        typer.echo(f"  rule: {each.rule}")
        typer.echo(
            f"  of those it finds {each.precision:.0%} belong here; it finds {each.recall:.0%} of the cluster"
        )


def _bar(count: int, total: int) -> str:
    return "█" * round(WIDTH * count / total) if total else ""


def _count(count: int) -> str:
    return f"{count:,}"


def _share(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else "-"

"""The summary at the end of a run: estimates and effects beside the truth, funnel, refusals, the gateway's verdict."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from demo.estimate_tables import tables_of
from demo.judging import GatewayVerdict, Judged, judge_effect
from demo.menu_learning import menu_words
from demo.stage import Stage, program
from demo.story import Record

_MOST_REFUSALS = 8
_EXPLAINED_LINES = 14


def effects_of(record: Record) -> list[Judged]:
    """Every evaluated strategy beside its planted truth."""
    treated: dict[str, set[str]] = {}
    for task in record.tasks:
        treated.setdefault(task["strategy"], set()).add(task["customer"])
    for strategy, evaluation in record.evaluations.items():
        counted, named = evaluation["effect"]["treated"], len(treated.get(strategy, ()))
        if counted != named:
            record.faults.append(
                f"evaluation: {strategy} has {counted} treated, but its tasks name {named} customers"
            )
    return [
        judge_effect(record.truth, evaluation, sorted(treated.get(strategy, ())), record.reached)
        for strategy, evaluation in record.evaluations.items()
    ]


def print_summary(console: Console, record: Record, judged: list[Judged], gateway: GatewayVerdict) -> None:
    """All tables, then what went wrong, if anything."""
    console.rule("summary")
    for each in tables_of(record.learnt):
        console.print(each, soft_wrap=isinstance(each, str), markup=False, highlight=False)
    for words in menu_words(record.menu, record.counts.get("callers", {})):
        console.print(words, soft_wrap=True, markup=False, highlight=False)
    console.print(_funnel(record))
    console.print(_refusals(record))
    console.print(_effects(judged))
    console.print(_doings(record))
    lines = record.explained.splitlines()
    console.print("[bold]contact explain[/] (first lines)")
    for line in lines[:_EXPLAINED_LINES]:
        console.print(f"  {line}", markup=False, highlight=False)
    console.print(
        f"gateway's log: {gateway.messages} messages, {gateway.stops} stops acknowledged, "
        f"{gateway.after_stop} messages after a stop, {gateway.over_daily_cap} over the daily cap, "
        f"{gateway.twice} sent twice",
        style="bold red" if gateway.broken else "green",
    )
    for fault in record.faults[:10]:
        console.print(f"fault: {fault}", style="red", markup=False)
    console.print(f"seconds: {sum(record.seconds.values()):.0f} in all")


def _funnel(record: Record) -> Table:
    table = Table(title="Funnel by strategy", title_justify="left")
    table.add_column("strategy")
    stages: list[str] = []
    for evaluation in record.evaluations.values():
        stages = [each["stage"] for each in evaluation["funnel"]]
    for stage in stages:
        table.add_column(stage.replace("_", " "), justify="right")
    for strategy, evaluation in record.evaluations.items():
        table.add_row(strategy, *(str(each["count"]) for each in evaluation["funnel"]))
    return table


def _refusals(record: Record) -> Table:
    table = Table(title="Refused, by rule", title_justify="left")
    table.add_column("rule")
    table.add_column("reason")
    table.add_column("candidates", justify="right")
    for each in record.overview["refusals"][:_MOST_REFUSALS]:
        table.add_row(each["rule"], each["reason"], str(each["count"]))
    return table


def _effects(judged: list[Judged]) -> Table:
    table = Table(title="Effect on orders, by assignment, in percentage points", title_justify="left")
    for head in ("strategy", "treated", "control", "effect", "95 % interval", "planted", "covered"):
        table.add_column(head, justify="left" if head == "strategy" else "right")
    for each in judged:
        interval = (
            "–" if each.low is None or each.high is None else f"{_points(each.low)} … {_points(each.high)}"
        )
        covered = {True: "[green]yes[/]", False: "[red]no[/]", None: "–"}[each.covered]
        table.add_row(
            each.strategy, str(each.treated), str(each.control), _points(each.effect), interval,
            _points(each.planted), covered,
        )  # fmt: skip
    return table


def _points(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:+.1f}"


def _doings(record: Record) -> Table:
    table = Table(title="What the parties did", title_justify="left")
    table.add_column("party")
    table.add_column("did")
    for party, counts in record.counts.items():
        table.add_row(party, ", ".join(f"{what} {count}" for what, count in sorted(counts.items())))
    return table


def print_what_to_open(console: Console, stage: Stage, links: Mapping[str, str]) -> None:
    """Where a person goes on from here; links by the page they lead to."""
    console.rule("open")
    home = f"CONTACT_HOME={stage.home / 'service'} CONTACT_PORT={stage.plot.port}"
    for page, link in links.items():
        console.print(f"console  {link}   ({page})", soft_wrap=True)
    console.print(
        f"         each good once, for 60 seconds; a new one: {home} {program()} console link", soft_wrap=True
    )
    console.print(f"API      {stage.url}/openapi.json", soft_wrap=True)
    console.print(f"keys     {stage.keys}/ROLE, for example:", soft_wrap=True)
    console.print(
        f'  curl -H "Authorization: Bearer $(cat {stage.keys}/analyst)" {stage.url}/v1/overview',
        soft_wrap=True,
        highlight=False,
    )

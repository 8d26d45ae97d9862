"""Commands along the path: ``plan`` and ``evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.domain.answers import EvaluationAnswer
from contact.faces.cli.contacts import telling
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint, of_job
from contact.faces.cli.terminal.joined import (
    any_customer,
    playbook_of,
    with_standing_house,
    with_standing_ports,
)
from contact.faces.cli.terminal.options import AsJson, Here
from contact.faults import NotFound
from contact.ports import Job, Ports

if TYPE_CHECKING:
    from contact.wiring import House


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(plan)
    app.command()(evaluate)


def plan(
    day: Annotated[str, typer.Option(help="A local day of the operator, 2026-03-02.")],
    here: Here = False,
    as_json: AsJson = False,
) -> None:
    """Reserve the most valuable lawful contacts of a day and queue their tasks.

    Planning a day again first cancels what nobody has touched of its earlier plan. A second plan of a day
    waits for the first.

    ```sh
    contact plan --day 2026-03-02
    ```
    """

    async def work(house: House) -> Job:
        from contact.faces.cli.terminal.following import follow
        from contact.flow.jobs.queue_job import queue_plan

        await playbook_of(house.ports)
        await any_customer(house.ports)
        return await follow(house, await queue_plan(house.ports, day), quiet=as_json, here=here)

    job = with_standing_house(work)
    if job.state == "failed":
        raise of_job("plan", job.problems)
    telling.plan(job.result or {}, as_json=as_json)


def evaluate(
    strategy: Annotated[str | None, typer.Argument(help="The strategy's id.")] = None,
    trial: Annotated[
        Path | None, typer.Option(help="Instead of a strategy: a .csv or .csv.gz file, one row a customer.")
    ] = None,
    arm: Annotated[str, typer.Option(help="Of the trial: the column that says who got what.")] = "",
    control: Annotated[
        str, typer.Option(help="Of the trial: the value of that column for those left alone.")
    ] = "",
    goal: Annotated[
        str, typer.Option(help="Of the trial: the column to compare, yes or no, or a figure.")
    ] = "",
    as_json: AsJson = False,
    xlsx: Annotated[Path | None, typer.Option(help="Of a strategy: also write a workbook here.")] = None,
) -> None:
    """Say what a strategy brought, held against its control group: effect with interval, funnel, refusals, breakdowns.

    With --trial the same statistics judge a trial of anybody's, arm by arm against one control arm.

    ```sh
    contact evaluate data-upgrade
    contact evaluate data-upgrade --xlsx data-upgrade.xlsx
    contact evaluate --trial mails.csv.gz --arm segment --control "No E-Mail" --goal visit
    ```
    """
    if trial is not None:
        _evaluate_trial(strategy, trial, arm, control, goal, as_json=as_json, xlsx=xlsx)
        return
    if arm or control or goal:
        raise Complaint(
            "--arm, --control and --goal say how to read a trial: name its file with --trial FILE"
        )
    if strategy is None:
        raise Complaint(
            "say what: `contact evaluate STRATEGY`, or `contact evaluate --trial FILE --arm … --control … --goal …`"
        )
    _evaluate_strategy(strategy, as_json=as_json, xlsx=xlsx)


def _evaluate_trial(
    strategy: str | None, trial: Path, arm: str, control: str, goal: str, *, as_json: bool, xlsx: Path | None
) -> None:
    from contact.faces.cli.contacts.trial import evaluated

    if strategy is not None or xlsx is not None:
        raise Complaint("a trial file is judged by itself: leave the strategy and --xlsx out")
    missing = [
        name for name, value in (("--arm", arm), ("--control", control), ("--goal", goal)) if not value
    ]
    if missing:
        raise Complaint(f"say how to read {trial}: {' and '.join(missing)} missing")
    answer = evaluated(trial, arm=arm, control=control, goal=goal)
    if as_json:
        printing.as_json(answer)
    else:
        telling.trial(answer)


def _evaluate_strategy(strategy: str, *, as_json: bool, xlsx: Path | None) -> None:
    async def work(ports: Ports) -> EvaluationAnswer:
        from contact.flow.planning.evaluate import evaluate as evaluated

        playbook = await playbook_of(ports)
        try:
            return await evaluated(ports, strategy)
        except NotFound:
            raise unknown_strategy(strategy, [each.id for each in playbook.strategies]) from None

    answer = with_standing_ports(work)
    if xlsx is not None:
        from contact.faces.cli.terminal.workbook import write

        try:
            write(answer, xlsx)
        except OSError as error:
            raise Complaint(f"{xlsx} cannot be written: {error.strerror}") from None
    if as_json:
        printing.as_json(answer)
    else:
        telling.evaluation(answer)


def unknown_strategy(strategy: str, known: list[str]) -> Complaint:
    """Names the strategies there are."""
    return Complaint(
        f"there is no strategy {strategy} in the playbook: choose one of {', '.join(known) or 'none'}"
    )

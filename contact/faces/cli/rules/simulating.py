"""``simulate``: what a playbook would have done on past days, beside the one in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from contact.domain.workbench_answers import SimulationAnswer
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint, of_job
from contact.faces.cli.terminal.joined import any_customer, playbook_of, with_standing_house
from contact.faces.cli.terminal.options import Here
from contact.faults import NotFound
from contact.ports import Job, Ports
from strategies.declared.playbook import Operator
from strategies.problems import Hint

if TYPE_CHECKING:
    from contact.wiring import House


def add_to(app: typer.Typer) -> None:
    """Its command."""
    app.command()(simulate)


def simulate(
    new: Annotated[
        str, typer.Argument(help="A folder like config/, a draft like draft-7, or a published version.")
    ],
    days: Annotated[int, typer.Option(help="How many days.", min=1, max=366)] = 30,
    first_day: Annotated[
        str | None,
        typer.Option(
            help="The first day, 2026-03-02; left out: the last days with contacts, else from today on.",
        ),
    ] = None,
    here: Here = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Plan past days again, once by the playbook in force and once by NEW, each with the contacts it would have made.

    Nothing is reserved, sent or stored. Ctrl-C ends the watching; `contact jobs cancel` ends the work.

    ```sh
    contact simulate config/
    contact simulate draft-7 --days 7
    contact simulate config/ --first-day 2026-03-02 --days 5 --json
    ```
    """

    first = _day(first_day)

    async def work(house: House) -> tuple[Job, Operator]:
        from contact.faces.cli.terminal.following import follow

        operator = (await playbook_of(house.ports)).operator
        await any_customer(house.ports)
        job = await _queued(house.ports, new, days, first)
        return await follow(house, job, quiet=as_json, here=here), operator

    job, operator = with_standing_house(work)
    if job.state == "failed":
        raise of_job("simulation", job.problems)
    if job.state == "cancelled":
        raise Complaint("the simulation was cancelled")
    answer = msgspec.convert(job.result or {}, SimulationAnswer)
    if as_json:
        printing.as_json(answer)
    else:
        from contact.faces.cli.rules.telling_simulation import tell

        tell(answer, operator)


def _day(day: str | None) -> date | None:
    try:
        return None if day is None else date.fromisoformat(day)
    except ValueError:
        raise Complaint(f"{day!r} is no day: write it as 2026-03-02") from None


async def _queued(ports: Ports, new: str, days: int, first_day: date | None) -> Job:
    """The job for a folder, a draft or a version."""
    from contact.flow.jobs.queue_job import queue_simulate

    if Path(new).is_dir():
        from contact.faces.cli.rules.folders import read_folder

        return await queue_simulate(ports, texts=read_folder(Path(new)), days=days, first_day=first_day)
    try:
        if new.startswith("draft-"):
            return await queue_simulate(ports, draft=new, days=days, first_day=first_day)
        return await queue_simulate(ports, version=new, days=days, first_day=first_day)
    except NotFound:
        hint = Hint("name a folder, a draft (`contact draft list`) or a version (`contact versions`)")
        raise Complaint(f"there is no folder, draft or version {new}: {hint}") from None

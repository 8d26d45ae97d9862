"""``contact jobs``: what runs, what failed, what is parked; how to try it again, and how to end it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.faces.cli.terminal.options import ROLE, AsJson
from contact.faults import Conflict, NotFound
from contact.ports import Job, Ports

if TYPE_CHECKING:
    from contact.domain.answers import JobAnswer

Failed = Annotated[bool, typer.Option("--failed", help="Only those that failed or are parked.")]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    group = typer.Typer(
        invoke_without_command=True,
        help="""Jobs: imports, plans, trainings, simulations. One that killed three workers is parked.

```sh
contact jobs
contact jobs --limit 5
contact jobs --failed
contact jobs cancel 0190b0f2-aaaa-7000-8000-000000000001
contact jobs retry 0190b0f2-aaaa-7000-8000-000000000001 --why "the worker has more memory now"
```
""",
    )
    group.callback()(list_)
    group.command()(retry)
    group.command()(cancel)
    app.add_typer(group, name="jobs")


def list_(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=200)] = 20,
    failed: Failed = False,
    as_json: AsJson = False,
) -> None:
    """Lists them, newest first, where no other word follows."""
    if context.invoked_subcommand is not None:
        return

    async def work(ports: Ports) -> list[JobAnswer]:
        from contact.flow.present import job_answer

        found = await (ports.jobs.failed() if failed else ports.jobs.recent(limit))
        return [job_answer(each) for each in found[:limit]]

    answers = with_standing_ports(work)
    if as_json:
        printing.as_json(answers)
        return
    rows = [
        (
            each.job,
            each.kind,
            "parked" if each.parked else each.state,
            printing.moment(each.created),
            f"{each.done}/{each.total}" if each.total else str(each.done),
            str(each.problems[0]["message"]) if each.problems else each.message,
        )
        for each in answers
    ]
    printing.table(("job", "kind", "state", "since", "done", "message"), rows, none="there are no such jobs")


def retry(
    job: Annotated[str, typer.Argument(help="The id of a job that failed or is parked.")],
    why: Annotated[str, typer.Option("--why", help="For the record: why it shall go better now.")],
) -> None:
    """Queue a failed or parked job again, or a cancelled simulation; a worker takes it as soon as one is free.

    ```sh
    contact jobs retry 0190b0f2-aaaa-7000-8000-000000000001 --why "the worker has more memory now"
    ```
    """

    async def work(ports: Ports) -> Job:
        from contact.flow.jobs.queue_job import retry_job

        return await retry_job(ports, job, author=getpass.getuser(), role=ROLE, why=why)

    typer.echo(f"{with_standing_ports(work).kind} waits for a worker")


def cancel(job: Annotated[str, typer.Argument(help="The job's number, as `contact jobs` lists it.")]) -> None:
    """End a job nobody waits for any more: a queued one, or a simulation that runs. It ends within a second.

    ```sh
    contact jobs cancel 01a2034c-5ad3-7a40-b2f0-6f5d5b8a2c11
    ```
    """

    async def work(ports: Ports) -> Job:
        from contact.flow.jobs.queue_job import cancel_job

        return await cancel_job(ports, job)

    try:
        ended = with_standing_ports(work)
    except (NotFound, Conflict) as fault:
        raise Complaint(str(fault)) from None
    typer.echo(f"{ended.kind} {ended.id}: cancelled")

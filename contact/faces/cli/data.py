"""Commands that bring data in, and the jobs that long work is: ``import``, ``jobs``, ``jobs cancel``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli import printing
from contact.faces.cli.complaints import Complaint, of_job
from contact.faces.cli.joined import with_house, with_ports
from contact.faults import Conflict, NotFound
from contact.ports import Job, Ports
from strategies.instants import format_instant

if TYPE_CHECKING:
    from contact.wiring import House

KINDS = ("customers", "lines", "usage", "bills", "products", "complaints", "contacts", "consents", "staff")


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("import")(import_)
    listed = typer.Typer(invoke_without_command=True)
    listed.callback()(jobs)
    listed.command()(cancel)
    app.add_typer(listed, name="jobs")


def import_(
    kind: Annotated[str, typer.Argument(help=f"What the file holds: {', '.join(KINDS)}.")],
    file: Annotated[Path, typer.Argument(help="A .csv, .parquet or .xlsx file.")],
    mapping: Annotated[
        Path, typer.Option("--mapping", "-m", help="YAML that says which of its columns is which of ours.")
    ],
    confirm_shrink: Annotated[
        bool,
        typer.Option(
            "--confirm-shrink", help="Yes, this snapshot may lose more rows than max_shrink allows."
        ),
    ] = False,
    here: Annotated[bool, typer.Option("--here", help="Do it in this process; ask no worker.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Take a file in: checked whole, then one new generation, or nothing changes.

    Rows with a faulty value are set aside in a file with line, column and reason; a file with a faulty structure, or
    with more than `max_faulty` percent of such rows, is refused.

        contact import customers people.csv --mapping people.yaml
        contact import consents dnd.xlsx --mapping dnd.yaml

    A mapping:

        kind: customers
        mode: snapshot
        columns:
          id: cust_id
          arpu: {from: monthly, type: money}
          number: {from: msisdn, type: phone, region: CN}
    """
    if kind not in KINDS:
        raise Complaint(f"there is no kind {kind!r}: choose one of {', '.join(KINDS)}")
    text = readable(mapping, "mapping")
    if not file.is_file():
        raise Complaint(f"there is no file {file}: check the path")

    delivered = Delivered(kind, file, text, mapping, confirm_shrink)
    job = with_house(lambda house: take_in(house, delivered, quiet=as_json, here=here))
    if job.state == "failed":
        raise of_job("import", job.problems)
    if as_json:
        typer.echo(json.dumps(job.result or {}, ensure_ascii=False))
    else:
        say_taken(kind, job)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file to be taken in, with its mapping's text and where that was read."""

    kind: str
    file: Path
    mapping: str
    mapping_path: Path
    confirm_shrink: bool = False


async def take_in(house: House, delivered: Delivered, *, quiet: bool, here: bool) -> Job:
    """The ended import of one file."""
    from contact.faces.cli.following import follow
    from contact.flow.queue_job import queue_import

    job = await queue_import(
        house.ports,
        delivered.kind,
        str(delivered.file.absolute()),
        delivered.mapping,
        mapping_path=str(delivered.mapping_path),
        confirm_shrink=delivered.confirm_shrink,
    )
    return await follow(house, job, quiet=quiet, here=here)


def say_taken(kind: str, job: Job) -> None:
    """What an import that went well brought."""
    result = job.result or {}
    typer.echo(
        f"{kind}: {result['accepted']} of {result['rows']} rows taken in{_generation(result['generation'])}"
    )
    if result["set_aside"]:
        typer.echo(f"{result['set_aside']} set aside, each with its reason: {result['set_aside_file']}")


def _generation(number: int | None) -> str:
    return "" if number is None else f", generation {number}"


def readable(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Complaint(f"there is no {what} {path}: check the path") from None
    except UnicodeDecodeError:
        raise Complaint(f"{path} is not UTF-8 text: save the {what} as UTF-8") from None
    except OSError as error:
        raise Complaint(f"{path} cannot be read: {error.strerror}") from None


def jobs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=200)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the latest imports, trainings, plans and other long work: state, progress and what went wrong.

    ```sh
    contact jobs --limit 5
    contact jobs cancel 01a2034c-…
    ```
    """
    if context.invoked_subcommand is not None:
        return

    async def work(ports: Ports) -> list[Job]:
        return await ports.jobs.recent(limit)

    found = with_ports(work)
    if as_json:
        typer.echo(json.dumps([_as_json(job) for job in found], ensure_ascii=False))
        return
    rows = [
        (
            format_instant(job.created)[:19],
            job.kind,
            job.state,
            _progress(job),
            _first_problem(job) or job.message,
            job.id,
        )
        for job in found
    ]
    printing.table(("created (UTC)", "kind", "state", "done", "message", "job"), rows, none="no jobs yet")


def cancel(job: Annotated[str, typer.Argument(help="The job's number, as `contact jobs` lists it.")]) -> None:
    """End a job nobody waits for any more: a queued one, or a simulation that runs. It ends within a second.

    ```sh
    contact jobs cancel 01a2034c-5ad3-7a40-b2f0-6f5d5b8a2c11
    ```
    """

    async def work(ports: Ports) -> Job:
        from contact.flow.queue_job import cancel_job

        return await cancel_job(ports, job)

    try:
        ended = with_ports(work)
    except (NotFound, Conflict) as fault:
        raise Complaint(str(fault)) from None
    typer.echo(f"{ended.kind} {ended.id}: cancelled")


def _progress(job: Job) -> str:
    return f"{job.done}/{job.total}" if job.total else str(job.done)


def _first_problem(job: Job) -> str:
    return str(job.problems[0].get("message", "")) if job.problems else ""


def _as_json(job: Job) -> dict[str, object]:
    return {
        "job": job.id, "kind": job.kind, "state": job.state, "done": job.done, "total": job.total,
        "message": job.message, "created": format_instant(job.created),
        "finished": None if job.finished is None else format_instant(job.finished),
        "result": job.result, "problems": list(job.problems),
    }  # fmt: skip

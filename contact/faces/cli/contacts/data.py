"""The command that brings a file in: ``import``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from contact.faces.cli.terminal.complaints import Complaint, of_job
from contact.faces.cli.terminal.joined import with_house
from contact.faces.cli.terminal.options import Here
from contact.ports import Job
from contact.ports.work import DeliveryKind

if TYPE_CHECKING:
    from contact.wiring import House

KINDS: tuple[str, ...] = get_args(DeliveryKind)


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("import")(import_)


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
    here: Here = False,
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
    take_file(kind, file, mapping, confirm_shrink=confirm_shrink, here=here, as_json=as_json)


def take_file(
    kind: str, file: Path, mapping: Path, *, confirm_shrink: bool = False, here: bool, as_json: bool
) -> None:
    """Take one file in and say what became of it. Raises Complaint for what cannot be read or taken in."""
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
    from contact.faces.cli.terminal.following import follow
    from contact.flow.jobs.queue_job import queue_import

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

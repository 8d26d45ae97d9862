"""Commands for strategists: ``publish`` and ``versions``."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer

from contact.faces.cli import printing
from contact.faces.cli.complaints import Complaint
from contact.faces.cli.folders import is_playbook, problem_from_here, read_folder
from contact.faces.cli.joined import with_ports
from contact.faults import Conflict, NotFound
from contact.ports import PlaybookVersion, Ports
from strategies.instants import format_instant
from strategies.problems import ProblemsFound

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(publish)
    app.command()(versions)


def publish(
    folder: Annotated[Path, typer.Argument(help="The config/ folder.")],
    why: Annotated[str, typer.Option(help="For the record: what this version is for.")] = "",
    base: Annotated[
        str | None, typer.Option(help="Version it was made from; by default the one in force.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a playbook, run its examples and put it in force, everywhere, within a second.

    Publishing on another base than the version in force is refused, so that nobody's work is lost.

    ```sh
    contact publish config/ --why "calls end at 20:00"
    ```
    """
    texts = read_folder(folder)
    if not is_playbook(texts):
        raise Complaint(f"{folder} is no playbook: give the folder with operator.yaml in it")

    async def work(ports: Ports) -> PlaybookVersion:
        from contact.flow.publish import publish as put_in_force

        try:
            return await put_in_force(ports, texts, await _base(ports, base), getpass.getuser(), why)
        except ProblemsFound as found:
            raise ProblemsFound([problem_from_here(problem, folder) for problem in found.problems]) from None
        except Conflict:
            raise Complaint(
                "another version is in force than the one this was made from: run `contact versions`, compare, and"
                " publish with --base VERSION"
            ) from None

    version = with_ports(work)
    if as_json:
        typer.echo(json.dumps(_as_json(version), ensure_ascii=False))
    else:
        typer.echo(f"in force: {version.version}")


async def _base(ports: Ports, base: str | None) -> str | None:
    try:
        current = (await ports.playbooks.current()).version
    except NotFound:
        return base
    if base is None:
        return current
    return current if current.startswith(base) else base


def versions(as_json: AsJson = False) -> None:
    """List every published playbook, newest first: version, when, who and why."""

    async def work(ports: Ports) -> list[PlaybookVersion]:
        return await ports.playbooks.versions()

    found = with_ports(work)
    if as_json:
        typer.echo(json.dumps([_as_json(version) for version in found], ensure_ascii=False))
        return
    rows = [(each.version[:12], format_instant(each.published)[:19], each.author, each.why) for each in found]
    printing.table(
        ("version", "published (store time, UTC)", "by", "why"),
        rows,
        none="nothing is published yet: contact publish config/",
    )


def _as_json(version: PlaybookVersion) -> dict[str, str | None]:
    return {
        "version": version.version, "base": version.base, "published": format_instant(version.published),
        "author": version.author, "why": version.why,
    }  # fmt: skip

"""``contact diff`` and ``contact pull``: what differs between playbooks, and the one in force as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.domain.workbench_answers import DiffAnswer
from contact.faces.cli.rules import telling_versions
from contact.faces.cli.rules.folders import read_folder
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.ports import Ports

if TYPE_CHECKING:
    from contact.flow.publishing.pull import Pull

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(diff)
    app.command()(pull)


def diff(
    old: Annotated[
        str,
        typer.Argument(help="A folder, a draft, a version or its beginning, or `live`: the one in force."),
    ],
    new: Annotated[str, typer.Argument(help="The same.")],
    lines: Annotated[bool, typer.Option(help="Also the lines of text that differ.")] = True,
    as_json: AsJson = False,
) -> None:
    """Say what differs between two playbooks: in words first, looser and tighter rules marked, then in lines.

    ```sh
    contact diff live config/
    contact diff live draft-7 --no-lines
    ```
    """

    async def work(ports: Ports) -> DiffAnswer:
        from contact.flow.publishing.tell_changes import told

        before, old_texts = await _side(ports, old)
        after, new_texts = await _side(ports, new)
        return told(before, old_texts, after or new, new_texts)

    answer = _of_folders(old, new) if _is_folder(old) and _is_folder(new) else with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_versions.diff(answer, lines=lines)


def _is_folder(name: str) -> bool:
    from contact.flow.publishing.tell_changes import LIVE

    return name != LIVE and Path(name).exists()


def _of_folders(old: str, new: str) -> DiffAnswer:
    """Two folders need no store."""
    from contact.flow.publishing.tell_changes import told

    return told(old, read_folder(Path(old)), new, read_folder(Path(new)))


async def _side(ports: Ports, name: str) -> tuple[str | None, Mapping[str, str]]:
    from contact.flow.publishing.tell_changes import LIVE, in_force, texts_of

    if name == LIVE:
        return await in_force(ports)
    if _is_folder(name):
        return name, read_folder(Path(name))
    return await texts_of(ports, name)


def pull(
    folder: Annotated[Path, typer.Argument(help="The folder to write to.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that were changed here.")] = False,
    version: Annotated[
        str | None, typer.Option(help="Another version than the one in force, or a draft.")
    ] = None,
) -> None:
    """Write the texts in force to a folder, byte for byte. A file that was changed here is not overwritten.

    A file counts as changed here if it is not, word for word, as some published version has it.

    ```sh
    contact pull config/
    ```
    """

    async def work(ports: Ports) -> Pull:
        from contact.flow.publishing.pull import plan_pull

        return await plan_pull(ports, version, _contents(folder))

    found = with_standing_ports(work)
    if found.changed and not force:
        raise Complaint(
            *(f"{folder / path} was changed here and would be lost" for path in found.changed),
            "publish or keep these changes first, or overwrite them with --force",
        )
    for path, text in found.writes.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogatepass"))
    for path in found.removes:
        (folder / path).unlink()
    typer.echo(
        f"{folder}: version {found.name[:12]}: {len(found.writes)} written, {len(found.removes)} removed"
    )
    for path in found.unknown:
        typer.echo(f"{folder / path} is not part of it and was left", err=True)


def _contents(folder: Path) -> Mapping[str, str]:
    """What is there already; nothing where there is no such folder."""
    if folder.exists() and not folder.is_dir():
        raise Complaint(f"{folder} is a file: name a folder")
    return read_folder(folder) if folder.is_dir() and any(folder.rglob("*.yaml")) else {}

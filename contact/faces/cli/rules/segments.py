"""``contact segments``: saved selections of the playbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from contact.domain.selection_answers import SegmentsAnswer
from contact.faces.cli.rules import telling_selection
from contact.faces.cli.rules.folders import problem_from_here, read_folder
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import any_customer, playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson
from contact.ports import Ports
from strategies.problems import ProblemsFound


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    group = typer.Typer(
        invoke_without_command=True, help="Saved selections, which renew themselves by their rule."
    )
    group.callback()(listed)
    group.command()(save)
    app.add_typer(group, name="segments")


def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List the segments of the playbook in force, each with how many customers it finds now.

    ```sh
    contact segments
    contact segments save heavy-users --when "data_gb > 20"
    ```
    """
    if context.invoked_subcommand is not None:
        return

    async def work(ports: Ports) -> SegmentsAnswer:
        from contact.flow.selecting.segments import segments

        await playbook_of(ports)
        await any_customer(ports)
        return await segments(ports)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_selection.segments(answer)


def save(
    name: Annotated[str, typer.Argument(help="What the segment is called in rules and strategies.")],
    when: Annotated[str, typer.Option(help="The condition over fields.")],
    folder: Annotated[Path, typer.Option(help="The config/ folder to write it into.")] = Path("config"),
    title: Annotated[list[str] | None, typer.Option(help="en=Heavy users; once for each language.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="In place of the file that is there.")] = False,
) -> None:
    """Write a selection as a file of the folder, checked with all that is in it; publish the folder to use it.

    ```sh
    contact segments save heavy-users --when "data_gb > 20" --title "en=Heavy users"
    ```
    """
    from contact.flow.publishing.check_texts import checked
    from contact.flow.selecting.segments import segment_file

    texts = dict(read_folder(folder))
    playbook = checked(texts).playbook
    if playbook is None:
        raise Complaint(f"{folder} has problems of its own: run `contact check {folder}` first")
    path, text = segment_file(playbook, name, when, _titles(title))
    if path in texts and not replace:
        raise Complaint(f"{folder / path} is there already: choose another name, or say --replace")
    texts[path] = text
    errors = checked(texts).errors
    if errors:
        raise ProblemsFound([problem_from_here(problem, folder) for problem in errors])
    _write(folder / path, text)
    typer.echo(f"{folder / path}: in force once the folder is published")


def _titles(given: list[str] | None) -> Mapping[str, str]:
    titles = {}
    for each in given or ():
        language, separator, words = each.partition("=")
        if not separator or not words:
            raise Complaint(f"--title {each!r} names no language: write en=Heavy users")
        titles[language] = words
    return titles


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Complaint(f"{path} cannot be written: {error.strerror}") from None

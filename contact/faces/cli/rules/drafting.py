"""``contact draft``: texts that are not in force yet."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from contact.domain.workbench_answers import CheckAnswer, DraftAnswer, MergeAnswer
from contact.faces.cli.rules import telling_versions
from contact.faces.cli.rules.folders import is_playbook, read_folder
from contact.faces.cli.rules.publishing import AsJson, person_of_key
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint, line_of
from contact.faces.cli.terminal.joined import with_ports, with_standing_ports
from contact.ports import Ports
from strategies.counted import counted

DraftName = Annotated[str, typer.Argument(help="The draft, like draft-7.")]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    group = typer.Typer(no_args_is_help=True, help="Playbooks in the making.")
    for command in (new, listed, show, check, merge, approve, discard):
        group.command("list" if command is listed else None)(command)
    app.add_typer(group, name="draft")


def new(
    folder: Annotated[
        Path | None, typer.Argument(help="A config/ folder; left out: what is in force.")
    ] = None,
    title: Annotated[str, typer.Option(help="What it is about.")] = "",
    as_json: AsJson = False,
) -> None:
    """Begin a draft on the version in force. Edit it in the console, or begin it from a folder.

    ```sh
    contact draft new --title "two calls a week"
    contact draft new config/
    ```
    """
    texts = None if folder is None else read_folder(folder)
    if texts is not None and not is_playbook(texts):
        raise Complaint(f"{folder} is no playbook: give the folder with operator.yaml in it")

    async def work(ports: Ports) -> DraftAnswer:
        from contact.flow.publishing.drafts import create_draft

        return await create_draft(ports, getpass.getuser(), title, texts)

    _tell(with_ports(work), as_json)


def listed(
    closed: Annotated[bool, typer.Option("--closed", help="Published and discarded ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List drafts, changed last first.

    ```sh
    contact draft list
    ```
    """

    async def work(ports: Ports) -> list[DraftAnswer]:
        from contact.flow.publishing.drafts import list_drafts

        return await list_drafts(ports, closed=closed)

    found = with_standing_ports(work)
    if as_json:
        printing.as_json(found)
    else:
        telling_versions.drafts(found)


def show(draft: DraftName, as_json: AsJson = False) -> None:
    """Show who wrote a draft, what it changes, who approved it and when it takes force.

    ```sh
    contact draft show draft-7
    ```
    """

    async def work(ports: Ports) -> DraftAnswer:
        from contact.flow.publishing.drafts import get_draft

        return await get_draft(ports, draft)

    _tell(with_standing_ports(work), as_json)


def check(draft: DraftName, as_json: AsJson = False) -> None:
    """Check a draft and run its examples, as `contact check --base` does with a folder. Exit code 1 where anything is wrong.

    What reaches nobody of today's customers is told too.

    ```sh
    contact draft check draft-7
    ```
    """

    async def work(ports: Ports) -> CheckAnswer:
        from contact.flow.publishing.drafts import check_draft

        return await check_draft(ports, draft, base=True)

    found = with_standing_ports(work)
    wrong = [each for each in found.problems if each["severity"] != "warning"]
    if as_json:
        printing.as_json(found)
    else:
        for each in found.problems:
            typer.echo(line_of(each), err=each["severity"] != "warning")
        if not wrong:
            warned = counted(len(found.problems), "warning") if found.problems else "no problems"
            typer.echo(f"{counted(found.files, 'file')}, {counted(len(found.examples), 'example')}: {warned}")
    if wrong:
        raise typer.Exit(1)


def merge(draft: DraftName, as_json: AsJson = False) -> None:
    """Take what was published meanwhile into a draft. Where both changed the same lines nothing is done; exit code 1.

    ```sh
    contact draft merge draft-7
    ```
    """

    async def work(ports: Ports) -> MergeAnswer:
        from contact.flow.publishing.drafts import merge_draft

        return await merge_draft(ports, draft, getpass.getuser())

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_versions.merge(answer)
    if answer.conflicts:
        raise typer.Exit(1)


def approve(
    draft: DraftName,
    key: Annotated[Path, typer.Option(help="A file with the key of the person who approves.")],
    as_json: AsJson = False,
) -> None:
    """Approve a draft as it stands, as somebody who wrote none of it. Any edit takes the approval back.

    ```sh
    contact draft approve draft-7 --key my.key
    ```
    """

    async def work(ports: Ports) -> DraftAnswer:
        from contact.flow.publishing.drafts import approve as approved

        return await approved(ports, draft, await person_of_key(ports, key))

    _tell(with_standing_ports(work), as_json)


def discard(draft: DraftName, as_json: AsJson = False) -> None:
    """Close a draft for good; if it was scheduled, it does not take force.

    ```sh
    contact draft discard draft-7
    ```
    """

    async def work(ports: Ports) -> DraftAnswer:
        from contact.flow.publishing.drafts import discard_draft

        return await discard_draft(ports, draft, getpass.getuser())

    _tell(with_standing_ports(work), as_json)


def _tell(answer: DraftAnswer, as_json: bool) -> None:
    if as_json:
        printing.as_json(answer)
    else:
        telling_versions.draft(answer)

"""``contact lists``: lists of customers that were imported."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from contact.domain.selection_answers import ListAnswer, ListsAnswer
from contact.faces.cli.rules import telling_selection
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import any_customer, with_standing_ports
from contact.faces.cli.terminal.options import AsJson
from contact.ports import Ports
from strategies.counted import counted


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    group = typer.Typer(invoke_without_command=True, help="Lists of customers that were imported.")
    group.callback()(listed)
    group.command("import")(import_)
    group.command()(remove)
    app.add_typer(group, name="lists")


def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List them; a condition asks for one by contains(lists, 'NAME').

    ```sh
    contact lists
    contact lists import vip vip.xlsx --id-column customer
    contact select "contains(lists, 'vip')" --category marketing
    ```
    """
    if context.invoked_subcommand is not None:
        return

    async def work(ports: Ports) -> ListsAnswer:
        from contact.flow.selecting.lists import lists

        return await lists(ports)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_selection.lists(answer)


def import_(
    name: Annotated[str, typer.Argument(help="What conditions will call it.")],
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")],
    id_column: Annotated[str, typer.Option("--id-column", help="Which column holds the customers' ids.")],
    sheet: Annotated[str | None, typer.Option(help="Which sheet of a workbook with several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take a list in, in place of the one of that name. Faulty rows are set aside in a file with line and reason.

    ```sh
    contact lists import vip vip.xlsx --id-column customer
    ```
    """
    if not file.is_file():
        raise Complaint(f"there is no file {file}: check the path")

    async def work(ports: Ports) -> ListAnswer:
        from contact.flow.selecting.lists import import_list

        await any_customer(ports)
        author = getpass.getuser()
        return await import_list(
            ports, name, str(file.absolute()), id_column=id_column, sheet=sheet, author=author
        )

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
        return
    rows = counted(answer.taken + answer.set_aside, "row")
    typer.echo(f"list {answer.name}: {counted(answer.customers, 'customer')} of {rows}")
    if answer.set_aside:
        typer.echo(f"{answer.set_aside} set aside, each with its reason: {answer.set_aside_file}")


def remove(name: Annotated[str, typer.Argument(help="The list.")]) -> None:
    """Forget a list; conditions that ask for it find nobody.

    ```sh
    contact lists remove vip
    ```
    """

    async def work(ports: Ports) -> None:
        from contact.flow.selecting.lists import remove_list

        await remove_list(ports, name)

    with_standing_ports(work)
    typer.echo(f"list {name} is gone")

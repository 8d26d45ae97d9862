"""``contact list``: lists of customers to look after."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contact.domain.model_answers import WarningsAnswer
from contact.faces.cli.keeping.access import two_words
from contact.faces.cli.learning import telling_models
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import any_customer, playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson
from contact.ports import Ports

SHOWN = 50
ALL = 100_000


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    group = typer.Typer(no_args_is_help=True, help="Lists of customers to look after.")
    group.callback()(two_words)
    group.command()(warnings)
    app.add_typer(group, name="list")


def warnings(
    above: Annotated[
        float, typer.Option(help="Only a risk of leaving of at least so much.", min=0, max=1)
    ] = 0.6,
    limit: Annotated[
        int | None, typer.Option(help=f"How many; {SHOWN} on the terminal, all of them in a workbook.", min=1)
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write a workbook here.")] = None,
    as_json: AsJson = False,
) -> None:
    """List who is about to leave, highest risk first: why, whose customer, and whether they may be called now.

    ```sh
    contact list warnings --above 0.7
    contact list warnings --xlsx warnings.xlsx
    ```
    """

    async def work(ports: Ports) -> tuple[WarningsAnswer, str]:
        from contact.flow.selecting.list_warnings import list_warnings

        playbook = await playbook_of(ports)
        await any_customer(ports)
        answer = await list_warnings(ports, above, limit or (ALL if xlsx else SHOWN), "en")
        return answer, playbook.operator.zone

    answer, zone = with_standing_ports(work)
    if xlsx is not None:
        from contact.faces.cli.terminal.workbook import write_warnings

        try:
            write_warnings(answer, xlsx, zone)
        except OSError as error:
            raise Complaint(f"{xlsx} cannot be written: {error.strerror}") from None
    if as_json:
        printing.as_json(answer)
    elif xlsx is not None:
        typer.echo(
            f"{len(answer.rows)} of {answer.total} customers with a risk of at least {above:g}: {xlsx}"
        )
    else:
        telling_models.warnings(answer)

"""Setting contacts right: ``contact correct`` and ``contact reconcile``."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.faces.cli.terminal.options import ROLE, Why
from contact.ports import Ports

if TYPE_CHECKING:
    from contact.domain.ledger_answers import ContactAnswer, ContactsAnswer

STATES = {"sent": "sent", "not-sent": "not_sent"}


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(correct)
    app.command()(reconcile)


def correct(
    contact: Annotated[str, typer.Argument(help="The contact's id, as timeline and task show it.")],
    result: Annotated[str, typer.Option(help="The outcome as it should have been reported.")],
    why: Why,
) -> None:
    """Put another outcome in place of one that was reported wrongly; what the first brought about is taken back.

    ```sh
    contact correct 0190b0f2-aaaa-7000-8000-000000000001 --result wrong_number --why "the son answered"
    ```
    """

    async def work(ports: Ports) -> ContactAnswer:
        from contact.flow.working.correct import correct as flow

        return await flow(ports, contact, result, author=getpass.getuser(), role=ROLE, why=why)

    _tell(with_standing_ports(work))


def reconcile(
    contact: Annotated[
        str | None, typer.Argument(help="An unknown contact's id; left out: list them.")
    ] = None,
    found: Annotated[str | None, typer.Option("--as", help="What became of it: sent or not-sent.")] = None,
    why: Annotated[str, typer.Option("--why", help="For the record: how you know.")] = "",
) -> None:
    """Say what became of a contact of which nobody knew whether it went out; without an id, list them.

    ```sh
    contact reconcile
    contact reconcile 0190b0f2-aaaa-7000-8000-000000000001 --as not-sent --why "not in the gateway's log"
    ```
    """
    if contact is None:
        _list()
        return
    if found not in STATES or not why:
        raise Complaint("say what became of it and how you know: --as sent|not-sent --why …")

    async def work(ports: Ports) -> ContactAnswer:
        from contact.flow.working.correct import reconcile as flow

        return await flow(ports, contact, STATES[found], author=getpass.getuser(), role=ROLE, why=why)

    _tell(with_standing_ports(work))


def _list() -> None:
    async def work(ports: Ports) -> ContactsAnswer:
        from contact.flow.working.correct import unknown_contacts

        return await unknown_contacts(ports)

    items = with_standing_ports(work).items
    rows = [(each.contact, each.channel, each.customer, printing.moment(each.planned)) for each in items]
    printing.table(("contact", "channel", "customer", "planned"), rows, none="every contact is known")


def _tell(answer: ContactAnswer) -> None:
    typer.echo(f"{answer.contact}: {answer.state}{f', {answer.result}' if answer.result else ''}")
    rows = [
        (printing.moment(each["at"]), each["from"] or "-", each["to"], each["why"]) for each in answer.moves
    ]
    printing.table(("at", "from", "to", "why"), rows)

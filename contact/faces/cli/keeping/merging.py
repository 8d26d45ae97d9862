"""People and numbers in order: ``contact merge-customers`` and ``contact number-recycled``."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.terminal.instants import typed_instant
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.faces.cli.terminal.options import ROLE, Why
from contact.ports import Ports

if TYPE_CHECKING:
    from contact.domain.ledger_answers import MergedAnswer, RecycledAnswer


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("merge-customers")(merge_customers)
    app.command("number-recycled")(number_recycled)


def merge_customers(
    old: Annotated[str, typer.Argument(help="The id that ends.")],
    new: Annotated[str, typer.Argument(help="The id under which the person goes on.")],
    why: Why,
) -> None:
    """Make two ids one person: history, consents, tasks and lines move; where consents contradict, the withdrawal counts.

    ```sh
    contact merge-customers C000017 C000004 --why "one person, two contracts"
    ```
    """

    async def work(ports: Ports) -> MergedAnswer:
        from contact.flow.people.merge import merge_customers as flow

        return await flow(ports, old, new, author=getpass.getuser(), role=ROLE, why=why)

    done = with_standing_ports(work)
    typer.echo(
        f"{done.old} is {done.new} now: {done.contacts} contacts, {done.consents} consent records, {done.tasks} tasks moved;"
        f" {done.stricter} withdrawals kept against a later grant"
    )


def number_recycled(
    number: Annotated[str, typer.Argument(help="In E.164: +8613800138001.")],
    why: Why,
    at: Annotated[str | None, typer.Option(help="Since when, 2026-03-05T10:00+08:00; left out: now.")] = None,
) -> None:
    """Say that a number belongs to somebody else now: what its former owner said of it no longer binds.

    ```sh
    contact number-recycled +8613800138001 --why "given out again"
    ```
    """

    async def work(ports: Ports) -> RecycledAnswer:
        from contact.flow.people.merge import recycle_number as flow

        when = None if at is None else typed_instant(at)
        return await flow(ports, number, when, author=getpass.getuser(), role=ROLE, why=why)

    done = with_standing_ports(work)
    typer.echo(
        f"{done.consents} consent records ended, {done.tasks} waiting tasks cancelled,"
        f" {done.contacts} contacts no longer count for the number"
    )

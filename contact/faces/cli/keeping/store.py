"""Commands about the store itself: ``ledger check`` and ``clock``."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.keeping.access import two_words
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.instants import typed_instant
from contact.faces.cli.terminal.joined import playbook_of, with_standing_house, with_standing_ports
from contact.ports import Moment, Ports
from strategies.instants import format_instant

if TYPE_CHECKING:
    from contact.storage.audits.ledger_check import LedgerReport
    from contact.wiring import House

SHOWN = 5


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    ledger = typer.Typer(no_args_is_help=True, help="The contact ledger.")
    ledger.callback()(two_words)
    ledger.command()(check)
    app.add_typer(ledger, name="ledger")
    app.command()(clock)


def check() -> None:
    """Recount every promise with SQL of its own: caps, opt-outs, states, fences. Exit 1 where one was broken.

    ```sh
    contact ledger check
    ```
    """

    async def work(house: House) -> LedgerReport:
        from contact.storage.audits.ledger_check import check_ledger

        playbook = await playbook_of(house.ports)
        return await check_ledger(house.stores.database, playbook)

    report = with_standing_house(work)
    from contact.storage.audits.ledger_check import meaning

    rows = [(name.replace("_", " "), len(ids), " ".join(ids[:SHOWN])) for name, ids in report.found.items()]
    printing.table(("check", "violations", "contacts or tasks"), rows)
    for name, ids in report.found.items():
        if ids:
            typer.echo(f"{name.replace('_', ' ')}: {meaning(name)}")
    for name in report.not_checked:
        typer.echo(f"not checked, because it depends on more than the ledger holds: {name}")
    if report.violations:
        raise Complaint(f"{report.violations} violations: keep the database as it is and report this")
    typer.echo("0 violations")


def clock(
    to: Annotated[
        str | None, typer.Option(help="Move the store's clock forward to here: 2026-03-05T10:00+08:00.")
    ] = None,
) -> None:
    """Show the store's clock, or move it forward, which only a store served with --demo allows.

    ```sh
    contact clock
    CONTACT_DEMO=1 contact clock --to 2026-03-05T10:00+08:00
    ```
    """

    async def work(ports: Ports) -> Moment:
        if to is None:
            return await ports.clock.now()
        return await ports.clock.move_to(typed_instant(to), getpass.getuser())

    moment = with_standing_ports(work)
    typer.echo(format_instant(moment.at) + (" (simulated time)" if moment.simulated else ""))

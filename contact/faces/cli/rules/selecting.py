"""``contact select`` and ``contact clusters``: everybody at once, over today's base."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.domain.selection_answers import ClustersAnswer
from contact.faces.cli.rules import telling_selection
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.instants import typed_instant_or_none
from contact.faces.cli.terminal.joined import any_customer, playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson
from contact.ports import Ports

if TYPE_CHECKING:
    from contact.flow.selecting.select import Selected


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(select)
    app.command()(clusters)


def select(
    condition: Annotated[
        str | None, typer.Argument(help="Over fields, as in an audience; left out: the strategy's audience.")
    ] = None,
    channel: Annotated[str, typer.Option(help="In which channel they are to be contacted.")] = "sms",
    category: Annotated[
        str | None, typer.Option(help="What it is about; left out: the strategy's category.")
    ] = None,
    strategy: Annotated[
        str | None, typer.Option(help="Its validity, its rules and its control group count too.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="Exclude whom this condition is true of, or may be: arpu < 50. May stand several times."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Ask about this instant, hours included: 2026-03-05T10:00+08:00.")
    ] = None,
    ids: Annotated[
        Path | None, typer.Option("--csv", help="Write the ids of those who are left here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count whom a condition finds, and how many are left after each exclusion.

    Excluded in this order: state (rules that forbid, no number), do-not-disturb (consents), frequency (caps and rests),
    hours where --at is given, control groups, and what --without names. Beside each rule stands whom it alone excludes.

    ```sh
    contact select "arpu >= 100 AND data_gb > 20" --channel sms --category marketing
    contact select --strategy data-upgrade --channel outbound_call --without "line_count > 3" --csv calls.csv
    ```
    """
    instant = typed_instant_or_none(at)

    async def work(ports: Ports) -> Selected:
        from contact.flow.selecting.select import selected

        await playbook_of(ports)
        await any_customer(ports)
        return await selected(
            ports,
            condition,
            channel=channel,
            category=category,
            strategy=strategy,
            without=without or (),
            at=instant,
        )

    found = with_standing_ports(work)
    if ids is not None:
        _write(found.customers(), ids)
    if as_json:
        printing.as_json(found.answer)
        return
    telling_selection.funnel(found.answer)
    if ids is not None:
        typer.echo(f"\n{found.answer.left} ids: {ids}")


def _write(customers: list[str], path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["customer"])
            writer.writerows([each] for each in customers)
    except OSError as error:
        raise Complaint(f"{path} cannot be written: {error.strerror}") from None


def clusters(
    fields: Annotated[str, typer.Option(help="Number and money fields, with commas: arpu,data_gb.")],
    k: Annotated[
        int | None, typer.Option(help="How many; left out: as many as suit best.", min=2, max=20)
    ] = None,
    when: Annotated[str | None, typer.Option(help="Only customers whom this condition finds.")] = None,
    as_json: AsJson = False,
) -> None:
    """Group customers who are alike in some fields, and say what each group looks like and which condition finds it.

    Save a rule that you like with `contact segments save NAME --when "…"`.

    ```sh
    contact clusters --fields arpu,data_gb
    contact clusters --fields arpu,data_gb --k 5 --when "tenure_months > 12" --json
    ```
    """
    names = [name.strip() for name in fields.split(",") if name.strip()]
    if not names:
        raise Complaint("--fields names no field: write them with commas, arpu,data_gb")

    async def work(ports: Ports) -> ClustersAnswer:
        from contact.flow.selecting.cluster import cluster

        await playbook_of(ports)
        await any_customer(ports)
        return await cluster(ports, names, k, when)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_selection.clusters(answer)

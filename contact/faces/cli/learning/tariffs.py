"""``contact match-tariffs``: every line's bills under every tariff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.domain.tariff_answers import MatchAnswer, TariffsAnswer
from contact.faces.cli.learning import telling_tariffs
from contact.faces.cli.learning.training import followed
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import any_customer, known_customer, playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson, Here
from contact.ports import Job, Ports
from strategies.declared.playbook import Operator, Playbook

if TYPE_CHECKING:
    from contact.faces.cli.learning.bills import Written

MONTHS = 6


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("match-tariffs")(match_tariffs)


def match_tariffs(
    customer: Annotated[
        str | None,
        typer.Option(help="Only show this customer's lines under every tariff; nothing is stored."),
    ] = None,
    bills: Annotated[
        Path | None, typer.Option(help="Only write every bill here as .csv: a row a line, month and tariff.")
    ] = None,
    months: Annotated[
        int | None,
        typer.Option(
            help=f"With --customer or --bills: the last so many, {MONTHS} if not said.", min=1, max=60
        ),
    ] = None,
    here: Here = False,
    as_json: AsJson = False,
) -> None:
    """Work out every line's bills of the last months under every tariff with its best add-ons, and store the advice.

    The advice becomes columns of the next generation, which `fields.yaml` names by `source: advice.worth`. With --bills
    nothing is stored: the file has the bill of each line, month and base tariff, beside the one that was issued.

    ```sh
    contact match-tariffs
    contact match-tariffs --customer C000001
    contact match-tariffs --bills bills.csv --months 12
    ```
    """
    if customer is not None and bills is not None:
        raise Complaint("--customer shows one customer, --bills writes everybody's bills: choose one of them")
    if months is not None and customer is None and bills is None:
        raise Complaint(
            "--months goes with --customer or --bills: the stored advice always rests on the same months"
        )
    if customer is not None:
        _show(customer, months or MONTHS, as_json)
    elif bills is not None:
        _write(bills, months or MONTHS, as_json)
    else:
        _match(here, as_json)


def _show(customer: str, months: int, as_json: bool) -> None:
    async def work(ports: Ports) -> tuple[TariffsAnswer, Operator]:
        from contact.flow.tariffs.show_tariffs import tariffs_of

        operator = _some_tariff(await playbook_of(ports)).operator
        await known_customer(ports, customer)
        return await tariffs_of(ports, customer, "en", months), operator

    answer, operator = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_tariffs.comparison(answer, operator)


def _write(path: Path, months: int, as_json: bool) -> None:
    async def work(ports: Ports) -> tuple[Written, Operator]:
        from contact.faces.cli.learning.bills import write_bills
        from contact.flow.tariffs.rate_bills import rate_bills

        playbook = _some_tariff(await playbook_of(ports))
        await any_customer(ports)
        rated = await rate_bills(ports, months)
        try:
            return write_bills(rated, path, playbook.operator), playbook.operator
        except OSError as error:
            raise Complaint(f"{path} cannot be written: {error.strerror}") from None

    written, operator = with_standing_ports(work)
    if as_json:
        printing.as_json(written)
    else:
        telling_tariffs.written(written, path, operator)


def _match(here: bool, as_json: bool) -> None:
    seen: list[Operator] = []

    async def queue(ports: Ports) -> Job:
        from contact.flow.jobs.queue_job import queue_match_tariffs

        seen.append(_some_tariff(await playbook_of(ports)).operator)
        await any_customer(ports)
        return await queue_match_tariffs(ports)

    answer = followed(queue, "matching", MatchAnswer, quiet=as_json, here=here)
    if as_json:
        printing.as_json(answer)
    else:
        telling_tariffs.matched(answer, seen[0])


def _some_tariff(playbook: Playbook) -> Playbook:
    if not playbook.tariffs:
        raise Complaint(
            "the playbook declares no tariff: write tariffs/NAME.yaml (docs/tariffs.md) and publish it"
        )
    return playbook

"""Personal data: ``contact erase``, ``contact retention`` and ``contact card-views``."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.faces.cli.terminal.options import ROLE, AsJson, Why
from contact.ports import Ports

if TYPE_CHECKING:
    from contact.domain.privacy_answers import CardBudgetAnswer, ErasureAnswer, RetentionAnswer


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(erase)
    app.command()(retention)
    app.command(name="card-views")(card_views)


def erase(
    customers: Annotated[list[str], typer.Argument(help="Ids of the customers who asked to be forgotten.")],
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Forget customers for good: name, number and facts go, opt-outs go on binding the number.

    ```sh
    contact erase C0012345 --why "asked by letter of 3 March"
    ```
    """

    async def work(ports: Ports) -> list[ErasureAnswer]:
        from contact.flow.people import erase as flow

        author = getpass.getuser()
        return [await flow.erase(ports, each, author=author, role=ROLE, why=why) for each in customers]

    for answer in with_standing_ports(work):
        if as_json:
            printing.as_json(answer)
        else:
            print(
                f"{answer.customer} is forgotten since {answer.at:%Y-%m-%d %H:%M} UTC: "
                f"{answer.tasks_cancelled} waiting tasks cancelled, {answer.consents_kept} opt-outs kept by number"
            )


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, delete nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is older than `retention` in operator.yaml lets it be; the worker does it once a day.

    ```sh
    contact retention --dry-run
    ```
    """

    async def work(ports: Ports) -> RetentionAnswer:
        from contact.flow.people.retain import retain

        return await retain(ports, author=getpass.getuser(), role=ROLE, dry_run=dry_run)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
        return
    for kind, days in answer.days.items():
        verb = "deleted" if answer.deleted else "would go"
        print(f"{kind:12} kept {days:>6.0f} days   {answer.records.get(kind, 0):>9} {verb}")


def card_views(
    person: Annotated[str, typer.Argument(help="Whose budget: a person, or a key as `ROLE ID`.")],
    more: Annotated[int, typer.Option("--more", min=0, max=100_000, help="So many more today.")] = 0,
    why: Annotated[str, typer.Option("--why", help="For the record: why more.")] = "",
    as_json: AsJson = False,
) -> None:
    """How many customers' cards a person opened today; with `--more` and `--why` they may open more.

    ```sh
    contact card-views A0001
    contact card-views A0001 --more 50 --why "recall of a faulty bill"
    ```
    """

    async def work(ports: Ports) -> CardBudgetAnswer:
        from contact.flow.people.reveal import allow_cards, card_budget

        if not more:
            return await card_budget(ports, person)
        return await allow_cards(ports, person, more, author=getpass.getuser(), role=ROLE, why=why)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        print(f"{answer.viewer} opened {answer.used} of {answer.most} customers' cards on {answer.day}")

"""Commands that let people and machines in: ``key create`` and ``console link``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.complaints import Complaint
from contact.faces.cli.joined import with_house, with_ports
from contact.faults import NotFound
from contact.ports import Ports
from contact.settings import Settings

if TYPE_CHECKING:
    from contact.wiring import House


class Role(StrEnum):
    """What a key may do (the table is in docs/start-operators.md)."""

    AGENT = "agent"
    PORTAL = "portal"
    IVR = "ivr"
    GATEWAY = "gateway"
    STRATEGIST = "strategist"
    ANALYST = "analyst"
    DATA_SCIENTIST = "data_scientist"
    ADMIN = "admin"


Person = Annotated[
    str | None, typer.Option(help="Act for this person of the staff file only, for example A0001.")
]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    keys = typer.Typer(no_args_is_help=True, help="API keys.")
    keys.callback()(two_words)
    keys.command()(create)
    app.add_typer(keys, name="key")
    console = typer.Typer(no_args_is_help=True, help="Entry to the console.")
    console.callback()(two_words)
    console.command()(link)
    app.add_typer(console, name="console")


def two_words() -> None:
    """Keeps ``key create`` and ``console link`` two words, though each group has one command."""


def create(
    roles: Annotated[list[Role], typer.Argument(help="What the key may do; one key for each role named.")],
    person: Annotated[
        list[str] | None,
        typer.Option(
            help="Act for this person of the staff file only, for example A0001; given several times, a key for each."
        ),
    ] = None,
) -> None:
    """Make keys and print them, once: only their hashes are kept.

    ```sh
    contact key create portal
    contact key create agent --person A0001
    contact key create portal ivr gateway
    contact key create agent --person A0001 --person A0002
    ```

    Of several each line says whose it is: `portal KEY`, `agent A0001 KEY`. Send a key as `Authorization: Bearer KEY`.
    """
    persons: list[str | None] = [*(person or ())] or [None]
    wanted = [(role.value, whose) for role in roles for whose in persons]

    async def work(ports: Ports) -> list[str]:
        for whose in persons:
            await _known_person(ports, whose)
        return [await ports.keys.create(role, whose) for role, whose in wanted]

    made = with_ports(work)
    for (role, whose), key in zip(wanted, made, strict=True):
        typer.echo(key if len(made) == 1 else " ".join([role, *([whose] if whose else []), key]))


def link(
    role: Annotated[Role, typer.Option(help="What the session may do.")] = Role.ADMIN, person: Person = None
) -> None:
    """Print a link into the console, good once, for 60 seconds.

    ```sh
    contact console link --role agent --person A0001
    ```
    """

    async def work(house: House) -> str:
        await _known_person(house.ports, person)
        token = await house.ports.keys.console_link(role.value, person)
        return f"{_answering(house.settings)}/session?token={token}"

    typer.echo(with_house(work))


def _answering(settings: Settings) -> str:
    """The address the running service left; without one the link is for the service that is started next."""
    if settings.address_file.exists():
        return settings.address_file.read_text()
    typer.echo(f"no service runs on {settings.home}: start one with `contact serve` first", err=True)
    return settings.own_url


async def _known_person(ports: Ports, person: str | None) -> None:
    if person is None:
        return
    try:
        await ports.customers.person(person)
    except NotFound:
        raise Complaint(
            f"there is nobody {person} on the staff file: run `contact import staff FILE --mapping MAPPING`"
        ) from None

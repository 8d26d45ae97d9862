"""Commands for API keys and links into the console: ``key …`` and ``console link``."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from contact.clock import real_now
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import playbook_of, with_house, with_ports, with_standing_ports
from contact.faults import Conflict, NotFound
from contact.ports import KeyRow, Person, Ports
from contact.settings import Settings
from strategies.instants import DAY, HOUR, Instant, to_datetime

if TYPE_CHECKING:
    from contact.wiring import House

_T = TypeVar("_T")


class Role(StrEnum):
    """What a key may do (the table is in docs/start-operators.md)."""

    AGENT = "agent"
    STRATEGIST = "strategist"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    ACCOUNT_MANAGER = "account_manager"
    PORTAL = "portal"
    IVR = "ivr"
    GATEWAY = "gateway"
    DATA_SCIENTIST = "data_scientist"
    ADMIN = "admin"


OfPerson = Annotated[
    str | None,
    typer.Option("--person", help="Act for this person of the staff file only, for example A0001."),
]
Unit = Annotated[
    str | None,
    typer.Option(help="Only customers of this unit and those below it; left out: of the whole operator."),
]
Days = Annotated[
    int | None, typer.Option("--days", help="The key runs out after so many days.", min=1, max=3650)
]
Prefix = Annotated[
    str, typer.Argument(help="The first part of the key, as `contact key list` shows it: ck_7f3k2m9q.")
]
Why = Annotated[str, typer.Option(help="For the audit trail.")]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    keys = typer.Typer(no_args_is_help=True, help="API keys: made, listed, revoked, exchanged.")
    keys.command()(create)
    keys.command("list")(listed)
    keys.command()(revoke)
    keys.command()(rotate)
    app.add_typer(keys, name="key")
    console = typer.Typer(no_args_is_help=True, help="Entry to the console.")
    console.callback()(two_words)
    console.command()(link)
    app.add_typer(console, name="console")


def two_words() -> None:
    """Keeps ``console link`` two words, though the group has one command."""


def by_whom() -> str:
    """Who is written down for what a command changes: the user of this machine."""
    return getpass.getuser()


def create(
    roles: Annotated[list[Role], typer.Argument(help="What the key may do; one key for each role named.")],
    person: Annotated[
        list[str] | None,
        typer.Option(
            help="Act for this person of the staff file only, for example A0001; given several times, a key for each."
        ),
    ] = None,
    unit: Unit = None,
    days: Days = None,
) -> None:
    """Make keys and print them, once: only their hashes are kept.

    ```sh
    contact key create portal
    contact key create agent --person A0001
    contact key create portal ivr gateway --days 365
    contact key create supervisor --unit B01
    contact key create account_manager --person v-B01
    ```

    Of several each line says whose it is: `portal KEY`, `agent A0001 KEY`. Send a key as `Authorization: Bearer KEY`.
    """
    persons: list[str | None] = [*(person or ())] or [None]
    wanted = [(role.value, whose) for role in roles for whose in persons]
    if None in persons and Role.ACCOUNT_MANAGER in roles:
        raise Complaint("an account manager sees the own customers: say whose they are with --person ID")

    async def work(ports: Ports) -> list[str]:
        for whose in persons:
            await known_person(ports, whose)
        await known_unit(ports, unit)
        made = []
        for role, whose in wanted:
            made.append(await ports.keys.create(role, whose, unit=unit, expires=_after(days), by=by_whom()))
        return made

    made = with_ports(work)
    for (role, whose), key in zip(wanted, made, strict=True):
        typer.echo(key if len(made) == 1 else " ".join([role, *([whose] if whose else []), key]))


def listed(
    everything: Annotated[bool, typer.Option("--all", help="Those that hold no longer, too.")] = False,
) -> None:
    """List keys: the part that names each, whose it is, and until when it holds.

    ```sh
    contact key list
    contact key revoke ck_7f3k2m9q --why "laptop lost"
    ```
    """
    found = with_standing_ports(lambda ports: ports.keys.keys())
    rows = [
        (each.prefix, each.role, each.person or "-", each.unit or "-", _day(each.created), _state(each))
        for each in found
        if everything or _holds(each)
    ]
    none = "no key holds: `contact key create ROLE` makes one"
    printing.table(("key", "role", "person", "unit", "since", "holds"), rows, none=none)


def revoke(prefix: Prefix, why: Why = "") -> None:
    """End a key: the next request with it is refused, in every process.

    ```sh
    contact key revoke ck_7f3k2m9q --why "laptop lost"
    ```
    """
    told(lambda ports: ports.keys.revoke(prefix, by=by_whom(), why=why))
    typer.echo(f"{prefix} is revoked")


def rotate(
    prefix: Prefix,
    keep_hours: Annotated[
        int,
        typer.Option(
            "--keep-hours", help="The old key goes on so long, to exchange it without a gap.", min=0, max=720
        ),
    ] = 0,
    days: Days = None,
) -> None:
    """Exchange a key for a new one of the same role, person and unit, and print it, once.

    ```sh
    contact key rotate ck_7f3k2m9q --keep-hours 24
    ```
    """
    keep, expires = keep_hours * HOUR, _after(days)
    typer.echo(told(lambda ports: ports.keys.rotate(prefix, keep=keep, by=by_whom(), expires=expires)))


def link(
    role: Annotated[Role, typer.Option(help="What the session may do.")] = Role.ADMIN,
    person: OfPerson = None,
    unit: Unit = None,
) -> None:
    """Print a link into the console, good once, for 60 seconds.

    ```sh
    contact console link --role agent --person A0001
    ```
    """

    async def work(house: House) -> str:
        await known_person(house.ports, person)
        await known_unit(house.ports, unit)
        token = await house.ports.keys.console_link(role.value, person, unit=unit)
        return f"{answering(house.settings)}/session?token={token}"

    typer.echo(with_house(work))


def answering(settings: Settings) -> str:
    """The address the running service left; without one the link is for the service that is started next."""
    if settings.address_file.exists():
        return settings.address_file.read_text()
    typer.echo(f"no service runs on {settings.home}: start one with `contact serve` first", err=True)
    return settings.own_url


async def known_person(ports: Ports, person: str | None) -> Person | None:
    """The person of the staff file. Raises Complaint where there is nobody of this id."""
    if person is None:
        return None
    try:
        return await ports.customers.person(person)
    except NotFound:
        raise Complaint(
            f"there is nobody {person} on the staff file: run `contact import staff FILE --mapping MAPPING`"
        ) from None


async def known_unit(ports: Ports, unit: str | None) -> None:
    """Raises Complaint where the playbook in force has no such unit."""
    if unit is not None and unit not in (await playbook_of(ports)).units:
        raise Complaint(f"there is no unit {unit}: units.yaml of the playbook in force lists them")


def told(work: Callable[[Ports], Awaitable[_T]]) -> _T:
    """What the ports answer; what cannot be is one line."""
    try:
        return with_standing_ports(work)
    except (NotFound, Conflict) as fault:
        raise Complaint(fault.detail) from None


def _after(days: int | None) -> Instant | None:
    return None if days is None else Instant(real_now() + days * DAY)


def _holds(key: KeyRow) -> bool:
    return key.revoked is None and (key.expires is None or key.expires > real_now())


def _state(key: KeyRow) -> str:
    if key.revoked is not None:
        return f"revoked {_day(key.revoked)}"
    if key.expires is None:
        return "without end"
    return f"until {_day(key.expires)}" if _holds(key) else f"ran out {_day(key.expires)}"


def _day(at: Instant) -> str:
    return f"{to_datetime(at):%Y-%m-%d}"

"""``contact person``: who logs in to the console with a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.keeping.access import Role, Why, answering, by_whom, known_person, known_unit, told
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import with_standing_house, with_standing_ports
from contact.ports import LoginRow
from strategies.instants import to_datetime

if TYPE_CHECKING:
    from contact.wiring import House

MACHINES = (Role.PORTAL, Role.IVR, Role.GATEWAY)
PEOPLE = tuple(role for role in Role if role not in MACHINES)
Id = Annotated[str, typer.Argument(help="The id on the staff file.")]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    people = typer.Typer(no_args_is_help=True, help="People who log in to the console with a password.")
    people.command()(password)
    people.command("list")(listed)
    people.command()(bar)
    app.add_typer(people, name="person")


def password(
    person: Id,
    role: Annotated[
        Role | None, typer.Option(help="What they may do; left out: as the staff file says.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Whose customers; left out: the person's unit on the staff file.")
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Customers of the whole operator.")
    ] = False,
) -> None:
    """Print a link, good once within a day, with which a person sets the password for the console.

    A person who has a password keeps it until the link is used; then every open session of theirs ends.

    ```sh
    contact person password A0001
    contact person password m-B01-G01 --role supervisor
    contact person password A0002 --role analyst --everywhere
    ```
    """
    if unit is not None and everywhere:
        raise Complaint("--unit and --everywhere contradict each other: give one of them")

    async def work(house: House) -> str:
        known = await known_person(house.ports, person)
        assert known is not None
        what = role.value if role is not None else known.role
        if what not in PEOPLE:
            roles = ", ".join(each.value for each in PEOPLE)
            raise Complaint(f"{person} cannot log in as {what!r}: say --role, one of {roles}")
        whose = None if everywhere else unit or known.unit
        await known_unit(house.ports, whose)
        token = await house.ports.logins.invite(person, what, whose, by=by_whom())
        return f"{answering(house.settings)}/password?token={token}"

    typer.echo(with_standing_house(work))


def listed() -> None:
    """List who may log in with a password, as what, and for which unit.

    ```sh
    contact person list
    ```
    """
    found = with_standing_ports(lambda ports: ports.logins.logins())
    rows = [(each.person, each.role, each.unit or "everywhere", _state(each)) for each in found]
    none = "nobody has a password: `contact person password ID` prints a link to set one"
    printing.table(("person", "role", "unit", "password"), rows, none=none)


def bar(person: Id, why: Why = "") -> None:
    """Take somebody's password and end their sessions; keys of the person are revoked by `contact key revoke`.

    ```sh
    contact person bar A0001 --why "left the company"
    ```
    """
    ended = told(lambda ports: ports.logins.bar(person, by=by_whom(), why=why))
    typer.echo(f"{person} is barred; {ended} session{'' if ended == 1 else 's'} ended")


def _state(login: LoginRow) -> str:
    if login.barred:
        return "barred"
    if not login.on_staff:
        return "not on the staff file"
    return "not set yet" if login.set is None else f"since {to_datetime(login.set):%Y-%m-%d}"

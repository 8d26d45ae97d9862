"""How a command reaches the stores: opened for it, closed after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from contact import telemetry
from contact.faces.cli.terminal.complaints import Complaint
from contact.faults import NotFound
from contact.ports import Ports
from contact.settings import Settings
from strategies.declared.playbook import Playbook

if TYPE_CHECKING:
    from contact.wiring import House

_T = TypeVar("_T")


def with_house(work: Callable[[House], Awaitable[_T]], settings: Settings | None = None) -> _T:
    """Run ``work`` on the joined service of these settings, by default the environment's."""

    async def run() -> _T:
        from contact.wiring import join

        house = await join(settings or Settings.from_environment())
        try:
            return await work(house)
        finally:
            await house.close()

    telemetry.start_logging(level=logging.WARNING)  # what a command did it says itself
    return asyncio.run(run())


def with_ports(work: Callable[[Ports], Awaitable[_T]]) -> _T:
    """Run ``work`` on the ports alone."""
    return with_house(lambda house: work(house.ports))


def with_standing_house(work: Callable[[House], Awaitable[_T]]) -> _T:
    """``with_house`` for what works on a store that is there: where none is, an empty one would only mislead.

    Raises Complaint there, and makes nothing.
    """
    from contact.storage.open import stands

    settings = Settings.from_environment()
    url = settings.database_url
    if url.startswith(("sqlite:///", "postgresql://", "postgres://")) and not stands(url):
        where = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else "CONTACT_DATABASE_URL"
        raise Complaint(
            f"there is no store at {where}: look at CONTACT_HOME and CONTACT_DATABASE_URL; `contact publish config/` begins"
            " one, `contact restore FOLDER` brings back one that was lost"
        )
    return with_house(work, settings)


def with_standing_ports(work: Callable[[Ports], Awaitable[_T]]) -> _T:
    """The same on the ports alone."""
    return with_standing_house(lambda house: work(house.ports))


async def playbook_of(ports: Ports) -> Playbook:
    """The playbook in force. Raises Complaint that says how to publish one."""
    try:
        return await ports.playbooks.current()
    except NotFound:
        raise Complaint("no playbook is published yet: run `contact publish config/`") from None


async def known_customer(ports: Ports, customer: str) -> None:
    """Raises Complaint where nobody of this id was imported."""
    try:
        await ports.customers.identity(customer)  # type: ignore[arg-type]
    except NotFound:
        await any_customer(ports)
        raise Complaint(
            f"there is no customer {customer}: check the id, as the customers file spells it"
        ) from None


async def customer_calling(ports: Ports, caller: str) -> str:
    """The id of who calls, said by id or by number. Raises Complaint where nobody has it, or several have the number."""
    if not caller.startswith("+"):
        await known_customer(ports, caller)
        return caller
    holders = await ports.customers.find_by_number(caller)
    if len(holders) != 1:
        await any_customer(ports)
        who = "nobody has" if not holders else f"{len(holders)} customers share"
        raise Complaint(f"{who} this number: such a caller hears everybody's menu")
    return holders[0]


async def any_customer(ports: Ports) -> None:
    """Raises Complaint where nobody was imported yet."""
    if await ports.customers.count() == 0:
        raise Complaint(
            "there are no customers yet: run `contact import customers FILE --mapping MAPPING`"
        ) from None

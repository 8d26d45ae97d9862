"""A process that takes tasks in as fast as it can and writes down each that was acknowledged; made to be killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from contact.settings import Settings
from contact.wiring import House, join
from tests.faults.messages import reserve_one
from tests.faults.tally import Tally
from tests.races import mutants

CLIENTS = 8


async def take_in(folder: Path, first: int, last: int, mutant: str) -> None:
    """One message for each customer of the range, in order; those an earlier run has had acknowledged are left out."""
    house = await join(Settings.from_environment())
    if mutant != "-":
        mutants.switch_on(mutant, house.stores)
    tally = Tally(folder, "accepted")
    waiting = iter(range(first, last + 1))
    await asyncio.gather(*(_client(house, waiting, tally) for _ in range(CLIENTS)))
    await asyncio.sleep(0.5)  # what a mutant does later, it does now
    await house.close()


async def _client(house: House, waiting: object, tally: Tally) -> None:
    for number in waiting:  # type: ignore[attr-defined]
        tally.note("attempt", f"C{number}")
        try:
            contact = await reserve_one(house.ports, f"C{number}")
        except Exception as error:
            tally.note(f"error:{type(error).__name__}", f"C{number}")
            continue
        if contact is not None:
            tally.note("accepted", contact, f"C{number}")


def run(folder: Path, first: int, last: int, mutant: str) -> None:
    """In a process of its own."""
    asyncio.run(take_in(folder, first, last, mutant))

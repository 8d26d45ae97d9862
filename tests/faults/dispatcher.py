"""A worker's dispatching and sweeping in a process of its own, over whatever build."""

from __future__ import annotations

import asyncio

from contact.channels import sms
from contact.faces.worker.loops import dispatch_loop, sweep_loop
from contact.settings import Settings
from contact.wiring import join
from tests.races import mutants

PATIENCE_SECONDS = 1.0
"""With a gateway that hangs; as shipped it is longer, which would only make the run longer."""


async def work(mutant: str) -> None:
    """The loops of the service, until killed."""
    sms.ANSWER_SECONDS = PATIENCE_SECONDS
    house = await join(Settings.from_environment())
    if mutant != "-":
        mutants.switch_on(mutant, house.stores)
    stopping = asyncio.Event()
    await asyncio.gather(dispatch_loop(house.ports, stopping), sweep_loop(house.ports, stopping))


def run(mutant: str) -> None:
    """In a process of its own."""
    asyncio.run(work(mutant))

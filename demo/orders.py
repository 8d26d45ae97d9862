"""The order desk (CRM): reports every order, of those who were reached and of those who came by themselves.

python -m demo.orders --service http://127.0.0.1:8080 --keys var/demo/keys --truth var/demo/truth.json
"""

from __future__ import annotations

import asyncio

from demo.calling import CallFailed, Service, read_key, reason
from demo.party import Doings, Step, arguments, obey, run
from demo.truth import Truth, read_truth

SPONTANEOUS = "spontaneous"
"""The step in which all those order who want to without being asked, contacted or not."""


class OrderDesk:
    """Books orders; the same order is booked once, however it came about."""

    def __init__(self, service: Service, truth: Truth) -> None:
        self._service, self._truth = service, truth

    async def book(self, step: Step) -> Doings:
        """What the channels passed on, or the orders nobody caused."""
        doings = Doings()
        orders = [(yes["customer"], yes["offer"]) for yes in step.said_yes]
        if step.what == SPONTANEOUS:
            orders += [
                (nature.id, offer)
                for nature in self._truth.natures.values()
                for offer in nature.wants
                if self._truth.would_order(nature.id, offer, None)
            ]
        await asyncio.gather(*(self._order(customer, offer, doings) for customer, offer in orders))
        return doings

    async def _order(self, customer: str, offer: str, doings: Doings) -> None:
        event = {
            "id": f"order-{customer}-{offer}",
            "type": "ordered",
            "customer": customer,
            "at": await self._service.now(),
            "data": {"offer": offer},
        }
        try:
            status, answer = await self._service.post("/v1/events", event)
        except CallFailed as failed:
            doings.faults.append(str(failed))
            return
        if status != 200:
            doings.faults.append(f"order: {status} {reason(answer)}")
        else:
            doings.count("orders" if answer["accepted"] else "orders known already")


async def main() -> None:
    """Book until standard input closes."""
    options = arguments("The order desk of the demonstration.").parse_args()
    async with Service(options.service, read_key(options.keys / "portal")) as service:
        await obey(OrderDesk(service, read_truth(options.truth)).book)


if __name__ == "__main__":
    run(main)

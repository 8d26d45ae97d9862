"""The web portal: visitors come, it asks what to show, shows it, and reports views, clicks and orders.

python -m demo.portal --service http://127.0.0.1:8080 --keys var/demo/keys --truth var/demo/truth.json
"""

from __future__ import annotations

import asyncio

from demo.calling import CallFailed, Service, read_key
from demo.draws import draw
from demo.party import Doings, Step, arguments, obey, run
from demo.showing import ask, comes_now, reacts, report
from demo.truth import Nature, Truth, read_truth


class Portal:
    """The web hall and those who visit it."""

    def __init__(self, service: Service, truth: Truth, steps: int) -> None:
        self._service, self._truth, self._steps = service, truth, steps

    async def serve(self, step: Step) -> Doings:
        """Everybody whose visit falls into this step."""
        doings = Doings()
        visitors = [
            nature
            for nature in self._truth.natures.values()
            if nature.visits and comes_now(self._truth, "visit", nature.id, step.number, self._steps)
        ]
        await asyncio.gather(*(self._visit(nature, doings) for nature in visitors))
        return doings

    async def _visit(self, nature: Nature, doings: Doings) -> None:
        try:
            decision = await ask(self._service, nature, "web", by_number=False, doings=doings)
            if decision is None:
                return
            if reacts(self._truth, nature, decision, doings):
                types = ["shown", "clicked", "accepted"]
            else:
                types = (
                    ["shown", "clicked"] if draw(self._truth.seed, "clicks", nature.id) < 0.2 else ["shown"]
                )
            await report(self._service, decision, nature, types, doings)
        except CallFailed as failed:
            doings.faults.append(str(failed))


async def main() -> None:
    """Serve until standard input closes."""
    parser = arguments("The web portal of the demonstration.")
    parser.add_argument("--steps", type=int, default=12, help="over how many steps the visits are spread")
    options = parser.parse_args()
    async with Service(options.service, read_key(options.keys / "portal")) as service:
        await obey(Portal(service, read_truth(options.truth), options.steps).serve)


if __name__ == "__main__":
    run(main)

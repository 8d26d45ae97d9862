"""The hotline: customers ring, the agent looks who it is and what to offer, offers it, and records an opt-out.

python -m demo.hotline --service http://127.0.0.1:8080 --keys var/demo/keys --truth var/demo/truth.json
"""

from __future__ import annotations

import asyncio

from demo.calling import CallFailed, Service, read_key, reason
from demo.draws import draw
from demo.party import Doings, Step, arguments, obey, run
from demo.showing import ask, comes_now, reacts, report
from demo.staff import HOTLINE_AGENTS
from demo.truth import Nature, Truth, read_truth

_WANTS_NO_PROMOTION = 0.05


class Hotline:
    """The hotline and those who call it."""

    def __init__(self, service: Service, truth: Truth, steps: int) -> None:
        self._service, self._truth, self._steps = service, truth, steps

    async def serve(self, step: Step) -> Doings:
        """Everybody whose call falls into this step."""
        doings = Doings()
        callers = [
            nature
            for nature in self._truth.natures.values()
            if nature.rings and comes_now(self._truth, "ring", nature.id, step.number, self._steps)
        ]
        await asyncio.gather(*(self._call(nature, doings) for nature in callers))
        return doings

    async def _call(self, nature: Nature, doings: Doings) -> None:
        try:
            if draw(self._truth.seed, "wants no promotion", nature.id) < _WANTS_NO_PROMOTION:
                await self._opt_out(nature, doings)
                return
            decision = await ask(self._service, nature, "agent", by_number=True, doings=doings)
            if decision is not None:
                took = reacts(self._truth, nature, decision, doings)
                await report(
                    self._service, decision, nature, ["shown", "accepted" if took else "rejected"], doings
                )
        except CallFailed as failed:
            doings.faults.append(str(failed))

    async def _opt_out(self, nature: Nature, doings: Doings) -> None:
        body = {"given": False, "channel": "all", "category": "all", "source": "hotline"}
        status, answer = await self._service.post(f"/v1/customers/{nature.id}/consents", body)
        if status != 200:
            raise CallFailed(f"consent: {status} {reason(answer)}")
        doings.count("opt-outs")
        doings.count("tasks cancelled by opt-out", int(answer["cancelled"]))


async def main() -> None:
    """Serve until standard input closes."""
    parser = arguments("The hotline of the demonstration.")
    parser.add_argument("--steps", type=int, default=12, help="over how many steps the calls are spread")
    options = parser.parse_args()
    async with Service(options.service, read_key(options.keys / f"agent-{HOTLINE_AGENTS[0]}")) as service:
        await obey(Hotline(service, read_truth(options.truth), options.steps).serve)


if __name__ == "__main__":
    run(main)

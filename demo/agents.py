"""The outbound agents: each pulls the next task, asks for the permit, calls, and reports what came of it.

python -m demo.agents --service http://127.0.0.1:8080 --keys var/demo/keys --truth var/demo/truth.json
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from demo.calling import CallFailed, Service, read_key, reason
from demo.draws import draw
from demo.party import Doings, Step, arguments, obey, run
from demo.staff import OUTBOUND_AGENTS
from demo.truth import Truth, read_truth

_GIVEN_BACK = 0.02
_BUSY_SHARE = 0.25
_WRONG_NUMBER = 0.01
_MOST_PULLS = 400


class Agents:
    """All outbound agents of the operator, at their desks at the same time."""

    def __init__(self, desks: dict[str, Service], truth: Truth) -> None:
        self._desks, self._truth = desks, truth
        self._given_back: set[str] = set()

    async def work(self, step: Step) -> Doings:
        """Every agent pulls until there is nothing left for them."""
        doings = Doings()
        await asyncio.gather(*(self._shift(agent, step, doings) for agent in self._desks))
        return doings

    async def _shift(self, agent: str, step: Step, doings: Doings) -> None:
        for _ in range(_MOST_PULLS):
            status, pulled = await self._desks[agent].post(
                f"/v1/agents/{agent}/next", {"channel": "outbound_call"}
            )
            if status != 200:
                doings.faults.append(f"next: {status} {reason(pulled)}")
                return
            if pulled["task"] is None:
                return
            try:
                await self._task(agent, pulled["task"], step, doings)
            except CallFailed as failed:
                doings.faults.append(str(failed))
                return

    async def _task(self, agent: str, task: dict[str, Any], step: Step, doings: Doings) -> None:
        desk, path = self._desks[agent], f"/v1/tasks/{task['task']}"
        customer = str(task["customer"])
        if customer not in self._given_back and self._chance("gives back", customer) < _GIVEN_BACK:
            self._given_back.add(customer)
            status, answer = await desk.post(
                f"{path}/give-back", {"fence": task["fence"], "reason": "end of shift"}
            )
            _expect(status, answer, "give-back")
            doings.count("given back")
            return
        status, answer = await desk.post(f"{path}/start", {"fence": task["fence"]})
        if status == 409:
            doings.count("start refused")
            return
        _expect(status, answer, "start")
        doings.count("calls")
        report = self._call(task, step, doings)
        status, done = await desk.post(f"{path}/complete", {"fence": answer["fence"], **report})
        _expect(status, done, "complete")
        doings.count(f"result {report['result']}")

    def _call(self, task: dict[str, Any], step: Step, doings: Doings) -> dict[str, str]:
        """What the customer does when the phone rings."""
        customer, offer = str(task["customer"]), str(task["offer"])
        nature = self._truth.natures[customer]
        attempt = f"{offer}/{task['attempts']}"
        if not self._truth.answers(customer, step.hour, attempt):
            busy = self._chance(f"busy/{attempt}", customer) < _BUSY_SHARE
            return {"result": "busy" if busy else "no_answer"}
        if self._chance("wrong number", customer) < _WRONG_NUMBER:
            return {"result": "wrong_number"}
        if nature.forbids_calls:
            return {"result": "do_not_contact", "do_not_contact": "marketing_calls"}
        fact = {"customer": customer, "offer": offer, "channel": "outbound_call"}
        doings.reached.append(fact)
        if self._truth.would_order(customer, offer, "outbound_call"):
            doings.said_yes.append(fact)
            return {"result": "accepted", "note": "starts with the next bill"}
        return {"result": "wants_time" if self._chance("hesitates", customer) < 0.3 else "rejected"}

    def _chance(self, what: str, customer: str) -> float:
        return draw(self._truth.seed, what, customer)


def _expect(status: int, answer: Any, what: str) -> None:
    if status != 200:
        raise CallFailed(f"{what}: {status} {reason(answer)}")


async def main() -> None:
    """Work until standard input closes."""
    options = arguments("The outbound agents of the demonstration.").parse_args()
    keys = {agent: read_key(options.keys / f"agent-{agent}") for agent in OUTBOUND_AGENTS}
    async with AsyncExitStack() as stack:
        desks = {
            agent: await stack.enter_async_context(Service(options.service, key))
            for agent, key in keys.items()
        }
        await obey(Agents(desks, read_truth(options.truth)).work)


if __name__ == "__main__":
    run(main)

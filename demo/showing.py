"""What a channel the customer comes to does with an offer: asks, shows it, and reports what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from demo.calling import CallFailed, Service, reason
from demo.draws import draw
from demo.party import Doings
from demo.truth import Nature, Truth


async def ask(service: Service, nature: Nature, channel: str, *, by_number: bool, doings: Doings) -> Any:
    """The decision for this customer, with a place reserved for what is about to be shown; None where refused."""
    who = {"number": nature.number} if by_number else {"customer": nature.id}
    status, decision = await service.post("/v1/decisions", {**who, "channel": channel, "reserve": True})
    if status != 200:
        doings.faults.append(f"decision: {status} {reason(decision)}")
        return None
    doings.count("decisions")
    if decision["chosen"] is None:
        doings.count("nothing to show")
        return None
    return decision


async def report(
    service: Service, decision: Any, nature: Nature, types: Iterable[str], doings: Doings
) -> None:
    """Report what became of the chosen offer, one event for each type, in this order."""
    chosen = decision["chosen"]
    for kind in types:
        event = {
            "id": f"{kind}-{decision['decision']}",
            "type": kind,
            "customer": nature.id,
            "strategy": chosen["strategy"],
            "offer": chosen["offer"],
            "channel": chosen["channel"],
            "at": await service.now(),
        }
        status, answer = await service.post(f"/v1/decisions/{decision['decision']}/events", event)
        if status != 200:
            raise CallFailed(f"{kind}: {status} {reason(answer)}")
        doings.count(kind)


def comes_now(truth: Truth, what: str, customer: str, step: int, steps: int) -> bool:
    """Whether the customer's one visit falls into this step."""
    return int(draw(truth.seed, what, customer) * steps) == step


def reacts(truth: Truth, nature: Nature, decision: Any, doings: Doings) -> bool:
    """Whether the customer takes what is shown; kept in the doings either way."""
    offer, channel = str(decision["chosen"]["offer"]), str(decision["chosen"]["channel"])
    fact = {"customer": nature.id, "offer": offer, "channel": channel}
    doings.reached.append(fact)
    if not truth.would_order(nature.id, offer, channel):
        return False
    doings.said_yes.append(fact)
    return True

"""For channels the customer is in: what next, and what became of it."""

from __future__ import annotations

import asyncio

from contact.domain.answers import DecisionAnswer
from contact.faces.http.bodies.bodies import DecisionBody, ShowingBody
from contact.faces.http.edge.meters import DECISIONS, count_refusals
from contact.faces.http.edge.problems import ProblemPlace, RequestProblem
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import AcceptedAnswer
from contact.faces.http.routes.privacy import count_look_first
from contact.faults import Conflict, NotFound, StoreUnavailable
from contact.flow.deciding.decide import PATIENCE_SECONDS, DecisionRequest, decide
from contact.flow.deciding.report import ShowingReport, report


async def post_decision(call: Call) -> Reply:
    """Advice, and a task where it was asked to reserve."""
    body: DecisionBody = call.body
    customer = await _customer_of(call, body)
    blind = await _is_blind(call, customer, body.reserve)
    request = DecisionRequest(
        customer=customer,
        channel=body.channel,
        reserve=body.reserve,
        strategies=body.strategies,
        limit=body.limit,
        language=body.language,
    )
    answer = await decide(call.ports, request, blind=blind)
    DECISIONS.labels(body.channel, _outcome(answer)).inc()
    count_refusals(answer.refusals)
    return Reply(answer)


async def post_showing(call: Call) -> Reply:
    """What a channel showed and what the customer did with it."""
    body: ShowingBody = call.body
    showing = ShowingReport(
        id=body.id,
        type=body.type,
        customer=body.customer,
        strategy=body.strategy,
        offer=body.offer,
        channel=body.channel,
        at=body.at,
    )
    return Reply(AcceptedAnswer(accepted=await report(call.ports, call.path["decision"], showing)))


def require_not_both(customer: str | None, number: str | None) -> None:
    """Raises RequestProblem where a body names somebody in two ways."""
    if customer is not None and number is not None:
        place = ProblemPlace(message="customer or number, not both", pointer="/number")
        raise RequestProblem("invalid_value", "Send `customer` or `number`, not both.", errors=[place])


async def _customer_of(call: Call, body: DecisionBody) -> str:
    require_not_both(body.customer, body.number)
    if body.customer is not None:
        return body.customer
    if body.number is None:
        place = ProblemPlace(message="customer or number is required", pointer="/customer")
        raise RequestProblem("missing_field", "Send `customer` or `number`.", errors=[place])
    if not call.caller.proved:
        raise StoreUnavailable("whose number it is stands in the store, which may not be asked")
    found = await call.ports.customers.find_by_number(body.number)
    if not found:
        raise NotFound("no customer has this number")
    if len(found) > 1:
        raise Conflict(f"{len(found)} customers have this number; ask by `customer`")
    return found[0]


async def _is_blind(call: Call, customer: str, reserve: bool) -> bool:
    """Whether the store may not be asked or does not answer; else a person's asking is counted, before any place is kept.

    Raises NotFound, TooManyCards.
    """
    if not call.caller.proved:
        return True
    try:
        async with asyncio.timeout(None if reserve else PATIENCE_SECONDS):
            await count_look_first(call, customer)
    except (StoreUnavailable, TimeoutError):
        return True
    return False


def _outcome(answer: DecisionAnswer) -> str:
    if answer.chosen is None:
        return "none"
    return "deferred" if answer.deferred_to is not None else "chosen"

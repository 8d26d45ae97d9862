"""For gateways and other systems: what happened out there; each report carries its own id and is applied once."""

from __future__ import annotations

from datetime import UTC, datetime

from contact.faces.http.bodies.bodies import EventBody, ReceiptBody, ReplyBody
from contact.faces.http.edge.kannel_query import (
    STATES,
    LinkedReceiptQuery,
    ReceiptQuery,
    ReplyQuery,
    happened_at,
)
from contact.faces.http.edge.problems import RequestProblem
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import AcceptedAnswer
from contact.faults import NotFound
from contact.flow.hearing import receive


async def post_receipt(call: Call) -> Reply:
    """A gateway's report on one contact."""
    body: ReceiptBody = call.body
    return await _receipt(call, receive.ReceiptBody(body.id, body.contact, body.state, body.at, body.result))


async def get_receipt(call: Call) -> Reply:
    """A gateway's report on one contact, in a query; its state in words or as Kannel's ``dlr-url`` writes it."""
    query: ReceiptQuery = call.query
    at, id = happened_at(query), query.id or f"{query.contact}.{query.state}"
    return await _receipt(call, _report(id, query.contact, query.state, at, query.result))


async def get_linked_receipt(call: Call) -> Reply:
    """The same at the address the gateway was given with the message; its signature is the permission."""
    query: LinkedReceiptQuery = call.query
    contact = call.path["contact"]
    if not call.ports.links.is_ours(call.path["signature"], "receipts", contact):
        raise RequestProblem(
            "not_found", "There is no such address for reports; use the one given with the message."
        )
    at = datetime.now(UTC) if query.seconds is None else datetime.fromtimestamp(query.seconds, UTC)
    return await _receipt(call, _report(f"{contact}.{query.state}", contact, query.state, at))


def _report(
    id: str, contact: str, state: str, at: datetime, result: str | None = None
) -> receive.ReceiptBody:
    return receive.ReceiptBody(id, contact, STATES[state], at, result)


async def _receipt(call: Call, report: receive.ReceiptBody) -> Reply:
    return Reply(AcceptedAnswer(accepted=await receive.receipt(call.ports, report)))


async def post_reply(call: Call) -> Reply:
    """A message a customer sent; STOP and its kin withdraw consent before this answers."""
    body: ReplyBody = call.body
    return await _reply(call, body.id, body.sender, body.text, body.at)


async def get_reply(call: Call) -> Reply:
    """The same in a query, as Kannel's ``get-url`` hands it in: its text in the character set it names."""
    query: ReplyQuery = call.query
    sender = f"+{query.sender.removeprefix('+')}"
    return await _reply(call, query.id, sender, query.text, happened_at(query))


async def _reply(call: Call, id: str, sender: str, text: str, at: datetime) -> Reply:
    return Reply(AcceptedAnswer(accepted=await receive.reply(call.ports, id, sender, text, at)))


async def post_event(call: Call) -> Reply:
    """Something happened to a customer or a unit; the next decision sees it."""
    body: EventBody = call.body
    if body.unit is not None and call.scope.units is not None and body.unit not in call.scope.units:
        raise NotFound(f"there is no unit {body.unit}")
    event = receive.EventBody(
        id=body.id, type=body.type, at=body.at, customer=body.customer, unit=body.unit, data=dict(body.data)
    )
    return Reply(AcceptedAnswer(accepted=await receive.event(call.ports, event)))

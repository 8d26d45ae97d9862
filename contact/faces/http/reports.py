"""For gateways and other systems: what happened out there; each report carries its own id and is applied once."""

from __future__ import annotations

from contact.faces.http.bodies import EventBody, ReceiptBody, ReplyBody
from contact.faces.http.row import Call, Reply
from contact.faces.http.shapes import AcceptedAnswer
from contact.flow import receive


async def take_receipt(call: Call) -> Reply:
    """A gateway's report on one contact, in body or query."""
    body: ReceiptBody = call.body or call.query
    report = receive.ReceiptBody(
        id=body.id, contact=body.contact, state=body.state, at=body.at, result=body.result
    )
    return Reply(AcceptedAnswer(accepted=await receive.receipt(call.ports, report)))


async def take_reply(call: Call) -> Reply:
    """A message a customer sent, in body or query; STOP and its kin withdraw consent before this answers."""
    body: ReplyBody = call.body or call.query
    accepted = await receive.reply(call.ports, body.id, body.sender, body.text, body.at)
    return Reply(AcceptedAnswer(accepted=accepted))


async def post_event(call: Call) -> Reply:
    """Something happened to a customer or a unit; the next decision sees it."""
    body: EventBody = call.body
    event = receive.EventBody(
        id=body.id, type=body.type, at=body.at, customer=body.customer, unit=body.unit, data=dict(body.data)
    )
    return Reply(AcceptedAnswer(accepted=await receive.event(call.ports, event)))

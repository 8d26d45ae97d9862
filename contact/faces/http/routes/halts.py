"""For whoever must stop contact at once, and let it go on."""

from __future__ import annotations

from contact.faces.http.bodies.ledger import HaltBody
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.flow.working import halt


async def get_halts(call: Call) -> Reply:
    """What is halted, since when, by whom and why."""
    return Reply(await halt.halts(call.ports))


async def post_halt(call: Call) -> Reply:
    """From this answer on nothing it covers is reserved or handed over."""
    body: HaltBody = call.body
    author, role = author_of(call.caller), call.caller.role
    return Reply(
        await halt.halt(
            call.ports, channel=body.channel, strategy=body.strategy, author=author, role=role, why=body.why
        )
    )


async def post_lift(call: Call) -> Reply:
    """Contact goes on; what waited is handed over at the channel's rate."""
    body: HaltBody = call.body
    author, role = author_of(call.caller), call.caller.role
    return Reply(
        await halt.resume(
            call.ports, channel=body.channel, strategy=body.strategy, author=author, role=role, why=body.why
        )
    )

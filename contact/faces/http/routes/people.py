"""For whoever keeps customers and numbers in order: merge two ids, say that a number changed hands."""

from __future__ import annotations

from contact.faces.http.bodies.ledger import MergeBody, RecycledBody
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.flow.people import merge
from strategies.instants import to_instant


async def post_merge(call: Call) -> Reply:
    """Everything of the old id is the new one's."""
    body: MergeBody = call.body
    author, role = author_of(call.caller), call.caller.role
    return Reply(
        await merge.merge_customers(call.ports, body.old, body.new, author=author, role=role, why=body.why)
    )


async def post_recycled(call: Call) -> Reply:
    """What was said of the number before no longer binds its new owner."""
    body: RecycledBody = call.body
    at = None if body.at is None else to_instant(body.at)
    author, role = author_of(call.caller), call.caller.role
    return Reply(
        await merge.recycle_number(call.ports, body.number, at, author=author, role=role, why=body.why)
    )

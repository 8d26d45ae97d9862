"""For whoever sets contacts right: look at one, correct its outcome, say what became of one nobody could tell of."""

from __future__ import annotations

from contact.faces.http.bodies.ledger import CorrectBody, ReconcileBody, UnknownQuery
from contact.faces.http.edge.callers import author_of, person_of
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.routes.privacy import count_look
from contact.flow.working import correct


async def get_contact(call: Call) -> Reply:
    """One contact with its moves and corrections."""
    found = await correct.show_contact(call.ports, call.path["contact"])
    await count_look(call, found.customer)
    return Reply(found)


async def get_unknown(call: Call) -> Reply:
    """Contacts of which nobody knows whether they went out."""
    query: UnknownQuery = call.query
    return Reply(await correct.unknown_contacts(call.ports, query.limit))


async def post_correct(call: Call) -> Reply:
    """Another outcome in place of the one reported; an agent corrects their own only."""
    body: CorrectBody = call.body
    return Reply(
        await correct.correct(
            call.ports,
            call.path["contact"],
            body.result,
            author=author_of(call.caller),
            role=call.caller.role,
            why=body.why,
            do_not_contact=body.do_not_contact,
            own_of=person_of(call.caller) if call.caller.role == "agent" else None,
        )
    )


async def post_reconcile(call: Call) -> Reply:
    """It was sent, which counts, or it was not."""
    body: ReconcileBody = call.body
    return Reply(
        await correct.reconcile(
            call.ports,
            call.path["contact"],
            body.state,
            author=author_of(call.caller),
            role=call.caller.role,
            why=body.why,
        )
    )

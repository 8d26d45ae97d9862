"""For whoever has a customer before them: the card, the timeline, consents, and why not."""

from __future__ import annotations

from contact.domain.acts import Act
from contact.faces.http.bodies.bodies import ConsentBody, ExplanationQuery, LanguageQuery, LookupBody
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import CancelledAnswer, ConsentsAnswer, CustomersAnswer, TimelineAnswer
from contact.faces.http.routes.privacy import count_look
from contact.flow.deciding.explain import explain, explain_decision
from contact.flow.hearing.record_consent import ConsentBody as ConsentRecord
from contact.flow.hearing.record_consent import record_consent
from contact.flow.working import show_customer
from strategies.instants import to_instant

SEEING_MASKED = frozenset({"agent", "supervisor", "account_manager", "portal", "ivr", "admin"})
"""Roles that see name and number of a customer, both masked; others see the card without them."""


async def get_card(call: Call) -> Reply:
    """The customer as this role may see them."""
    query: LanguageQuery = call.query
    masked = call.caller.role in SEEING_MASKED
    card = await show_customer.card(call.ports, call.path["customer"], query.language, masked)
    await count_look(call)
    return Reply(card)


async def get_timeline(call: Call) -> Reply:
    """Contacts over all channels, consents and events, newest first."""
    query: LanguageQuery = call.query
    customer = call.path["customer"]
    items = await show_customer.timeline(call.ports, customer, query.language)
    await count_look(call)
    return Reply(TimelineAnswer(customer=customer, items=items))


async def get_consents(call: Call) -> Reply:
    """What the customer allowed and withdrew, and what may be done now."""
    query: LanguageQuery = call.query
    card = await show_customer.card(call.ports, call.path["customer"], query.language, False)
    await count_look(call)
    return Reply(ConsentsAnswer(customer=card.customer, consents=card.consents, permissions=card.permissions))


async def get_explanation(call: Call) -> Reply:
    """Each candidate, each gate, each rule with the values compared."""
    query: ExplanationQuery = call.query
    customer = call.path["customer"]
    if query.decision is not None:
        found = await explain_decision(call.ports, query.decision, customer, query.strategy, query.channel)
    else:
        at = None if query.at is None else to_instant(query.at)
        found = await explain(call.ports, customer, query.strategy, query.channel, at)
    await count_look(call)
    return Reply(found)


async def post_lookup(call: Call) -> Reply:
    """Whose number this is."""
    body: LookupBody = call.body
    found = await call.ports.customers.find_by_number(body.number)
    for customer in found:
        await count_look(call, customer)
    return Reply(CustomersAnswer(customers=[str(customer) for customer in found]))


async def post_consent(call: Call) -> Reply:
    """A consent given or withdrawn; it binds before this answers."""
    body: ConsentBody = call.body
    record = ConsentRecord(
        given=body.given,
        channel=body.channel,
        category=body.category,
        source=body.source,
        evidence=body.evidence,
        until=body.until,
    )
    customer = call.path["customer"]
    by = Act(
        author_of(call.caller), call.caller.role, "consent.recorded", customer, {"given": int(body.given)}
    )
    return Reply(CancelledAnswer(cancelled=await record_consent(call.ports, customer, record, by=by)))

"""Personal data: shown in full for a reason on record, forgotten for good, and looked at no more than the day allows."""

from __future__ import annotations

from contact.faces.http.bodies.privacy import CardsBody, ErasureBody, RevealBody
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.flow.people.erase import erase
from contact.flow.people.reveal import allow_cards, card_budget, look_at_card, reveal
from contact.ports import WHOLE
from strategies.profile import CustomerId

SPEAKING_FOR_CUSTOMERS = frozenset({"portal", "ivr"})
"""Channels through which the customer looks: no person's budget."""


async def count_look(call: Call, customer: str | None = None) -> None:
    """Count a look at what is known of a customer, of the path's where none is named, unless it is the customer who looks.

    Raises TooManyCards.
    """
    if call.caller.role not in SPEAKING_FOR_CUSTOMERS:
        viewer, role = author_of(call.caller), call.caller.role
        await look_at_card(call.ports, customer or call.path["customer"], viewer=viewer, role=role)


async def count_look_first(call: Call, customer: str) -> None:
    """The same before anything was read of them: nobody is looked at who is not there. Raises NotFound, TooManyCards."""
    if call.caller.role not in SPEAKING_FOR_CUSTOMERS:
        await call.ports.customers.identity(CustomerId(customer))
        await count_look(call, customer)


async def post_reveal(call: Call) -> Reply:
    """Name and number in full; who asked and why is on record before this answers."""
    body: RevealBody = call.body
    author, role = author_of(call.caller), call.caller.role
    return Reply(await reveal(call.ports, call.path["customer"], author=author, role=role, why=body.why))


async def post_erase(call: Call) -> Reply:
    """The customer is forgotten when this answers."""
    body: ErasureBody = call.body
    customer = call.path["customer"]
    if call.scope != WHOLE:
        await call.ports.customers.identity(CustomerId(customer))  # of another unit: not found
    author, role = author_of(call.caller), call.caller.role
    return Reply(await erase(call.ports, customer, author=author, role=role, why=body.why))


async def get_cards(call: Call) -> Reply:
    """How many customers' cards a person opened today, and how many they may."""
    return Reply(await card_budget(call.ports, call.path["person"]))


async def post_cards(call: Call) -> Reply:
    """More for today."""
    body: CardsBody = call.body
    author, role = author_of(call.caller), call.caller.role
    answer = allow_cards(call.ports, call.path["person"], body.more, author=author, role=role, why=body.why)
    return Reply(await answer)

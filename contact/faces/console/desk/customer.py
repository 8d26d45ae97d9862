"""The customer card: who, may I contact and when, every contact so far, and what the customer allows."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
import phonenumbers
from aiohttp import web

from contact.domain.answers import CardAnswer
from contact.domain.call_answers import ScreenPopAnswer
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.labels import CONSENT_SOURCES
from contact.faces.console.shared.once import once
from contact.faces.console.shared.pages import answer
from contact.faces.http.edge.callers import author_of
from contact.faults import NotFound
from contact.flow.calls.screen_pop import screen_pop
from contact.flow.hearing.record_consent import ALL, PROMOTIONAL, ConsentBody, record_consent
from contact.flow.people.reveal import look_at_card, reveal
from contact.flow.working import show_customer
from contact.ports import Ports
from strategies.profile import CustomerId

ROLES = frozenset({"agent", "admin", "analyst", "strategist", "supervisor", "account_manager"})
SEE_MASKED = frozenset({"agent", "supervisor", "account_manager", "admin"})
"""Roles that see name and number masked, and in full for a reason; the others see the card without them."""
TAKES_CALLS = frozenset({"agent", "supervisor", "account_manager", "admin"})
"""Roles that a caller may be put through to: they see the call with the next best action."""
RECORD_ROLES = frozenset({"agent", "supervisor", "account_manager", "admin"})
DEFAULT_REGION = "CN"


async def show_search(turn: Turn) -> web.StreamResponse:
    """A form to find a customer by id or number; the number travels in the body, never in an address."""
    return answer(turn.visit, turn.look, "customers.html", {"sought": "", "found": None})


async def find(turn: Turn) -> web.StreamResponse:
    """Lead to the one customer meant, or list those who share the number: whose it is tells of each. Raises TooManyCards."""
    sought = turn.visit.text("sought", 64)
    found = await find_customers(turn.ports, sought)
    for each in found:
        await count_look(turn, each)
    if len(found) == 1:
        address = f"/customers/{quote(found[0], safe='')}"
        return web.Response(status=303, headers={"Location": address})
    view = {"sought": sought, "found": found}
    return answer(turn.visit, turn.look, "customers.html", view, status=200 if found else 404)


async def show_card(turn: Turn) -> web.StreamResponse:
    """The card of one customer. Raises NotFound."""
    customer = turn.visit.request.match_info["customer"]
    card = await _looked_at(turn, customer)
    pop = None
    if viewer_of(turn)[1] in TAKES_CALLS:
        pop = await screen_pop(turn.ports, customer=customer, language=turn.visit.language)
    return answer(turn.visit, turn.look, "customer.html", card_view(turn, card, pop))


async def show_in_full(turn: Turn) -> web.StreamResponse:
    """The same card with name and number in full; who asked and why is on record first. Raises NotFound, TooManyCards."""
    customer = turn.visit.request.match_info["customer"]
    why, (viewer, role) = turn.visit.text("why", 500), viewer_of(turn)
    shown = await reveal(turn.ports, customer, author=viewer, role=role, why=why)
    card = msgspec.structs.replace(await _looked_at(turn, customer), name=shown.name, number=shown.number)
    return answer(turn.visit, turn.look, "customer.html", {**card_view(turn, card), "may_reveal": False})


async def _looked_at(turn: Turn, customer: str) -> CardAnswer:
    """The card as this role may see it, counted as looked at."""
    masked = viewer_of(turn)[1] in SEE_MASKED
    card = await show_customer.card(turn.ports, customer, turn.visit.language, masked=masked)
    await count_look(turn, customer)
    return card


async def count_look(turn: Turn, customer: str) -> None:
    """Count that whoever is here looks at what is known of this customer. Raises TooManyCards."""
    viewer, role = viewer_of(turn)
    await look_at_card(turn.ports, customer, viewer=viewer, role=role)


def viewer_of(turn: Turn) -> tuple[str, str]:
    """Who looks, as the API would write it down, and in which role."""
    key = turn.visit.key
    assert key is not None  # the door lets nobody else in
    return turn.visit.person or author_of(key), key.role


def card_view(turn: Turn, card: CardAnswer, pop: ScreenPopAnswer | None = None) -> dict[str, object]:
    """What the card's template needs beside the card; ``pop`` is a call of the last minutes, for whoever takes it over."""
    playbook = turn.look.playbook
    stored = turn.visit.request.query.get("cancelled", "")
    return {
        "card": card,
        "pop": pop,
        "now": card.at,
        "simulated": card.simulated_time,
        "may_reveal": turn.visit.key is not None and turn.visit.key.role in SEE_MASKED,
        "may_record": turn.visit.key is not None and turn.visit.key.role in RECORD_ROLES,
        "channels": [ALL, *(playbook.channels if playbook is not None else ())],
        "categories": [PROMOTIONAL, *(playbook.operator.categories if playbook is not None else ()), ALL],
        "cancelled": int(stored) if stored.isdecimal() and len(stored) < 7 else None,
    }


async def store_consent(turn: Turn) -> web.StreamResponse:
    """What the customer said about being contacted binds from now on; says how many waiting tasks that ended."""
    customer = turn.visit.request.match_info["customer"]
    source = turn.visit.text("source", 20)

    async def store() -> str:
        body = ConsentBody(
            given=turn.visit.text("given") == "yes",
            channel=turn.visit.text("channel") or ALL,
            category=turn.visit.text("category") or PROMOTIONAL,
            source=source if source in CONSENT_SOURCES else "agent",
            evidence=f"console by {turn.visit.person or (turn.visit.key and turn.visit.key.role)}",
        )
        return str(await record_consent(turn.ports, customer, body))

    cancelled = await once(turn, store)
    address = f"/customers/{quote(customer, safe='')}?cancelled={cancelled}"
    return web.Response(status=303, headers={"Location": address})


async def find_customers(ports: Ports, sought: str) -> list[CustomerId]:
    """Whoever has this number or this id; nobody for anything else."""
    number = _as_number(sought)
    if number is not None:
        by_number = await ports.customers.find_by_number(number)
        if by_number:
            return by_number
    try:
        return [(await ports.customers.identity(CustomerId(sought))).customer] if sought else []
    except NotFound:
        return []


def _as_number(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

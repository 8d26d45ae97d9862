"""Calls through a voice menu as JSON: picked up, key by key, ended."""

from __future__ import annotations

from contextlib import suppress

from contact.faces.http.bodies.calls import CallBody, CallEndBody, KeyBody, ScreenPopQuery
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.problems import RequestProblem
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.routes.privacy import SPEAKING_FOR_CUSTOMERS, count_look, count_look_first
from contact.faults import NotFound
from contact.flow.calls.answer_call import BeginCall, begin_call, end_call, press_key
from contact.flow.calls.call_effects import ToldBy
from contact.flow.calls.call_token import require_call
from contact.flow.calls.screen_pop import screen_pop


async def post_call(call: Call) -> Reply:
    """What the caller hears first."""
    body: CallBody = call.body
    await count_caller(call, body.customer, body.number)
    asked = BeginCall(
        body.customer, body.number, body.call, body.menu, body.language, body.rehearse, body.dialled
    )
    return Reply(await begin_call(call.ports, asked, told_by(call)))


async def post_key(call: Call) -> Reply:
    """What the caller hears next."""
    body: KeyBody = call.body
    require_call(call.ports.links, body.state, call.path["call"])
    return Reply(await press_key(call.ports, body.state, body.key, body.seconds, told_by(call)))


async def post_end(call: Call) -> Reply:
    """How the call ended."""
    body: CallEndBody = call.body
    require_call(call.ports.links, body.state, call.path["call"])
    return Reply(await end_call(call.ports, body.state, body.seconds))


async def get_screen_pop(call: Call) -> Reply:
    """The caller who was put through, for the agent who takes over."""
    query: ScreenPopQuery = call.query
    if (query.call is None) == (query.customer is None):
        raise RequestProblem("invalid_parameter", "Send `call` or `customer`, one of them.")
    found = await screen_pop(call.ports, call=query.call, customer=query.customer, language=query.language)
    if found is None:
        raise NotFound("no such call, or none of this customer within the last minutes")
    if found.customer is not None:
        await count_look(call, found.customer)
    return Reply(found)


async def count_caller(call: Call, customer: str | None, number: str | None) -> None:
    """Whoever is no telephone looks at the caller whose menu they ask to hear, as at a card. Raises TooManyCards."""
    if call.caller.role in SPEAKING_FOR_CUSTOMERS or not call.caller.proved:
        return
    callers = [customer] if customer is not None else []
    if customer is None and number is not None:
        callers = [str(each) for each in await call.ports.customers.find_by_number(number)]
    if len(callers) == 1:  # several who share a number hear everybody's menu, and so does somebody unknown
        with suppress(NotFound):
            await count_look_first(call, callers[0])


def told_by(call: Call) -> ToldBy:
    """Who runs the telephone."""
    return ToldBy(author_of(call.caller), call.caller.role)

"""Calls through a voice menu as JSON: picked up, key by key, ended."""

from __future__ import annotations

from contact.faces.http.bodies.calls import CallBody, CallEndBody, KeyBody, ScreenPopQuery
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.problems import RequestProblem
from contact.faces.http.edge.row import Call, Reply
from contact.faults import NotFound
from contact.flow.calls.answer_call import BeginCall, begin_call, end_call, press_key
from contact.flow.calls.call_effects import ToldBy
from contact.flow.calls.call_token import require_call
from contact.flow.calls.screen_pop import screen_pop


async def post_call(call: Call) -> Reply:
    """What the caller hears first."""
    body: CallBody = call.body
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
    return Reply(found)


def told_by(call: Call) -> ToldBy:
    """Who runs the telephone."""
    return ToldBy(author_of(call.caller), call.caller.role)

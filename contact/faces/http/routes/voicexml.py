"""Calls as VoiceXML: a browser fetches the entry document, then posts each key and is given the next document."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import msgspec
from msgspec import Meta

from contact.domain.call_answers import CallAnswer
from contact.faces.http.bodies.bodies import Body, Id, Language
from contact.faces.http.bodies.calls import State
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.routes.calls import count_caller, told_by
from contact.faces.telephony import number_of
from contact.faults import NotFound, StoreUnavailable
from contact.flow.calls.answer_call import BeginCall, begin_call, end_call, press_key
from contact.flow.calls.call_token import require_call
from ivr.dialogue_state import Spoken
from ivr.voicexml import Addresses, Page, document, entry, goodbye, no_menu
from strategies.problems import ProblemsFound

PATH = "/v1/ivr/voicexml"
Told = Annotated[str, Meta(max_length=2000, description="an address or number, as the browser knows it")]
Elapsed = Annotated[float, Meta(description="since the document began, in seconds, by the browser's clock")]
LONGEST_SECONDS = 86_400.0
Pressed = Annotated[
    str,
    Meta(
        pattern=r"^[0-9*#?]?$(?!\n)", description="one of 0–9 * #, ? for what no keypad has, empty for none"
    ),
]


class EntryQuery(Body, frozen=True, kw_only=True):
    """Which menu, and in which language."""

    menu: Id | None = None
    """Left out: ``main``, else the first."""
    language: Language | None = None
    """Left out: the customer's own."""


class BrowserCallForm(Body, frozen=True, kw_only=True):
    """Whose call it is: the caller's address or number, empty where the browser knows none."""

    number: Told = ""
    dialled: Told = ""
    menu: Id | None = None
    language: Language | None = None


class BrowserKeyForm(Body, frozen=True, kw_only=True):
    """A key, or none in time."""

    state: State
    pressed: Pressed = ""
    seconds: Elapsed = 0.0


class BrowserEndForm(Body, frozen=True, kw_only=True):
    """The caller hung up, or was passed on."""

    state: State
    seconds: Elapsed = 0.0


async def get_entry(call: Call) -> Reply:
    """The document a telephone platform is pointed to; it needs nothing but this process."""
    query: EntryQuery = call.query
    if query.menu is not None:
        with suppress(NotFound, StoreUnavailable):  # no playbook at all: the first post says so
            if query.menu not in (await call.ports.playbooks.at_hand()).menus:
                return _no_menu(query.menu)
    return Reply(entry(f"{PATH}/calls", query.menu, query.language).encode())


async def post_call(call: Call) -> Reply:
    """What the caller hears first, and the keys they may press."""
    body: BrowserCallForm = call.body
    number = number_of(body.number, call.house.settings.telephony.caller_region)
    await count_caller(call, None, number)
    asked = BeginCall(number=number, menu=body.menu, language=body.language, dialled=body.dialled)
    try:
        return _reply(call, await begin_call(call.ports, asked, told_by(call)))
    except ProblemsFound as problem:
        if body.menu is None or [each.code for each in problem.problems] != ["reference.unknown"]:
            raise
        return _no_menu(body.menu)


def _no_menu(menu: str) -> Reply:
    """What a browser can read, and the platform's log shows."""
    return Reply(no_menu(menu).encode(), 404)


async def post_key(call: Call) -> Reply:
    """What the caller hears next."""
    body: BrowserKeyForm = call.body
    require_call(call.ports.links, body.state, call.path["call"])
    return _reply(
        call,
        await press_key(call.ports, body.state, body.pressed or None, _elapsed(body.seconds), told_by(call)),
    )


async def post_end(call: Call) -> Reply:
    """The end of a call is noted; the document has nothing more to do."""
    body: BrowserEndForm = call.body
    require_call(call.ports.links, body.state, call.path["call"])
    await end_call(call.ports, body.state, _elapsed(body.seconds))
    return Reply(goodbye().encode())


def _elapsed(seconds: float) -> float:
    """A clock that was set meanwhile costs the seconds, not the caller."""
    return seconds if 0 <= seconds <= LONGEST_SECONDS else 0.0


def _reply(call: Call, answer: CallAnswer) -> Reply:
    telephony = call.house.settings.telephony
    here = f"{PATH}/calls/{answer.call}"
    addresses = Addresses(f"{here}/keys", f"{here}/end", telephony.recordings_url, telephony.agents_uri)
    page = Page(
        answer.call,
        answer.state,
        tuple(Spoken(**msgspec.structs.asdict(each)) for each in answer.say),
        tuple(answer.keys),
        answer.wait_seconds,
        answer.ends,
        answer.queue,
    )
    return Reply(document(page, addresses).encode())

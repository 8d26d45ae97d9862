"""The keypad: a call as its caller would hear it now, by mouse and keyboard; it is a rehearsal, nothing comes of it."""

from __future__ import annotations

from aiohttp import web

from contact.faces.console.desk.customer import count_look, find_customers
from contact.faces.console.journeys.keypad_view import KEYS, Caller, keypad_view
from contact.faces.console.journeys.page import ROLES as ROLES
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.pages import answer
from contact.faults import Conflict, NotFound
from contact.flow.calls.rehearse_call import Rehearsal, begin_rehearsal, end_rehearsal, press_rehearsed

LONGEST_TOKEN = 5000
MOST_SECONDS = 600.0
SILENCE, HANG_UP = "silence", "hang-up"


async def show(turn: Turn) -> web.StreamResponse:
    """The telephone before a call."""
    return await _page(turn, None, Caller())


async def call(turn: Turn) -> web.StreamResponse:
    """Pick up: as the customer who is meant, or as nobody in particular; says who else has the number.

    A customer's menu tells of them as their card does, so it counts as a look at the card. Raises TooManyCards.
    """
    sought, say = turn.visit.text("sought", 64), turn.visit.words.gettext
    caller = Caller(sought, turn.visit.text("menu", 64), turn.visit.text("language", 16))
    found = await find_customers(turn.ports, sought) if sought else []
    if sought and not found:
        return await _page(turn, None, caller, wrong=say("No customer has this number or id."), status=404)
    for each in found:
        await count_look(turn, each)
    if len(found) > 1:
        return await _page(turn, None, caller, among=[str(each) for each in found])
    try:
        heard = await begin_rehearsal(
            turn.ports, found[0] if found else None, caller.menu or None, caller.language or None
        )
    except NotFound:
        return await _page(turn, None, caller, wrong=say("No voice menu is published"), status=404)
    return await _page(turn, heard, caller)


async def press(turn: Turn) -> web.StreamResponse:
    """One key, silence, or the caller hangs up."""
    caller = Caller(
        turn.visit.text("sought", 64), turn.visit.text("menu", 64), turn.visit.text("language", 16)
    )
    token, key = turn.visit.text("call", LONGEST_TOKEN), turn.visit.text("key", 12)
    seconds = _seconds(turn.visit.text("wait" if key == SILENCE else "seconds", 12))
    try:
        if key == HANG_UP:
            heard = await end_rehearsal(turn.ports, token, seconds)
        else:
            heard = await press_rehearsed(turn.ports, token, key if key in KEYS else None, seconds)
    except Conflict:
        text = turn.visit.words.gettext("This call is not known any more. Dial again.")
        return await _page(turn, None, caller, wrong=text, status=409)
    return await _page(turn, heard, caller)


async def _page(
    turn: Turn, heard: Rehearsal | None, caller: Caller, *, wrong: str = "", among: list[str] | None = None,
    status: int = 200,
) -> web.Response:  # fmt: skip
    moment = await turn.ports.clock.now()
    view = keypad_view(turn.look, heard, caller, wrong=wrong, among=among or [], moment=moment)
    return answer(turn.visit, turn.look, "keypad.html", view, status=status)


def _seconds(text: str) -> float:
    try:
        return min(MOST_SECONDS, max(0.0, float(text)))
    except ValueError:
        return 0.0

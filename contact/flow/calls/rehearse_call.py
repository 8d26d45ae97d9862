"""A call as its caller would hear it now, for whoever looks after the menu: with why it is so, and nothing comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from contact.domain.call_answers import CallAnswer
from contact.faults import Conflict
from contact.flow.calls import call_token
from contact.flow.calls.answer_call import BeginCall, begin_call, end_call, press_key
from contact.flow.calls.menu_for import CallerMenu, menu_for
from contact.ports import Ports
from ivr.dialogue import State
from strategies.problems import ProblemsFound


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One turn of a call that is only heard."""

    answer: CallAnswer
    """What is said; its ``state`` goes back with the next key."""
    state: State
    found: CallerMenu
    """The menu that this caller would hear if the call began now, and what it is made of."""


async def begin_rehearsal(
    ports: Ports, customer: str | None, menu: str | None = None, language: str | None = None
) -> Rehearsal:
    """The call is picked up; everybody's menu for nobody in particular (None).

    Raises NotFound where no menu is published, ProblemsFound for an unknown menu.
    """
    begun = BeginCall(customer=customer, menu=menu, language=language, rehearsed=True)
    return await _heard(ports, await begin_call(ports, begun))


async def press_rehearsed(ports: Ports, token: str, key: str | None, seconds: float = 0.0) -> Rehearsal:
    """A key, or None for silence, after so many seconds. Raises Conflict for a text that is no rehearsal of ours."""
    _require_rehearsal(ports, token)
    return await _heard(ports, await press_key(ports, token, key, seconds))


async def end_rehearsal(ports: Ports, token: str, seconds: float = 0.0) -> Rehearsal:
    """The caller hangs up. Raises Conflict for a text that is no rehearsal of ours."""
    _require_rehearsal(ports, token)
    return await _heard(ports, await end_call(ports, token, seconds))


async def _heard(ports: Ports, answer: CallAnswer) -> Rehearsal:
    call = call_token.read(ports.links, answer.state)
    began = (await ports.playbooks.version(call.version)).menus[call.menu]
    state = call_token.state_of(began, call)
    return Rehearsal(answer, state, await menu_for(ports, call.customer, call.menu, state.language))


def _require_rehearsal(ports: Ports, token: str) -> None:
    """A real call is not gone on with from here, whoever has its state."""
    try:
        rehearsed = call_token.read(ports.links, token).rehearsed
    except ProblemsFound:
        rehearsed = False
    if not rehearsed:
        raise Conflict("this is no call of the keypad")

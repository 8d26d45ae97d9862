"""A call as its caller would hear it now, for whoever looks after the menu: heard to its end, and nothing comes of it.

The same menu, dialogue and words as of a real call (``contact.flow.answer_call``). What a step would bring about is told
and not done: no consent is withdrawn, no offer reserved, no journey kept.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

import msgspec

from contact.faults import Conflict, NotFound, StoreUnavailable
from contact.flow.gather import gather
from contact.flow.menu_for import CallerMenu, menu_for
from contact.flow.wording import wording
from contact.ports import LinkPort, Ports
from ivr.dialogue import State, Turn, begin, hang_up, joined, offered, press, unanswered
from ivr.dialogue_packed import pack, unpack
from ivr.dialogue_state import Effect
from ivr.speech import filled, holes
from strategies import asking
from strategies.profile import CustomerId

_PURPOSE = "rehearsal"
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One turn of a call that is only heard."""

    found: CallerMenu
    state: State
    turn: Turn
    token: str
    """Goes back with the next key."""
    withheld: tuple[Effect, ...]
    """What a real call would have brought about in this turn."""


class _Held(msgspec.Struct, frozen=True, array_like=True):
    """A rehearsal between two keys."""

    customer: str | None
    menu: str
    version: str
    dialogue: bytes


async def begin_rehearsal(
    ports: Ports, customer: str | None, menu: str | None = None, language: str | None = None
) -> Rehearsal:
    """The call is picked up; everybody's menu for nobody in particular (None).

    Raises NotFound for a customer who is not there and where no menu is published, ProblemsFound for an unknown menu.
    """
    found = await menu_for(ports, customer, menu, language)
    state, turn = begin(found.menu, found.personal.arranged, found.personal.language)
    return await _heard(ports, found, state, turn)


async def press_rehearsed(ports: Ports, token: str, key: str | None, seconds: float = 0.0) -> Rehearsal:
    """A key, or None for silence, after so many seconds.

    Raises Conflict for a text that is no rehearsal of ours and where another playbook is in force by now.
    """
    found, state = await _taken_up(ports, token)
    return await _heard(ports, found, *press(found.menu, state, key, seconds))


async def end_rehearsal(ports: Ports, token: str, seconds: float = 0.0) -> Rehearsal:
    """The caller hangs up. Raises Conflict as ``press_rehearsed`` does."""
    found, state = await _taken_up(ports, token)
    state = hang_up(found.menu, state, seconds)
    turn = Turn(state.at, ends="transfer" if state.passed_on else "hang_up", queue=state.queue)
    return await _heard(ports, found, state, turn)


async def _heard(ports: Ports, found: CallerMenu, state: State, turn: Turn) -> Rehearsal:
    """Pass by what would be offered, and fill the words in."""
    withheld: list[Effect] = []
    while wanted := [each for each in turn.effects if each not in withheld]:
        withheld += wanted
        if any(each.kind in ("offer_wanted", "offer_repeated") for each in wanted):
            state, passed = offered(found.menu, state, None)
            turn = joined(turn, passed)
    if holes(turn):
        state, turn = await _worded(ports, found, state, turn)
    held = _Held(found.customer, found.menu.id, found.playbook.version, pack(found.menu, state))
    return Rehearsal(found, state, turn, _sign(ports.links, held), tuple(withheld))


async def _worded(ports: Ports, found: CallerMenu, state: State, turn: Turn) -> tuple[State, Turn]:
    """With this caller's figures; an answer of which nothing can be said goes to an agent."""
    told = filled(turn, await _words(ports, found, state.language, turn))
    node = found.menu.nodes.get(turn.node)
    if told.say or node is None or node.kind != "answer":
        return state, told
    state, turn = unanswered(found.menu, state)
    return state, filled(turn, {})


async def _words(ports: Ports, found: CallerMenu, language: str, turn: Turn) -> dict[str, str | None]:
    if found.customer is None:
        return {}
    try:
        gathered = await gather(ports, CustomerId(found.customer))
    except (NotFound, StoreUnavailable):
        return {}
    facts = asking.facts_of(found.playbook, gathered.profile)
    texts = [f"{each.text} {each.ssml or ''}" for each in turn.say]
    return wording(found.playbook, facts, texts, language, name=None, offer="")


async def _taken_up(ports: Ports, token: str) -> tuple[CallerMenu, State]:
    held = _read(ports.links, token)
    found = await menu_for(ports, held.customer, held.menu)
    if found.playbook.version != held.version:
        raise Conflict("another playbook is in force since the call began; begin again")
    return found, unpack(found.menu, held.dialogue)


def _sign(links: LinkPort, held: _Held) -> str:
    text = urlsafe_b64encode(zlib.compress(msgspec.msgpack.encode(held), 9)).decode().rstrip("=")
    return f"{text}.{links.sign(_PURPOSE, text)}"


def _read(links: LinkPort, token: str) -> _Held:
    text, _, signature = token.partition(".")
    if len(token) > _MOST or not token.isascii() or not links.is_ours(signature, _PURPOSE, text):
        raise Conflict("this is no call of the keypad; begin again")
    data = zlib.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return msgspec.msgpack.decode(data, type=_Held)

"""A call through a voice menu: picked up, key by key, ended; each verb answers with what is said next.

What a step brings about (an opt-out, an offer) happens before its words are spoken, once however often the step is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import msgspec
from uuid_utils import uuid7

from contact.domain.call_answers import CallAnswer, SaidAnswer, ShownOfferAnswer
from contact.faults import NotFound, StoreUnavailable
from contact.flow.calls import call_effects, call_token
from contact.flow.calls.call_effects import ToldBy
from contact.flow.calls.call_token import OfferMade, OpenCall
from contact.flow.calls.menu_for import CallerMenu, menu_for
from contact.flow.gather import gather
from contact.flow.wording import wording
from contact.ports import Ports
from ivr.call import Journey
from ivr.dialogue import State, Turn, begin, hang_up, joined, offered, press, unanswered
from ivr.speech import filled, holes, sayable
from strategies.declared.menu import Menu, menu_dialled
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging import asking
from strategies.problems import ProblemsFound
from strategies.profile import FieldValue


@dataclass(frozen=True, slots=True)
class BeginCall:
    """Who calls which menu; customer, number or neither. A call id of the telephone's side makes a repeat harmless."""

    customer: str | None = None
    number: str | None = None
    call: str | None = None
    menu: str | None = None
    """None: the one of the number that was dialled, else the usual one."""
    language: str | None = None
    rehearsed: bool = False
    """Only to hear it: no consent is withdrawn, no offer reserved, no journey kept."""
    dialled: str | None = field(default=None, repr=False)
    """The number that was dialled, as the telephone's side writes it."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A call in hand: its menu and playbook, where it stands, what is said next."""

    ports: Ports
    playbook: Playbook
    menu: Menu
    call: OpenCall
    state: State
    turn: Turn
    by: ToldBy | None = None
    anew: bool = False
    """Its menu is gone for good, so that it began again: the key belonged to what nobody knows any more."""


async def begin_call(ports: Ports, request: BeginCall, by: ToldBy | None = None) -> CallAnswer:
    """The call is picked up. A caller nobody knows, and anybody while the store is away, hears everybody's menu.

    Raises NotFound where no playbook or menu is published, ProblemsFound for an unknown menu.
    """
    customer, number_hash = await _caller(ports, request)
    menu = request.menu
    if not menu and request.dialled:
        menu = menu_dialled((await ports.playbooks.at_hand()).menus, request.dialled)
    try:
        found = await menu_for(ports, customer, menu, request.language)
    except NotFound:
        if customer is None:
            raise
        found = await menu_for(ports, None, menu, request.language)
    at = found.at if found.customer is not None else await _now(ports, found.at)
    call = OpenCall(
        request.call or str(uuid7()), found.customer, found.menu.id, found.playbook.version, found.personal.arm,
        at, found.unit, found.segment, number_hash, None, b"", request.rehearsed,
    )  # fmt: skip
    state, turn = begin(found.menu, found.personal.arranged, found.personal.language)
    line = _Line(ports, found.playbook, found.menu, call, state, turn, by)
    return await _answered(line, found.facts or {})


async def press_key(
    ports: Ports, state_token: str, key: str | None, seconds: float = 0.0, by: ToldBy | None = None
) -> CallAnswer:
    """A key, or None for a time-out, after so many seconds in the last turn. The same once more answers the same.

    A call whose menu is nowhere any more begins again in today's. Raises ProblemsFound for a state that is not ours.
    """
    line = await _taken_up(ports, state_token, by)
    if line.anew:
        return await _answered(line)
    before = line.state
    state, turn = press(line.menu, before, key, seconds)
    line = replace(line, state=state, turn=turn)
    if before.offering:
        line = await _reacted(line)
    return await _answered(line)


async def end_call(ports: Ports, state_token: str, seconds: float = 0.0) -> CallAnswer:
    """The caller hung up after so many seconds in the last turn; a call that had ended stays as it ended."""
    line = await _taken_up(ports, state_token, None)
    before = line.state
    state = hang_up(line.menu, before, seconds)
    if before.offering and not before.over and line.call.offer is not None:
        await call_effects.report_offer(ports, line.call, line.call.offer, len(before.steps), None)
    turn = Turn(state.at, ends="transfer" if state.passed_on else "hang_up", queue=state.queue)
    return await _answered(replace(line, state=state, turn=turn))


async def _taken_up(ports: Ports, token: str, by: ToldBy | None) -> _Line:
    """The call of a token in the menu it began with; from its beginning in today's where that one is gone for good."""
    call = call_token.read(ports.links, token)
    try:
        playbook = await ports.playbooks.version(call.version)
        menu = playbook.menus[call.menu]
        return _Line(ports, playbook, menu, call, call_token.state_of(menu, call), Turn(""), by)
    except (NotFound, StoreUnavailable, ProblemsFound, KeyError):
        found = await _todays(ports, call)
    state, turn = begin(found.menu, found.personal.arranged, found.personal.language)
    moved = msgspec.structs.replace(
        call, menu=found.menu.id, version=found.playbook.version, arm=found.personal.arm, offer=None
    )
    return _Line(ports, found.playbook, found.menu, moved, state, turn, by, anew=True)


async def _todays(ports: Ports, call: OpenCall) -> CallerMenu:
    """The menu of this name as this caller hears it today; the usual one where there is none of the name."""
    for customer, menu in ((call.customer, call.menu), (None, call.menu)):
        with suppress(NotFound, ProblemsFound):
            return await menu_for(ports, customer, menu)
    return await menu_for(ports, None)


async def _caller(ports: Ports, request: BeginCall) -> tuple[str | None, str | None]:
    """The customer, if exactly one is known, and the hash of the number."""
    if request.number is None:
        return request.customer, None
    hashed = ports.customers.number_hash(request.number)
    if request.customer is not None:
        return request.customer, hashed
    try:
        holders = await ports.customers.find_by_number(request.number)
    except StoreUnavailable:
        return None, hashed
    return (holders[0] if len(holders) == 1 else None), hashed


async def _now(ports: Ports, otherwise: Instant) -> Instant:
    try:
        return (await ports.clock.now()).at
    except StoreUnavailable:
        return otherwise


async def _reacted(line: _Line) -> _Line:
    """An offer was heard: say so, with what the caller did. An acceptance that cannot be kept goes to an agent."""
    made = line.call.offer
    kinds = [effect.kind for effect in line.turn.effects]
    if made is None or "offer_repeated" in kinds:
        return line
    done = "accepted" if "offer_accepted" in kinds else "rejected" if "offer_rejected" in kinds else None
    kept = await call_effects.report_offer(line.ports, line.call, made, len(line.state.steps), done)
    line = replace(line, call=msgspec.structs.replace(line.call, offer=None))
    if done != "accepted" or kept:
        return line
    state, turn = unanswered(line.menu, line.state)
    return replace(line, state=state, turn=turn)


async def _answered(line: _Line, facts: Mapping[str, FieldValue] | None = None) -> CallAnswer:
    """Carry out what the step brings about, fill its words in, keep the journey, and answer."""
    line = await _effected(line)
    line = await _worded(line)
    ports, call, state = line.ports, line.call, line.state
    if not call.rehearsed:
        await ports.calls.record(_journey(line, facts or {}))
    token = call_token.sign(ports.links, call, line.menu, state)
    shown = call.offer if state.offering else None
    return CallAnswer(
        call=call.call,
        state=token,
        step=len(state.steps),
        node=line.turn.node,
        say=[SaidAnswer(**msgspec.structs.asdict(each)) for each in line.turn.say],
        keys=list(line.turn.keys),
        wait_seconds=line.turn.wait_seconds,
        ends=line.turn.ends,
        queue=line.turn.queue,
        arm=call.arm,
        shown=None if shown is None else _shown(shown),
    )


def _shown(made: OfferMade) -> ShownOfferAnswer:
    return ShownOfferAnswer(
        decision=made.decision, strategy=made.strategy, offer=made.offer, title=made.title, task=made.task
    )


async def _effected(line: _Line) -> _Line:
    """An opt-out that cannot be kept is not said to be: an agent takes the call. Offers are found until none is wanted."""
    done: set[str] = set()
    while True:
        wanted = [each for each in line.turn.effects if f"{each.kind} {each.node}" not in done]
        if not wanted:
            return line
        for effect in wanted:
            done.add(f"{effect.kind} {effect.node}")
            if effect.kind == "opt_out":
                scope = line.menu.nodes[effect.node].opt_out
                if scope is not None and not await call_effects.withdraw(
                    line.ports, line.call, scope, len(line.state.steps), line.by
                ):
                    state, turn = unanswered(line.menu, line.state)
                    line = replace(line, state=state, turn=turn)
            elif effect.kind == "offer_wanted":
                line = await _offering(line, await call_effects.make_offer(
                    line.ports, line.call, line.state.language, len(line.state.steps)
                ))  # fmt: skip
            elif effect.kind == "offer_repeated":
                line = await _offering(line, await call_effects.offer_again(
                    line.ports, line.call, line.state.language
                ))  # fmt: skip


async def _offering(line: _Line, found: tuple[OfferMade, list[str]] | None) -> _Line:
    state, turn = offered(line.menu, line.state, None if found is None else found[1])
    call = msgspec.structs.replace(line.call, offer=None if found is None else found[0])
    return replace(line, call=call, state=state, turn=joined(line.turn, turn))


async def _worded(line: _Line) -> _Line:
    """Placeholders filled from what is known now; an answer of which nothing can be said goes to an agent."""
    if not holes(line.turn):
        return line
    words = await _words(line)
    node = line.menu.nodes.get(line.turn.node)
    if node is None or node.kind != "answer" or sayable(node, line.state.language, words):
        return replace(line, turn=filled(line.turn, words))
    state, turn = unanswered(line.menu, line.state)
    return replace(line, state=state, turn=filled(turn, {}))


async def _words(line: _Line) -> dict[str, str | None]:
    if line.call.customer is None:
        return {}
    try:
        gathered = await gather(line.ports, line.call.customer)
    except (NotFound, StoreUnavailable):
        return {}
    facts = asking.facts_of(line.playbook, gathered.profile)
    texts = [f"{each.text} {each.ssml or ''}" for each in line.turn.say]
    return wording(line.playbook, facts, texts, line.state.language, name=None, offer="")


def _journey(line: _Line, facts: Mapping[str, FieldValue]) -> Journey:
    """The call so far; the levels it announced are what the next one's order is held against."""
    call, state = line.call, line.state
    return Journey(
        id=call.call,
        customer=call.customer,
        at=Instant(call.at),
        menu=call.menu,
        version=call.version,
        arm=call.arm,
        source="own",
        steps=state.steps,
        outcome=state.outcome,
        goal=state.goal,
        unit=call.unit,
        segment=call.segment,
        language=state.language,
        heard={node: {entry.key: entry.to for entry in state.levels.get(node, ())} for node in state.heard},
        facts=facts,
    )

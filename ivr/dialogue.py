"""The dialogue of a voice menu: state and key in, state and what is said out; every dialect stands on these functions.

Pure: what must happen in the world (an opt-out, an offer) is an effect that the caller of these functions carries out. No
sequence of keys ends nowhere: every answer leads on, ends the call or passes it to an agent, and no call takes more than
``LONGEST`` steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ivr.call import Entry, Step
from ivr.dialogue_state import ASK, LONGEST, NO, YES
from ivr.dialogue_state import Effect as Effect
from ivr.dialogue_state import Spoken as Spoken
from ivr.dialogue_state import State as State
from ivr.dialogue_state import Turn as Turn
from ivr.ordering import static_level
from ivr.phrases import phrases_of
from ivr.speech import announced, offer, question, said, spoken
from strategies.declared.menu import Menu, MenuNode

if TYPE_CHECKING:
    from ivr.ordering import Arranged

AFTER_ANSWER = 2.0
"""Seconds of silence after an answer until the call goes on by itself; longer than a menu's own wait it never is."""
LONGEST_STAY = 3600.0
"""Seconds of one step; whoever reports more has a wrong clock."""

Move = tuple[State, Turn]


def begin(menu: Menu, arranged: Arranged, language: str) -> Move:
    """The call is picked up: what is said first, in this order of keys."""
    ask = arranged.ask
    may_ask = ask is not None and bool(menu.ask.get(ask)) and menu.serving(ask) is not None
    state = State(language=language, levels=dict(arranged.levels), ask=ask if may_ask else None)
    return _arrive(menu, state, menu.root)


def press(menu: Menu, state: State, key: str | None, seconds: float = 0.0) -> Move:
    """A key, or None for silence, after so many seconds at this place.

    An ended call stays ended, whatever is pressed.
    """
    if state.over:
        return state, _ending(state)
    key = key[:1] if key else None
    state = _stepped(state, key, seconds)
    if len(state.steps) >= LONGEST:
        return _to_agent(menu, state)
    if state.at.startswith(ASK):
        return _after_question(menu, state, key)
    node = menu.nodes[state.at]
    if node.kind == "menu":
        return _after_menu(menu, state, node, key)
    if node.kind == "offer":
        return _after_offer(menu, state, node, key)
    return _after_answer(menu, state, node, key)


def offered(menu: Menu, state: State, texts: Sequence[str] | None) -> Move:
    """The answer to an effect ``offer_wanted`` or ``offer_repeated``: what is offered here, or None for nothing."""
    node = menu.nodes[state.at]
    if texts is None:
        return _lead_on(menu, replace(state, offering=False), node)
    state = replace(state, offering=True, goal=state.goal or node.goal)
    keys = tuple(dict.fromkeys((node.accept, *_ways(menu, state))))
    return state, Turn(node.id, offer(node, texts, state.language), keys, _wait(menu))


def unanswered(menu: Menu, state: State) -> Move:
    """What should have been said here cannot be: no goal is served, nothing withdrawn; an agent takes over."""
    node = menu.nodes[state.at]
    goal = None if state.goal == node.goal else state.goal
    before = (menu.nodes[step.node].kind for step in state.steps if step.node in menu.nodes)
    return _to_agent(menu, replace(state, goal=goal, withdrew=state.withdrew and "opt_out" in before))


def hang_up(menu: Menu, state: State, seconds: float = 0.0) -> State:
    """The caller is gone, after so many seconds at this place; an ended call stays as it ended."""
    return state if state.over else replace(_ended_here(state, seconds), over=True)


def joined(first: Turn, second: Turn) -> Turn:
    """Two turns said in one breath: where the second is, with what both bring about."""
    return replace(second, say=first.say + second.say, effects=first.effects + second.effects)


def level_of(menu: Menu, state: State, node: str) -> tuple[Entry, ...]:
    """The keys of a menu as this caller hears them; as everybody does where nothing else was arranged."""
    known = state.levels.get(node)
    return whole_level(menu, menu.nodes[node]) if known is None else known


def whole_level(menu: Menu, node: MenuNode) -> tuple[Entry, ...]:
    """Everybody's level with all that could be offered."""
    return static_level(menu, node, {node.id: tuple(item.to for item in node.items)})


def _arrive(menu: Menu, state: State, target: str, lead: tuple[Spoken, ...] = ()) -> Move:
    """Come to a node: notices are said on the way, and offers that were made in this call are passed by."""
    before: list[tuple[str, float]] = []
    passed: set[str] = set()
    while target not in passed:
        node = menu.nodes[target]
        if node.kind == "notice":
            words = spoken(node.prompt, state.language, barge=False)
            lead, before = (
                (*lead, *words),
                [*before, (node.id, round(sum(each.seconds for each in words), 1))],
            )
        elif node.kind != "offer" or node.id not in state.wished:
            return _stay(menu, replace(state, at=target, before=tuple(before)), node, lead)
        passed.add(target)
        if node.then is None:
            break
        target = node.then
    return _closed(replace(state, at=target, before=tuple(before)), lead)


def _stay(menu: Menu, state: State, node: MenuNode, lead: tuple[Spoken, ...]) -> Move:
    if node.kind == "menu":
        return _at_menu(menu, _climbed(menu, state, node.id), node, lead)
    if node.kind == "transfer":
        return _transferred(replace(state, goal=state.goal or node.goal), node, lead)
    if node.kind == "offer":
        wished = replace(state, wished=(*state.wished, node.id))
        return wished, Turn(node.id, lead, effects=(Effect("offer_wanted", node.id),))
    state = replace(state, goal=state.goal or node.goal, withdrew=state.withdrew or node.kind == "opt_out")
    effects = (Effect("opt_out", node.id),) if node.kind == "opt_out" else ()
    return _answer(menu, state, node, lead, effects)


def _at_menu(menu: Menu, state: State, node: MenuNode, lead: tuple[Spoken, ...]) -> Move:
    if state.ask is not None:
        return _question(menu, replace(state, at=ASK + state.ask, ask=None), lead)
    entries = level_of(menu, state, node.id)
    items = (each for entry in entries for each in announced(menu, node, entry, state.language))
    keys = dict.fromkeys((*(entry.key for entry in entries), *_ways(menu, state)))
    heard = state.heard if node.id in state.heard else (*state.heard, node.id)
    say = (*lead, *spoken(node.prompt, state.language), *items)
    return replace(state, heard=heard), Turn(node.id, say, tuple(keys), _wait(menu))


def _question(menu: Menu, state: State, lead: tuple[Spoken, ...]) -> Move:
    say = (*lead, *question(menu, state.at.removeprefix(ASK), state.language))
    required = (item.key for item in menu.nodes[menu.top].items if item.key)
    keys = dict.fromkeys((YES, NO, *required, menu.repeat))
    return state, Turn(state.at, say, tuple(keys), _wait(menu))


def _answer(
    menu: Menu, state: State, node: MenuNode, lead: tuple[Spoken, ...], effects: tuple[Effect, ...] = ()
) -> Move:
    """Say it and wait a little: the caller may hear it again or go back; silence and any other key lead on."""
    say = (*lead, *spoken(node.prompt, state.language))
    return state, Turn(node.id, say, _ways(menu, state), min(AFTER_ANSWER, _wait(menu)), effects=effects)


def _transferred(state: State, node: MenuNode, lead: tuple[Spoken, ...] = ()) -> Move:
    """The agent's queue takes over; the step is as long as its words."""
    words = spoken(node.prompt, state.language)
    state = _ended_here(state, sum(each.seconds for each in (*lead, *words)))
    state = replace(state, at=node.id, passed_on=True, queue=node.queue, over=True)
    return state, replace(_ending(state), say=(*lead, *words))


def _closed(state: State, lead: tuple[Spoken, ...] = ()) -> Move:
    state = replace(state, over=True)
    return state, replace(_ending(state), say=lead)


def _ending(state: State) -> Turn:
    return Turn(state.at, ends="transfer" if state.passed_on else "hang_up", queue=state.queue)


def _after_question(menu: Menu, state: State, key: str | None) -> Move:
    """Yes leads to the goal; a required key does what it does at the root; no, silence and other keys lead to the root."""
    goal, root = state.at.removeprefix(ASK), menu.top
    if key == menu.repeat:
        return _question(menu, state, ())
    serving = menu.serving(goal)
    if key == YES and serving is not None:
        return _arrive(menu, replace(state, trail=(root,), tries=0), serving)
    if key not in (None, YES, NO):
        for entry in level_of(menu, state, root):
            if entry.key == key and any(item.key == key for item in menu.nodes[root].items):
                return _arrive(menu, replace(state, trail=(root,), tries=0), entry.to)
    return _arrive(menu, state, root)


def _after_menu(menu: Menu, state: State, node: MenuNode, key: str | None) -> Move:
    for entry in level_of(menu, state, node.id):
        if entry.key == key:
            return _arrive(menu, replace(state, trail=(*state.trail, node.id), tries=0), entry.to)
    if key == menu.repeat:
        return _at_menu(menu, state, node, ())
    if key == menu.back and state.trail:
        return _up(menu, replace(state, tries=0))
    state = replace(state, tries=state.tries + 1)
    if state.tries >= menu.limits.tries:
        silent = all(step.key is None for step in state.steps[-menu.limits.tries :])
        served = state.goal is not None or state.withdrew
        return _closed(state) if silent and served else _to_agent(menu, state)
    lead = spoken(menu.silent if key is None else menu.wrong, state.language)
    return _at_menu(menu, state, node, lead)


def _after_answer(menu: Menu, state: State, node: MenuNode, key: str | None) -> Move:
    state = replace(state, tries=0)
    if key == menu.repeat:
        return _answer(menu, state, node, ())
    if key == menu.back and state.trail:
        return _up(menu, state)
    return _lead_on(menu, state, node)


def _after_offer(menu: Menu, state: State, node: MenuNode, key: str | None) -> Move:
    """Its key takes it, silence leaves it open, any other key is a no; each leads on."""
    if not state.offering:  # nobody said what is offered here, so there is nothing to take
        return _lead_on(menu, state, node)
    if key == menu.repeat and key != node.accept:
        return state, Turn(node.id, effects=(Effect("offer_repeated", node.id),))
    state = replace(state, offering=False, tries=0)
    if key == node.accept:
        thanks = spoken(menu.thanks, state.language) or (
            said(phrases_of(state.language).accepted, state.language),
        )
        return _with(_lead_on(menu, state, node, thanks), Effect("offer_accepted", node.id))
    if key is None:
        return _lead_on(menu, state, node)
    back = key == menu.back and state.trail
    move = _up(menu, state) if back else _lead_on(menu, state, node)
    return _with(move, Effect("offer_rejected", node.id))


def _with(move: Move, effect: Effect) -> Move:
    state, turn = move
    return state, replace(turn, effects=(effect, *turn.effects))


def _lead_on(menu: Menu, state: State, node: MenuNode, lead: tuple[Spoken, ...] = ()) -> Move:
    return _closed(state, lead) if node.then is None else _arrive(menu, state, node.then, lead)


def _up(menu: Menu, state: State) -> Move:
    return _arrive(menu, replace(state, trail=state.trail[:-1]), state.trail[-1])


def _to_agent(menu: Menu, state: State) -> Move:
    """The nearest agent, of this level, those above or any; no goal is served by it. Without an agent the call ends."""
    places = [place for place in (state.at, *reversed(state.trail), menu.top) if place in menu.nodes]
    levels = [level_of(menu, state, place) for place in places if menu.nodes[place].kind == "menu"]
    near = (entry.to for level in levels for entry in _required_first(menu, level))
    for name in (*near, *menu.nodes):
        if menu.nodes[name].kind == "transfer":
            return _transferred(replace(state, at=name, before=()), menu.nodes[name])
    return _closed(state)


def _required_first(menu: Menu, level: tuple[Entry, ...]) -> list[Entry]:
    """What everybody finds under one key is for whatever comes; what its place decides is for something of its own."""
    required = {(item.to, item.key) for node in menu.nodes.values() for item in node.items if item.key}
    return sorted(level, key=lambda entry: (entry.to, entry.key) not in required)


def _stepped(state: State, key: str | None, seconds: float) -> State:
    """One more stay; notices said ahead of it have their own part of its seconds."""
    steps, left = list(state.steps), min(max(seconds, 0.0), LONGEST_STAY)
    for name, length in state.before:
        spent = min(left, length)
        steps.append(Step(len(steps) + 1, name, None, round(spent, 1)))
        left -= spent
    steps.append(Step(len(steps) + 1, state.at, key, round(left, 1)))
    return replace(state, steps=tuple(steps), before=())


def _ended_here(state: State, seconds: float) -> State:
    """The call ends in the first notice that was not heard to its end, else where the caller is."""
    kept: list[tuple[str, float]] = []
    left = max(seconds, 0.0)
    for name, length in state.before:
        if left < length:
            return _stepped(replace(state, before=tuple(kept), at=name), None, seconds)
        kept.append((name, length))
        left -= length
    return _stepped(state, None, seconds)


def _climbed(menu: Menu, state: State, node: str) -> State:
    """A menu that stands above already is gone back to, not entered once more."""
    if node == menu.top:
        return replace(state, trail=())
    above = state.trail.index(node) if node in state.trail else len(state.trail)
    return replace(state, trail=state.trail[:above])


def _ways(menu: Menu, state: State) -> tuple[str, ...]:
    return (menu.back, menu.repeat) if state.trail else (menu.repeat,)


def _wait(menu: Menu) -> float:
    return menu.limits.wait / 1_000_000

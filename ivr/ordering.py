"""Which key leads where: the order of a menu's levels that costs a caller the fewest seconds.

The model of a caller: they listen to a level until the first entry that leads nearer to what they came for and press its
key; asked outright, whoever is meant says yes and everybody else no.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ivr.call import Entry, Heard, Known
from ivr.ordering_bounds import Bounds, Floats, bounds_of
from ivr.ordering_search import Familiar, Found, Search, keyed
from ivr.ordering_tree import (
    FREE_KEYS,
    SPOKEN,
    Tree,
    entry_seconds,
    prompt_seconds,
    question_seconds,
    tree_of,
)
from strategies.declared.menu import Menu, MenuNode
from strategies.instants import Instant


@dataclass(frozen=True, slots=True)
class Arranged:
    """A menu as one caller hears it."""

    levels: Mapping[str, tuple[Entry, ...]]
    """Node → its entries in the order in which they are announced."""
    ask: str | None = None
    """Goal asked for outright before the first level."""
    seconds: float = 0.0
    """Expected until the goal is reached."""
    static_seconds: float = 0.0
    """The same in everybody's menu."""
    bound: float = 0.0
    """No arrangement that keeps the constraints is faster than this; equal to ``seconds`` where that is proven."""
    unfamiliar: float = 0.0
    """The same for a caller who remembers no layout."""


def static(menu: Menu, offered: Mapping[str, tuple[str, ...]]) -> Arranged:
    """Everybody's menu: items in the order written, required keys where they are required."""
    return Arranged(
        {node.id: static_level(menu, node, offered) for node in menu.nodes.values() if node.kind == "menu"}
    )


def static_level(menu: Menu, node: MenuNode, offered: Mapping[str, tuple[str, ...]]) -> tuple[Entry, ...]:
    """One level of everybody's menu; an item that is not offered leaves no gap."""
    taken = {item.key for item in node.items if item.key is not None} | {menu.back, menu.repeat}
    free = iter([key for key in FREE_KEYS if key not in taken])
    there = [item for item in node.items if item.to in offered.get(node.id, ())]
    placed = [Entry(key, item.to) for item in there if (key := item.key or next(free, None)) is not None]
    return tuple(sorted(placed, key=lambda entry: SPOKEN.index(entry.key)))


def arranged(
    menu: Menu,
    probability: Mapping[str, float],
    language: str,
    offered: Mapping[str, tuple[str, ...]],
    known: Known,
    now: Instant,
) -> Arranged:
    """The arrangement with the fewest expected seconds that a caller's familiar layout and the menu's limits allow.

    Exact, and ``bound`` equal to ``seconds``, wherever all sets of lifts are looked at (``docs/ivr-order.md``). Goals that
    cannot be reached count for nothing.
    """
    shape = shape_of(menu, language, offered)
    everybody = shape.everybody
    weights = [probability.get(goal, 0.0) for goal in shape.tree.goals]
    total = sum(weights)
    if not shape.tree.levels or total <= 0:
        return everybody
    likely = np.array(weights) / total
    found = _found(menu, shape, likely, _familiar(menu, known, now))
    static_seconds = float(shape.static_seconds @ likely)
    return Arranged(
        levels={**everybody.levels, **_entries(shape.tree, found)},
        ask=found.ask,
        seconds=found.seconds,
        static_seconds=static_seconds,
        bound=found.seconds if shape.tree.whole else float(shape.at_least @ likely),
        unfamiliar=found.least,
    )


def timed(
    menu: Menu, probability: Mapping[str, float], language: str, offered: Mapping[str, tuple[str, ...]]
) -> Arranged:
    """Everybody's menu with the seconds it is expected to cost this caller."""
    shape = shape_of(menu, language, offered)
    weights = np.array([probability.get(goal, 0.0) for goal in shape.tree.goals])
    seconds = float(shape.static_seconds @ weights / (weights.sum() or 1.0))
    return replace(
        shape.everybody, seconds=seconds, static_seconds=seconds, bound=seconds, unfamiliar=seconds
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """What is worked out once for a menu, a language and what is offered."""

    menu: Menu
    everybody: Arranged
    tree: Tree
    bounds: Bounds
    static_seconds: Floats
    """Goal → seconds in everybody's menu."""
    at_least: Floats
    """Goal → seconds below which no arrangement gets anybody."""


_SHAPES: dict[tuple[int, str, tuple[tuple[str, tuple[str, ...]], ...]], Shape] = {}
_MOST_SHAPES = 256


def shape_of(menu: Menu, language: str, offered: Mapping[str, tuple[str, ...]]) -> Shape:
    """The menu as numbers, kept for the next caller to whom the same is offered."""
    key = (id(menu), language, tuple(offered.items()))
    known = _SHAPES.get(key)
    if known is not None and known.menu is menu:
        return known
    tree = tree_of(menu, language, offered)
    everybody = static(menu, offered)
    ways = [seconds_to(menu, everybody, goal, language) for goal in tree.goals]
    shape = Shape(
        menu=menu,
        everybody=everybody,
        tree=tree,
        bounds=bounds_of(tree),
        static_seconds=np.array([way[0] if way is not None else 0.0 for way in ways]),
        at_least=np.array([_at_least(menu, tree, goal) for goal in range(len(tree.goals))]),
    )
    if len(_SHAPES) >= _MOST_SHAPES:
        _SHAPES.clear()
    _SHAPES[key] = shape
    return shape


def _at_least(menu: Menu, tree: Tree, goal: int) -> float:
    """Asked outright, or announced first at the top."""
    asked, _ = tree.asking.get(tree.goals[goal], (float("inf"), 0.0))
    announced = min(tree.levels[0].times) + menu.limits.key_seconds
    return tree.ahead + min(asked, announced)


def _found(menu: Menu, shape: Shape, likely: Floats, familiar: Mapping[str, Familiar]) -> Found:
    """The best under the constraints; where circumstances leave none that keeps them all, under as few changes as there
    must be, and only then with keys moved that should rest."""
    most = max(len(level.targets) for level in shape.tree.levels)
    resting = {node: known._replace(frozen=frozenset()) for node, known in familiar.items()}
    for known, changes in [
        *((familiar, changes) for changes in range(menu.personal.changes, most + 1)),
        (resting, most),
    ]:
        search = Search(shape.tree, shape.bounds, known, changes)
        search.without_question(likely)
        for goal in np.flatnonzero(likely >= menu.personal.ask_from).tolist():
            if shape.tree.goals[goal] in shape.tree.asking:
                search.with_question(likely, goal)
        if search.best is not None:
            return search.best
    raise AssertionError("with every key free to change there is always an arrangement")


def _familiar(menu: Menu, known: Known, now: Instant) -> dict[str, Familiar]:
    """What the caller still remembers of each level, and which keys must rest."""
    return {
        node: Familiar(heard.keys, resting(menu, heard, now))
        for node, heard in known.heard.items()
        if now - heard.at < menu.personal.remembered
    }


def resting(menu: Menu, heard: Heard, now: Instant) -> frozenset[str]:
    """The keys of a level that changed their meaning as often as they may within the time."""
    if not heard.moved:
        return frozenset()
    personal = menu.personal
    return frozenset(
        key
        for key, moved in heard.moved.items()
        if sum(now - at < personal.moves_within for at in moved) >= personal.moves
    )


def _entries(tree: Tree, found: Found) -> dict[str, tuple[Entry, ...]]:
    return {
        level.node: tuple(Entry(key, level.targets[at], at >= level.own) for key, at in order)
        for level, order in zip(tree.levels, keyed(tree, found), strict=True)
    }


def expected_seconds(menu: Menu, found: Arranged, probability: Mapping[str, float], language: str) -> float:
    """Seconds from pick-up until the goal's node begins to speak, over the goals that can be reached.

    A caller listens to a level until the first entry that leads nearer to their goal, and presses its key. Asked outright,
    the one who is meant answers yes, everybody else no. 0 where no goal can be reached.
    """
    total = reached = 0.0
    for goal, likely in probability.items():
        ways = seconds_to(menu, found, goal, language)
        if ways is not None:
            total, reached = total + likely * ways[0], reached + likely
    return total / reached if reached else 0.0


def seconds_to(menu: Menu, found: Arranged, goal: str, language: str) -> tuple[float, int] | None:
    """Seconds and keys until one goal's node begins to speak; None where it cannot be reached."""
    way = way_to(menu, found, goal)
    if way is None:
        return None
    seconds, keys = sum(prompt_seconds(menu, node, language) for node in way.heard), 0
    if way.asked:
        asked = question_seconds(menu, found.ask or "", language, yes=found.ask == goal)
        seconds, keys = seconds + asked + menu.limits.key_seconds, 1
    for node, entry in way.pressed:
        for each in found.levels[node]:
            seconds += entry_seconds(menu, node, each.to, language)
            if each is entry:
                break
    return seconds + len(way.pressed) * menu.limits.key_seconds, keys + len(way.pressed)


@dataclass(frozen=True, slots=True)
class WayTo:
    """How somebody reaches one goal."""

    heard: tuple[str, ...]
    """Notices and levels on the way."""
    pressed: tuple[tuple[str, Entry], ...]
    """Level and entry."""
    asked: bool
    """Whether the shortcut question was heard."""


def way_to(menu: Menu, found: Arranged, goal: str) -> WayTo | None:
    """The way of a caller who presses the first entry that leads nearer; None where none leads there."""
    heard: list[str] = []
    pressed: list[tuple[str, Entry]] = []
    steps, node, asked = _steps_to(menu, found, goal), menu.root, False
    while menu.nodes[node].goal != goal:
        at = menu.nodes[node]
        if at.kind == "menu" and found.ask is not None and not asked:
            asked = True
            if found.ask == goal:
                return WayTo(tuple(heard), (), asked)
        if node not in steps:
            return None
        heard.append(node)
        if at.kind == "notice" and at.then is not None:
            node = at.then
            continue
        nearer = (entry for entry in found.levels[node] if steps.get(entry.to, len(steps)) < steps[node])
        pressed.append((node, entry := next(nearer)))
        node = entry.to
    return WayTo(tuple(heard), tuple(pressed), asked)


def _steps_to(menu: Menu, found: Arranged, goal: str) -> dict[str, int]:
    """Node → how many steps it is from the goal's node, for those that lead there; lifts shorten nothing here, for nobody
    waits for an entry they do not know of."""
    leads = {node.id: [node.then] for node in menu.nodes.values() if node.kind == "notice" and node.then}
    leads |= {
        node: [entry.to for entry in entries if not entry.lifted] for node, entries in found.levels.items()
    }
    steps = {node.id: 0 for node in menu.nodes.values() if node.goal == goal}
    frontier, away = set(steps), 0
    while frontier:
        away += 1
        frontier = {
            node for node, targets in leads.items() if node not in steps and not frontier.isdisjoint(targets)
        }
        steps |= dict.fromkeys(frontier, away)
    return steps

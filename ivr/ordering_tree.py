"""A menu as numbers: which goals pass which entries of which levels, and how long everything takes to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ivr.call import Entry
from ivr.ordering_level import Ordered, cost_of
from ivr.speech import announced, in_language, question
from strategies.declared.menu import DIGITS, Menu

Floats = NDArray[np.float64]

SPOKEN = (*DIGITS, "0", "*", "#")
"""Keys in the order in which they are announced."""
FREE_KEYS = (*DIGITS, "0")
"""Keys that entries may get by their place."""
MOST_COMBINATIONS = 6_000
"""Sets of lifted entries that are all looked at; where there are more, smaller sets only (see ``Tree.whole``)."""


@dataclass(frozen=True)
class Level:
    """One level's own entries, as numbers."""

    node: str
    targets: tuple[str, ...]
    """Own entries first, in the order written; at the top then everything that may be lifted there."""
    own: int
    """How many of the targets are own entries."""
    times: tuple[float, ...]
    keys: tuple[str | None, ...]
    """Required keys."""
    reserved: frozenset[str]
    """Keys that no other entry may take: required ones, back and repeat."""
    rank: tuple[int, ...]
    """Entry → 0 where its place is free, else the place of its required key among all."""

    def slots(self, count: int) -> tuple[str, ...]:
        """The keys of so many entries, required ones among them, in the order of announcement."""
        return self._keys_by_count[min(count, len(self._keys_by_count) - 1)]

    @cached_property
    def _keys_by_count(self) -> list[tuple[str, ...]]:
        free = [key for key in FREE_KEYS if key not in self.reserved]
        return [
            tuple(sorted((*self.required, *free[: max(count - len(self.required), 0)]), key=SPOKEN.index))
            for count in range(len(self.required) + len(free) + 1)
        ]

    @cached_property
    def required(self) -> dict[str, int]:
        """Key → entry that must stand there."""
        return {key: job for job, key in enumerate(self.keys[: self.own]) if key is not None}

    @cached_property
    def anywhere(self) -> dict[str, int]:
        """Target → own entry, of those that may stand at any key."""
        return {self.targets[job]: job for job in range(self.own) if self.keys[job] is None}

    def may_stand(self, target: str) -> bool:
        """Whether the target may stand here at a key of its own choosing, lifted or not."""
        return target in self.anywhere or target in self.targets[self.own :]

    @cached_property
    def plain(self) -> bool:
        """Whether required entries, if any, all come last, so that Smith's rule alone orders the others."""
        keys = self.slots(self.own)
        return all(key in self.required for key in keys[len(keys) - len(self.required) :])

    def by_weight(self, weights: Sequence[float]) -> Ordered:
        """The best order of a plain level that nobody remembers."""
        times = self.times
        order = sorted(
            range(self.own),
            key=lambda job: (self.rank[job], -weights[job] / times[job] if times[job] else 0.0),
        )
        return Ordered(tuple(order), cost_of(order, weights, times))

    @property
    def room(self) -> int:
        """How many entries find a key at all."""
        return len(self._keys_by_count) - 1

    @cached_property
    def last(self) -> int:
        """The entry that is announced last, whatever else stands there; −1 where there is none."""
        return self.required.get(next(iter(self._keys_by_count[-1][-1:]), ""), -1)


@dataclass(frozen=True, slots=True)
class Way:
    """How a goal is reached from the top in everybody's tree."""

    steps: tuple[tuple[int, int], ...]
    """Level and entry, from the top on."""
    seconds: float
    """All but listening to entries: notices, prompts, keys."""
    liftable: tuple[tuple[int, float], ...]
    """Lifts (targets of the top level from ``own`` on) that take this goal, the deepest first, with the seconds then."""
    cut: tuple[int, ...]
    """With each of them: how many of the steps it replaces by its own."""

    def with_lifts(self, lifts: tuple[int, ...], own: int) -> tuple[int, int, float]:
        """With these lifts standing behind the top's own entries: which entry is pressed there, how many steps that
        replaces, and the way's seconds."""
        for (lift, seconds), saved in zip(self.liftable, self.cut, strict=True):
            if lift in lifts:
                return own + lifts.index(lift), saved, seconds
        return self.steps[0][1], 1, self.seconds


@dataclass(frozen=True, slots=True)
class Tree:
    """A menu in one language as offered to some callers."""

    goals: tuple[str, ...]
    """Those that can be reached."""
    levels: tuple[Level, ...]
    """The top level first."""
    ways: tuple[Way, ...]
    lifts: tuple[tuple[int, ...], ...]
    """Sets of lifted entries (targets of the top level), the empty one first."""
    whole: bool
    """Whether these are all the sets that the menu allows."""
    asking: Mapping[str, tuple[float, float]]
    """Goal → seconds of the shortcut question for it, with the key: for who says yes, for everybody else."""
    ahead: float
    """Seconds of the notices that everybody hears before the top level."""
    before: Mapping[int, int]
    """Lifted entry → bit mask of the entries of the top level that it must stand ahead of, to be of use."""


def tree_of(menu: Menu, language: str, offered: Mapping[str, tuple[str, ...]]) -> Tree:
    """The menu as numbers; no goals and no levels where nothing is offered."""
    names = [
        menu.top,
        *(node.id for node in menu.nodes.values() if node.kind == "menu" and node.id != menu.top),
    ]
    names = [name for name in names if menu.nodes[name].kind == "menu"]
    shapes = {
        name: [item.to for item in menu.nodes[name].items if item.to in offered.get(name, ())]
        for name in names
    }
    routes = {goal: route for goal in menu.goals if (route := _route(menu, shapes, goal)) is not None}
    lifted = _liftable(menu, shapes, routes)
    levels = tuple(
        _level(menu, name, shapes[name], lifted if name == menu.top else [], language) for name in names
    )
    numbers = {level.node: number for number, level in enumerate(levels)}
    ways = tuple(_way(menu, levels, numbers, route, lifted, language) for route in routes.values())
    sets, whole = _sets(menu, levels[0], lifted, language) if levels else ([()], True)
    return Tree(
        goals=tuple(routes),
        levels=levels,
        ways=ways,
        lifts=tuple(sets),
        whole=whole,
        asking=_asking(menu, routes, language),
        ahead=_notices_before(menu, language),
        before=_before(levels[0], ways) if levels else {},
    )


def _route(menu: Menu, shapes: Mapping[str, list[str]], goal: str) -> tuple[str, ...] | None:
    """Nodes from the top down to the one that serves the goal, the shortest way; None where none leads there."""
    frontier: list[tuple[str, ...]] = [(menu.top,)]
    seen = {menu.top}
    while frontier:
        ahead: list[tuple[str, ...]] = []
        for path in frontier:
            node = menu.nodes[path[-1]]
            if node.goal == goal:
                return path
            then = [node.then] if node.kind == "notice" and node.then is not None else []
            for target in shapes.get(node.id, then):
                if target not in seen:
                    seen.add(target)
                    ahead.append((*path, target))
        frontier = ahead
    return None


def _liftable(
    menu: Menu, shapes: Mapping[str, list[str]], routes: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Deeper entries on somebody's way that can be entered from the top without passing a notice by."""
    found: dict[str, None] = {}
    for route in routes.values():
        for at in range(2, len(route)):
            if any(menu.nodes[name].kind != "menu" for name in route[:at]):
                break
            if route[at] not in shapes[menu.top]:
                found[route[at]] = None
    return list(found)


def _level(menu: Menu, name: str, shape: list[str], lifted: list[str], language: str) -> Level:
    node = menu.nodes[name]
    targets = (*shape, *lifted)
    keys = {item.to: item.key for item in node.items}
    return Level(
        node=name,
        targets=targets,
        own=len(shape),
        times=tuple(
            sum(each.seconds for each in announced(menu, node, Entry("1", target), language))
            for target in targets
        ),
        keys=tuple(keys.get(target) for target in targets),
        rank=tuple(1 + SPOKEN.index(key) if (key := keys.get(target)) else 0 for target in shape),
        reserved=frozenset(
            {menu.back, menu.repeat} | {item.key for item in node.items if item.key is not None}
        ),
    )


def _way(
    menu: Menu, levels: tuple[Level, ...], numbers: Mapping[str, int], route: tuple[str, ...], lifted: list[str],
    language: str,
) -> Way:  # fmt: skip
    ahead = _notices_before(menu, language)
    steps: list[tuple[int, int]] = []
    costs: list[float] = []
    for at, name in enumerate(route[:-1]):
        prompt = prompt_seconds(menu, name, language)
        if menu.nodes[name].kind == "notice":
            costs.append(prompt)
            continue
        level = numbers[name]
        steps.append((level, levels[level].targets.index(route[at + 1])))
        costs.append(prompt + menu.limits.key_seconds)
    liftable, cut = [], []
    for at in range(len(route) - 1, 1, -1):
        if route[at] in lifted and all(menu.nodes[name].kind == "menu" for name in route[:at]):
            lift = levels[0].own + lifted.index(route[at])
            liftable.append((lift, ahead + costs[0] + sum(costs[at:])))
            cut.append(at)
    return Way(tuple(steps), ahead + sum(costs), tuple(liftable), tuple(cut))


def prompt_seconds(menu: Menu, node: str, language: str) -> float:
    """How long a node's own words take."""
    found = in_language(menu.nodes[node].prompt, language)
    return 0.0 if found is None else found[1].seconds


def entry_seconds(menu: Menu, node: str, target: str, language: str) -> float:
    """How long an entry's announcement takes, with its key."""
    return sum(each.seconds for each in announced(menu, menu.nodes[node], Entry("1", target), language))


def question_seconds(menu: Menu, goal: str, language: str, *, yes: bool) -> float:
    """How long the question for a goal takes: until its key for yes was said, or whole."""
    said = question(menu, goal, language)
    return sum(each.seconds for each in (said[:-1] if yes else said))


def _notices_before(menu: Menu, language: str) -> float:
    """What everybody hears before the top level."""
    seconds, name = 0.0, menu.root
    while name != menu.top:
        seconds += prompt_seconds(menu, name, language)
        name = menu.nodes[name].then or menu.top
    return seconds


def _sets(menu: Menu, top: Level, lifted: list[str], language: str) -> tuple[list[tuple[int, ...]], bool]:
    """The sets of lifts that keep the menu's limits."""
    most = min(menu.personal.lifts, menu.limits.items - top.own, top.room - top.own)
    base = prompt_seconds(menu, top.node, language) + sum(top.times[: top.own])
    sets: list[tuple[int, ...]] = [()]
    every = range(top.own, top.own + len(lifted))
    for size in range(1, most + 1):
        more = [
            chosen
            for chosen in combinations(every, size)
            if base + sum(top.times[each] for each in chosen) <= menu.limits.seconds
        ]
        if len(sets) + len(more) > MOST_COMBINATIONS:
            return sets, False
        sets += more
    return sets, True


def _asking(
    menu: Menu, routes: Mapping[str, tuple[str, ...]], language: str
) -> dict[str, tuple[float, float]]:
    """Goals that may be asked for outright: with a question, and no notice on the way that would be passed by."""
    return {
        goal: (
            question_seconds(menu, goal, language, yes=True) + menu.limits.key_seconds,
            question_seconds(menu, goal, language, yes=False) + menu.limits.key_seconds,
        )
        for goal, route in routes.items()
        if menu.ask.get(goal) and all(menu.nodes[name].kind == "menu" for name in route[:-1])
    }


def _before(top: Level, ways: tuple[Way, ...]) -> dict[int, int]:
    """Of each lift the entries it shortens: the top entry above it, and lifts between."""
    masks: dict[int, int] = {}
    for way in ways:
        for at, (lift, _) in enumerate(way.liftable):
            above = [way.steps[0][1], *(other for other, _ in way.liftable[at + 1 :])]
            for entry in above:
                masks[lift] = masks.get(lift, 0) | 1 << entry
    return masks

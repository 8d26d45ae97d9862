"""Held-out calls played against several menus: how long each caller would have listened, and how many keys pressed.

Calls are walked in order of time. Every menu has a memory of its own of what each caller heard of it, so that a familiar
layout binds it in the replay as it does in the service. Seconds and keys are those of a caller who listens until their goal
is announced (``ivr.ordering.seconds_to``): what a menu costs, not how one caller happened to behave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from math import ceil, sqrt

from ivr.call import NOTHING_KNOWN, Heard, Journey, Known
from ivr.ordering import Arranged, seconds_to
from ivr.remembering import remembered
from strategies.declared.menu import Menu

Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""
Order = Callable[[Journey, Known], Arranged]
"""What a caller would hear who begins this call with this behind them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean or a ratio with its 95 % interval; the ends are None where fewer than two callers are there."""

    value: float
    low: float | None
    high: float | None


@dataclass(slots=True)
class Stability:
    """How much of what callers knew was changed under their fingers, counted apart from whatever ordered the keys."""

    hearings: int = 0
    """Levels heard by somebody who still remembered them."""
    changed: int = 0
    """Of those, levels on which some key led elsewhere."""
    most_changed: int = 0
    """Keys of one level that led elsewhere than when it was last heard, at most."""
    over_limit: int = 0
    """Levels with more changed keys than the menu allows."""
    moved_too_often: int = 0
    """Keys that changed their meaning for one caller more often than the menu allows."""

    @property
    def kept(self) -> bool:
        return not self.over_limit and not self.moved_too_often


@dataclass(slots=True)
class Played:
    """What one menu cost, call by call."""

    seconds: list[float] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    asked: int = 0
    """Calls that began with a question."""
    asked_rightly: int = 0
    stability: Stability = field(default_factory=Stability)


@dataclass(frozen=True, slots=True)
class Replay:
    """Every menu on the same calls; ``callers`` says whose each of them is."""

    callers: tuple[str, ...]
    played: Mapping[str, Played]
    unreachable: int
    """Held-out calls whose goal some menu does not lead to; they are left out of all."""


def split_by_time(journeys: Sequence[Journey], share: float) -> tuple[list[Journey], list[Journey]]:
    """The oldest so much of the calls, and those after them; calls of one instant stay together."""
    ordered = sorted(journeys, key=lambda each: (each.at, each.id))
    cut = ceil(len(ordered) * share)
    while 0 < cut < len(ordered) and ordered[cut].at == ordered[cut - 1].at:
        cut += 1
    return ordered[:cut], ordered[cut:]


def with_known(journeys: Iterable[Journey]) -> Iterator[tuple[Journey, Known]]:
    """Each call, in the order given, with what its caller's earlier ones left behind."""
    known: dict[str, Known] = {}
    for journey in journeys:
        before = known.get(journey.customer or "", NOTHING_KNOWN)
        yield journey, before
        if journey.customer is not None:
            known[journey.customer] = remembered(before, journey)


def play(
    menu: Menu, past: Sequence[Journey], held_out: Sequence[Journey], orders: Mapping[str, Order],
    usual: Arranged, spoken: Callable[[Journey], str],
) -> Replay:  # fmt: skip
    """Play the held-out calls of known callers against menus; ``past`` says what callers knew when they began.

    A call whose layout is not on record was made in the ``usual`` menu. ``spoken`` answers the language of a call.
    """
    start = _known_of(menu, past, usual)
    known = {name: dict(start) for name in orders}
    played = {name: Played() for name in orders}
    callers, unreachable = list[str](), 0
    for journey in held_out:
        if journey.customer is None or journey.goal is None:
            continue
        heard = {
            name: order(journey, known[name].get(journey.customer, NOTHING_KNOWN)) for name, order in orders.items()
        }  # fmt: skip
        costs = {
            name: seconds_to(menu, found, journey.goal, spoken(journey)) for name, found in heard.items()
        }
        if any(cost is None for cost in costs.values()):
            unreachable += 1
            continue
        callers.append(journey.customer)
        for name, found in heard.items():
            before = known[name].get(journey.customer, NOTHING_KNOWN)
            after = remembered(before, replace(journey, heard=levels_heard(menu, found, journey.goal)))
            known[name][journey.customer] = after
            _count(menu, played[name], journey, found, costs[name] or (0.0, 0), before, after)
    return Replay(tuple(callers), played, unreachable)


def _known_of(menu: Menu, past: Sequence[Journey], usual: Arranged) -> dict[str, Known]:
    """What callers know at the end of the past."""
    known: dict[str, Known] = {}
    for journey in past:
        if journey.customer is not None:
            heard = journey.heard or levels_heard(menu, usual, journey.goal)
            before = known.get(journey.customer, NOTHING_KNOWN)
            known[journey.customer] = remembered(before, replace(journey, heard=heard))
    return known


def levels_heard(menu: Menu, found: Arranged, goal: str | None) -> dict[str, dict[str, str]]:
    """Node → key → node of the levels that are announced on the way to a goal; of the first where it has none."""
    if found.ask is not None and found.ask == goal:
        return {}
    way = _way(menu, found, goal) or [menu.top]
    return {
        node: {entry.key: entry.to for entry in found.levels[node]} for node in way if node in found.levels
    }


def _way(menu: Menu, found: Arranged, goal: str | None) -> list[str] | None:
    """The nodes from the root to a goal's node, by the fewest keys; None where nothing leads there."""
    before: dict[str, str] = {}
    waiting = [menu.root]
    for name in waiting:
        node = menu.nodes[name]
        if node.goal == goal and goal is not None:
            way = [name]
            while way[-1] != menu.root:
                way.append(before[way[-1]])
            return way[::-1]
        onward = [entry.to for entry in found.levels.get(name, ())] or (
            [node.then] if node.kind == "notice" and node.then else []
        )
        for to in onward:
            if to not in before and to != menu.root:
                before[to] = name
                waiting.append(to)
    return None


def _count(
    menu: Menu, played: Played, journey: Journey, found: Arranged, cost: tuple[float, int], before: Known,
    after: Known,
) -> None:  # fmt: skip
    played.seconds.append(cost[0])
    played.keys.append(cost[1])
    played.asked += found.ask is not None
    played.asked_rightly += found.ask is not None and found.ask == journey.goal
    offered = {entry.to for entries in found.levels.values() for entry in entries}
    for node, heard in after.heard.items():
        earlier = before.heard.get(node)
        if heard is not earlier and earlier is not None:
            _compare(menu, played.stability, earlier, heard, offered)


def _compare(menu: Menu, counted: Stability, earlier: Heard, heard: Heard, offered: Set[str]) -> None:
    """A key whose old meaning is offered to this caller no longer had to change, and is not counted."""
    limits = menu.personal
    if heard.at - earlier.at > limits.remembered:
        return
    before = {key: to for key, to in earlier.keys.items() if to in offered}
    changed = [key for key, to in heard.keys.items() if before.get(key, to) != to]
    counted.hearings += 1
    counted.changed += bool(changed)
    counted.most_changed = max(counted.most_changed, len(changed))
    counted.over_limit += len(changed) > limits.changes
    for key in changed:
        lately = [at for at in heard.moved.get(key, ()) if heard.at - at < limits.moves_within]
        counted.moved_too_often += len(lately) > limits.moves


def mean_by_caller(values: Sequence[float], callers: Sequence[str]) -> Figure:
    """The mean over calls; callers, not calls, are independent of one another."""
    return ratio_by_caller(values, [1.0] * len(values), callers)


def ratio_by_caller(values: Sequence[float], of: Sequence[float], callers: Sequence[str]) -> Figure:
    """Sum over sum, with the interval of a ratio of cluster totals (Cochran 1977, 6.4), callers being the clusters."""
    above, below = defaultdict[str, float](float), defaultdict[str, float](float)
    for value, other, caller in zip(values, of, callers, strict=True):
        above[caller] += value
        below[caller] += other
    total = sum(below.values())
    ratio = sum(above.values()) / total
    count = len(below)
    if count < 2:
        return Figure(ratio, None, None)
    squares = sum((above[caller] - ratio * below[caller]) ** 2 for caller in below)
    half = Z * sqrt(squares * count / (count - 1)) / total
    return Figure(ratio, ratio - half, ratio + half)

"""The search for the arrangement with the fewest expected seconds: which entries to lift, which goal to ask for, which key
for what.

For a set of lifts and a question the levels are independent of each other, so each is solved for itself; sets are tried in
the order of what they cost at least, until no other can be better. That is exact wherever ``Tree.whole`` holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ivr.ordering_bounds import Bounds, Floats
from ivr.ordering_level import EPSILON, FREE, GONE, Ordered, Slot, best_order
from ivr.ordering_tree import Level, Tree


class Familiar(NamedTuple):
    """What a caller remembers of one level."""

    keys: Mapping[str, str]
    """Key → target."""
    frozen: frozenset[str]
    """Keys that changed their meaning as often as they may."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best arrangement."""

    seconds: float
    ask: str | None
    lifts: tuple[int, ...]
    orders: tuple[tuple[int, ...], ...]
    """Level → jobs in the order of announcement; at the top those from ``own`` on are the lifts."""
    least: float
    """What the best arrangement costs at least that has no familiar layout to keep."""


@dataclass(slots=True)
class Search:
    """One caller's search."""

    tree: Tree
    bounds: Bounds
    familiar: Mapping[str, Familiar]
    changes: int
    best: Found | None = None
    least: float = float("inf")
    _solved: dict[tuple[int, tuple[float, ...]], Ordered | None] = field(default_factory=dict)

    def without_question(self, likely: Floats) -> None:
        """Look for the best menu that asks nothing first."""
        self._look(likely, None, 0.0)

    def with_question(self, likely: Floats, goal: int) -> None:
        """Look for the best menu behind a question for one goal: whoever answers yes does not hear it."""
        name = self.tree.goals[goal]
        others = likely.copy()
        others[goal] = 0.0
        meant, (yes, no) = float(likely[goal]), self.tree.asking[name]
        self._look(others, name, (yes + self.tree.ahead) * meant + no * float(others.sum()))

    def _look(self, likely: Floats, ask: str | None, first: float) -> None:
        weights, fixed = self.bounds.weights(likely), self.bounds.seconds(likely)
        below = self.bounds.below(fixed, weights) + first
        self.least = min(self.least, float(below.min()))
        for number in np.argsort(below, kind="stable").tolist():
            if self.best is not None and below[number] >= self.best.seconds - EPSILON:
                return
            given = float(fixed[number]) + first
            self._try(self.tree.lifts[number], weights[number].tolist(), given, ask)

    def _try(self, lifts: tuple[int, ...], weights: Sequence[float], given: float, ask: str | None) -> None:
        """One set of lifts: deeper levels first, for the top is the one that may be given up early."""
        orders: list[Ordered] = []
        starts = self.bounds.starts
        for number in range(1, len(self.tree.levels)):
            solved = self._deeper(number, tuple(weights[starts[number] : starts[number + 1]]))
            if solved is None:
                return
            orders.append(solved)
        spent = given + sum(each.seconds for each in orders)
        below = float("inf") if self.best is None else self.best.seconds - spent
        top = self._top(lifts, weights, below)
        if top is None:
            return
        found = (top.order, *(each.order for each in orders))
        self.best = Found(spent + top.seconds, ask, lifts, found, self.least)

    def _deeper(self, number: int, weights: tuple[float, ...]) -> Ordered | None:
        known = (number, weights)
        if known not in self._solved:
            level = self.tree.levels[number]
            if level.plain and level.node not in self.familiar:
                self._solved[known] = level.by_weight(weights)
                return self._solved[known]
            slots = self._slots(level, range(level.own))
            self._solved[known] = (
                None
                if slots is None
                else best_order(weights, level.times[: level.own], slots, changes=self.changes)
            )
        return self._solved[known]

    def _top(self, lifts: tuple[int, ...], weights: Sequence[float], below: float) -> Ordered | None:
        level = self.tree.levels[0]
        targets = (*range(level.own), *lifts)
        slots = self._slots(level, targets)
        if slots is None:
            return None
        before = [
            sum(1 << level.own + at for at, lift in enumerate(lifts) if self.tree.before[lift] >> entry & 1)
            for entry in targets
        ]
        times = [level.times[entry] for entry in targets]
        return best_order(
            weights[: len(targets)], times, slots, changes=self.changes, before=before, below=below
        )

    def _slots(self, level: Level, targets: Sequence[int]) -> list[Slot] | None:
        """The level's keys with what they must or did lead to; None where a key that may not move would have to."""
        jobs = level.anywhere
        if len(targets) > level.own:
            jobs = jobs | {level.targets[entry]: job for job, entry in enumerate(targets) if job >= level.own}
        known = self.familiar.get(level.node)
        slots = []
        for key in level.slots(len(targets)):
            if key in level.required:
                slots.append(Slot(level.required[key]))
            elif known is None or key not in known.keys:
                slots.append(Slot())
            else:
                target = known.keys[key]
                stays = key in known.frozen and level.may_stand(target)
                if stays and target not in jobs:
                    return None
                slots.append(Slot(FREE, jobs.get(target, GONE), stays))
        return slots


def keyed(tree: Tree, found: Found) -> list[list[tuple[str, int]]]:
    """Level → key and entry, in the order of announcement; entries of the top level from ``own`` on are lifts."""
    top = tree.levels[0]
    entries = [(*range(top.own), *found.lifts), *(range(level.own) for level in tree.levels[1:])]
    return [
        list(zip(level.slots(len(order)), (of_level[job] for job in order), strict=True))
        for level, of_level, order in zip(tree.levels, entries, found.orders, strict=True)
    ]

"""For every set of lifted entries at once: what the best arrangement costs at least."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ivr.ordering_tree import Tree

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A tree's sets of lifts as arrays.

    Smith's optimum is a sum over pairs: the one that stands behind waits for the other, whichever is cheaper. So it is
    found for all sets without sorting; pairs whose order is fixed count as fixed.
    """

    incidence: Floats
    """(sets × entries) × goals: 1 where callers of the goal press the entry."""
    fixed: Floats
    """Sets × goals: all but listening to entries."""
    times: Floats
    """Sets × entries, 0 where a set has fewer."""
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    """Pairs of entries of one level."""
    first_ahead: NDArray[np.bool_]
    """Sets × pairs: whether the first surely stands ahead of the second."""
    second_ahead: NDArray[np.bool_]
    starts: tuple[int, ...]
    """Where each level's entries begin."""
    width: int
    """Entries of the top level, with room for the largest set."""

    def weights(self, likely: Floats) -> Floats:
        """Sets × entries: how likely each is pressed."""
        # einsum, not @: BLAS would wake its threads for a product this small
        found: Floats = np.einsum("rg,g->r", self.incidence, likely).reshape(self.times.shape)
        return found

    def seconds(self, likely: Floats) -> Floats:
        """Set → expected seconds of all but listening to entries."""
        found: Floats = np.einsum("sg,g->s", self.fixed, likely)
        return found

    def below(self, fixed: Floats, weights: Floats) -> Floats:
        """Set → seconds that no arrangement with these lifts falls below."""
        first = weights[:, self.first] * self.times[:, self.second]
        second = weights[:, self.second] * self.times[:, self.first]
        waiting = np.minimum(first, second)
        np.copyto(waiting, second, where=self.first_ahead)
        np.copyto(waiting, first, where=self.second_ahead)
        found: Floats = fixed + np.einsum("sj,sj->s", weights, self.times) + waiting.sum(axis=1)
        return found


def bounds_of(tree: Tree) -> Bounds:
    """The arrays of a tree."""
    top = tree.levels[0]
    width = top.own + max(map(len, tree.lifts))
    starts = [0]
    for level in tree.levels:
        starts.append(starts[-1] + (width if not starts[1:] else level.own))
    shape = (len(tree.lifts), starts[-1])
    incidence = np.zeros((*shape, len(tree.goals)))
    fixed = np.zeros((shape[0], len(tree.goals)))
    times = np.zeros(shape)
    for at, level in enumerate(tree.levels[1:], start=1):
        times[:, starts[at] : starts[at + 1]] = level.times[: level.own]
    for number, lifts in enumerate(tree.lifts):
        times[number, : top.own + len(lifts)] = [*top.times[: top.own], *(top.times[each] for each in lifts)]
        for goal, way in enumerate(tree.ways):
            entry, saved, fixed[number, goal] = way.with_lifts(lifts, top.own)
            incidence[number, entry, goal] = 1.0
            for level_number, own in way.steps[saved:]:
                incidence[number, starts[level_number] + own, goal] = 1.0
    pairs = [(a, b) for begin, end in pairwise(starts) for a in range(begin, end) for b in range(a + 1, end)]
    ahead = np.array([[_ahead(tree, lifts, starts, pair) for pair in pairs] for lifts in tree.lifts])
    ahead = ahead.reshape(shape[0], len(pairs))
    return Bounds(
        incidence=incidence.reshape(-1, len(tree.goals)),
        fixed=fixed,
        times=times,
        first=np.array([a for a, _ in pairs], dtype=np.intp),
        second=np.array([b for _, b in pairs], dtype=np.intp),
        first_ahead=ahead > 0,
        second_ahead=ahead < 0,
        starts=tuple(starts),
        width=width,
    )


def _ahead(tree: Tree, lifts: tuple[int, ...], starts: list[int], pair: tuple[int, int]) -> int:
    """1 where the first of a pair surely stands ahead of the second, −1 where behind it, 0 where either may be."""
    number = max(at for at, start in enumerate(starts) if start <= pair[0])
    level = tree.levels[number]
    one, other = (each - starts[number] for each in pair)
    if level.last in (one, other):
        return -1 if level.last == one else 1
    if number == 0 and other >= level.own and other - level.own < len(lifts):
        lift = lifts[other - level.own]
        if one < level.own:
            return -1 if tree.before[lift] >> one & 1 else 0
        above = lifts[one - level.own]
        if tree.before[lift] >> above & 1:
            return -1
        return 1 if tree.before[above] >> lift & 1 else 0
    return 0

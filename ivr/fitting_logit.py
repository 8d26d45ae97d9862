"""The likeliest weights of a menu's goals, given calls and what is declared: a penalised likelihood and its gradient."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ivr.fitting import OWN_CALLS, Example, Learnt
from ivr.intent import called_again, conditions, holds, offered, reachable
from strategies.instants import DAY, Instant
from strategies.menu import Menu

Floats = NDArray[np.float64]

MOST_EXAMPLES = 100_000
"""The newest calls; more of them move no weight that matters and cost minutes."""
HALF_LIVES = (30 * DAY, 60 * DAY, 120 * DAY, 365 * DAY, 3_650 * DAY)
"""Tried beside the declared one."""
AGAIN = ("day", "week")
SPREAD_SHARE = 1.0
"""Standard deviations of the priors, of logarithms: how far calls may lead away from what is declared."""
SPREAD_DECLARED = 1.0
SPREAD_OTHER = 0.5
"""Of circumstances on goals for which none is declared, and of segments."""
SPREAD_OWN, SPREAD_OWN_GOAL = 1.5, 0.5
SPREAD_AGAIN = 1.0
_OFF = -1e9
"""Utility of a goal that is not offered."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Calls as arrays; n calls, g goals."""

    goal: NDArray[np.intp]
    off: Floats
    """n × g: 0, or ``_OFF`` where the goal was not offered."""
    circumstances: Floats
    """n × conditions, 1 where true."""
    segments: Floats
    """n × segments."""
    again: Floats
    """n × g × ``AGAIN``."""
    own_row: NDArray[np.intp]
    own_goal: NDArray[np.intp]
    own_age: Floats
    """Each earlier call of each row's caller: row, goal, microseconds."""

    def own(self, half_life: int) -> Floats:
        """n × g: own calls, each halved with every half-life."""
        counted = np.zeros(self.off.shape)
        np.add.at(counted, (self.own_row, self.own_goal), np.exp2(-self.own_age / half_life))
        return counted


@dataclass(frozen=True, slots=True)
class Prior:
    """Means and standard deviations of all coefficients, in one row."""

    mean: Floats
    spread: Floats
    goals: int
    conditions: int
    segments: int

    def parts(self, row: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Shares, circumstances × goals, segments × goals, own calls (of all, then of each goal), again."""
        g, cut = self.goals, np.cumsum([self.goals, self.conditions * self.goals, self.segments * self.goals])
        shares, circumstances, segments, rest = np.split(row, cut)
        return (
            shares,
            circumstances.reshape(self.conditions, g),
            segments.reshape(self.segments, g),
            rest[: g + 1],
            rest[g + 1 :],
        )


def fitted(menu: Menu, plain: Learnt, examples: Sequence[Example]) -> Learnt:
    """The weights of largest posterior density under the half-life that allows the largest. At least one example."""
    newest = sorted(examples, key=lambda each: each.at)[-MOST_EXAMPLES:]
    names = sorted({each.segment for each in newest if each.segment is not None})
    rows = _rows(menu, newest, names)
    prior = _prior(menu, plain, names)
    found, best, half_life = prior.mean, math.inf, menu.personal.half_life
    start = prior.mean
    for tried in dict.fromkeys((menu.personal.half_life, *HALF_LIVES)):
        start, loss = _minimised(rows, prior, rows.own(tried), start)
        if loss < best:
            found, best, half_life = start, loss, tried
    return msgspec.structs.replace(
        _learnt(menu, prior, found, names),
        half_life=half_life,
        examples=len(newest),
        until=Instant(newest[-1].at),
    )


def _minimised(rows: Rows, prior: Prior, own: Floats, start: Floats) -> tuple[Floats, float]:
    from scipy.optimize import minimize

    solved = minimize(
        _loss, start, args=(rows, prior, own), jac=True, method="L-BFGS-B", options={"maxiter": 300}
    )
    return solved.x, float(solved.fun)


def _loss(row: Floats, rows: Rows, prior: Prior, own: Floats) -> tuple[float, Floats]:
    """Minus the logarithm of the posterior density, and its gradient."""
    shares, circumstances, segments, calls, again = prior.parts(row)
    everybody = np.exp(shares)
    mine = own * np.exp(-(calls[0] + calls[1:]))
    weight = everybody + mine
    utility = (
        np.log(weight) + rows.circumstances @ circumstances + rows.segments @ segments + rows.again @ again
    )
    utility += rows.off
    utility -= utility.max(axis=1, keepdims=True)
    chance = np.exp(utility)
    total = chance.sum(axis=1, keepdims=True)
    chance /= total
    lines = np.arange(len(rows.goal))
    likelihood = utility[lines, rows.goal].sum() - np.log(total).sum()
    chance[lines, rows.goal] -= 1.0
    of_calls = -(chance * (mine / weight)).sum(axis=0)
    away = (row - prior.mean) / prior.spread
    gradient = np.concatenate([
        (chance * (everybody / weight)).sum(axis=0),
        (rows.circumstances.T @ chance).ravel(),
        (rows.segments.T @ chance).ravel(),
        [of_calls.sum()],
        of_calls,
        np.einsum("ng,nga->a", chance, rows.again),
    ])  # fmt: skip
    return float(0.5 * away @ away - likelihood), gradient + away / prior.spread


def _rows(menu: Menu, examples: Sequence[Example], segments: Sequence[str]) -> Rows:
    goals = {goal: at for at, goal in enumerate(menu.goals)}
    asked = conditions(menu)
    off = np.zeros((len(examples), len(goals)))
    again = np.zeros((len(examples), len(goals), len(AGAIN)))
    true = np.zeros((len(examples), len(asked)))
    own: list[tuple[int, int, float]] = []
    for row, each in enumerate(examples):
        reached = reachable(menu, offered(menu, each.facts, each.at))
        off[row] = [0.0 if goal in reached or goal == each.goal else _OFF for goal in goals]
        true[row] = [holds(when, each.facts, each.at) for when in asked.values()]
        for goal, lately in called_again(each.known, each.at).items():
            if goal in goals:
                again[row, goals[goal], AGAIN.index(lately)] = 1.0
        own += [
            (row, goals[goal], each.at - at)
            for goal, at in each.known.goals
            if goal in goals and at <= each.at
        ]
    member = np.array([[each.segment == name for name in segments] for each in examples], dtype=float)
    return Rows(
        goal=np.array([goals[each.goal] for each in examples], dtype=np.intp),
        off=off,
        circumstances=true,
        segments=member.reshape(len(examples), len(segments)),
        again=again,
        own_row=np.array([row for row, _, _ in own], dtype=np.intp),
        own_goal=np.array([goal for _, goal, _ in own], dtype=np.intp),
        own_age=np.array([age for _, _, age in own], dtype=float),
    )


def _prior(menu: Menu, plain: Learnt, segments: Sequence[str]) -> Prior:
    """What is declared, and how firmly."""
    goals = list(menu.goals)
    times = [[plain.circumstances[text].get(goal) for goal in goals] for text in conditions(menu)]
    flat = [each for row in times for each in row]
    of_segments = len(segments) * len(goals)
    mean = [plain.shares[goal] for goal in goals] + [each or 0.0 for each in flat] + [0.0] * of_segments
    spread = [SPREAD_SHARE] * len(goals) + [
        SPREAD_OTHER if each is None else SPREAD_DECLARED for each in flat
    ]
    spread += [SPREAD_OTHER] * of_segments
    mean += [math.log(OWN_CALLS), *([0.0] * len(goals)), *([0.0] * len(AGAIN))]
    spread += [SPREAD_OWN, *([SPREAD_OWN_GOAL] * len(goals)), *([SPREAD_AGAIN] * len(AGAIN))]
    return Prior(np.array(mean), np.array(spread), len(goals), len(times), len(segments))


def _learnt(menu: Menu, prior: Prior, row: Floats, segments: Sequence[str]) -> Learnt:
    """As weights by name; shares sum to 1, own calls in their unit."""
    shares, circumstances, of_segments, calls, again = prior.parts(row)
    goals = list(menu.goals)
    total = float(np.log(np.exp(shares).sum()))
    own = np.exp(calls[0] + calls[1:] + total)

    def by_goal(values: Floats) -> dict[str, float]:
        return {goal: round(float(each), 6) for goal, each in zip(goals, values, strict=True)}

    texts: Mapping[str, object] = conditions(menu)
    return Learnt(
        menu.id,
        shares=by_goal(shares - total),
        circumstances={text: by_goal(each) for text, each in zip(texts, circumstances, strict=True)},
        segments={name: by_goal(each) for name, each in zip(segments, of_segments, strict=True)},
        own_calls=by_goal(own),
        again={name: round(float(each), 6) for name, each in zip(AGAIN, again, strict=True)},
    )

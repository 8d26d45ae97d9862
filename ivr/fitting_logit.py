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
from strategies.declared.menu import Menu
from strategies.instants import DAY, Instant

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Pairs = tuple[Integers, Integers]
"""Rows, and a goal for each."""

MOST_EXAMPLES = 100_000
"""The newest calls; more of them move no weight that matters and cost minutes."""
HALF_LIVES = (30 * DAY, 60 * DAY, 120 * DAY, 365 * DAY, 3_650 * DAY)
"""Tried beside the declared one."""
AGAIN = ("day", "week")
SPREAD_SHARE = 1.0
"""Standard deviations of the priors, of logarithms: how far calls may lead away from what is declared."""
SPREAD_DECLARED = 1.0
SPREAD_OTHER = 0.3
"""Of circumstances on goals for which none is declared, and of segments."""
SPREAD_OWN, SPREAD_OWN_GOAL = 1.5, 0.5
SPREAD_AGAIN = 1.0
ROUGH, MOST_STEPS = 15, 300
"""Steps of the minimisation: enough to tell half-lives apart from a near start, and to the end."""
_OFF = -1e9
"""Utility of a goal that is not offered."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Calls as arrays; n calls, g goals."""

    goal: Integers
    off: Floats
    """n × g: 0, or ``_OFF`` where the goal was not offered."""
    circumstances: Floats
    """n × conditions, 1 where true."""
    segments: Floats
    """n × segments."""
    again: tuple[Pairs, ...]
    """For each of ``AGAIN`` the rows and goals of which it is so."""
    own: Pairs
    """Rows and goals of own calls, each pair once."""
    own_pair: Integers
    own_age: Floats
    """Each earlier call of each row's caller: its pair, and how many microseconds ago."""

    def counted(self, half_life: int) -> Floats:
        """Pair → own calls, each halved with every half-life."""
        halved = np.exp2(-self.own_age / half_life)
        counted: Floats = np.bincount(self.own_pair, halved, minlength=len(self.own[0])).astype(np.float64)
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


def fitted(menu: Menu, plain: Learnt, examples: Sequence[Example], half_life: int | None = None) -> Learnt:
    """The weights of largest posterior density under this half-life, or the one that allows the largest. At least one
    example."""
    newest = sorted(examples, key=lambda each: each.at)[-MOST_EXAMPLES:]
    names = sorted({each.segment for each in newest if each.segment is not None})
    rows = _rows(menu, newest, names)
    prior = _prior(menu, plain, names)
    tries: dict[int, tuple[float, Floats]] = {}
    start = np.zeros(len(prior.mean))
    lives = dict.fromkeys((menu.personal.half_life, *HALF_LIVES)) if half_life is None else [half_life]
    for tried in lives:
        start, loss = _minimised(rows, prior, rows.counted(tried), start, ROUGH if tries else MOST_STEPS)
        tries[tried] = (loss, start)
    best = min(tries, key=lambda tried: tries[tried][0])
    found = tries[best][1]
    if best != next(iter(tries)):
        found, _ = _minimised(rows, prior, rows.counted(best), found, MOST_STEPS)
    return msgspec.structs.replace(
        _learnt(menu, prior, prior.mean + prior.spread * found, names),
        half_life=best,
        examples=len(newest),
        until=Instant(newest[-1].at),
    )


def _minimised(rows: Rows, prior: Prior, own: Floats, start: Floats, most: int) -> tuple[Floats, float]:
    """From a start to the nearest minimum, in units of the priors' deviations."""
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):  # products this small only lose by being shared out
        solved = minimize(
            lambda z: _loss(z, rows, prior, own), start, jac=True, method="L-BFGS-B",
            options={"maxiter": most, "ftol": 1e-7, "gtol": 1e-2},
        )  # fmt: skip
    return solved.x, float(solved.fun)


def _loss(away: Floats, rows: Rows, prior: Prior, own: Floats) -> tuple[float, Floats]:
    """Minus the logarithm of the posterior density, and its gradient, at so many deviations from the prior means."""
    shares, circumstances, segments, calls, again = prior.parts(prior.mean + prior.spread * away)
    mine = own * np.exp(-(calls[0] + calls[1:][rows.own[1]]) - shares[rows.own[1]])
    utility = rows.circumstances @ circumstances + rows.off
    utility += shares
    if len(segments):
        utility += rows.segments @ segments
    utility[rows.own] += np.log1p(mine)
    for weight, pairs in zip(again, rows.again, strict=True):
        utility[pairs] += weight
    utility -= utility.max(axis=1, keepdims=True)
    lines = np.arange(len(rows.goal))
    likelihood = utility[lines, rows.goal].sum()
    wrong = np.exp(utility, out=utility)
    total = wrong.sum(axis=1, keepdims=True)
    likelihood -= np.log(total).sum()
    wrong /= total
    wrong[lines, rows.goal] -= 1.0
    own_part = np.bincount(rows.own[1], wrong[rows.own] * mine / (1 + mine), minlength=prior.goals)
    gradient = np.concatenate([
        wrong.sum(axis=0) - own_part,
        (rows.circumstances.T @ wrong).ravel(),
        (rows.segments.T @ wrong).ravel(),
        [-own_part.sum()],
        -own_part,
        [wrong[pairs].sum() for pairs in rows.again],
    ])  # fmt: skip
    return float(0.5 * away @ away - likelihood), gradient * prior.spread + away


def _rows(menu: Menu, examples: Sequence[Example], segments: Sequence[str]) -> Rows:
    goals = {goal: at for at, goal in enumerate(menu.goals)}
    asked = conditions(menu)
    off = np.zeros((len(examples), len(goals)))
    true = np.zeros((len(examples), len(asked)))
    again: dict[str, list[tuple[int, int]]] = {name: [] for name in AGAIN}
    pairs: dict[tuple[int, int], int] = {}
    calls: list[tuple[int, float]] = []
    for row, each in enumerate(examples):
        reached = reachable(menu, offered(menu, each.facts, each.at))
        off[row] = [0.0 if goal in reached or goal == each.goal else _OFF for goal in goals]
        true[row] = [holds(when, each.facts, each.at) for when in asked.values()]
        for goal, lately in called_again(each.known, each.at).items():
            if goal in goals:
                again[lately].append((row, goals[goal]))
        for goal, at in each.known.goals:
            if goal in goals and at <= each.at:
                calls.append((pairs.setdefault((row, goals[goal]), len(pairs)), float(each.at - at)))
    member = np.array([[each.segment == name for name in segments] for each in examples], dtype=float)
    return Rows(
        goal=np.array([goals[each.goal] for each in examples], dtype=np.intp),
        off=off,
        circumstances=true,
        segments=member.reshape(len(examples), len(segments)),
        again=tuple(_pairs(again[name]) for name in AGAIN),
        own=_pairs(list(pairs)),
        own_pair=np.array([pair for pair, _ in calls], dtype=np.intp),
        own_age=np.array([age for _, age in calls]),
    )


def _pairs(found: Sequence[tuple[int, int]]) -> Pairs:
    return np.array([row for row, _ in found], dtype=np.intp), np.array(
        [goal for _, goal in found], dtype=np.intp
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

"""Two groups of calls held against each other: the personal menu against everybody's, a time before against one after.

Callers are drawn, not calls, and calls of one caller resemble each other. So rates have Newcombe's interval of as many
calls as their design effect leaves (``scoring.effects.clustered_effect``), and seconds and keys are compared as means over
callers, each counted once by the mean of their calls, with Welch's interval. Calls of unknown callers could not be drawn
and are left out where arms are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ivr.call_columns import Floats, Ints, Mask
from ivr.journeys import Rate, Readings, rate
from scoring.effects import Arm as Counted
from scoring.effects import MeanEffect, clustered_effect, mean_effect, ratio_p
from strategies.instants import Instant

UNEQUAL = 0.001
"""Below this chance of arms as unequal as they are, something other than the draw decided who hears which menu."""


@dataclass(frozen=True, slots=True)
class RateChange:
    """A rate with and without, and their difference with its interval; None where a group is empty."""

    rate: Rate
    control: Rate
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group of calls held against a control group."""

    calls: int
    control_calls: int
    callers: int
    control_callers: int
    reached: RateChange
    agent: RateChange
    abandoned: RateChange
    contained: RateChange
    repeated_day: RateChange
    seconds: MeanEffect | None
    """To the goal, of callers who reached one; None where a group has fewer than three of them."""
    keys: MeanEffect | None
    whole_seconds: MeanEffect | None
    """Of the whole call in the menu, of all callers."""


@dataclass(frozen=True, slots=True)
class AgainstStatic:
    """The personal menu held against the static one, by the draw of callers."""

    comparison: Comparison
    sample_ratio_p: float | None
    """Chance of arms at least as unequal as these under the declared draw."""
    alarm: bool
    """Whether that chance is so small that the comparison must not be believed."""
    crossed: int
    """Callers who heard both menus, because one could not be made or the draw changed; they count where they were first."""


def against_static(readings: Readings, static_percent: Mapping[str, float]) -> AgainstStatic:
    """Calls of the personal arm against those of the static one; each caller belongs to the arm of their first call.

    ``static_percent`` says how many of a hundred callers each version draws for the static menu; who first called under
    another one is left out of the check of the draw.
    """
    calls = readings.calls
    drawn = np.flatnonzero((calls.customer.codes >= 0) & calls.arm.among(("personal", "static")))
    who, static = calls.customer.codes[drawn], calls.arm.among(("static",))[drawn]
    _, first, caller = np.unique(who, return_index=True, return_inverse=True)
    theirs = static[first]
    heard = np.bincount(caller, weights=static) / np.maximum(1, np.bincount(caller))
    personal, control = drawn[~theirs[caller]], drawn[theirs[caller]]
    found = compared(readings, personal, control)
    version, draws = calls.version, []
    for code in np.unique(version.codes[drawn[first]]):
        share = static_percent.get(version.words[code])
        if share is not None:
            under = theirs[version.codes[drawn[first]] == code]
            draws.append((int((~under).sum()), int(under.sum()), share / 100.0))
    chance = ratio_p(draws)
    return AgainstStatic(
        found, chance, chance is not None and chance < UNEQUAL, int(((heard > 0) & (heard < 1)).sum())
    )


def before_after(readings: Readings, at: Instant) -> Comparison:
    """Calls from an instant on against those before it."""
    after = readings.calls.at >= at
    return compared(readings, np.flatnonzero(after), np.flatnonzero(~after))


@dataclass(slots=True, eq=False)
class _Callers:
    """The calls of one group, with whose each is; an unknown caller's call is a caller of its own."""

    places: Ints
    caller: Ints
    count: int

    def clusters(self, wanted: Mask, among: Mask | None = None) -> dict[Counted, int]:
        """How many callers have so many calls, and so many of them wanted."""
        mine, theirs = wanted[self.places], self.caller
        if among is not None:
            mine, theirs = mine[among[self.places]], theirs[among[self.places]]
        of, hits = np.bincount(theirs, minlength=self.count), np.bincount(theirs[mine], minlength=self.count)
        most = int(of.max(initial=0)) + 1
        pairs, times = np.unique((of * most + hits)[of > 0], return_counts=True)
        return {
            Counted(pair // most, pair % most): number
            for pair, number in zip(pairs.tolist(), times.tolist(), strict=True)
        }

    def means(self, values: Floats | Ints, among: Mask | None = None) -> list[float]:
        """The mean of each caller's calls, of callers who have some."""
        mine, theirs = values[self.places], self.caller
        if among is not None:
            mine, theirs = mine[among[self.places]], theirs[among[self.places]]
        of = np.bincount(theirs, minlength=self.count)
        sums = np.bincount(theirs, weights=mine, minlength=self.count)
        found: list[float] = (sums[of > 0] / of[of > 0]).tolist()
        return found


def _callers(readings: Readings, places: Ints) -> _Callers:
    codes = readings.calls.customer.codes[places]
    known = codes >= 0
    called = np.flatnonzero(np.bincount(codes[known]))
    caller = np.empty(len(places), dtype=np.int64)
    caller[known] = np.searchsorted(called, codes[known])
    caller[~known] = len(called) + np.arange(len(places) - known.sum())
    return _Callers(places, caller, len(called) + int(len(places) - known.sum()))


def compared(readings: Readings, treated: Ints, control: Ints) -> Comparison:
    """The calls at some places minus those at others, measure by measure; a stranger's call is a caller of its own."""
    one, other = _callers(readings, treated), _callers(readings, control)

    def change(wanted: Mask, among: Mask | None = None) -> RateChange:
        found = clustered_effect(one.clusters(wanted, among), other.clusters(wanted, among))
        sides = [rate(side.goals, side.assigned) for side in (found.treated, found.control)]
        return RateChange(sides[0], sides[1], found.difference, found.low, found.high)

    def mean(values: Floats | Ints, among: Mask | None = None) -> MeanEffect | None:
        return mean_effect(one.means(values, among), other.means(values, among))

    outcome = readings.calls.outcome
    return Comparison(
        calls=len(treated),
        control_calls=len(control),
        callers=one.count,
        control_callers=other.count,
        reached=change(readings.reached),
        agent=change(outcome.among(("agent",))),
        abandoned=change(outcome.among(("abandoned",))),
        contained=change(outcome.among(("reached", "opted_out"))),
        repeated_day=change(readings.again_day, readings.followed_day),
        seconds=mean(readings.seconds, readings.reached),
        keys=mean(readings.keys, readings.reached),
        whole_seconds=mean(readings.whole_seconds),
    )

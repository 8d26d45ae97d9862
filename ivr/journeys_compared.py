"""Two groups of calls held against each other: the personal menu against everybody's, a time before against one after.

Callers are drawn, not calls, and calls of one caller resemble each other. So rates have Newcombe's interval of as many
calls as their design effect leaves (``scoring.effects.clustered_effect``), and seconds and keys are compared as means over
callers, each counted once by the mean of their calls, with Welch's interval. Calls of unknown callers could not be drawn
and are left out where arms are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import fsum

from ivr.journeys import Rate, Reading, rate
from scoring.effects import Arm as Counted
from scoring.effects import MeanEffect, clustered_effect, mean_effect, sample_ratio_p
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


def against_static(readings: Iterable[Reading], static_percent: float) -> AgainstStatic:
    """Calls of the personal arm against those of the static one; each caller belongs to the arm of their first call."""
    drawn = [each for each in readings if each.call.customer is not None and each.call.arm != "unknown"]
    arms: dict[str, set[str]] = defaultdict(set)
    first: dict[str, str] = {}
    for each in sorted(drawn, key=lambda each: (each.call.at, each.call.id)):
        customer = each.call.customer or ""
        arms[customer].add(each.call.arm)
        first.setdefault(customer, each.call.arm)
    personal = [each for each in drawn if first[each.call.customer or ""] == "personal"]
    static = [each for each in drawn if first[each.call.customer or ""] == "static"]
    found = compared(personal, static)
    chance = sample_ratio_p(found.callers, found.control_callers, static_percent / 100.0)
    return AgainstStatic(
        found, chance, chance is not None and chance < UNEQUAL, sum(len(heard) > 1 for heard in arms.values())
    )


def before_after(readings: Sequence[Reading], at: Instant) -> Comparison:
    """Calls from an instant on against those before it."""
    return compared(
        [each for each in readings if each.call.at >= at], [each for each in readings if each.call.at < at]
    )


@dataclass(slots=True)
class _Caller:
    """One caller's calls, counted."""

    calls: int = 0
    reached: int = 0
    agent: int = 0
    abandoned: int = 0
    contained: int = 0
    followed: int = 0
    repeated: int = 0
    seconds: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    whole_seconds: list[float] = field(default_factory=list)

    def add(self, reading: Reading) -> None:
        outcome = reading.call.outcome
        self.calls += 1
        self.reached += reading.reached
        self.agent += outcome == "agent"
        self.abandoned += outcome == "abandoned"
        self.contained += outcome in ("reached", "opted_out")
        self.followed += reading.again_day is not None
        self.repeated += reading.again_day is True
        self.whole_seconds.append(reading.whole_seconds)
        if reading.seconds is not None and reading.keys is not None:
            self.seconds.append(reading.seconds)
            self.keys.append(float(reading.keys))


def compared(treated: Iterable[Reading], control: Iterable[Reading]) -> Comparison:
    """The first group minus the second, measure by measure; an unknown caller's call is a caller of its own."""
    one, other = _callers(treated), _callers(control)

    def change(count: Callable[[_Caller], int], of: Callable[[_Caller], int] = _calls) -> RateChange:
        arms = [[Counted(of(each), count(each)) for each in callers if of(each)] for callers in (one, other)]
        found = clustered_effect(arms[0], arms[1])
        sides = [rate(side.goals, side.assigned) for side in (found.treated, found.control)]
        return RateChange(sides[0], sides[1], found.difference, found.low, found.high)

    def mean(values: Callable[[_Caller], list[float]]) -> MeanEffect | None:
        means = [[fsum(v) / len(v) for each in callers if (v := values(each))] for callers in (one, other)]
        return mean_effect(means[0], means[1])

    return Comparison(
        calls=sum(map(_calls, one)),
        control_calls=sum(map(_calls, other)),
        callers=len(one),
        control_callers=len(other),
        reached=change(lambda caller: caller.reached),
        agent=change(lambda caller: caller.agent),
        abandoned=change(lambda caller: caller.abandoned),
        contained=change(lambda caller: caller.contained),
        repeated_day=change(lambda caller: caller.repeated, lambda caller: caller.followed),
        seconds=mean(lambda caller: caller.seconds),
        keys=mean(lambda caller: caller.keys),
        whole_seconds=mean(lambda caller: caller.whole_seconds),
    )


def _calls(caller: _Caller) -> int:
    return caller.calls


def _callers(readings: Iterable[Reading]) -> list[_Caller]:
    found: dict[str | int, _Caller] = defaultdict(_Caller)
    for number, each in enumerate(readings):
        found[number if each.call.customer is None else each.call.customer].add(each)
    return list(found.values())

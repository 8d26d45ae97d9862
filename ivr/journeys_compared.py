"""Two groups of calls held against each other: the personal menu against everybody's, a time before against one after.

Callers are drawn, not calls, and calls of one caller resemble each other. So rates have Newcombe's interval of as many
calls as their design effect leaves (``scoring.effects.clustered_effect``), and seconds and keys are compared as means over
callers, each counted once by the mean of their calls, with Welch's interval. Calls of unknown callers could not be drawn
and are left out where arms are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from ivr.call import Journey
from ivr.journeys import Following, Rate, Serving, counted, rate, reached, to_goal
from scoring.effects import Arm as Counted
from scoring.effects import MeanEffect, clustered_effect, mean_effect, sample_ratio_p
from strategies.instants import DAY, Instant

UNEQUAL = 0.001
"""Below this chance of arms as unequal as they are, something other than the draw decided who hears which menu."""
Callers = Mapping[str, Sequence[Journey]]


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


def against_static(
    journeys: Iterable[Journey], following: Following, serving: Serving, static_percent: float
) -> AgainstStatic:
    """Calls of the personal arm against those of the static one; each caller belongs to the arm of their first call."""
    drawn = [each for each in counted(journeys) if each.customer is not None and each.arm != "unknown"]
    arms: dict[str, set[str]] = defaultdict(set)
    first: dict[str, str] = {}
    for call in sorted(drawn, key=lambda call: (call.at, call.id)):
        assert call.customer is not None
        arms[call.customer].add(call.arm)
        first.setdefault(call.customer, call.arm)
    personal = [call for call in drawn if first[call.customer or ""] == "personal"]
    static = [call for call in drawn if first[call.customer or ""] == "static"]
    found = compared(personal, static, following, serving)
    chance = sample_ratio_p(found.callers, found.control_callers, static_percent / 100.0)
    return AgainstStatic(
        found, chance, chance is not None and chance < UNEQUAL, sum(len(heard) > 1 for heard in arms.values())
    )


def before_after(
    journeys: Iterable[Journey], at: Instant, following: Following, serving: Serving
) -> Comparison:
    """Calls from an instant on against those before it."""
    calls = counted(journeys)
    after, before = [c for c in calls if c.at >= at], [c for c in calls if c.at < at]
    return compared(after, before, following, serving)


def compared(
    treated: Sequence[Journey], control: Sequence[Journey], following: Following, serving: Serving
) -> Comparison:
    """The first group minus the second, measure by measure; an unknown caller's call is a caller of its own."""
    one, other = _callers(counted(treated)), _callers(counted(control))

    def change(told: Callable[[Journey], bool], of: Callable[[Journey], bool] = _any) -> RateChange:
        found = clustered_effect(_clusters(one, told, of), _clusters(other, told, of))
        sides = [rate(side.goals, side.assigned) for side in (found.treated, found.control)]
        return RateChange(sides[0], sides[1], found.difference, found.low, found.high)

    def mean(value: Callable[[Journey], float | None]) -> MeanEffect | None:
        return mean_effect(_means(one, value), _means(other, value))

    ways = {id(call): to_goal(call, serving) for calls in (*one.values(), *other.values()) for call in calls}
    return Comparison(
        calls=sum(map(len, one.values())),
        control_calls=sum(map(len, other.values())),
        callers=len(one),
        control_callers=len(other),
        reached=change(reached),
        agent=change(lambda call: call.outcome == "agent"),
        abandoned=change(lambda call: call.outcome == "abandoned"),
        contained=change(lambda call: call.outcome in ("reached", "opted_out")),
        repeated_day=change(
            lambda call: following.again(call, DAY) is not None,
            lambda call: call.customer is not None and call.at + DAY <= following.until,
        ),
        seconds=mean(lambda call: None if (way := ways[id(call)]) is None else way[1]),
        keys=mean(lambda call: None if (way := ways[id(call)]) is None else float(way[0])),
        whole_seconds=mean(lambda call: call.seconds),
    )


def _any(call: Journey) -> bool:
    return True


def _callers(calls: Iterable[Journey]) -> Callers:
    found: dict[str, list[Journey]] = defaultdict(list)
    for number, call in enumerate(calls):
        found[f"unknown {number}" if call.customer is None else f"known {call.customer}"].append(call)
    return found


def _clusters(
    callers: Callers, told: Callable[[Journey], bool], of: Callable[[Journey], bool]
) -> list[Counted]:
    arms = ([call for call in calls if of(call)] for calls in callers.values())
    return [Counted(len(calls), sum(map(told, calls))) for calls in arms if calls]


def _means(callers: Callers, value: Callable[[Journey], float | None]) -> list[float]:
    found = ([each for call in calls if (each := value(call)) is not None] for calls in callers.values())
    return [fsum(values) / len(values) for values in found if values]

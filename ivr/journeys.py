"""What journeys say of a menu: how many callers reach what they came for, how long it takes, and where they give up.

Only ended calls of menus count: calls still open and enquiries told to an agent (source ``hotline``) are left out of all
measures. Rates carry Wilson's 95 % interval; it takes calls for independent of one another, so it describes the calls
that were counted. Comparisons, where callers count and not calls, are in ``ivr.journeys_compared``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, fsum

from ivr.call import ENQUIRY, Journey
from scoring.effects import Arm as Counted
from scoring.effects import wilson
from strategies.instants import DAY, Instant

WEEK = 7 * DAY
Serving = Mapping[str, str]
"""Goal → the node that serves it, as ``Menu.serving`` says; empty for logs of unknown menus."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of calls with its interval; all None where there are none."""

    count: int
    of: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How a quantity is spread over calls: quartiles for a box, the ends of its whiskers at 5 and 95 percent."""

    count: int
    mean: float
    low: float
    q1: float
    median: float
    q3: float
    high: float


@dataclass(frozen=True, slots=True)
class Measures:
    """The system of metrics for one group of calls."""

    calls: int
    callers: int
    """Different known callers."""
    reached: Rate
    """A goal was served, also where the caller went on to an agent afterwards."""
    agent: Rate
    """Passed to an agent."""
    abandoned: Rate
    """Hung up before either."""
    contained: Rate
    """Ended in the menu with what the caller came for: reached or opted out, and no agent."""
    repeated_day: Rate
    """Of calls of known callers that have been followed for 24 hours: those who called again within them."""
    repeated_week: Rate
    keys: Spread | None
    """Keys to the goal, of calls that reached one."""
    seconds: Spread | None
    """Seconds to the goal, of calls that reached one."""
    whole_seconds: Spread | None
    """Seconds of the whole call in the menu, however it ended."""


@dataclass(frozen=True, slots=True)
class NodeMeasures:
    """What happens at one node of a menu."""

    node: str
    calls: int
    """Calls that came by."""
    stays: int
    """Stays in these calls: a caller who comes back stays again."""
    seconds: Spread
    """Of one stay."""
    total_seconds: float
    """Of all stays."""
    silent: Rate
    """Stays that ended in a time-out, and not the call."""
    abandoned: Rate
    """Of the calls that came by: hung up here before a goal or an agent."""
    agent: Rate
    """Of the calls that came by: passed to an agent from here."""


class Following:
    """When each known caller called, to tell who called again; give it every call up to ``until``, of all menus."""

    def __init__(self, journeys: Iterable[Journey], until: Instant) -> None:
        self.until = until
        calls: dict[str, list[Instant]] = defaultdict(list)
        for journey in journeys:
            if journey.customer is not None and journey.source != ENQUIRY:
                calls[journey.customer].append(journey.at)
        self.calls = {customer: sorted(instants) for customer, instants in calls.items()}

    def again(self, journey: Journey, within: int) -> Instant | None:
        """When this caller called next within so many microseconds."""
        instants = self.calls.get(journey.customer or "", [])
        following = bisect_left(instants, journey.at + 1)
        if following < len(instants) and instants[following] <= journey.at + within:
            return instants[following]
        return None

    def told(self, journey: Journey, within: int) -> bool | None:
        """Whether they called again; None where that cannot be told: of strangers, and of calls too young."""
        if journey.customer is None or journey.at + within > self.until:
            return None
        return self.again(journey, within) is not None


def rate(count: int, of: int) -> Rate:
    """A share with Wilson's 95 % interval."""
    if not of:
        return Rate(0, 0, None, None, None)
    low, high = wilson(Counted(of, count))
    return Rate(count, of, count / of, low, high)


def spread(values: Iterable[float]) -> Spread | None:
    """Quantiles by linear interpolation (R. J. Hyndman and Y. Fan, type 7); None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    low, q1, median, q3, high = (quantile(ordered, share) for share in (0.05, 0.25, 0.5, 0.75, 0.95))
    return Spread(len(ordered), fsum(ordered) / len(ordered), low, q1, median, q3, high)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The quantile of sorted values; there must be one."""
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def counted(journeys: Iterable[Journey]) -> list[Journey]:
    """The calls that measures are taken of: ended, and of a menu."""
    return [each for each in journeys if each.outcome != "open" and each.source != ENQUIRY]


def reached(journey: Journey) -> bool:
    """Whether the caller got what they came for, also where an agent or an opt-out followed."""
    return journey.outcome == "reached" or (
        journey.goal is not None and journey.outcome in ("agent", "opted_out")
    )


def to_goal(journey: Journey, serving: Serving) -> tuple[int, float] | None:
    """Keys and seconds before the goal was served; None where none was.

    They end where the node that serves the goal is first heard. Where that node is not among the steps, they end with the
    last step, which counts unless no key ended it: it is then taken to be the answer itself.
    """
    if not reached(journey):
        return None
    node = serving.get(journey.goal or "")
    heard = (
        None if node is None else next((n for n, step in enumerate(journey.steps) if step.node == node), None)
    )
    if heard is None:
        answered = bool(journey.steps) and journey.steps[-1].key is None
        heard = len(journey.steps) - int(answered)
    before = journey.steps[:heard]
    return sum(step.key is not None for step in before), fsum(step.seconds for step in before)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the measures need of one call, worked out once."""

    call: Journey
    reached: bool
    keys: int | None
    """To the goal; None where none was reached."""
    seconds: float | None
    """To the goal."""
    whole_seconds: float
    again_day: bool | None
    """Whether the caller called again within 24 hours; None for strangers and calls that cannot be followed so long yet."""
    again_week: bool | None


def read(journeys: Iterable[Journey], following: Following, serving: Serving) -> list[Reading]:
    """A reading of each call that counts, in their order."""
    found = []
    for call in counted(journeys):
        way = to_goal(call, serving)
        keys, seconds = (None, None) if way is None else way
        again_day, again_week = following.told(call, DAY), following.told(call, WEEK)
        found.append(Reading(call, way is not None, keys, seconds, call.seconds, again_day, again_week))
    return found


def measures(journeys: Iterable[Journey], following: Following, serving: Serving) -> Measures:
    """All measures of a group of calls."""
    return measures_of(read(journeys, following, serving))


def measures_of(readings: Sequence[Reading]) -> Measures:
    """All measures of the calls that were read."""
    calls = len(readings)
    ended = Counter(each.call.outcome for each in readings)
    return Measures(
        calls=calls,
        callers=len({each.call.customer for each in readings} - {None}),
        reached=rate(sum(each.reached for each in readings), calls),
        agent=rate(ended["agent"], calls),
        abandoned=rate(ended["abandoned"], calls),
        contained=rate(ended["reached"] + ended["opted_out"], calls),
        repeated_day=_told([each.again_day for each in readings]),
        repeated_week=_told([each.again_week for each in readings]),
        keys=spread(each.keys for each in readings if each.keys is not None),
        seconds=spread(each.seconds for each in readings if each.seconds is not None),
        whole_seconds=spread(each.whole_seconds for each in readings),
    )


def _told(answers: Sequence[bool | None]) -> Rate:
    """The share of yes among those that say yes or no."""
    return rate(answers.count(True), len(answers) - answers.count(None))


def measures_by(readings: Iterable[Reading], key: Callable[[Journey], str | None]) -> dict[str, Measures]:
    """Measures by segment, unit, version, arm, …; calls whose key is unknown stand under the empty text. Largest first."""
    groups: dict[str, list[Reading]] = defaultdict(list)
    for each in readings:
        groups[key(each.call) or ""].append(each)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: measures_of(group) for name, group in ordered}


def seconds_by_goal(readings: Iterable[Reading]) -> dict[str, Spread]:
    """Goal → seconds to it, of the calls that reached it; most frequent first."""
    found: dict[str, list[float]] = defaultdict(list)
    for each in readings:
        if each.seconds is not None and each.call.goal is not None:
            found[each.call.goal].append(each.seconds)
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return {goal: box for goal, seconds in ordered if (box := spread(seconds)) is not None}


def node_measures(journeys: Iterable[Journey]) -> tuple[NodeMeasures, ...]:
    """Heat of every node, the one with most seconds first."""
    calls = counted(journeys)
    stays: dict[str, list[float]] = defaultdict(list)
    came: dict[str, int] = defaultdict(int)
    silent: dict[str, int] = defaultdict(int)
    last: dict[tuple[str, str], int] = defaultdict(int)
    for call in calls:
        for node in {step.node for step in call.steps}:
            came[node] += 1
        for step in call.steps:
            stays[step.node].append(step.seconds)
        for step in call.steps[:-1]:
            silent[step.node] += step.key is None
        if call.steps:
            last[call.steps[-1].node, call.outcome] += 1
    found = [
        NodeMeasures(
            node, came[node], len(seconds), each, fsum(seconds), rate(silent[node], len(seconds)),
            rate(last[node, "abandoned"], came[node]), rate(last[node, "agent"], came[node]),
        )
        for node, seconds in stays.items() if (each := spread(seconds)) is not None
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.total_seconds, each.node)))

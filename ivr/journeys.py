"""What journeys say of a menu: how many callers reach what they came for, how long it takes, and where they give up.

Only ended calls of menus count: calls still open and enquiries told to an agent (source ``hotline``) are left out of all
measures. Rates carry Wilson's 95 % interval; it takes calls for independent of one another, so it describes the calls
that were counted. Comparisons, where callers count and not calls, are in ``ivr.journeys_compared``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ivr.call import ENQUIRY, Journey
from ivr.call_columns import CallColumns, Floats, Ints, Mask, counted
from scoring.effects import Arm as Counted
from scoring.effects import wilson
from strategies.instants import DAY, Instant
from strategies.judging.people import Texts

WEEK = 7 * DAY
NEVER = np.iinfo(np.int64).max
_SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
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


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """Every call up to ``until``, of all menus, to tell which known callers called again."""

    calls: CallColumns
    until: Instant

    def again(self, calls: CallColumns) -> Ints:
        """When the caller of each call called next, ``NEVER`` where they did not or nobody knows them."""
        told = self.calls.where((self.calls.customer.codes >= 0) & ~self.calls.source.among((ENQUIRY,)))
        place = {word: code for code, word in enumerate(told.customer.words)}
        codes = np.array([*(place.get(word, -1) for word in calls.customer.words), -1], dtype=np.int64)
        who: Ints = np.concatenate((told.customer.codes, codes[calls.customer.codes]))
        at = np.concatenate((told.at, calls.at))
        asking = np.arange(len(at)) >= len(told)
        order = np.lexsort((asking, at, who))  # a call stands behind all calls of its instant
        ahead = np.where(asking[order], len(at), np.arange(len(at)))
        following = np.minimum.accumulate(ahead[::-1])[::-1]
        next_at, next_who = np.append(at[order], NEVER), np.append(who[order], -1)
        found = np.empty(len(at), dtype=np.int64)
        found[order] = np.where(
            (next_who[following] == who[order]) & (who[order] >= 0), next_at[following], NEVER
        )
        return found[len(told) :]


def rate(count: int, of: int) -> Rate:
    """A share with Wilson's 95 % interval."""
    if not of:
        return Rate(0, 0, None, None, None)
    low, high = wilson(Counted(of, count))
    return Rate(count, of, count / of, low, high)


def spread(values: Iterable[float]) -> Spread | None:
    """Quantiles by linear interpolation (R. J. Hyndman and Y. Fan, type 7); None of nothing."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if not len(ordered):
        return None
    place = _SHARES * (len(ordered) - 1)
    below = place.astype(np.int64)
    lower, upper = ordered[below], ordered[np.minimum(below + 1, len(ordered) - 1)]
    low, q1, median, q3, high = (lower + (place - below) * (upper - lower)).tolist()
    return Spread(len(ordered), float(ordered.mean()), low, q1, median, q3, high)


def reached(journey: Journey) -> bool:
    """Whether the caller got what they came for, also where an agent or an opt-out followed."""
    return journey.outcome == "reached" or (
        journey.goal is not None and journey.outcome in ("agent", "opted_out")
    )


def _reached(calls: CallColumns) -> Mask:
    """The same of each call."""
    return calls.outcome.among(("reached",)) | (
        (calls.goal.codes >= 0) & calls.outcome.among(("agent", "opted_out"))
    )


def _way_to_goal(calls: CallColumns, serving: Serving) -> tuple[Ints, Floats]:
    """Keys and seconds of each call before its goal was served.

    They end where the node that serves the goal is first heard. Where that node is not among the steps, they end with the
    last step, which counts unless no key ended it: it is then taken to be the answer itself.
    """
    served = [calls.node.code(serving.get(goal, "")) for goal in calls.goal.words]
    owner, begins = calls.owner(), calls.begins()
    node = np.array([*served, -2], dtype=np.int64)[calls.goal.codes]  # -2: what no step has
    hits = np.flatnonzero(calls.node.codes == node[owner])
    first = hits[np.flatnonzero(np.diff(owner[hits], prepend=-1))]
    silent_end = np.append(~calls.pressed, False)[begins + calls.steps - 1] & (calls.steps > 0)
    heard = calls.steps - silent_end
    heard[owner[first]] = first - begins[owner[first]]
    before = np.arange(len(owner)) - begins[owner] < heard[owner]
    keys = np.bincount(owner, weights=before & calls.pressed, minlength=len(calls)).astype(np.int64)
    seconds = np.bincount(owner, weights=np.where(before, calls.seconds, 0.0), minlength=len(calls))
    return keys, np.asarray(seconds, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What the measures need of each call that counts, worked out once."""

    calls: CallColumns
    reached: Mask
    keys: Ints
    """To the goal; of calls that reached one."""
    seconds: Floats
    """To the goal; of calls that reached one."""
    whole_seconds: Floats
    followed_day: Mask
    """Whether it is known if the caller called again within 24 hours: not of strangers, nor of calls too young."""
    again_day: Mask
    followed_week: Mask
    again_week: Mask


def read(journeys: CallColumns, following: Following, serving: Serving) -> Readings:
    """A reading of each call that counts, in their order."""
    calls = counted(journeys)
    keys, seconds = _way_to_goal(calls, serving)
    again, known = following.again(calls), calls.customer.codes >= 0
    day, week = (
        (known & (calls.at + within <= following.until), again <= calls.at + within) for within in (DAY, WEEK)
    )
    return Readings(
        calls, _reached(calls), keys, seconds, calls.whole_seconds(), day[0], day[0] & day[1], week[0], week[0] & week[1]
    )  # fmt: skip


def measures(readings: Readings) -> Measures:
    """All measures of the calls that were read."""
    return _measures(readings, np.arange(len(readings.calls)))


def _measures(readings: Readings, places: Ints) -> Measures:
    """All measures of the calls at these places."""
    calls, reached = readings.calls, readings.reached[places]
    outcomes = np.bincount(calls.outcome.codes[places], minlength=len(calls.outcome.words)).tolist()
    ended = dict(zip(calls.outcome.words, outcomes, strict=True))
    customers, goal = calls.customer.codes[places], places[reached]
    return Measures(
        calls=len(places),
        callers=int(np.count_nonzero(np.bincount(customers[customers >= 0]))),
        reached=rate(int(reached.sum()), len(places)),
        agent=rate(ended.get("agent", 0), len(places)),
        abandoned=rate(ended.get("abandoned", 0), len(places)),
        contained=rate(ended.get("reached", 0) + ended.get("opted_out", 0), len(places)),
        repeated_day=rate(int(readings.again_day[places].sum()), int(readings.followed_day[places].sum())),
        repeated_week=rate(int(readings.again_week[places].sum()), int(readings.followed_week[places].sum())),
        keys=spread(readings.keys[goal]),
        seconds=spread(readings.seconds[goal]),
        whole_seconds=spread(readings.whole_seconds[places]),
    )


def measures_by(readings: Readings, key: Texts) -> dict[str, Measures]:
    """Measures by segment, unit, version, arm, … as ``key`` says of each call; calls whose key is unknown stand under the
    empty text. Largest first."""
    groups: dict[str, Ints] = {}
    for code, places in _parted(key.codes):
        word = "" if code < 0 else key.words[code]
        groups[word] = np.sort(np.concatenate((groups[word], places))) if word in groups else places
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: _measures(readings, places) for name, places in ordered}


def seconds_by_goal(readings: Readings) -> dict[str, Spread]:
    """Goal → seconds to it, of the calls that reached it; most frequent first."""
    goals = readings.calls.goal
    reached = np.flatnonzero(readings.reached & (goals.codes >= 0))
    found = [
        (goals.words[code], box)
        for code, places in _parted(goals.codes[reached])
        if (box := spread(readings.seconds[reached[places]])) is not None
    ]
    return dict(sorted(found, key=lambda each: (-each[1].count, each[0])))


def _parted(codes: Ints) -> list[tuple[int, Ints]]:
    """Each code with the places it stands at, in their order."""
    order = np.argsort(codes, kind="stable")
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    return [(int(codes[part[0]]), part) for part in np.split(order, cuts) if len(part)]


def node_measures(journeys: CallColumns) -> tuple[NodeMeasures, ...]:
    """Heat of every node, the one with most seconds first."""
    calls = counted(journeys)
    owner, codes, nodes = calls.owner(), calls.node.codes, len(calls.node.words)
    visits = np.sort(owner * nodes + codes)
    came = np.bincount(visits[np.diff(visits, prepend=-1) > 0] % max(1, nodes), minlength=nodes)
    last = np.zeros(len(codes), dtype=np.bool_)
    last[(calls.begins() + calls.steps - 1)[calls.steps > 0]] = True
    silent = np.bincount(codes[~last & ~calls.pressed], minlength=nodes)

    def ends(outcome: str) -> Ints:
        return np.bincount(codes[last & calls.outcome.among((outcome,))[owner]], minlength=nodes)

    abandoned, agent = ends("abandoned"), ends("agent")
    found = [
        NodeMeasures(
            calls.node.words[code], int(came[code]), len(stays), each, round(float(calls.seconds[stays].sum()), 6),
            rate(int(silent[code]), len(stays)), rate(int(abandoned[code]), int(came[code])),
            rate(int(agent[code]), int(came[code])),
        )
        for code, stays in _parted(codes) if (each := spread(calls.seconds[stays])) is not None
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.total_seconds, each.node)))

"""Where journeys lead: unrolled by step for a Sankey diagram, as a matrix of transitions, and as the commonest paths.

Ends of calls are places like nodes: ``end:reached``, ``end:agent``, ``end:abandoned``, ``end:opted_out``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from itertools import groupby, pairwise

from ivr.call import Journey
from ivr.journeys import counted, quantile

OTHER = "other:"
"""Stands for all nodes of a step that are not among its most frequent."""
END = "end:"
TOP, STEPS, PATHS = 8, 6, 20


@dataclass(frozen=True, slots=True)
class Stop:
    """Calls at one place as their ``step``-th; an end of calls stands in the column after their last step."""

    step: int
    """From 1."""
    node: str
    calls: int


@dataclass(frozen=True, slots=True)
class Link:
    """Calls that went from a place of one column to one of the next."""

    step: int
    """The column it starts from."""
    source: str
    target: str
    calls: int


@dataclass(frozen=True, slots=True)
class Unrolled:
    """Columns by step, most frequent place first, the other places and ends last.

    What leaves a place is what came to it, but for ends and the last column of nodes.
    """

    columns: tuple[tuple[Stop, ...], ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Transitions:
    """``counts[i][j]``: how often a stay at ``sources[i]`` was followed by one at ``targets[j]``, or by that end."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class CommonPath:
    """One way through the menu that callers took."""

    nodes: tuple[str, ...]
    """Without stays in a row at the same place."""
    end: str
    """The outcome."""
    calls: int
    share: float
    """Of all calls counted."""
    seconds: float
    """Median of the whole call."""


def path_of(journey: Journey) -> tuple[str, ...]:
    """The places of a call; stays in a row at one of them (time-outs, repeats) are one."""
    return tuple(node for node, _ in groupby(step.node for step in journey.steps))


def unrolled(journeys: Iterable[Journey], steps: int = STEPS, top: int = TOP) -> Unrolled:
    """Journeys unrolled by step: of each step the ``top`` most frequent nodes, all others as one; ``steps`` columns of nodes
    at most, then one of ends."""
    ways = [(path_of(call), END + call.outcome) for call in counted(journeys)]
    visits = [Counter(path[step] for path, _ in ways if step < len(path)) for step in range(steps)]
    named = [{node for node, _ in _ranked(found)[:top]} for found in visits]
    columns: list[Counter[str]] = [Counter() for _ in range(steps + 1)]
    links: Counter[tuple[int, str, str]] = Counter()
    for path, end in ways:
        shown = [node if node in named[step] else OTHER for step, node in enumerate(path[:steps])]
        if shown and len(path) <= steps:
            shown.append(end)
        for step, place in enumerate(shown):
            columns[step][place] += 1
        for step, (source, target) in enumerate(pairwise(shown)):
            links[step, source, target] += 1
    return Unrolled(
        tuple(
            tuple(Stop(step + 1, place, calls) for place, calls in _ranked(found))
            for step, found in enumerate(columns)
            if found
        ),
        tuple(
            Link(step + 1, source, target, calls) for (step, source, target), calls in sorted(links.items())
        ),
    )


def _ranked(found: Counter[str]) -> list[tuple[str, int]]:
    """Most frequent first, what stands for others and ends of calls last."""
    return sorted(
        found.items(), key=lambda each: (each[0].startswith(END), each[0] == OTHER, -each[1], each[0])
    )


def transitions(journeys: Iterable[Journey]) -> Transitions:
    """From every node to every next one, its own included (time-outs and repeats), and to the ends of calls."""
    counts: Counter[tuple[str, str]] = Counter()
    for call in counted(journeys):
        places = [*(step.node for step in call.steps), END + call.outcome]
        counts.update(pairwise(places))
    leaving: Counter[str] = Counter()
    coming: Counter[str] = Counter()
    for (source, target), times in counts.items():
        leaving[source] += times
        coming[target] += times
    sources = tuple(place for place, _ in _ranked(leaving))
    targets = (*sources, *(place for place, _ in _ranked(coming) if place not in leaving))
    return Transitions(
        sources, targets, tuple(tuple(counts[source, target] for target in targets) for source in sources)
    )


def commonest_paths(journeys: Iterable[Journey], most: int = PATHS) -> tuple[CommonPath, ...]:
    """The commonest paths with their end, most frequent first."""
    calls = counted(journeys)
    found: dict[tuple[tuple[str, ...], str], list[Journey]] = defaultdict(list)
    for call in calls:
        found[path_of(call), call.outcome].append(call)
    commonest = nsmallest(most, found.items(), key=lambda each: (-len(each[1]), each[0]))
    return tuple(
        CommonPath(
            nodes,
            end,
            len(same),
            len(same) / len(calls),
            quantile(sorted(call.seconds for call in same), 0.5),
        )
        for (nodes, end), same in commonest
    )

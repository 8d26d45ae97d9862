"""Where journeys lead: unrolled by step for a Sankey diagram, as a matrix of transitions, and as the commonest paths.

Ends of calls are places like nodes: ``end:reached``, ``end:agent``, ``end:abandoned``, ``end:opted_out``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ivr.call_columns import CallColumns, Ints, Mask, counted

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


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Places that a stay can be followed by, each a number: nodes, what stands for other nodes, ends of calls."""

    words: list[str]
    other: int
    end: Ints
    """Of each call."""


def _places(calls: CallColumns) -> _Places:
    nodes, outcomes = calls.node.words, calls.outcome.words
    words = [*nodes, OTHER, *(END + outcome for outcome in outcomes)]
    return _Places(words, len(nodes), len(nodes) + 1 + calls.outcome.codes.astype(np.int64))


def _moves(calls: CallColumns) -> Mask:
    """Which steps are a way on: stays in a row at one place (time-outs, repeats) are one."""
    owner, codes = calls.owner(), calls.node.codes
    on = np.ones(len(codes), dtype=np.bool_)
    on[1:] = (codes[1:] != codes[:-1]) | (owner[1:] != owner[:-1])
    return on


def unrolled(journeys: CallColumns, steps: int = STEPS, top: int = TOP) -> Unrolled:
    """Journeys unrolled by step: of each step the ``top`` most frequent nodes, all others as one; ``steps`` columns of nodes
    at most, then one of ends."""
    calls = counted(journeys)
    places, on = _places(calls), _moves(calls)
    codes, length = calls.node.codes[on], np.bincount(calls.owner()[on], minlength=len(calls))
    shown = np.full((steps + 1, len(calls)), -1, dtype=np.int64)
    begins = np.cumsum(length) - length
    for at in range(steps):
        come = np.flatnonzero(length > at)
        here = codes[begins[come] + at]
        kept = np.zeros(len(places.words), dtype=np.bool_)
        kept[[places.words.index(node) for node, _ in _ranked(_counts(here, places.words))[:top]]] = True
        shown[at, come] = np.where(kept[here], here, places.other)
    ending = np.flatnonzero((length > 0) & (length <= steps))
    shown[length[ending], ending] = places.end[ending]
    columns = [_counts(column[column >= 0], places.words) for column in shown]
    return Unrolled(
        tuple(
            tuple(Stop(at, place, count) for place, count in _ranked(found))
            for at, found in enumerate(columns, start=1)
            if found
        ),
        tuple(
            Link(at, source, target, count)
            for at in range(1, steps + 1)
            for (source, target), count in sorted(_pairs(shown[at - 1], shown[at], places.words).items())
        ),
    )


def _counts(codes: Ints, words: list[str]) -> Counter[str]:
    """How often each place stands there."""
    found = np.bincount(codes, minlength=len(words)).tolist()
    return Counter({word: count for word, count in zip(words, found, strict=True) if count})


def _pairs(sources: Ints, targets: Ints, words: list[str]) -> Counter[tuple[str, str]]:
    """How often one place follows another; −1 is none."""
    both = (sources >= 0) & (targets >= 0)
    found, counts = np.unique(sources[both] * len(words) + targets[both], return_counts=True)
    return Counter(
        {
            (words[pair // len(words)], words[pair % len(words)]): count
            for pair, count in zip(found.tolist(), counts.tolist(), strict=True)
        }
    )


def _ranked(found: Counter[str]) -> list[tuple[str, int]]:
    """Most frequent first, what stands for others and ends of calls last."""
    return sorted(
        found.items(), key=lambda each: (each[0].startswith(END), each[0] == OTHER, -each[1], each[0])
    )


def transitions(journeys: CallColumns) -> Transitions:
    """From every node to every next one, its own included (time-outs and repeats), and to the ends of calls."""
    calls = counted(journeys)
    places, owner = _places(calls), calls.owner()
    sources = calls.node.codes.astype(np.int64)
    targets = np.append(sources[1:], -1)
    last = np.append(owner[1:] != owner[:-1], True)[: len(owner)]
    targets = np.where(last, places.end[owner], targets[: len(owner)])
    counts = _pairs(sources, targets, places.words)
    leaving, coming = Counter[str](), Counter[str]()
    for (source, target), times in counts.items():
        leaving[source] += times
        coming[target] += times
    rows = tuple(place for place, _ in _ranked(leaving))
    columns = (*rows, *(place for place, _ in _ranked(coming) if place not in leaving))
    return Transitions(
        rows, columns, tuple(tuple(counts[source, target] for target in columns) for source in rows)
    )


def commonest_paths(journeys: CallColumns, most: int = PATHS) -> tuple[CommonPath, ...]:
    """The commonest paths with their end, most frequent first."""
    calls = counted(journeys)
    on, words = _moves(calls), calls.node.words
    length = np.bincount(calls.owner()[on], minlength=len(calls))
    placed = np.insert(calls.node.codes[on].astype(np.int32), np.cumsum(length), calls.outcome.codes)
    ways, ends = placed.tobytes(), (placed.itemsize * np.cumsum(length + 1)).tolist()
    taken = [ways[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
    counts = Counter(taken)
    least = sorted(counts.values(), reverse=True)[:most][-1:]

    def told(way: bytes) -> tuple[tuple[str, ...], str]:
        *nodes, how = np.frombuffer(way, dtype=np.int32).tolist()
        return tuple(words[node] for node in nodes), calls.outcome.words[how]

    among = [(way, count) for way, count in counts.items() if count >= least[0]]
    chosen = sorted(among, key=lambda each: (-each[1], told(each[0])))[:most]
    seconds: dict[bytes, list[float]] = {way: [] for way, _ in chosen}
    for way, spent in zip(taken, calls.whole_seconds().tolist(), strict=True):
        if way in seconds:
            seconds[way].append(spent)
    return tuple(
        CommonPath(*told(way), count, count / len(calls), float(np.median(seconds[way])))
        for way, count in chosen
    )

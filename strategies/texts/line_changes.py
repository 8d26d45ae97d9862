"""Which lines of two texts are the same, and the hunks in which they differ; quick for long texts too.

Lines that stand once in both texts are anchors (patience diff); what lies between two anchors is compared line by line
where it is short, and shown as replaced where it is long.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

CONTEXT = 3
MOST_LINES = 4_000
"""Of the hunks of one text; what is left out is counted."""
_SHORT = 160_000
"""Lines times lines that are compared one by one."""

Mark = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Same:
    """A run of equal lines: where it begins in either text, from 0, and how long it is."""

    old: int
    new: int
    length: int


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring changes with their context; ``old`` and ``new`` are the first lines, from 1."""

    old: int
    new: int
    lines: tuple[Mark, ...]
    """Mark ' ', '-' or '+' and the line without its end."""
    left_out: int = 0
    """Lines after these that differ too and are not shown."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """What became of one file."""

    path: str
    state: str
    """``added, removed, changed``."""
    hunks: tuple[Hunk, ...]


def changed_texts(old: Mapping[str, str], new: Mapping[str, str]) -> list[TextChange]:
    """Every file that differs, in order of the paths."""
    found = []
    for path in sorted({*old, *new}):
        before, after = old.get(path), new.get(path)
        if before != after:
            state = "added" if before is None else "removed" if after is None else "changed"
            found.append(TextChange(path, state, tuple(hunks(_lines(before), _lines(after)))))
    return found


def _lines(text: str | None) -> list[str]:
    """A text's lines; the end of a file is one of them, so that a missing last line end is seen."""
    return [] if text is None else text.split("\n")


def hunks(old: Sequence[str], new: Sequence[str], context: int = CONTEXT) -> Iterator[Hunk]:
    """The hunks of two texts; after ``MOST_LINES`` the rest is counted at the last one instead of shown."""
    room, left_out = MOST_LINES, 0
    last: Hunk | None = None
    for group in _grouped(same_lines(old, new), len(old), len(new), context):
        lines = list(_marked(old, new, group, context))
        shown = lines[: max(room, 0)]
        left_out += len(lines) - len(shown)
        room -= len(lines)
        if not shown:
            continue
        if last is not None:
            yield last
        last = Hunk(max(group[0][0] - context, 0) + 1, max(group[0][2] - context, 0) + 1, tuple(shown))
    if last is not None:
        yield replace(last, left_out=left_out)


_Gap = tuple[int, int, int, int]
"""Lines [0]:[1] of the old text became lines [2]:[3] of the new one."""


def gaps(runs: Sequence[Same], olds: int, news: int) -> Iterator[_Gap]:
    """What lies between the equal runs."""
    old = new = 0
    for run in (*runs, Same(olds, news, 0)):
        if run.old > old or run.new > new:
            yield old, run.old, new, run.new
        old, new = run.old + run.length, run.new + run.length


def _grouped(runs: Sequence[Same], olds: int, news: int, context: int) -> Iterator[list[_Gap]]:
    """Gaps so near to each other that their contexts touch."""
    group: list[_Gap] = []
    for gap in gaps(runs, olds, news):
        if group and gap[0] - group[-1][1] > 2 * context:
            yield group
            group = []
        group.append(gap)
    if group:
        yield group


def _marked(old: Sequence[str], new: Sequence[str], group: Sequence[_Gap], context: int) -> Iterator[Mark]:
    at = max(group[0][0] - context, 0)
    for start, end, new_start, new_end in group:
        yield from ((" ", line) for line in old[at:start])
        yield from (("-", line) for line in old[start:end])
        yield from (("+", line) for line in new[new_start:new_end])
        at = end
    yield from ((" ", line) for line in old[at : at + context])


def same_lines(old: Sequence[str], new: Sequence[str]) -> list[Same]:
    """Runs of equal lines, ascending in both texts."""
    found: list[Same] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        old_start, old_end, new_start, new_end = waiting.pop()
        head = 0
        while (
            old_start + head < old_end
            and new_start + head < new_end
            and old[old_start + head] == new[new_start + head]
        ):
            head += 1
        if head:
            found.append(Same(old_start, new_start, head))
            old_start, new_start = old_start + head, new_start + head
        tail = 0
        while old_start < old_end - tail and new_start < new_end - tail and (
            old[old_end - tail - 1] == new[new_end - tail - 1]
        ):  # fmt: skip
            tail += 1
        if tail:
            old_end, new_end = old_end - tail, new_end - tail
            found.append(Same(old_end, new_end, tail))
        if old_start < old_end and new_start < new_end:
            _within(old, new, (old_start, old_end, new_start, new_end), found, waiting)
    return _joined(sorted(found, key=lambda run: run.old))


def _within(
    old: Sequence[str], new: Sequence[str], gap: _Gap, found: list[Same], waiting: list[_Gap]
) -> None:
    """Splits a gap at its anchors, or compares it line by line where it has none and is short."""
    old_start, old_end, new_start, new_end = gap
    anchors = _anchors(old, new, gap)
    if anchors:
        at_old, at_new = old_start, new_start
        for place, other in (*anchors, (old_end, new_end)):
            waiting.append((at_old, place, at_new, other))
            at_old, at_new = place, other
    elif (old_end - old_start) * (new_end - new_start) <= _SHORT:
        matcher = SequenceMatcher(None, old[old_start:old_end], new[new_start:new_end], autojunk=False)
        found += [
            Same(old_start + block.a, new_start + block.b, block.size)
            for block in matcher.get_matching_blocks()
            if block.size
        ]


def _anchors(old: Sequence[str], new: Sequence[str], gap: _Gap) -> list[tuple[int, int]]:
    """Lines that stand once in both parts, as the longest chain that ascends in both."""
    old_start, old_end, new_start, new_end = gap
    olds, news = Counter(old[old_start:old_end]), Counter(new[new_start:new_end])
    places = {new[at]: at for at in range(new_start, new_end) if news[new[at]] == 1}
    pairs = [
        (at, places[old[at]]) for at in range(old_start, old_end) if olds[old[at]] == 1 and old[at] in places
    ]
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = [-1] * len(pairs)
    for index, (_, other) in enumerate(pairs):
        length = bisect_left(ends, other)
        ends[length : length + 1] = [other]
        last[length : length + 1] = [index]
        before[index] = last[length - 1] if length else -1
    chain, index = [], last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _joined(runs: Sequence[Same]) -> list[Same]:
    """Neighbouring runs as one."""
    joined: list[Same] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and last.old + last.length == run.old and last.new + last.length == run.new:
            joined[-1] = Same(last.old, last.new, last.length + run.length)
        else:
            joined.append(run)
    return joined

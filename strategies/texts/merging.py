"""Three-way merge of texts, by file and lines: what only one side changed is taken, what both changed is a conflict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from strategies.texts.line_changes import same_lines


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """Lines that both sides changed in different ways; a side that removed the file has none of its lines."""

    path: str
    line: int
    """Where it begins in the own text, from 1."""
    base: tuple[str, ...]
    own: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """All texts with the changes of both sides; those in conflict stand as in the own set."""

    texts: Mapping[str, str]
    conflicts: tuple[MergeConflict, ...]


def merge_texts(base: Mapping[str, str], own: Mapping[str, str], other: Mapping[str, str]) -> Merged:
    """The own texts with what the other side has changed since ``base``."""
    texts: dict[str, str] = {}
    conflicts: list[MergeConflict] = []
    for path in sorted({*base, *own, *other}):
        merged, found = _merged_file(path, base.get(path), own.get(path), other.get(path))
        conflicts += found
        if merged is not None:
            texts[path] = merged
    return Merged(texts, tuple(conflicts))


def _merged_file(
    path: str, base: str | None, own: str | None, other: str | None
) -> tuple[str | None, list[MergeConflict]]:
    if own == other or other == base:
        return own, []
    if own == base:
        return other, []
    if own is None or other is None:
        lines = [tuple((text or "").splitlines()) for text in (base, own, other)]
        return own, [MergeConflict(path, 1, *lines)]
    merged, conflicts = merge_lines(
        (base or "").splitlines(keepends=True),
        own.splitlines(keepends=True),
        other.splitlines(keepends=True),
        path,
    )
    return "".join(merged), conflicts


def merge_lines(
    base: Sequence[str], own: Sequence[str], other: Sequence[str], path: str = ""
) -> tuple[list[str], list[MergeConflict]]:
    """The lines of both sides' changes; where they collide, the own lines and a conflict."""
    merged: list[str] = []
    conflicts: list[MergeConflict] = []
    at = at_own = at_other = 0
    for start, start_own, start_other, length in _kept_by_both(base, own, other):
        was, mine, theirs = base[at:start], own[at_own:start_own], other[at_other:start_other]
        if mine == was:
            merged += theirs
        else:
            if theirs not in (was, mine):
                shown = [tuple(line.rstrip("\r\n") for line in lines) for lines in (was, mine, theirs)]
                conflicts.append(MergeConflict(path, at_own + 1, *shown))
            merged += mine
        merged += base[start : start + length]
        at, at_own, at_other = start + length, start_own + length, start_other + length
    return merged, conflicts


def _kept_by_both(
    base: Sequence[str], own: Sequence[str], other: Sequence[str]
) -> list[tuple[int, int, int, int]]:
    """Runs of the base that stand unchanged on both sides, with where; the end of all three is the last."""
    found = []
    others = same_lines(base, other)
    index = 0
    for run in same_lines(base, own):
        while index < len(others) and others[index].old + others[index].length <= run.old:
            index += 1
        place = index
        while place < len(others) and others[place].old < run.old + run.length:
            match = others[place]
            start = max(run.old, match.old)
            end = min(run.old + run.length, match.old + match.length)
            found.append((start, run.new + start - run.old, match.new + start - match.old, end - start))
            place += 1
    return [*found, (len(base), len(own), len(other), 0)]

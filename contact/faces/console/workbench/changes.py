"""What differs from the live version: words first, then text in hunks with the gaps between them drawn as gaps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, zip_longest
from typing import Any
from urllib.parse import quote, urlencode

from contact.domain.workbench_answers import DiffAnswer, TextChangeAnswer

Line = tuple[int | str, int | str, str, str]
"""Its number in the old text and in the new one, empty where it is not there; ``-``, ``+`` or a space; the line."""
MARKS = {"added": "+", "removed": "−", "changed": "±", "loosened": "◁", "tightened": "▷", "moved": "→"}
"""Kind of change → a sign beside its word; none of them says better or worse."""
OPEN_LINES, FILE_LINES, MOST_FILES = 120, 1500, 200
"""So many lines of a file are shown at once, so many at all before one asks for the file, so many files are listed."""


def diff_view(diff: DiffAnswer | None, draft: str, *, whole: str = "", sides: bool = False) -> dict[str, Any]:
    """What the tab of changes needs; ``whole`` names a file of which every hunk is wanted, ``sides`` both texts abreast."""
    texts = diff.texts if diff is not None else []
    if whole:
        texts = [each for each in texts if each.path == whole]
    room = FILE_LINES
    shown = []
    for each in texts[:MOST_FILES]:
        limit = 20 * FILE_LINES if whole else max(0, room)
        view = text_view(each, limit, draft, sides=sides)
        room -= view["lines"]
        shown.append({**view, "open": bool(whole) or view["lines"] <= OPEN_LINES})
    return {
        "diff": diff,
        "marks": MARKS,
        "sides": sides,
        "other_way": _address(draft, whole, not sides),
        "texts": shown,
        "more_texts": max(0, len(texts) - MOST_FILES),
    }


def _address(draft: str, path: str, sides: bool) -> str:
    query = urlencode({**({"path": path} if path else {}), **({"sides": "1"} if sides else {})})
    return f"/workbench/{quote(draft, safe='')}/changes" + (f"?{query}" if query else "")


def text_view(text: TextChangeAnswer, limit: int, draft: str, *, sides: bool = False) -> dict[str, Any]:
    """One file's hunks up to so many lines, each with how many unchanged lines lie before it."""
    hunks: list[dict[str, Any]] = []
    lines = left_out = added = removed = 0
    last = 1
    for hunk in text.hunks:
        added += sum(mark == "+" for mark, _ in hunk["lines"])
        removed += sum(mark == "-" for mark, _ in hunk["lines"])
        room = max(0, limit - lines)
        kept = hunk["lines"][:room]
        left_out += sum(mark != " " for mark, _ in hunk["lines"][room:])
        if kept:
            numbered, ended = _numbered(hunk["old"], hunk["new"], kept)
            shown = abreast(numbered) if sides else numbered
            hunks.append({"gap": max(0, hunk["old"] - last), "lines": shown})
            last = ended
            lines += len(kept)
    return {
        "path": text.path,
        "state": text.state,
        "hunks": hunks,
        "lines": lines,
        "left_out": left_out,
        "added": added,
        "removed": removed,
        "whole": _address(draft, text.path, sides),
    }


def abreast(lines: Sequence[Line]) -> list[tuple[Line | None, Line | None]]:
    """Both texts beside each other: what was removed and what stands in its place in one row, as far as they pair."""
    rows: list[tuple[Line | None, Line | None]] = []
    for changed, run in groupby(lines, key=lambda line: line[2] != " "):
        some = list(run)
        if changed:
            removed, added = ([each for each in some if each[2] == mark] for mark in "-+")
            rows += zip_longest(removed, added)
        else:
            rows += ((each, each) for each in some)
    return rows


def _numbered(old: int, new: int, lines: Sequence[Sequence[str]]) -> tuple[list[Line], int]:
    """Lines with their numbers on both sides, and the old number after the last."""
    found: list[Line] = []
    for mark, text in lines:
        found.append(("" if mark == "+" else old, "" if mark == "-" else new, mark, text))
        old += mark != "+"
        new += mark != "-"
    return found, old

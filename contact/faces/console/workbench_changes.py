"""What differs from the live version: words first, then text in hunks with the gaps between them drawn as gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from contact.domain.workbench_answers import DiffAnswer, TextChangeAnswer

MARKS = {"added": "+", "removed": "−", "changed": "±", "loosened": "◁", "tightened": "▷", "moved": "→"}
"""Kind of change → a sign beside its word; none of them says better or worse."""
OPEN_LINES, FILE_LINES, MOST_FILES = 120, 1500, 200
"""So many lines of a file are shown at once, so many at all before one asks for the file, so many files are listed."""


def diff_view(diff: DiffAnswer | None, draft: str, *, whole: str = "") -> dict[str, Any]:
    """What the tab of changes needs; ``whole`` names a file of which every hunk is wanted."""
    texts = diff.texts if diff is not None else []
    if whole:
        texts = [each for each in texts if each.path == whole]
    room = FILE_LINES
    shown = []
    for each in texts[:MOST_FILES]:
        limit = 20 * FILE_LINES if whole else max(0, room)
        view = text_view(each, limit, draft)
        room -= view["lines"]
        shown.append({**view, "open": bool(whole) or view["lines"] <= OPEN_LINES})
    return {
        "diff": diff,
        "marks": MARKS,
        "texts": shown,
        "more_texts": max(0, len(texts) - MOST_FILES),
    }


def text_view(text: TextChangeAnswer, limit: int, draft: str) -> dict[str, Any]:
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
            hunks.append({"gap": max(0, hunk["old"] - last), "lines": numbered})
            last = ended
            lines += len(kept)
    whole = f"/workbench/{quote(draft, safe='')}/changes?path={quote(text.path, safe='')}"
    return {
        "path": text.path,
        "state": text.state,
        "hunks": hunks,
        "lines": lines,
        "left_out": left_out,
        "added": added,
        "removed": removed,
        "whole": whole,
    }


def _numbered(
    old: int, new: int, lines: Sequence[Sequence[str]]
) -> tuple[list[tuple[int | str, int | str, str, str]], int]:
    """Lines with their numbers on both sides, and the old number after the last."""
    found: list[tuple[int | str, int | str, str, str]] = []
    for mark, text in lines:
        found.append(("" if mark == "+" else old, "" if mark == "-" else new, mark, text))
        old += mark != "+"
        new += mark != "-"
    return found, old

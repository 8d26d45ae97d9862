"""Lines that differ, and merging three texts: quick, and nothing lost."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.texts.line_changes import MOST_LINES, changed_texts, same_lines
from strategies.texts.merging import merge_lines, merge_texts

BASE = "a\nb\nc\nd\ne\nf\n"
LINES = st.lists(st.sampled_from("abcdefgh"), max_size=30)


@given(LINES, LINES)
def test_equal_runs_are_equal_and_ascend(old: list[str], new: list[str]) -> None:
    """What lies between them turns the one text into the other."""
    runs = same_lines(old, new)
    for run in runs:
        assert old[run.old : run.old + run.length] == new[run.new : run.new + run.length]
    for one, other in itertools.pairwise(runs):
        assert one.old + one.length <= other.old and one.new + one.length <= other.new


@given(LINES, LINES)
def test_hunks_hold_both_texts(old: list[str], new: list[str]) -> None:
    """The lines with ' ' and '-' are the old ones from where the hunk begins, those with ' ' and '+' the new ones."""
    texts = ({"x": "\n".join(old)}, {"x": "\n".join(new)})
    olds, news = texts[0]["x"].split("\n"), texts[1]["x"].split("\n")
    for change in changed_texts(*texts):
        for hunk in change.hunks:
            kept = [line for mark, line in hunk.lines if mark in " -"]
            came = [line for mark, line in hunk.lines if mark in " +"]
            assert olds[hunk.old - 1 : hunk.old - 1 + len(kept)] == kept
            assert news[hunk.new - 1 : hunk.new - 1 + len(came)] == came


def test_changes_far_apart_are_hunks_of_their_own() -> None:
    """What lies between is left out, and each hunk says at which line it begins."""
    old = "\n".join(map(str, range(100)))
    new = old.replace("\n10\n", "\nten\n").replace("\n90\n", "\n")
    (change,) = changed_texts({"x": old}, {"x": new})
    assert [(hunk.old, hunk.new, len(hunk.lines)) for hunk in change.hunks] == [(8, 8, 8), (88, 88, 7)]


def test_a_long_change_is_folded_and_counted() -> None:
    """Two megabytes of other lines: so many are shown, the rest is a number."""
    old, new = ("\n".join(f"{word} {n}" for n in range(100_000)) for word in ("old line of text", "new"))
    (change,) = changed_texts({"x": old}, {"x": new})
    shown = sum(len(hunk.lines) for hunk in change.hunks)
    assert shown == MOST_LINES and change.hunks[-1].left_out == 200_000 - MOST_LINES


def test_files_that_come_and_go_are_whole() -> None:
    """All of their lines, with the state of the file."""
    added, removed = changed_texts({"gone": "a\n"}, {"come": "b"})
    assert (added.state, added.hunks[0].lines) == ("added", (("+", "b"),))
    assert (removed.state, removed.hunks[0].lines) == ("removed", (("-", "a"), ("-", "")))


@given(LINES, LINES)
def test_what_one_side_changed_is_taken(base: list[str], other: list[str]) -> None:
    """Whichever side it was; and where both made the same change there is no conflict."""
    assert merge_lines(base, other, base) == (other, [])
    assert merge_lines(base, base, other) == (other, [])
    assert merge_lines(base, other, other) == (other, [])


@pytest.mark.parametrize("seed", range(20))
def test_changes_in_different_places_are_joined(seed: int) -> None:
    """Each line changed by one side at most, with a line between that neither touched."""
    draw = random.Random(seed)
    base = [f"line {n}" for n in range(40)]
    own, other, both = list(base), list(base), list(base)
    for place in range(0, 40, 2):
        side = draw.choice((own, other, None))
        if side is not None:
            side[place] = both[place] = f"changed {place}"
    assert merge_lines(base, own, other) == (both, [])


def test_a_conflict_names_both_sides_and_keeps_the_own_lines() -> None:
    """With the line at which it begins in the own text."""
    own, other = BASE.replace("c\n", "C\nC2\n"), BASE.replace("c\n", "cc\n").replace("f\n", "F\n")
    merged = merge_texts({"x": BASE}, {"x": own}, {"x": other})
    assert merged.texts["x"] == own.replace("f\n", "F\n")
    assert [(each.line, each.base, each.own, each.other) for each in merged.conflicts] == [
        (3, ("c",), ("C", "C2"), ("cc",))
    ]


@pytest.mark.parametrize(
    ("base", "own", "other", "merged", "conflicts"),
    [
        ("a", None, "a", None, 0),
        ("a", "a", None, None, 0),
        ("a", None, "b", None, 1),
        ("a", "b", None, "b", 1),
        (None, "a", None, "a", 0),
        (None, "a", "b", "a", 1),
        (None, "a", "a", "a", 0),
        ("a", None, None, None, 0),
    ],
)
def test_files_are_added_and_removed_by_either_side(
    base: str | None, own: str | None, other: str | None, merged: str | None, conflicts: int
) -> None:
    """A file one side removed and the other changed is a conflict of the whole file."""
    texts = [{} if text is None else {"x": text} for text in (base, own, other)]
    found = merge_texts(*texts)
    assert (found.texts.get("x"), len(found.conflicts)) == (merged, conflicts)

"""Two texts beside each other."""

from __future__ import annotations

from contact.faces.console.shared.pages import look_for, render
from contact.faces.console.shared.words import words_in
from contact.faces.console.workbench.changes import abreast, diff_view
from contact.faces.console.workbench.view import Bench
from tests.acceptance.console import workbench_samples


def test_what_was_removed_stands_beside_what_came_in_its_place() -> None:
    """Unchanged lines on both sides; where one side has more lines than the other, the other is empty there."""
    same, gone, gone2, come = (3, 3, " ", "rules:"), (4, "", "-", "a"), (5, "", "-", "b"), ("", 4, "+", "c")
    assert abreast([same, gone, gone2, come, same]) == [
        (same, same),
        (gone, come),
        (gone2, None),
        (same, same),
    ]
    assert abreast([come]) == [(None, come)] and abreast([]) == []


def test_the_way_a_difference_is_drawn_leads_to_the_other_one() -> None:
    """Side by side or one below the other, of all files or of the one that was asked for."""
    view = diff_view(workbench_samples.diff(), "draft-7", sides=True)
    assert view["other_way"] == "/workbench/draft-7/changes"
    assert view["texts"][0]["whole"].endswith("&sides=1")
    again = diff_view(workbench_samples.diff(), "draft-7", whole=workbench_samples.PATH)
    assert again["other_way"].endswith("contact-caps.yaml&sides=1")


def test_both_ways_are_drawn() -> None:
    """Each with its gaps, its lines, and in the other way what both texts say in one row."""
    look = look_for(words_in("en"), None)
    bench = Bench(workbench_samples.draft(), workbench_samples.LIVE, [workbench_samples.PATH])
    for sides in (False, True):
        view = diff_view(workbench_samples.diff(), "draft-7", sides=sides)
        shown = render("workbench_changes.html", look.formats.words, {"bench": bench, "look": look, **view})
        assert "2 lines the same" in shown and "max: 3" in shown and ("<colgroup>" in shown) is sides

"""What the workbench shows of a draft: files, state in one line, what is wrong with it, why it may not go live yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from contact.domain.workbench_answers import DraftAnswer
from contact.faces.console.shared.labels import N_
from contact.faces.console.shared.words import Words
from contact.flow.publishing.check_texts import Found

LIVE = "live"
TABS = (
    ("problems", N_("Problems")),
    ("explain", N_("Explain")),
    ("simulate", N_("Simulate")),
    ("changes", N_("Changes")),
    ("history", N_("History")),
)
WORDS = {
    "label": N_("Text of %(path)s. Escape, then Tab, leaves the editor."),
    "unchecked": N_("not checked since %(clock)s"),
    "unreachable": N_("The service cannot be reached. Try again in a moment."),
    "unsaved": N_("not saved yet"),
    "unsavable": N_("cannot be saved now; tried again by itself"),
    "too_large": N_("this file is too large to be kept here: split it"),
    "saved": N_("draft saved %(clock)s"),
    "clash": N_("somebody else wrote this file meanwhile: copy what you need and load the page again"),
    "passes": N_("passes"),
    "fails": N_("fails"),
}
"""What the page's script says."""


@dataclass(frozen=True)
class Bench:
    """Where a person stands in the workbench: a draft, or the live version, one of its files, a tab."""

    draft: DraftAnswer | None
    live: str | None
    files: Sequence[str]
    path: str = ""
    tab: str = "problems"
    may_edit: bool = False
    author: str = ""
    removed: Sequence[str] = field(default=())

    @property
    def id(self) -> str:
        """How addresses name it."""
        return self.draft.draft if self.draft is not None else LIVE

    @property
    def changed(self) -> frozenset[str]:
        return frozenset(self.draft.changed) if self.draft is not None else frozenset()

    @property
    def has_strategy(self) -> bool:
        return any(path.startswith("strategies/") for path in self.files)

    @property
    def conflicts(self) -> Sequence[str]:
        return self.draft.conflicts if self.draft is not None else ()

    @property
    def merge_needed(self) -> bool:
        """The live version is another than the one the draft was made from."""
        return self.draft is not None and self.draft.base != self.draft.live

    @property
    def is_author(self) -> bool:
        """Whether this person wrote a part of the draft, and so does not approve it."""
        return self.draft is not None and self.author in [self.draft.author, *self.draft.authors]

    @property
    def folders(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Folder → path and name of its files; those of no folder first."""
        split = sorted((*path.rpartition("/")[::2], path) for path in self.files)
        return [
            (folder, [(path, name) for _, name, path in found])
            for folder, found in groupby(split, key=lambda each: each[0])
        ]

    @staticmethod
    def short(version: str | None) -> str:
        """A version as people say it."""
        return version[:8] if version else "–"


def found_view(check: Found | None) -> dict[str, Any]:
    """What the status line and the list of problems need of a check."""
    if check is None:
        return {"check": None, "errors": 0, "warnings": 0, "passed": 0, "examples": []}
    errors = sum(each.severity != "warning" for each in check.problems)
    return {
        "check": check,
        "errors": errors,
        "warnings": len(check.problems) - errors,
        "passed": sum(each.passed for each in check.answer.examples),
        "examples": sorted(check.answer.examples, key=lambda each: each.passed),
    }


def blocked_by(words: Words, bench: Bench, check: Found | None) -> str:
    """Why this cannot be published as it stands, in one sentence; empty where nothing is in the way."""
    say, draft = words.gettext, bench.draft
    if draft is None or not draft.changed:
        return say("Nothing differs from the live version.")
    if draft.state not in ("open", "scheduled"):
        return say("This draft is closed.")
    if bench.merge_needed:
        return say("A newer version is live: merge first.")
    found = found_view(check)
    if found["errors"]:
        return say("Mend the problems first.")
    if check is not None and found["passed"] < len(check.answer.examples):
        return say("An example does not come out as written.")
    missing = draft.approvals_needed - len(draft.approvals)
    if missing > 0:
        text = words.ngettext(
            "%(count)s other person has to approve it.", "%(count)s other people have to approve it.", missing
        )
        return text % {"count": missing}
    return ""


def starting_path(files: Sequence[str], changed: Sequence[str] = ()) -> str:
    """The file to open where none was asked for: what was changed, else the first strategy, else the first."""
    strategies = [path for path in files if path.startswith("strategies/")]
    there = [path for path in changed if path in files]
    return next(iter([*there, *strategies, *files]), "")

"""Every setting, problem code, reason and role has its heading, and no heading stands for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from contact.faces.http.edge.problems import CODES as OF_REQUESTS
from contact.faces.http.edge.row import ROLES
from contact.storage.imports.problems import CODES as OF_FILES
from strategies.problem_codes import CODES as OF_PLAYBOOKS
from strategies.verdict import Reason

ROOT = Path(__file__).parents[2]


def headings(page: str) -> set[str]:
    """Third-level headings of a page."""
    return set(re.findall(r"^### (\S+)$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE))


def test_every_setting_has_its_heading() -> None:
    """Variables that code reads, and only these, are on the settings page."""
    read = set(re.findall(r'"(CONTACT_[A-Z_]+)"', (ROOT / "contact/settings.py").read_text(encoding="utf-8")))
    assert headings("settings.md") == read


@pytest.mark.parametrize(
    "codes", [OF_PLAYBOOKS, OF_FILES, OF_REQUESTS], ids=["playbooks", "files", "requests"]
)
def test_every_problem_has_its_heading(codes: dict[str, object]) -> None:
    """Whoever is shown a code finds it."""
    assert set(codes) - headings("problems.md") == set()


def test_no_heading_stands_for_a_problem_nobody_reports() -> None:
    """A code that was renamed leaves no page behind."""
    assert headings("problems.md") - {*OF_PLAYBOOKS, *OF_FILES, *OF_REQUESTS} == set()


def test_every_reason_has_its_heading() -> None:
    """The closed list of reasons, in the strategists' page."""
    assert set(get_args(Reason)) == headings("start-strategists.md")


def test_every_role_has_its_heading() -> None:
    """What a key may do stands under its role."""
    assert set(ROLES) == headings("start-operators.md")

"""Golden cases and examples over rows: the pure rules alone, without a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from strategies.case import Case
from strategies.case_files import read_cases
from strategies.cases import run_case

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yaml"))
CASES = [case for file in FILES for case in read_cases(file.read_text(encoding="utf-8"), file.name)]


@pytest.mark.parametrize("case", [case for case in CASES if "rows" in case.paths], ids=lambda case: case.id)
def test_a_golden_case_comes_out_over_rows(case: Case) -> None:
    """Every step of the case answers as its file expects."""
    assert [str(difference) for difference in run_case(case)] == []


def test_every_golden_case_that_is_owed_has_a_file() -> None:
    """The owed cases that are files are there, each under an id of its own."""
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))
    caps = {f"F{number}" for number in range(1, 18) if number != 8}
    hours = {f"Q{number}" for number in range(1, 7)}
    assert {id.split("-")[0] for id in ids} >= caps | hours | {"A1", "A2", "D1", "D2", "N1"}

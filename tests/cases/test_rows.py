"""Golden cases and examples over rows: the pure rules alone, without a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from strategies.cases.case import PATHS, Case
from strategies.cases.files import read_cases
from strategies.cases.run import run_case

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yaml"))
CASES = [case for file in FILES for case in read_cases(file.read_text(encoding="utf-8"), file.name)]


@pytest.mark.parametrize("case", [case for case in CASES if "rows" in case.paths], ids=lambda case: case.id)
def test_a_golden_case_comes_out_over_rows(case: Case) -> None:
    """Every step of the case answers as its file expects."""
    assert [str(difference) for difference in run_case(case)] == []


OWED = (
    {f"F{number}" for number in range(1, 18)} - {"F8"}
    | {f"Q{number}" for number in range(1, 7)}
    | {"A1", "A2", "D1", "D2", "D6", "N1"}
)
"""F8, D5 and Q8 are about concurrency and about every minute of a week, and no files."""
NOT_THERE = {("F17", "columns")}
"""Columns are made of a base that was read whole: where the history cannot be read there is none, and no selection."""


def test_every_golden_case_that_is_owed_stands_in_all_four_places() -> None:
    """The owed cases are files, each under an id of its own, and are run by rows, columns, transaction and HTTP."""
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))
    there = {(case.id.split("-")[0], path) for case in CASES for path in case.paths}
    assert {(id, path) for id in OWED for path in PATHS} - there == NOT_THERE

"""The run whose table is published: every promise kept on both databases, every mutant caught."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.catalogue import PROOFS
from tests.faults.row import FIGURES
from tests.servers import ROOT


@pytest.mark.races
@pytest.mark.postgres
def test_every_promise_is_kept_and_every_mutant_caught(tmp_path: Path) -> None:
    """`bench/faults.py --short` on both databases: no violation, nothing lost, no mutant missed, no row thin or absent."""
    answer = tmp_path / "rows.json"
    command = [sys.executable, "bench/faults.py", "--short", "--json", str(answer)]
    run = subprocess.run(command, cwd=ROOT, check=False)
    assert answer.exists(), f"bench/faults.py ended with {run.returncode}"
    rows = json.loads(answer.read_text())
    assert {(row["promise"], row["database"]) for row in rows} == {
        (promise, database) for promise in PROOFS for database in ("sqlite", "postgresql")
    }
    for row in rows:
        assert set(FIGURES) <= row.keys()
        where = f"{row['promise']} on {row['database']}: {row['remarks']}"
        assert (row["violations"], row["lost"], row["missed"], row["thin"]) == (0, 0, [], ""), where
        assert row["mutants_caught"] == row["mutants"]
    assert run.returncode == 0

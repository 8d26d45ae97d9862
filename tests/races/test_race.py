"""The run whose table is published: nothing violated, nothing lost, every mutant caught."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import ROOT


@pytest.mark.races
@pytest.mark.postgres
def test_sixty_seconds_of_races_and_kills_break_nothing_and_every_mutant_is_caught() -> None:
    """0 violations and 0 acknowledged lost on both databases; 2 mutants caught on SQLite, 4 on PostgreSQL."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.races", "--seconds", "60"], cwd=ROOT, capture_output=True, text=True
    )
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("as promised") == 8

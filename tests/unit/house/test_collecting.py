"""A command is not held up by the search for garbage, neither on its way nor at its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).parents[3] / "config"
CHECKED = f"""
import gc, sys
from contact.faces.cli.main import run
gc.unfreeze()
before = gc.get_stats()
sys.argv = ["contact", "check", {str(CONFIG)!r}]
try:
    run()
finally:
    young, _, full = (now["collections"] - then["collections"] for now, then in zip(gc.get_stats(), before))
    print(young < 60, full, len(gc.get_objects()) < 10_000, file=sys.stderr)
"""


def test_a_check_walks_through_what_it_keeps_at_no_time() -> None:
    """Few looks at young objects, none at all objects, and in the end nothing is left to be looked at."""
    ended = subprocess.run(
        [sys.executable, "-c", CHECKED], capture_output=True, text=True, check=False, cwd=CONFIG.parent
    )
    assert (ended.returncode, ended.stderr) == (0, "True 0 True\n"), ended.stdout

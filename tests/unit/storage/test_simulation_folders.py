"""Folders of simulations are made, moved and dropped by several processes at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

from contact.storage.databases.sqlite import SQLite
from contact.storage.playbooks.simulations import Simulations
from tests.migrated import copy_migrated

DAY_SECONDS = 86_400


def test_what_another_run_takes_away_meanwhile_keeps_nobody_from_beginning(tmp_path: Path) -> None:
    """A name whose folder is gone by the time it is looked at is passed over; what is a week old is swept all the same."""
    database = SQLite(copy_migrated(tmp_path / "contact.db"))
    try:
        simulations = Simulations(database, tmp_path)
        left = simulations.folder("a")
        (left / "span.msgpack").write_bytes(b"")
        os.utime(left, times=(time.time() - 8 * DAY_SECONDS,) * 2)
        (left.parent / "run-b.1").symlink_to(left.parent / "dropped")
        assert simulations.folder("c").is_dir() and not left.exists()
    finally:
        database.close()

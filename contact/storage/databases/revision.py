"""Which revision a database is at, read without the migration tools, so that a small command starts quickly."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

NEWEST = max(file.name for file in (Path(__file__).parents[1] / "migrations/versions").glob("rev_*.py"))[4:8]
"""The head of ``migrations/versions``, by the names of its files; a test asks the migration tools the same."""


def is_newest(path: Path) -> bool:
    """Whether this SQLite file is at the newest revision already; False where it is missing or cannot say."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return False
    return [revision for (revision,) in rows] == [NEWEST]

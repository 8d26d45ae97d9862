"""An empty migrated SQLite database, made once a process: tests of anything but migrations begin with a copy of it."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path


def copy_migrated(target: Path) -> Path:
    """A database of its own at ``target``, as migrating an empty one would leave it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_migrated(), target)
    return target


@cache
def _migrated() -> Path:
    from contact.storage.databases.migrate import migrate_sqlite  # slow to load, and not everybody comes here

    path = Path(tempfile.mkdtemp()) / "empty.db"
    migrate_sqlite(path)
    return path

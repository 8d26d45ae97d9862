"""A SQLite file that cannot be read as one: cut short, overwritten, or on a disk that lies."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from contact.faults import StoreUnavailable

_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite says of the file itself that it is broken."""
    return isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _CODES


def damaged(path: Path) -> StoreUnavailable:
    """What to do about it."""
    return StoreUnavailable(
        f"{path} is damaged: stop the service, keep the file as it is, and bring a backup back with"
        " `contact restore FOLDER --into`"
    )

"""What SQLite says of a file that it cannot work on: damaged, on a full disk or one that lies, not to be written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from contact.faults import StoreDamaged, StoreUnavailable

_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite says of the file itself that it is broken."""
    return isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _CODES


def damaged(path: Path) -> StoreDamaged:
    """What to do about it."""
    return StoreDamaged(
        f"{path} is damaged: stop the service, keep the file as it is, and bring a backup back with"
        " `contact restore FOLDER --into`"
    )


def fault_of(error: BaseException | None, path: Path) -> StoreUnavailable | None:
    """What to tell whoever asked where the file or its disk failed; None for what is a statement's own fault."""
    if is_damage(error):
        return damaged(path)
    if isinstance(error, sqlite3.OperationalError):
        return StoreUnavailable(f"{path} cannot be used: {error}")
    return None

"""Bring a database to the newest revision: PostgreSQL in one transaction, SQLite on a copy that is then swapped in."""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TextIO

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from contact.faults import StoreUnavailable
from contact.storage.databases.damaged import damaged, is_damage

_FOLDER = Path(__file__).parents[1] / "migrations"
_ADVISORY_LOCK = 0x636F6E74


def migrate_sqlite(path: Path) -> None:
    """Backup → migrate the copy → integrity check → swap; a revision that fails midway leaves the old file as it was.

    Raises StoreUnavailable while a process has the file open; concurrent starters wait for each other at ``PATH.migrate``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.migrate").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if path.exists() and _is_newest(path):
            return
        with Path(f"{path}.open").open("w") as users:
            _refuse_if_open(users, path)
            _swap(path)


def _swap(path: Path) -> None:
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    _copy(path, draft)
    _upgrade(f"sqlite:///{draft}")
    _check(draft)
    draft.replace(path)


def _refuse_if_open(users: TextIO, path: Path) -> None:
    """Whoever has the file open would go on writing to the one that was swapped out."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        detail = (
            f"{path.name} must be brought to this release, and another process has it open: stop that first"
        )
        raise StoreUnavailable(detail) from None


def migrate_postgresql(url: str) -> None:
    """One transaction; concurrent starters wait for each other at an advisory lock."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})"))
        connection.commit()
        try:
            if not _newest_on(connection):
                _run(connection)
        finally:
            connection.rollback()
            connection.execute(text(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})"))
            connection.commit()


def sqlalchemy_url(url: str) -> str:
    """The same URL, with the driver SQLAlchemy shall use."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _run(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")
    connection.commit()


def _newest_on(connection: Connection) -> bool:
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == newest


def _is_newest(path: Path) -> bool:
    try:
        with create_engine(f"sqlite:///{path}", poolclass=NullPool).connect() as connection:
            return _newest_on(connection)
    except DatabaseError as error:
        if is_damage(error.orig):
            raise damaged(path) from None
        raise


def _upgrade(url: str) -> None:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        _run(connection)


def _copy(path: Path, draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as copy:
        if path.exists():
            with closing(sqlite3.connect(path)) as original:
                original.backup(copy)


def _check(draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as copy:
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise RuntimeError(
                f"the migrated copy {draft.name} is damaged ({verdict}); the old database was left as it was"
            )

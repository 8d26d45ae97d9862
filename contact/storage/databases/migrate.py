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
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from contact.faults import StoreUnavailable
from contact.storage.databases.damaged import fault_of

_FOLDER = Path(__file__).parents[1] / "migrations"
_ADVISORY_LOCK = 0x636F6E74
_OURS = "contact_move"
"""Stands in a store of every revision, and hardly in another program's."""
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name",
    "postgresql": "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT EXISTS "
    "(SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname",
}
"""Without those of an extension, which stand in a fresh database too."""


def migrate_sqlite(path: Path) -> None:
    """Backup → migrate the copy → integrity check → swap; a revision that fails midway leaves the old file as it was.

    Raises StoreUnavailable for a file that cannot be used, is another program's or that a process has open; concurrent
    starters wait for each other at ``PATH.migrate``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{path}.migrate").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            if path.exists() and _is_newest(path):
                return
            with Path(f"{path}.open").open("w") as users:
                _refuse_if_open(users, path)
                _swap(path)
        except (sqlite3.Error, DBAPIError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise fault_of(cause, path) or StoreUnavailable(_left_as_it_was(path.name, cause)) from error


def _swap(path: Path) -> None:
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        _copy(path, draft)
        _upgrade(f"sqlite:///{draft}", path.name)
        _check(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


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
    """One transaction; concurrent starters wait for each other at an advisory lock.

    Raises StoreUnavailable for a database that is another program's, and what SQLAlchemy raises of one that cannot be used.
    """
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})"))
        connection.commit()
        try:
            if not _newest_on(connection):
                _run(connection, "the database")
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


def _run(connection: Connection, name: str) -> None:
    _require_ours(connection, name)
    command.upgrade(alembic_config(connection), "head")
    connection.commit()


def _require_ours(connection: Connection, name: str) -> None:
    """Nothing is put among another program's tables, and what a newer release made is not understood here."""
    revision = MigrationContext.configure(connection).get_current_revision()
    tables = set(connection.execute(text(_TABLES[connection.dialect.name])).scalars()) - {"alembic_version"}
    if _OURS not in tables and (tables or revision is not None):
        some = ", ".join(sorted(tables)[:3])
        raise StoreUnavailable(
            f"{name} holds what another program made ({some or f'revision {revision}'}): let CONTACT_DATABASE_URL name"
            " one of contact's own"
        )
    if revision is None and tables:
        raise StoreUnavailable(
            f"{name} has our tables without the table 'alembic_version': bring it back whole from a backup"
        )
    known = {each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreUnavailable(
            f"{name} is at revision {revision}, which this release does not know: it was made by a newer one; use that"
        )


def _newest_on(connection: Connection) -> bool:
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == newest


def _is_newest(path: Path) -> bool:
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).connect() as connection:
        return _newest_on(connection)


def _upgrade(url: str, name: str) -> None:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        _run(connection, name)


def _left_as_it_was(name: str, error: object) -> str:
    return f"{name} could not be brought to this release and was left as it was: {error}"


def _copy(path: Path, draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as copy:
        if path.exists():
            with closing(sqlite3.connect(path)) as original:
                original.backup(copy)


def _check(draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as copy:
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise StoreUnavailable(_left_as_it_was(draft.stem, f"its copy is damaged ({verdict})"))

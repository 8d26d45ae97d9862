"""The tables of a PostgreSQL backup, put in place in one transaction: all of them and in quarantine, or none."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from psycopg import Connection as Native
from psycopg import errors, sql
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from contact.faults import Conflict, StoreUnavailable
from contact.storage.backups.manifest import CHUNK, Manifest, Report, TableEntry
from contact.storage.databases.migrate import alembic_config, sqlalchemy_url
from contact.storage.databases.postgresql import READING, WRITING, why
from contact.storage.databases.schema import metadata

PATIENCE = "5s"
"""How long a table may be in somebody else's hands."""
LEAVING_SECONDS = 5.0
"""How long a process that has just ended may take to be gone for the server."""
_USERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ANY(:names)"


def load(
    url: str,
    folder: Path,
    manifest: Manifest,
    report: Report,
    author: str,
    files: Callable[[], None],
    *,
    into: bool,
) -> None:
    """Drop what is there, make the tables of the backup's revision, fill them, bring them to this release's revision.

    ``files`` brings what the tables point to, before they point to it: what fails there leaves the tables as they were.
    Raises Conflict where a store is there and ``into`` is not said, StoreUnavailable where a service uses it.
    """
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            _require_empty(connection, into=into)
            _require_unused(connection)
            files()
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
            command.upgrade(alembic_config(connection), manifest.revision)
            _fill(connection, folder, manifest, report)
            command.upgrade(alembic_config(connection), "head")
            hold = "INSERT INTO halt (kind, key, since_us, author, why) VALUES ('quarantine', '', 0, :author, '')"
            connection.execute(text(hold + " ON CONFLICT DO NOTHING"), {"author": author})
    except DBAPIError as error:
        raise _told(error.orig) from error
    except errors.Error as error:
        raise _told(error) from error


def _told(error: BaseException | None) -> StoreUnavailable:
    if isinstance(error, errors.LockNotAvailable):
        return StoreUnavailable("a service has this database open: stop it first")
    return StoreUnavailable(f"PostgreSQL: {why(error)}")


def _require_empty(connection: Connection, *, into: bool) -> None:
    if into or "publication" not in inspect(connection).get_table_names():
        return
    for table in ("contact", "identity", "publication", "consent", "audit"):
        if (
            table in inspect(connection).get_table_names()
            and connection.execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first()
        ):
            raise Conflict(
                "this database holds a store already: name an empty one, or say --into to replace it"
            )


def _require_unused(connection: Connection) -> None:
    """A service that stood idle would not be in the way of a single lock, and go on with another store under it."""
    deadline = time.monotonic() + LEAVING_SECONDS
    while users := connection.execute(text(_USERS), {"names": [WRITING, READING]}).scalar():
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                f"a service has this database open ({users} connections): stop all its processes first"
            )
        time.sleep(0.1)
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))


def _fill(connection: Connection, folder: Path, manifest: Manifest, report: Report) -> None:
    driver: Any = connection.connection.driver_connection
    native: Native[Any] = driver
    for number, table in enumerate(manifest.tables):
        report(number, len(manifest.tables), f"restoring {table.name}")
        native.execute(
            sql.SQL("TRUNCATE {}").format(sql.Identifier(table.name))
        )  # revisions bring first rows
        names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
        with (folder / "tables" / f"{table.name}.copy").open("rb") as file, native.cursor() as cursor:
            with cursor.copy(statement) as copy:
                while chunk := file.read(CHUNK):
                    copy.write(chunk)
            if cursor.rowcount != table.rows:
                raise Conflict(f"{table.name} came out with {cursor.rowcount} rows instead of {table.rows}")
        _go_on(native, table)


def _go_on(native: Native[Any], table: TableEntry) -> None:
    """Numbers that were given out before are not given out again."""
    if table.last is not None:
        native.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'seq'), %s)", (table.name, max(table.last, 1))
        )

"""A backup: one snapshot of the database, the generations and models it points to, and a manifest, in one new folder.

The service goes on meanwhile. The installation's secret is left out, since whoever has both reads every name and number;
the opt-out journal is left out, since it must be newer than any backup.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from contact.clock import real_now
from contact.faults import Conflict, StoreUnavailable
from contact.settings import Settings
from contact.storage.backups.manifest import (
    FORMAT,
    Manifest,
    Report,
    TableEntry,
    copy_synced,
    entries_of,
    write_manifest,
)
from contact.storage.databases.durable import sync_to_disk
from contact.storage.databases.sqlite import transaction_on
from contact.storage.databases.transaction import Connection, Transaction
from contact.storage.keys.numbers import secret_fingerprint

if TYPE_CHECKING:
    import psycopg

DATABASE_FILE = "contact.db"
RECENT_GENERATIONS = 5
PAGES_AT_ONCE = 4096
"""Between two words of progress: 16 MB."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made."""

    folder: Path
    manifest: Manifest
    hash: str
    """Of the manifest, which holds the hashes of all else."""

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self.manifest.files)


def make_backup(settings: Settings, folder: Path, report: Report, *, with_secret: bool = False) -> BackedUp:
    """Into a folder that is not there yet; a backup that fails leaves none. Raises Conflict, StoreUnavailable."""
    if folder.exists():
        raise Conflict(f"{folder} is there already: a backup takes a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        manifest = _fill(settings, draft, report, with_secret)
        hash = write_manifest(draft, manifest)
        sync_to_disk(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync_to_disk(folder.parent)
    return BackedUp(folder, manifest, hash)


def fingerprint(home: Path) -> str:
    """Tells one installation's secret from another's, and nothing else of it."""
    return secret_fingerprint(home)


def _fill(settings: Settings, draft: Path, report: Report, with_secret: bool) -> Manifest:
    began = real_now()
    if settings.database_url.startswith("sqlite:///"):
        seen = _sqlite(Path(settings.database_url.removeprefix("sqlite:///")), draft, report)
    else:
        seen = _postgresql(settings.database_url, draft, report)
    missing = _copy_files(settings.home, draft, seen, report)
    if with_secret:
        copy_synced(settings.home / "secret", draft / "secret")
    files = [path for path in draft.rglob("*") if path.is_file()]
    return Manifest(
        format=FORMAT, dialect=seen.dialect, revision=seen.revision, began_us=began, at_us=seen.at_us,
        secret=fingerprint(settings.home), heads=seen.heads, files=entries_of(draft, files), tables=seen.tables,
        missing=missing,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the snapshot says of itself and of the files beside it."""

    dialect: str
    at_us: int
    heads: dict[str, tuple[int, str]]
    generations: tuple[dict[str, str], ...]
    """File of each kind, newest generation first."""
    models: tuple[str, ...]
    tables: list[TableEntry]
    revision: str


def _sqlite(path: Path, draft: Path, report: Report) -> _Seen:
    """SQLite's online copy: one read transaction, writers go on."""
    if not path.exists():
        raise StoreUnavailable(f"there is no database at {path}")
    try:
        return _copy_sqlite(path, draft / DATABASE_FILE, report)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the database cannot be copied: {error}") from error


def _copy_sqlite(path: Path, target: Path, report: Report) -> _Seen:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as source:
            source.execute("BEGIN")
            source.execute(
                "SELECT count(*) FROM sqlite_schema"
            ).fetchone()  # one snapshot, whoever writes meanwhile
            source.backup(
                copy,
                pages=PAGES_AT_ONCE,
                progress=lambda _status, left, total: report(
                    total - left, total, "pages of the database copied"
                ),
            )
        copy.execute("PRAGMA journal_mode=DELETE")
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise StoreUnavailable(f"the copied database is damaged: {verdict}")
        seen = _look(transaction_on(copy), [])
    target.chmod(0o600)
    sync_to_disk(target)
    return seen


def _postgresql(url: str, draft: Path, report: Report) -> _Seen:
    """Every table through one snapshot, as PostgreSQL's own text form."""
    import psycopg
    from psycopg.rows import dict_row

    from contact.storage.databases.postgresql import READING, why

    url = url.replace("postgres://", "postgresql://", 1)
    try:
        with psycopg.connect(url, row_factory=dict_row, application_name=READING) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            tables = _copy_tables(connection, draft / "tables", report)
            seen = _look(Transaction(cast(Connection, connection), "postgresql"), tables)
            connection.rollback()
            return seen
    except psycopg.Error as error:
        raise StoreUnavailable(f"PostgreSQL cannot be copied: {why(error)}") from error


def _copy_tables(connection: psycopg.Connection[Any], folder: Path, report: Report) -> list[TableEntry]:
    from psycopg import sql

    folder.mkdir(mode=0o700)
    found: dict[str, list[str]] = {}
    for row in connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND table_name <> 'alembic_version' ORDER BY table_name, ordinal_position"
    ):
        found.setdefault(row["table_name"], []).append(row["column_name"])
    entries = []
    for number, (name, columns) in enumerate(found.items()):
        report(number, len(found), f"copying {name}")
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(name), names)
        with (folder / f"{name}.copy").open("xb") as file, connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for chunk in copy:
                    file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            entries.append(TableEntry(name, columns, cursor.rowcount, _sequence(connection, name, columns)))
    return entries


def _sequence(connection: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> int | None:
    if "seq" not in columns:
        return None
    row = connection.execute("SELECT pg_get_serial_sequence(%s, 'seq') AS name", (table,)).fetchone()
    if row is None or row["name"] is None:
        return None
    last = connection.execute(f"SELECT last_value FROM {row['name']}").fetchone()
    return int(last["last_value"]) if last else None


def _look(tx: Transaction, tables: list[TableEntry]) -> _Seen:
    recent = tx.rows("recent_generations", limit=RECENT_GENERATIONS)
    heads = {str(row["chain"]): (int(row["seq"]), str(row["hash"])) for row in tx.rows("audit_heads")}
    models = tuple(row["id"] for row in tx.rows("backed_up_models"))
    manifests = tuple(json.loads(row["manifest"]) for row in recent)
    revision = tx.row("read_revision")
    assert revision is not None
    return _Seen(tx.dialect, tx.now(), heads, manifests, models, tables, revision["version_num"])


def _copy_files(home: Path, draft: Path, seen: _Seen, report: Report) -> list[str]:
    """Generations and models; those of earlier generations may be tidied away already, that in force must be there."""
    needed = set(seen.generations[0].values()) if seen.generations else set()
    wanted = {f"generations/{name}" for files in seen.generations for name in files.values()}
    wanted |= {f"models/{id}.json" for id in seen.models}
    missing = []
    for number, name in enumerate(sorted(wanted)):
        report(number, len(wanted), f"copying {name}")
        try:
            copy_synced(home / name, draft / name)
        except FileNotFoundError:
            if name.removeprefix("generations/") in needed:
                raise StoreUnavailable(
                    f"{home / name} is missing, and the customers in force lie in it"
                ) from None
            missing.append(name)
    return [name for name in missing if name.startswith("models/")]

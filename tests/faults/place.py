"""Where a proof runs: a fresh database of one kind, a folder of its own, and how much time it has."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg

from contact.settings import Settings
from tests.servers import PostgreSQL

Kind = Literal["sqlite", "postgresql"]
CLUSTER = "FAULTS_POSTGRES_URL"
"""URL of a database of the run's own cluster, from which others are made."""
EMPTY = "FAULTS_EMPTY_SQLITE"
"""An empty migrated SQLite database, from which others are copied: made once for the whole run."""


@dataclass(frozen=True)
class Spot:
    """A fresh, migrated database and the folder beside it."""

    url: str
    folder: Path

    @property
    def settings(self) -> Settings:
        """Settings of a service there, with a clock that may be moved."""
        return Settings.from_environment(self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The same as variables, for a process of its own."""
        return {
            "CONTACT_HOME": str(self.folder / "home"),
            "CONTACT_DATABASE_URL": self.url,
            "CONTACT_DEMO": "1",
        }


@dataclass
class Place:
    """A kind of database, and whether the run is the long one."""

    kind: Kind
    long: bool = False
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="faults-")))

    def size(self, short: float, long: float) -> float:
        """One of two sizes."""
        return long if self.long else short

    def count(self, short: int, long: int) -> int:
        """One of two whole sizes."""
        return long if self.long else short

    def away(self) -> None:
        """Remove what the proof left behind; after a failed one it stays to be looked at."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def spot(self, name: str, server: PostgreSQL | None = None) -> Iterator[Spot]:
        """A fresh database, on PostgreSQL in the run's cluster or in one of the proof's own; away with it afterwards."""
        folder = self.folder / f"{name}-{uuid.uuid4().hex[:6]}"
        folder.mkdir(parents=True)
        (folder / "home").mkdir()
        if self.kind == "sqlite":
            yield Spot(f"sqlite:///{shutil.copy(os.environ[EMPTY], folder / 'contact.db')}", folder)
            return
        cluster = os.environ[CLUSTER] if server is None else server.url("postgres")
        database = f"{name}_{uuid.uuid4().hex}"
        _template(cluster)
        with psycopg.connect(cluster, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE faults_migrated')  # type: ignore[call-overload]
        try:
            yield Spot(cluster.rsplit("/", 1)[0] + f"/{database}", folder)
        finally:
            with psycopg.connect(cluster, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')  # type: ignore[call-overload]


def _template(cluster: str) -> None:
    """The migrated database that others are copied from: made once, whichever process comes first."""
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(15)")
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'faults_migrated'").fetchone()
        if found is None:
            from contact.storage.databases.migrate import migrate_postgresql

            connection.execute("CREATE DATABASE faults_being_migrated")
            migrate_postgresql(cluster.rsplit("/", 1)[0] + "/faults_being_migrated")
            connection.execute("ALTER DATABASE faults_being_migrated RENAME TO faults_migrated")


class Patience:
    """Time that is left."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self.seconds = seconds

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    @property
    def left(self) -> bool:
        """Whether there is any."""
        return self.spent < self.seconds

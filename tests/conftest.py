"""Fixtures every test may ask for, by name:

``redis_server``    a real Redis of this worker (``tests.servers.Redis``: ``url, empty(), kill(), start_again()``)
``redis_url``       its URL, emptied first
``postgres_server`` a real PostgreSQL cluster of this worker (``tests.servers.PostgreSQL``)
``postgres_url``    URL of a fresh, empty database in it, dropped afterwards
``database_url``    runs the test twice: ``sqlite:///…`` in a tmp folder, then a PostgreSQL database; both migrated and empty
``kannel``          a real SMS gateway of its own (``tests.kannel.Kannel``: ``url, messages(), say(), kill(), start()``)
``chromium``        path of the browser
``start_service``   function that starts ``contact serve`` processes (``tests.servers.Service``), each ended by SIGTERM
``service``         one such process on the embedded defaults (SQLite, bundled Valkey), clock movable, ``config/`` published
``shared_folder``   the folder of public data sets beside this repository; skips loudly without it

A server that is not installed fails the test in CI (``CI=true``) and skips it elsewhere.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from contact.storage.databases.migrate import migrate_postgresql
from tests.kannel import Kannel
from tests.migrated import copy_migrated
from tests.servers import ROOT, PostgreSQL, Redis, Service, chromium_path

# How long an example takes says nothing where other tests run beside it.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


class _NamedAtOnce:
    """A failed test is named when it has failed: a run may take half an hour more."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.ensure_newline()
            self._terminal.write_line(f"failed: {report.nodeid} ({report.when})")


def pytest_sessionstart(session: pytest.Session) -> None:
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:  # workers of a run side by side have none
        session.config.pluginmanager.register(_NamedAtOnce(terminal))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    redis_server.empty()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgreSQL) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgreSQL) -> str:
    """Name of an empty migrated database, to be copied: migrating costs ten times as much."""
    migrate_postgresql(postgres_server.create("migrated"))
    return "migrated"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{copy_migrated(tmp_path / 'contact.db')}"
        return
    server: PostgreSQL = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    yield server.create(name, template=request.getfixturevalue("migrated_postgres"))
    server.drop(name)


@pytest.fixture
def kannel(tmp_path: Path) -> Iterator[Kannel]:
    gateway = Kannel(tmp_path / "kannel")
    yield gateway
    gateway.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    return chromium_path()


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start(name: str = "home", role: str = "all", **settings: Any) -> Service:
        started.append(Service(tmp_path / name, role, **settings))
        return started[-1]

    yield start
    for each in reversed(started):
        if each.process.returncode != -9:
            each.stop()


@pytest.fixture
def service(start_service: Callable[..., Service]) -> Service:
    standing = start_service()
    standing.publish()
    return standing


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    folder = Path(os.environ.get("CONTACT_SHARED", str(ROOT.parent / "shared")))
    if not folder.is_dir():
        pytest.skip(f"LOUD SKIP: no public data beside this repository ({folder.name}/ is absent)")
    return folder

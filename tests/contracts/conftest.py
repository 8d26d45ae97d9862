"""Stores on either database for the contract suites."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from contact.settings import Settings
from contact.storage.open import Stores, open_stores
from tests.servers import PostgreSQL


def settings(home: Path, database_url: str) -> Settings:
    return Settings(
        home=home, database_url=database_url, redis_url=None, host="127.0.0.1", port=0, sms_url=None,
        demo=True, lease_seconds=60.0,
    )  # fmt: skip


@pytest_asyncio.fixture
async def stores(tmp_path: Path, database_url: str) -> AsyncIterator[Stores]:
    opened = open_stores(settings(tmp_path, database_url))
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database to which no revision has come yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/contact.db"
        return
    server: PostgreSQL = request.getfixturevalue("postgres_server")
    name = f"empty_{uuid.uuid4().hex}"
    yield server.create(name)
    server.drop(name)

"""A server that went away and came back fails nobody who asks once it is back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import psycopg
import pytest

from contact.storage.databases.transaction import Transaction
from contact.storage.open import open_stores
from tests.contracts.conftest import settings
from tests.servers import PostgreSQL

AT_ONCE = 8
"""More than there are lines for writing or for reading."""


def _raise(tx: Transaction) -> None:
    tx.run("raise_epoch", kind="customer", key="C1")
    time.sleep(0.02)  # so that no line answers for all


def _epoch(tx: Transaction) -> int:
    found = tx.connection.execute("SELECT epoch FROM subject WHERE key = 'C1'").fetchone()
    time.sleep(0.02)
    return int(found["epoch"])


@pytest.mark.postgres
async def test_lines_that_were_cut_while_idle_fail_nobody(
    tmp_path: Path, postgres_server: PostgreSQL, migrated_postgres: str
) -> None:
    """Each of them used to fail whoever came first, who may have had a message to confirm that was out already."""
    url = postgres_server.create("cut_lines", template=migrated_postgres)
    stores = open_stores(settings(tmp_path, url))
    database = stores.database
    for _ in range(2):
        await asyncio.gather(*(database.write(_raise) for _ in range(AT_ONCE)))
        await asyncio.gather(*(database.read(_epoch) for _ in range(AT_ONCE)))
        with psycopg.connect(url, autocommit=True) as other:
            cut = other.execute(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
        assert cut is not None and cut[0] >= 3
    assert set(await asyncio.gather(*(database.read(_epoch) for _ in range(AT_ONCE)))) == {2 * AT_ONCE}
    await asyncio.gather(*(database.write(_raise) for _ in range(AT_ONCE)))
    assert await database.read(_epoch) == 3 * AT_ONCE
    await stores.close()
    postgres_server.drop("cut_lines")

"""The cut of power that promises are attacked with takes what was not synced, and only that."""

from __future__ import annotations

import psycopg
import pytest

from tests.faults.postgresql_power import CuttablePostgreSQL, can_be_cut


@pytest.mark.postgres
@pytest.mark.skipif(not can_be_cut(), reason="no C compiler: no power can be cut over PostgreSQL")
def test_a_commit_nobody_waited_for_is_gone_and_every_other_is_there() -> None:
    """Of two rows the one whose session did not wait for the sync is lost, also after a second cut."""
    server = CuttablePostgreSQL()
    try:
        url = server.create("power")
        for number in (1, 2):
            with psycopg.connect(url, autocommit=True) as session:
                session.execute("CREATE TABLE IF NOT EXISTS kept (number int, waited bool)")
                session.execute("INSERT INTO kept VALUES (%s, true)", (number,))
                session.execute("SET synchronous_commit = off")
                session.execute("INSERT INTO kept VALUES (%s, false)", (number,))
            server.cut_power()
        with psycopg.connect(url) as session:
            kept = session.execute("SELECT number, waited FROM kept ORDER BY number").fetchall()
    finally:
        server.stop()
    assert kept == [(1, True), (2, True)]

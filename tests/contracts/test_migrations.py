"""The schema, the migrations that lead to it, and the statements that run every second."""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from contact.faults import StoreUnavailable
from contact.storage import migrations
from contact.storage.databases.migrate import sqlalchemy_url
from contact.storage.databases.named_sql import statements
from contact.storage.databases.schema import metadata
from contact.storage.databases.sqlite import SQLite
from contact.storage.open import Stores, open_database
from tests.servers import PostgreSQL

MIGRATIONS = Path(migrations.__file__).parent

BY_CONTACTS: dict[str, dict[str, Any]] = {
    "queued_tasks_of_person": {"customer": "C1", "numbers": ["n"]},
    "tasks_of_number": {"number": "n"},
    "merge_tasks": {"old": "C1", "new": "C2", "account": "A1"},
    "erase_reasons": {"customer": "C1"},
    "delete_tasks": {"contacts": ["c"]},
    "list_tasks_of_customer": {
        "customer": "C1", "channel": None, "state": None, "day": None, "after": None, "limit": 50, "everywhere": 1,
        "any_unit": 1, "within": [], "manager": None,
    },
}  # fmt: skip
"""Tasks that only an index of contacts leads to."""
EVERY_SECOND: dict[str, dict[str, Any]] = {
    "lapsed_leases": {"real_us": 1},
    "overdue_reservations": {"now_us": 1, "limit": 1},
    "overdue_receipts": {"now_us": 1, "limit": 1},
    "stale_sending": {"channel": "sms", "before_us": 1, "limit": 1},
    "forget_idempotent": {"before_us": 1},
    "handed_over_since": {"channel": "sms", "since_us": 1},
    "standing_trouble": {"channel": "sms", "since_us": 1},
    "standing_put_off": {"channel": "sms", "until_us": 1, "since_us": 1, "limit": 1},
    "former_owners": {"number": "n", "last": "n~9"},
    "current_version": {},
    "next_scheduled": {"until_us": 1},
    "held_task": {"person": "a", "channel": "call"},
    "queued_contacts": {"channel": "sms", "planned_us": 1, "id": "", "limit": 1},
    **BY_CONTACTS,
    "read_epochs": {"kinds": ["customer", "number"], "keys": ["C1"]},
    "read_history": {
        "customer": "C1", "account": "A1", "numbers": ["n"], "household": None, "device": None, "since_us": 1,
    },
}  # fmt: skip

_NAMES = [str(n) for n in range(200)]
_KEYS = json.dumps(_NAMES)
_SUBJECTS = {f"{kind}s": _KEYS for kind in ("customer", "account", "number", "household", "device")}
_REQUESTS = json.dumps(
    [{"scope": "s", "key": key, "since_us": 1, "status": 200, "body": ""} for key in _NAMES]
)
MANY_KEYS: dict[str, dict[str, Any]] = {
    "raised_epochs": _SUBJECTS,
    "histories": {**_SUBJECTS, "since_us": 1},
    "planned_ranks": {"day": "2026-03-02", "customers": _KEYS},
    "hold_idempotent": {"rows": _REQUESTS},
    "finish_idempotent": {"rows": _REQUESTS},
}


async def test_the_migrations_lead_to_the_schema(stores: Stores, database_url: str) -> None:
    """A table, column or index that stands in one of the two only fails here."""
    with create_engine(sqlalchemy_url(database_url), poolclass=NullPool).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("revision", ("0001", "0002", "0003", "0004", "0005"))
def test_a_store_of_every_earlier_release_is_brought_to_this_one(revision: str, empty_url: str) -> None:
    """Whichever revision it stood at, its tables end as the schema says, and what was in them is still there."""
    with create_engine(sqlalchemy_url(empty_url), poolclass=NullPool).connect() as connection:
        _upgrade(connection, revision)
        connection.execute(
            text(
                "INSERT INTO consent (customer_id, channel, category, given, at_us, source, evidence) "
                "VALUES ('C1', 'sms', 'all', 0, 7, 'paper', '')"
            )
        )
        connection.commit()
    open_database(empty_url).close()
    with create_engine(sqlalchemy_url(empty_url), poolclass=NullPool).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        kept = connection.execute(text("SELECT customer_id, given, at_us FROM consent")).all()
        assert [tuple(row) for row in kept] == [("C1", 0, 7)]


def test_calls_of_an_earlier_release_say_under_which_id_they_were_told(empty_url: str) -> None:
    """Those that were parted from others of their id, once or more often, and no call whose id is its own."""
    with create_engine(sqlalchemy_url(empty_url), poolclass=NullPool).connect() as connection:
        _upgrade(connection, "0016")
        for name in ("a", "a@7", "a@7@7", "b@c", "b@70"):
            connection.execute(
                text(
                    "INSERT INTO call (id, at_us, menu, version, arm, source, outcome, language, steps, path, heard) "
                    "VALUES (:id, 7, '', '', '', '', '', '', 0, '', '')"
                ),
                {"id": name},
            )
        connection.commit()
        _upgrade(connection, "0017")
        kept = connection.execute(
            text("SELECT id, told_as FROM call WHERE told_as IS NOT NULL ORDER BY id")
        ).all()
        assert [tuple(row) for row in kept] == [("a@7", "a"), ("a@7@7", "a")]


@pytest.mark.parametrize("name", EVERY_SECOND)
def test_what_runs_all_the_time_reads_no_whole_table(name: str, tmp_path: Path) -> None:
    """On a ledger of millions the sweeper must not hold the one writer while it looks at every row."""
    open_database(f"sqlite:///{tmp_path}/contact.db").close()
    statement, bound = statements("sqlite")[name].bind(EVERY_SECOND[name])
    with closing(sqlite3.connect(tmp_path / "contact.db")) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", bound)]
    assert steps and not [
        step for step in steps if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"
    ], steps


@pytest.mark.parametrize("name", ["old_contacts", "count_old_contacts"])
def test_old_contacts_are_found_without_all_tasks_for_each(name: str, tmp_path: Path) -> None:
    """Whoever deletes by age walks through the contacts once, and finds the task of each by its id."""
    open_database(f"sqlite:///{tmp_path}/contact.db").close()
    statement, bound = statements("sqlite")[name].bind({"before_us": 1, "limit": 1})
    with closing(sqlite3.connect(tmp_path / "contact.db")) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", bound)]
    assert "SCAN contact" in steps and "SCAN task" not in steps, steps


def test_the_newest_trouble_of_a_channel_is_the_first_row_of_an_index(empty_url: str) -> None:
    """Asked every five seconds: neither what was handed over in that hour nor another channel's refusals are read."""
    open_database(empty_url).close()
    lite = empty_url.startswith("sqlite")
    asked = {"channel": "sms", "since_us": 7_000}
    statement, bound = statements("sqlite" if lite else "postgresql")["standing_trouble"].bind(asked)
    with create_engine(sqlalchemy_url(empty_url), poolclass=NullPool).connect() as connection:
        connection.execute(
            text(
                "INSERT INTO contact_move (contact_id, to_state, at_us, why, channel) WITH RECURSIVE n(i) AS "
                "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) "
                "SELECT 'c', 'sent', i, '', CASE WHEN i % 3 = 0 THEN 'call' END FROM n"
            )
        )
        if not lite:
            connection.exec_driver_sql("ANALYZE contact_move")
        explain = "EXPLAIN QUERY PLAN" if lite else "EXPLAIN"
        steps = [str(row) for row in connection.exec_driver_sql(f"{explain} {statement}", bound)]
    assert any("contact_move_trouble" in step for step in steps), steps
    assert not any("sort" in step.lower() or "b-tree" in step.lower() for step in steps), steps


@pytest.mark.postgres
def test_postgresql_reads_no_whole_table_for_many_keys(
    postgres_server: PostgreSQL, migrated_postgres: str
) -> None:
    """A store of the first hour has no statistics: each batch would read all contacts, subjects and requests there are."""
    name = f"planned_{uuid.uuid4().hex}"
    with create_engine(
        sqlalchemy_url(postgres_server.create(name, template=migrated_postgres)), poolclass=NullPool
    ).connect() as connection:
        connection.exec_driver_sql(
            "INSERT INTO subject (kind, key) SELECT 'customer', n FROM generate_series(1, 3000) n"
        )
        connection.exec_driver_sql(
            "INSERT INTO idempotency (scope, key, payload_hash, state, at_us) "
            "SELECT 's', n, '', 'begun', 1 FROM generate_series(1, 3000) n"
        )
        filled = [
            each.name
            for each in metadata.tables["task"].c
            if not each.nullable and each.server_default is None
        ]
        values = ["n" if each == "id" else "'0'" for each in filled]
        connection.exec_driver_sql(
            f"INSERT INTO task ({', '.join(filled)}) SELECT {', '.join(values)} FROM generate_series(1, 3000) n"
        )
        for statement, asked in (MANY_KEYS | BY_CONTACTS).items():
            told, bound = statements("postgresql")[statement].bind(asked)
            plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {told}", bound)]
            assert plan and not [step for step in plan if "Seq Scan" in step], (statement, plan)
    postgres_server.drop(name)


def test_a_file_that_is_open_is_not_migrated_away_under_its_users(tmp_path: Path) -> None:
    """Whoever writes to a file that was swapped out loses what it acknowledged, so the newcomer is told to wait."""
    url, path = f"sqlite:///{tmp_path}/contact.db", tmp_path / "contact.db"
    _made_by_an_older_release(path)
    running = SQLite(path)
    before = path.stat().st_ino
    with pytest.raises(StoreUnavailable):
        open_database(url)
    assert path.stat().st_ino == before
    running.close()
    open_database(url).close()
    assert path.stat().st_ino != before


def _made_by_an_older_release(path: Path) -> None:
    """A store as the second revision left it."""
    with create_engine(sqlalchemy_url(f"sqlite:///{path}"), poolclass=NullPool).connect() as connection:
        _upgrade(connection, "0002")


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    connection.commit()

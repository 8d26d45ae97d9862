"""A database that cannot be brought to this release is left as it was, and one sentence says why and what to do."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from contact.faults import StoreUnavailable
from contact.storage.databases.migrate import sqlalchemy_url
from contact.storage.open import open_database
from tests.servers import PostgreSQL


def run(url: str, *statements: str) -> list[str]:
    """What tables there are after these."""
    with create_engine(sqlalchemy_url(url), poolclass=NullPool).connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
        return inspect(connection).get_table_names()


def refusal(url: str) -> str:
    with pytest.raises(StoreUnavailable) as refused:
        open_database(url).close()
    return str(refused.value)


@pytest.mark.parametrize(
    "theirs",
    [
        ["CREATE TABLE invoice (id int)", "CREATE TABLE session (id int)"],
        ["CREATE TABLE invoice (id int)", "CREATE TABLE alembic_version (version_num text)",
         "INSERT INTO alembic_version VALUES ('a1b2c3')"],
        ["CREATE TABLE alembic_version (version_num text)", "INSERT INTO alembic_version VALUES ('0003')"],
    ],
    ids=["tables like ours", "another program's revision", "a revision like ours"],
)  # fmt: skip
def test_nothing_is_put_among_another_programs_tables(theirs: list[str], empty_url: str) -> None:
    """Some of its tables are named, and which variable to change; it has the tables it had."""
    before = run(empty_url, *theirs)
    said = refusal(empty_url)
    assert "holds what another program made" in said and "CONTACT_DATABASE_URL" in said, said
    assert ("invoice" in said) == ("invoice" in before)
    assert run(empty_url) == before


def test_a_database_of_a_newer_release_is_not_touched(empty_url: str) -> None:
    """The sentence names the revision, so that whoever went back a release knows which to take."""
    open_database(empty_url).close()
    run(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    assert "is at revision 9999, which this release does not know: it was made by a newer one" in refusal(
        empty_url
    )


def test_a_database_without_its_revision_is_not_begun_anew(empty_url: str) -> None:
    """As a copy of some of its tables leaves it."""
    open_database(empty_url).close()
    before = run(empty_url, "DROP TABLE alembic_version")
    assert "without the table 'alembic_version'" in refusal(empty_url)
    assert run(empty_url) == before


def test_a_file_that_somebody_holds_is_named(tmp_path: Path) -> None:
    """Another program has it locked: no traceback, and no half of a copy is left beside it."""
    path = tmp_path / "contact.db"
    run(f"sqlite:///{path}", "CREATE TABLE contact_move (id int)")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert refusal(f"sqlite:///{path}") == f"{path} cannot be used: database is locked"
    assert not list(tmp_path.glob("*.draft*"))


@pytest.mark.postgres
def test_who_may_not_make_tables_is_told_so(postgres_server: PostgreSQL) -> None:
    """A role without rights in the schema: PostgreSQL's own words, and that nothing was changed."""
    name, role = f"unmigrated_{uuid.uuid4().hex}", f"reader_{uuid.uuid4().hex}"
    url = postgres_server.create(name)
    postgres_server.ask(f"CREATE ROLE {role} LOGIN")
    said = refusal(url.replace("//contact@", f"//{role}@"))
    assert "left as it was: permission denied for schema public" in said, said
    assert run(url) == []
    postgres_server.drop(name)
    postgres_server.ask(f"DROP ROLE {role}")

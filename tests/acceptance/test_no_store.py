"""A command that looks after a store finds none: it says so and makes nothing; an empty one would pass for the lost one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import complaint, typed_here
from tests.servers import PostgreSQL

LOOKING_AFTER = (
    ("audit", "verify"),
    ("audit", "list"),
    ("audit", "export", "{folder}/trail.jsonl"),
    ("ledger", "check"),
    ("backup", "{folder}/backup"),
    ("halts",),
    ("halt", "--why", "the gateway sends twice"),
    ("resume", "--why", "it is mended"),
    ("quarantine", "end", "--why", "looked through"),
    ("clock",),
    ("jobs",),
    ("jobs", "--failed"),
)


@pytest.mark.parametrize("words", LOOKING_AFTER, ids=" ".join)
def test_a_store_that_is_not_there_is_not_made_by_looking_after_it(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Whoever names another home by mistake is told, before an empty store says that all is well or halted."""
    run = typed_here(tmp_path / "home")
    said = complaint(run(*(word.format(folder=tmp_path) for word in words)))
    assert said.startswith(f"there is no store at {tmp_path}/home/contact.db: ")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_of_postgresql_stays_empty(
    tmp_path: Path, postgres_url: str, postgres_server: PostgreSQL
) -> None:
    """Nor are tables made there; one that is not there at all is told as the server tells it."""
    run = typed_here(tmp_path / "home")
    said = complaint(run("audit", "verify", CONTACT_DATABASE_URL=postgres_url))
    assert said.startswith("there is no store at CONTACT_DATABASE_URL: ")
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert postgres_server.ask(tables, postgres_url.rpartition("/")[2]) == "0"
    away = postgres_server.url("nowhere")
    assert 'database "nowhere" does not exist' in complaint(run("halts", CONTACT_DATABASE_URL=away))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["halts", "versions"])
@pytest.mark.parametrize("url", ["u:secret@h:notaport/x", "u:secret@h/x?foo=1", "u:secret50%@h/x"])
def test_an_address_that_cannot_be_read_is_said_without_its_password(
    tmp_path: Path, command: str, url: str
) -> None:
    """Whoever mistypes it is told how it is written, not by a traceback."""
    run = typed_here(tmp_path / "home")
    said = complaint(run(command, CONTACT_DATABASE_URL=f"postgresql://{url}"))
    assert said.startswith("CONTACT_DATABASE_URL cannot be read: ") and "secret" not in said

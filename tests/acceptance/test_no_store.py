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
    ("key", "list"),
    ("key", "revoke", "ck_abcdefgh", "--why", "lost"),
    ("key", "rotate", "ck_abcdefgh"),
    ("person", "list"),
    ("person", "bar", "A1", "--why", "left"),
    ("person", "password", "A1"),
    ("card-views", "A1"),
    ("erase", "C1", "--why", "asked by letter"),
    ("retention", "--dry-run"),
    ("merge-customers", "C1", "C2", "--why", "one person"),
    ("versions",),
    ("rollback", "--why", "as it was"),
    ("draft", "list"),
    ("diff", "live", "{folder}"),
    ("pull", "{folder}/rules"),
    ("select", "arpu > 1", "--channel", "sms", "--category", "marketing"),
    ("simulate", "{folder}"),
    ("explain", "C1"),
    ("plan", "--day", "2030-01-01"),
    ("evaluate", "spring"),
    ("segments",),
    ("lists",),
    ("list", "warnings"),
    ("models",),
    ("train", "churn"),
    ("score",),
    ("ivr", "topics"),
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


def test_a_command_that_can_begin_a_store_begins_one(tmp_path: Path) -> None:
    """The first key of a new home, and what is told of two folders alone needs none."""
    run = typed_here(tmp_path / "home")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "operator.yaml").write_text("name: {en: " + folder + "}\n")
    assert run("diff", tmp_path / "one", tmp_path / "two").returncode == 0
    assert not (tmp_path / "home").exists()
    assert run("key", "create", "admin").returncode == 0
    assert run("key", "list").returncode == 0


@pytest.mark.parametrize("command", [("halts",), ("key", "create", "admin")], ids=" ".join)
def test_a_home_that_lost_its_secret_gets_no_new_one(tmp_path: Path, command: tuple[str, ...]) -> None:
    """It is told which file is gone; with that put back all is as it was."""
    run, secret = typed_here(tmp_path / "home"), tmp_path / "home" / "secret"
    assert run("key", "create", "admin").returncode == 0
    kept = secret.read_text()
    secret.unlink()
    assert f"CONTACT_HOME holds no {secret}, and this database was made with one" in complaint(run(*command))
    assert not secret.exists()
    secret.write_text(kept)
    assert run(*command).returncode == 0


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

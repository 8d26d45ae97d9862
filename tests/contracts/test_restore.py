"""Backup and restore on both databases: nothing is sent twice, no opt-out is forgotten, nobody's store is overwritten."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from contact.domain.acts import Act
from contact.faults import Conflict, StoreUnavailable
from contact.settings import Settings
from contact.storage.backups import backup, restore_postgresql
from contact.storage.backups.backup import fingerprint, make_backup
from contact.storage.backups.manifest import BackupBroken, read_manifest
from contact.storage.databases.migrate import alembic_config, sqlalchemy_url
from contact.storage.databases.opt_out_journal import NAME
from contact.storage.databases.revision import NEWEST
from contact.storage.databases.schema import metadata
from contact.storage.databases.sqlite import SQLite
from contact.storage.databases.transaction import Transaction
from contact.storage.open import open_stores
from tests.contracts import situations
from tests.contracts.conftest import settings
from tests.contracts.situations import profile, wish
from tests.drill import drill, quietly, restored


def elsewhere(here: Settings, tmp_path: Path, *, with_secret: bool = True) -> Settings:
    """A fresh home with the secret of the first; PostgreSQL's database is the same one."""
    home = tmp_path / "fresh"
    if with_secret:
        home.mkdir()
        (home / "secret").write_text((here.home / "secret").read_text())
    url = f"sqlite:///{home}/contact.db" if here.database_url.startswith("sqlite") else here.database_url
    return replace(here, home=home, database_url=url)


async def test_g13_a_restore_resends_nothing_and_forgets_no_opt_out(
    tmp_path: Path, database_url: str
) -> None:
    """G13, the short form: after a backup 120 messages go out and 30 people withdraw; none again, all 30 known."""
    here = settings(tmp_path / "home", database_url)
    done = await drill(here, tmp_path / "fresh", sends=120, opt_outs=30)
    assert done.sends == 120 and (done.in_quarantine, done.resent, done.moves_astray) == (0, 0, 0)
    assert (done.known, done.untouched) == (30, True)


async def filled(here: Settings) -> None:
    """A store with a generation, a model file, an act and a reservation."""
    stores = open_stores(here)
    try:
        playbook = situations.playbook()
        await stores.playbooks.publish(playbook, base=None, author="test", why="test")
        await stores.ledger.reserve(wish(playbook, profile(), (await stores.clock.now()).at))
        await stores.database.write(_with_files)
    finally:
        await stores.close()
    for name in ("generations/customers-000001-aa.parquet", "models/m-1.json"):
        (here.home / name).parent.mkdir(parents=True, exist_ok=True)
        (here.home / name).write_bytes(b"what lies in " + name.encode())


def _with_files(tx: Transaction) -> None:
    tx.run(
        "insert_generation", number=1, manifest='{"customers": "customers-000001-aa.parquet"}', created_us=1
    )
    tx.run("point", name="generation", value="1")
    tx.run("insert_model", id="m-1", model="m", number=1, hash="h", signature="s", report="{}", created_us=1)


async def test_everything_comes_back_and_numbers_go_on(tmp_path: Path, database_url: str) -> None:
    """Tables, customers' files and models are as they were; what is added then gets numbers nobody had."""
    here = settings(tmp_path / "home", database_url)
    await filled(here)
    made = await asyncio.to_thread(make_backup, here, tmp_path / "backup", quietly)
    assert made.manifest.missing == []
    fresh = elsewhere(here, tmp_path)
    done = await asyncio.to_thread(restored, fresh, tmp_path / "backup", into=True)
    assert (done.settled.unknown, done.settled.cancelled) == (1, 0)
    for name in ("generations/customers-000001-aa.parquet", "models/m-1.json"):
        assert (fresh.home / name).read_bytes() == b"what lies in " + name.encode()
    stores = open_stores(fresh)
    try:
        assert [each.kind for each in await stores.halts.list()] == ["quarantine"]
        acts = [each.act.act for each in await stores.audit.page()]
        assert acts == ["restored", "playbook.published"]
        assert (await stores.audit.verify()).untouched
        playbook = await stores.playbooks.current()
        await stores.halts.lift("quarantine", "", Act("test", "", "quarantine.ended", why="test"))
        answer = await stores.ledger.reserve(wish(playbook, profile("C2"), (await stores.clock.now()).at))
        rows = await stores.database.read(lambda tx: tx.row("read_ledger_sequence"))
        assert answer and rows == {"seq": 2}
    finally:
        await stores.close()


async def test_a_backup_is_one_moment_while_the_service_goes_on(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acts that are written while the tables are copied are in it whole, with their heads, or not at all; SQLite's file is
    copied page by page.
    """
    monkeypatch.setattr(backup, "PAGES_AT_ONCE", 1)
    here = settings(tmp_path / "home", database_url)
    stores = open_stores(here)
    going = True

    async def act() -> None:
        number = 0
        while going:
            number += 1
            await stores.audit.record(Act(f"A{number % 20}", "agent", "login", str(number)))

    try:
        busy = asyncio.create_task(act())
        for number in range(3):
            await asyncio.to_thread(make_backup, here, tmp_path / f"backup-{number}", quietly)
        going = False
        await busy
    finally:
        await stores.close()
    fresh = elsewhere(here, tmp_path)
    await asyncio.to_thread(restored, fresh, tmp_path / "backup-2", into=True)
    again = open_stores(fresh)
    try:
        assert (await again.audit.verify()).untouched
        acts = await again.audit.page(act="login", limit=100_000)
        assert len(acts) > 0
    finally:
        await again.close()


@pytest.mark.parametrize("harm", ["changed", "missing", "no manifest", "later release"])
async def test_a_backup_that_is_not_whole_is_refused(tmp_path: Path, database_url: str, harm: str) -> None:
    """A file that was changed or lost, or a newer release's backup: named, and nothing is written."""
    here = settings(tmp_path / "home", database_url)
    await filled(here)
    folder = tmp_path / "backup"
    await asyncio.to_thread(make_backup, here, folder, quietly)
    if harm == "changed":
        with (folder / "models/m-1.json").open("ab") as file:
            file.write(b" ")
    elif harm == "missing":
        (folder / "models/m-1.json").unlink()
    elif harm == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        text = (folder / "manifest.json").read_text()
        known = read_manifest(folder)[0].revision
        (folder / "manifest.json").write_text(text.replace(f'"{known}"', '"9999"'))
    fresh = elsewhere(here, tmp_path)
    with pytest.raises(BackupBroken):
        await asyncio.to_thread(restored, fresh, folder, into=True)
    assert [path.name for path in fresh.home.iterdir()] == ["secret"]


async def test_a_store_is_replaced_only_when_that_is_said(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that holds something is refused, as is one that a service has open; the old SQLite file is kept aside."""
    here = settings(tmp_path / "home", database_url)
    await filled(here)
    await asyncio.to_thread(make_backup, here, tmp_path / "backup", quietly)
    with pytest.raises(Conflict, match="--into"):
        await asyncio.to_thread(restored, here, tmp_path / "backup")
    monkeypatch.setattr(restore_postgresql, "LEAVING_SECONDS", 0.2)
    stores = open_stores(here)
    await stores.clock.now()
    with pytest.raises(StoreUnavailable, match=r"stop (the service|all its processes) first"):
        await asyncio.to_thread(restored, here, tmp_path / "backup", into=True)
    await stores.close()
    monkeypatch.undo()
    done = await asyncio.to_thread(restored, here, tmp_path / "backup", into=True)
    assert done.kept_aside is None or done.kept_aside.exists()
    with pytest.raises(Conflict, match="is there already"):
        await asyncio.to_thread(make_backup, here, tmp_path / "backup", quietly)


async def test_the_secret_must_be_that_of_the_backup(tmp_path: Path, database_url: str) -> None:
    """Without it, or with another one, nothing is restored; a backup made with it brings it along."""
    here = settings(tmp_path / "home", database_url)
    await filled(here)
    await asyncio.to_thread(make_backup, here, tmp_path / "without", quietly)
    made = await asyncio.to_thread(make_backup, here, tmp_path / "with", quietly, with_secret=True)
    assert "secret" in {entry.path for entry in made.manifest.files}
    assert not (tmp_path / "without" / "secret").exists()
    fresh = elsewhere(here, tmp_path, with_secret=False)
    with pytest.raises(Conflict, match="put the file `secret`"):
        await asyncio.to_thread(restored, fresh, tmp_path / "without", into=True)
    fresh.home.mkdir()
    (fresh.home / "secret").write_text("ab" * 32 + "\n")
    with pytest.raises(Conflict, match=made.manifest.secret):
        await asyncio.to_thread(restored, fresh, tmp_path / "without", into=True)
    shutil.rmtree(fresh.home)
    await asyncio.to_thread(restored, fresh, tmp_path / "with", into=True)
    assert fresh.home.stat().st_mode & 0o077 == 0
    assert (fresh.home / "secret").read_text() == (here.home / "secret").read_text()


async def test_a_backup_of_an_earlier_release_comes_back_at_this_one(
    tmp_path: Path, database_url: str
) -> None:
    """What an older schema held stands in this release's tables after the restore."""
    earlier = "0009"
    home = tmp_path / "home"
    old = (
        f"sqlite:///{tmp_path / 'old' / 'contact.db'}" if database_url.startswith("sqlite") else database_url
    )
    here = replace(settings(home, old), database_url=old)
    await asyncio.to_thread(_at_revision, old, earlier)
    fingerprint(home)  # makes the secret
    made = await asyncio.to_thread(make_backup, here, tmp_path / "backup", quietly)
    assert made.manifest.revision == earlier
    fresh = elsewhere(here, tmp_path)
    await asyncio.to_thread(restored, fresh, tmp_path / "backup", into=True)
    stores = open_stores(fresh)
    try:
        rows = await stores.database.read(
            lambda tx: (tx.row("read_revision"), tx.row("read_playbook", version="v1"))
        )
        assert rows[0] == {"version_num": NEWEST} and rows[1] is not None and rows[1]["texts"] == "{}"
    finally:
        await stores.close()


def _at_revision(url: str, revision: str) -> None:
    """An empty store of an earlier release, with one playbook."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True)
    with create_engine(sqlalchemy_url(url), poolclass=NullPool).begin() as connection:
        if not url.startswith("sqlite"):
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        command.upgrade(alembic_config(connection), revision)
        connection.execute(text("INSERT INTO playbook (version, texts) VALUES ('v1', '{}')"))


@pytest.mark.parametrize("journal", ["none", "spoilt"])
async def test_a_restore_says_what_it_could_not_hear(tmp_path: Path, database_url: str, journal: str) -> None:
    """Where the journal of opt-outs was left behind, or lines of it are spoilt, whoever restores is told."""
    here = settings(tmp_path / "home", database_url)
    await filled(here)
    await asyncio.to_thread(make_backup, here, tmp_path / "backup", quietly)
    fresh = elsewhere(here, tmp_path)
    if journal == "spoilt":
        fresh.journal_folder.mkdir(parents=True)
        (fresh.journal_folder / NAME).write_bytes(b"[1, 2]\n[3")
    done = await asyncio.to_thread(restored, fresh, tmp_path / "backup", into=True)
    told = (done.no_journal_at, done.unreadable)
    assert told == ((fresh.journal_folder / NAME, 0) if journal == "none" else (None, 2))


async def test_a_damaged_file_is_named_to_whoever_looks_a_row_up(tmp_path: Path) -> None:
    """That way goes through no other thread, and says the same."""
    file = tmp_path / "contact.db"
    file.write_bytes(b"junk" * 1000)
    database = SQLite(file)
    with pytest.raises(StoreUnavailable, match=r"damaged.*restore FOLDER --into"):
        await database.look_up(lambda tx: tx.row("anybody_there"))
    database.close()


@pytest.mark.parametrize("harm", ["cut", "overwritten"])
async def test_a_damaged_file_is_named_and_gives_way_to_a_backup(tmp_path: Path, harm: str) -> None:
    """A file that SQLite cannot read is what a restore is for: it is not needed whole, and kept as it was found."""
    here = settings(tmp_path / "home", f"sqlite:///{tmp_path}/home/contact.db")
    await filled(here)
    await asyncio.to_thread(make_backup, here, tmp_path / "backup", quietly)
    file = here.home / "contact.db"
    whole = file.read_bytes()
    broken = whole[:5000] if harm == "cut" else b"junk" * 200 + whole[800:]
    file.write_bytes(broken)
    with pytest.raises(StoreUnavailable, match=r"damaged.*restore FOLDER --into"):
        open_stores(here)
    with pytest.raises(Conflict, match=r"damaged: say --into"):
        await asyncio.to_thread(restored, here, tmp_path / "backup")
    done = await asyncio.to_thread(restored, here, tmp_path / "backup", into=True)
    assert done.kept_aside is not None and done.kept_aside.read_bytes() == broken
    stores = open_stores(here)
    assert (await stores.audit.verify()).untouched
    await stores.close()

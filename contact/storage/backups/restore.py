"""Restore: a checked backup becomes the store of an empty home, in quarantine, with every opt-out known to the journal.

The database is put in place last and whole: a restore that dies leaves what was there.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contact.clock import real_now
from contact.domain.acts import Act
from contact.faults import Conflict, NotFound, StoreUnavailable
from contact.settings import Settings
from contact.storage.audits.anchors import Anchors, AnchorUnreachable, heads_of
from contact.storage.audits.audit import record_in
from contact.storage.backups.backup import DATABASE_FILE, fingerprint
from contact.storage.backups.journal_replay import replay
from contact.storage.backups.manifest import (
    BackupBroken,
    Manifest,
    Report,
    check_files,
    copy_synced,
    read_manifest,
)
from contact.storage.backups.quarantine import Settled, hold, settle
from contact.storage.backups.restore_postgresql import load
from contact.storage.databases.damaged import is_damage
from contact.storage.databases.database import Database
from contact.storage.databases.durable import sync_to_disk
from contact.storage.databases.migrate import migrate_sqlite
from contact.storage.databases.opt_out_journal import OptOutJournal
from contact.storage.databases.revision import NEWEST
from contact.storage.databases.sqlite import SQLite, transaction_on
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.files import Generations
from contact.storage.keys.numbers import open_hasher
from contact.storage.playbooks.published import Playbooks
from contact.storage.privacy.erasing import Erasures
from strategies.instants import DAY, Instant
from strategies.problems import ProblemsFound

OVERLAP = DAY
"""The journals are played back from so long before the backup: what was recorded then may have been committed after it."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that was brought back, in quarantine."""

    manifest: Manifest
    settled: Settled
    replayed: int
    """Withdrawals and grants of the journal that the backup did not know."""
    kept_aside: Path | None
    """The database that stood here before, where one did."""
    no_journal_at: Path | None
    """Where a journal of opt-outs was looked for and none was: who withdrew after the backup is not known."""
    unreadable: int
    """Lines of that journal which a crash cut short or a disk spoilt."""


def restore(settings: Settings, folder: Path, author: str, report: Report, *, into: bool = False) -> Restored:
    """Check the backup, then bring it back. Raises BackupBroken, Conflict, StoreUnavailable; then nothing has changed."""
    manifest, hash = read_manifest(folder)
    _check(settings, folder, manifest)
    check_files(folder, manifest, report)
    if not (settings.home / "secret").exists():
        settings.make_home()
        copy_synced(folder / "secret", settings.home / "secret")
    act = Act(
        author, "command line", "restored", hash[:32], {"began": manifest.began_us, "at": manifest.at_us}
    )
    if manifest.dialect == "sqlite":
        return _restore_sqlite(settings, folder, manifest, act, report, into=into)
    return _restore_postgresql(settings, folder, manifest, act, report, into=into)


def _check(settings: Settings, folder: Path, manifest: Manifest) -> None:
    dialect = "sqlite" if settings.database_url.startswith("sqlite:///") else "postgresql"
    if dialect != manifest.dialect:
        raise Conflict(f"the backup is of {manifest.dialect}, CONTACT_DATABASE_URL names {dialect}")
    if manifest.revision > NEWEST:
        raise BackupBroken(
            f"the backup has revision {manifest.revision}, this release knows {NEWEST}: upgrade first"
        )
    own = settings.home / "secret"
    if not own.exists() and not (folder / "secret").exists():
        raise Conflict(
            f"put the file `secret` of the lost home at {own} first: names, numbers and models are read with it"
        )
    if fingerprint(settings.home if own.exists() else folder) != manifest.secret:
        raise Conflict(
            f"{own} is not the secret of this backup (its fingerprint is {manifest.secret}): put that one there"
        )


def _restore_sqlite(
    settings: Settings, folder: Path, manifest: Manifest, act: Act, report: Report, *, into: bool
) -> Restored:
    target = Path(settings.database_url.removeprefix("sqlite:///"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target), tempfile.TemporaryDirectory(prefix=".restore-", dir=target.parent) as work:
        _require_empty(target, into=into)
        draft = Path(work) / "contact.db"
        report(0, 1, "copying the database")
        copy_synced(folder / DATABASE_FILE, draft)
        migrate_sqlite(draft)
        _copy_files(settings.home, folder, manifest, report)
        settled, replayed = _made_safe(SQLite(draft), settings, manifest, act, report)
        _settle_file(draft)
        kept = _swap(draft, target)
    _anchor(settings, SQLite(target), manifest)
    return _restored(settings, manifest, settled, replayed, kept)


def _restore_postgresql(
    settings: Settings, folder: Path, manifest: Manifest, act: Act, report: Report, *, into: bool
) -> Restored:
    from contact.storage.databases.postgresql import PostgreSQL

    url = settings.database_url.replace("postgres://", "postgresql://", 1)
    load(
        url,
        folder,
        manifest,
        report,
        act.actor,
        lambda: _copy_files(settings.home, folder, manifest, report),
        into=into,
    )
    settled, replayed = _made_safe(PostgreSQL(url), settings, manifest, act, report)
    _anchor(settings, PostgreSQL(url), manifest)
    return _restored(settings, manifest, settled, replayed, None)


def _restored(
    settings: Settings, manifest: Manifest, settled: Settled, replayed: int, kept: Path | None
) -> Restored:
    journal = OptOutJournal(settings.journal_folder)
    missing = None if journal.path.exists() else journal.path
    return Restored(manifest, settled, replayed, kept, missing, journal.read().damaged)


def _made_safe(
    database: Database, settings: Settings, manifest: Manifest, act: Act, report: Report
) -> tuple[Settled, int]:
    """In this order: quarantine, every opt-out, then what was open; closes the database."""
    try:
        database.write_here(lambda tx: hold(tx, act.actor))
        report(0, 1, "replaying the journals")
        replayed = _replay(database, settings, manifest)
        waits = asyncio.run(_receipt_waits(database))

        def work(tx: Transaction) -> Settled:
            settled = settle(tx, waits)
            counts = {"unknown": settled.unknown, "cancelled": settled.cancelled, "replayed": replayed}
            record_in(tx, Act(act.actor, act.role, act.act, act.about, {**act.details, **counts}, act.why))
            return settled

        return database.write_here(work), replayed
    finally:
        database.close()


def _replay(database: Database, settings: Settings, manifest: Manifest) -> int:
    """What people withdrew, gave and had erased since the backup; how many. What stands already is left as it is."""
    generations = Generations(settings.home / "generations")
    erasures = Erasures(database, generations, open_hasher(settings.home), settings.journal_folder)
    since = Instant(max(0, manifest.at_us - OVERLAP))

    async def again() -> int:
        consents = await replay(database, OptOutJournal(settings.journal_folder), since)
        erased = len(await erasures.replay())
        await erasures.forget()
        return consents.restored + erased

    return asyncio.run(again())


async def _receipt_waits(database: Database) -> Mapping[str, int]:
    """Of each channel, by the playbook in force; none where there is none this release understands."""
    try:
        playbook = await Playbooks(database).current()
    except (NotFound, ProblemsFound):
        return {}
    return {channel.name: channel.receipt_wait for channel in playbook.channels.values()}


def _anchor(settings: Settings, database: Database, manifest: Manifest) -> None:
    """Tell whoever verifies that the chains go on from here; closes the database. Raises AnchorUnreachable."""
    try:
        heads, now = database.read_here(lambda tx: (heads_of(tx.rows("audit_heads")), tx.now()))
        before = {int(chain): head for chain, head in manifest.heads.items()}
        Anchors(settings.anchor_target).keep(heads, now, before)
    except AnchorUnreachable as fault:
        detail = (
            "the store is restored, but CONTACT_ANCHOR was not told: mend it and restore again with --into"
        )
        raise AnchorUnreachable(detail) from fault
    finally:
        database.close()


def _copy_files(home: Path, folder: Path, manifest: Manifest, report: Report) -> None:
    """Generations and models; files of the same name hold the same, since names are never used twice."""
    wanted = [entry for entry in manifest.files if entry.path.startswith(("generations/", "models/"))]
    for number, entry in enumerate(wanted):
        report(number, len(wanted), f"copying {entry.path}")
        target = home / entry.path
        draft = target.with_name(f".{target.name}.restoring")
        draft.unlink(missing_ok=True)
        try:
            copy_synced(folder / entry.path, draft)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        draft.replace(target)
    for name in {str(Path(entry.path).parent) for entry in wanted}:
        sync_to_disk(home / name)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Nobody has the database open, nor can open it meanwhile."""
    with Path(f"{target}.open").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreUnavailable(
                f"{target.name} is open in another process: stop the service first"
            ) from None
        yield


def _require_empty(target: Path, *, into: bool) -> None:
    if into or not target.exists():
        return
    with closing(sqlite3.connect(target)) as connection:
        try:
            anybody = transaction_on(connection).row("anybody_there")
        except sqlite3.OperationalError:
            anybody = None  # a file without our tables holds nothing of ours
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise Conflict(
                f"{target} is damaged: say --into to replace it; it is kept beside the new one"
            ) from None
    if anybody is not None and anybody["anybody"]:
        raise Conflict(
            f"{target} holds a store already: choose an empty CONTACT_HOME, or say --into to replace it"
        )


def _settle_file(path: Path) -> None:
    """All of it in one file, on disk."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sync_to_disk(path)


def _swap(draft: Path, target: Path) -> Path | None:
    """One rename; what stood there is kept under another name."""
    kept = None
    if target.exists():
        try:
            _settle_file(target)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        kept = target.with_name(
            f"{target.name}.before-{datetime.fromtimestamp(real_now() / 1e6, UTC):%Y%m%dT%H%M%S}"
        )
        os.link(target, kept)
    for left in ("-wal", "-shm"):
        beside = Path(f"{target}{left}")
        if kept is not None and beside.exists():
            beside.replace(f"{kept}{left}")  # of a damaged file it may hold what can still be saved
        beside.unlink(missing_ok=True)
    draft.replace(target)
    sync_to_disk(target.parent)
    return kept

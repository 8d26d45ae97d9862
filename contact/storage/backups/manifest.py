"""What a backup says of itself: the store's revision and instant, heads of the audit trail, and a hash of every file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from contact.faults import Fault

MANIFEST = "manifest.json"
CHUNK = 1 << 20

Report = Callable[[int, int, str], None]
"""Told how far it is: done, of how many, with what."""


class BackupBroken(Fault):
    """This folder is no whole backup: a file is missing, changed or of another release."""

    status = 422
    code = "backup_broken"


class FileEntry(msgspec.Struct, frozen=True):
    """One file of the backup, by its path below the folder."""

    path: str
    bytes: int
    sha256: str


class TableEntry(msgspec.Struct, frozen=True):
    """One table of PostgreSQL, copied as text; ``last`` is where its sequence stood."""

    name: str
    columns: list[str]
    rows: int
    last: int | None = None


class Manifest(msgspec.Struct, frozen=True):
    """The first thing a restore reads and the last a backup writes."""

    format: int
    dialect: str
    revision: str
    began_us: int
    """The host's clock before the first row was read: what came later may be missing."""
    at_us: int
    """The store's clock at the snapshot."""
    secret: str
    """Fingerprint of the installation's secret, without which names, numbers and models cannot be read."""
    heads: dict[str, tuple[int, str]]
    files: list[FileEntry]
    tables: list[TableEntry] = []
    missing: list[str] = []
    """Model files the store knows of that were not there to be copied."""


FORMAT = 1


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Written last, since a folder without it is no backup; its hash."""
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    with (folder / MANIFEST).open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest and its hash. Raises BackupBroken."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        raise BackupBroken(f"{folder} holds no {MANIFEST}: it is no whole backup") from None
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise BackupBroken(f"{MANIFEST} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupBroken(f"the backup has format {manifest.format}, this release reads {FORMAT}")
    return manifest, hashlib.sha256(content).hexdigest()


def check_files(folder: Path, manifest: Manifest, report: Report) -> None:
    """Every file is as it was written. Raises BackupBroken that names each that is not."""
    wrong = []
    for number, entry in enumerate(manifest.files):
        report(number, len(manifest.files), f"checking {entry.path}")
        path = folder / entry.path
        if not path.resolve().is_relative_to(folder.resolve()):
            wrong.append(f"{entry.path} lies outside of the folder")
        elif not path.is_file():
            wrong.append(f"{entry.path} is missing")
        elif (path.stat().st_size, _hash(path)) != (entry.bytes, entry.sha256):
            wrong.append(f"{entry.path} was changed after the backup was made")
    if wrong:
        raise BackupBroken(f"{'; '.join(wrong)}: nothing was restored, take another backup")


def copy_synced(source: Path, target: Path, mode: int = 0o600) -> FileEntry:
    """Copy a file durably; what it was, by its own name."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sum, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with source.open("rb") as reading, os.fdopen(descriptor, "wb") as writing:
        while chunk := reading.read(CHUNK):
            writing.write(chunk)
            sum.update(chunk)
            size += len(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return FileEntry(target.name, size, sum.hexdigest())


def entries_of(folder: Path, paths: Iterable[Path]) -> list[FileEntry]:
    """The files as they now lie in the folder."""
    return [
        FileEntry(str(path.relative_to(folder)), path.stat().st_size, _hash(path)) for path in sorted(paths)
    ]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

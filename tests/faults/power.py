"""A power cut over SQLite: everything that no sync has brought to the disk is gone.

A process that calls ``keep_what_is_synced`` has a second copy of its database, of the log beside it and of every file it
syncs, into which goes only what was written before a sync of that file. After kill -9 the files are set back to those
copies, so that the kernel's memory, which outlives a process but not a power cut, is taken away. It is the worst that a disk
which keeps what it has confirmed can do; one that lies is not modelled. SQLite is watched where it calls the system.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import threading
from pathlib import Path
from typing import Any

_MAIN_DATABASE, _LOG = 0x100, 0x80000
_POINTER = ctypes.sizeof(ctypes.c_void_p)
_OPEN_AT = (2 + 3) * _POINTER
"""Where a VFS has its function that opens: behind three ints, which take two pointers' room, and three pointers."""
_METHODS = 19
_WRITE, _SYNC = 3, 5
_Open = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
)
_Write = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_alive: list[Any] = []
"""What C code points to must not be collected."""


def watches() -> bool:
    """Whether Python's SQLite is a library of its own, which can be watched."""
    return ctypes.util.find_library("sqlite3") is not None


def keep_what_is_synced(copies: Path) -> None:
    """From now on in this process, before it opens any database."""
    copies.mkdir(exist_ok=True)
    _watch_python(copies)
    _watch_sqlite(copies)


def cut(files: list[Path], copies: Path) -> None:
    """Set these back to what was synced; one that never was is gone. Whoever had them open must be dead."""
    for path in files:
        copy = copies / path.name
        path.unlink(missing_ok=True)
        if copy.exists():
            shutil.copy(copy, path)


def _watch_python(copies: Path) -> None:
    synced = os.fsync

    def fsync(descriptor: int) -> None:
        synced(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_file():
            _copy(path, copies / path.name)

    os.fsync = fsync


def _copy(path: Path, copy: Path) -> None:
    """Whole or not at all: we may be killed at any moment."""
    being_made = copy.with_name(f"{copy.name}.{threading.get_ident()}")
    shutil.copy(path, being_made)
    being_made.replace(copy)


class _Watched:
    """A file of SQLite's: what of it was written since it was last synced."""

    def __init__(self, path: Path, copies: Path) -> None:
        self.path, self.copy = path, copies / path.name
        size = path.stat().st_size
        if not self.copy.exists():  # whoever filled it before us did so in peace
            _copy(path, self.copy)
            size = 0
        self.written = [(0, size)] if size else []

    def synced(self) -> None:
        written, self.written = self.written, []
        try:
            with self.path.open("rb") as whole, self.copy.open("r+b", buffering=0) as copy:
                for at, length in written:
                    content = os.pread(whole.fileno(), length, at)
                    if os.pwrite(copy.fileno(), content, at) != len(content):
                        raise OSError("only a part was taken")
                copy.truncate(self.path.stat().st_size)
        except OSError:  # the disk is full by now, for the copy too: it follows with the next sync
            self.written = written + self.written


def _watch_sqlite(copies: Path) -> None:
    """In the table of functions through which SQLite reaches the system, those that write and sync become ours."""
    library = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
    library.sqlite3_vfs_find.restype = ctypes.c_void_p
    slot = ctypes.c_void_p.from_address(library.sqlite3_vfs_find(None) + _OPEN_AT)
    original = _Open(slot.value or 0)
    watched: dict[int, _Watched] = {}  # by handle: several may be of one file
    files: dict[Path, _Watched] = {}
    tables: dict[int, Any] = {}

    def opened(vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        done = int(
            original(vfs, name, file, flags, out)
        )  # SQLite keeps the name: it must be its own, not a copy
        if done == 0 and name and flags & (_MAIN_DATABASE | _LOG):
            path = Path(os.fsdecode(ctypes.string_at(name)))
            if path not in files:
                files[path] = _Watched(path, copies)
            watched[file] = files[path]
            methods = ctypes.c_void_p.from_address(file)
            theirs = methods.value or 0
            if theirs not in tables:
                tables[theirs] = _table(theirs, watched)
            methods.value = ctypes.addressof(tables[theirs])
        return done

    ours = _Open(opened)
    _alive.extend([ours, watched, files, tables])
    slot.value = ctypes.cast(ours, ctypes.c_void_p).value


def _table(theirs: int, watched: dict[int, _Watched]) -> Any:
    """A copy of SQLite's functions for a file, three of them ours."""
    table = (ctypes.c_void_p * _METHODS).from_buffer_copy(ctypes.string_at(theirs, _METHODS * _POINTER))
    write, sync = _Write(table[_WRITE] or 0), _Sync(table[_SYNC] or 0)

    def written(file: int, content: int, length: int, at: int) -> int:
        done = int(write(file, content, length, at))
        if done == 0:
            watched[file].written.append((at, length))
        return done

    def synced(file: int, flags: int) -> int:
        done = int(sync(file, flags))
        if done == 0:
            watched[file].synced()
        return done

    for place, function in ((_WRITE, _Write(written)), (_SYNC, _Sync(synced))):
        _alive.append(function)
        table[place] = ctypes.cast(function, ctypes.c_void_p).value
    return table

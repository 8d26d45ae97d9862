"""What is on the disk when a function returns: lines added to a file that several processes share, and folders."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def append(path: Path, lines: bytes) -> None:
    """Add whole lines to a file, made with its folder if it is not there; synced, and one writer at a time.

    Where somebody died amid a line before us, theirs ends first. Raises OSError where not all of it was taken.
    """
    fresh = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            lines = b"\n" + lines
        if os.write(descriptor, lines) != len(lines):
            raise OSError(f"{path.name} took only a part of what was written")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if fresh:
        sync_to_disk(path.parent)


def sync_to_disk(path: Path) -> None:
    """A file's content, or what was made or renamed in a folder, stays there after a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""What a process was told, in a file that survives its death; read by whoever judges."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class Tally:
    """Appends one line a fact: the machine's monotonic nanosecond, what, and of whom."""

    def __init__(self, folder: Path, name: str = "tally") -> None:
        self._descriptor = os.open(
            folder / f"{name}-{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )

    def note(self, what: str, *about: object) -> None:
        """One line, whole or not at all."""
        words = " ".join(str(each) for each in about)
        os.write(self._descriptor, f"{time.monotonic_ns()} {what} {words}\n".encode())


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of a tally."""

    at: int
    what: str
    about: tuple[str, ...]


def read_tallies(folder: Path, name: str = "tally") -> Iterator[Noted]:
    """Every whole line of every process, file by file."""
    for path in sorted(folder.glob(f"{name}-*")):
        for line in path.read_text().splitlines(keepends=True):
            words = line.split()
            if line.endswith("\n") and len(words) >= 2:
                yield Noted(int(words[0]), words[1], tuple(words[2:]))

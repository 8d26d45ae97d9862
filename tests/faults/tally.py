"""What a process was told, in a file that survives its death; read by whoever judges."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
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

    def note_all(self, facts: Iterable[str]) -> None:
        """Facts about nobody, of this moment, in one write."""
        at = time.monotonic_ns()
        os.write(self._descriptor, "".join(f"{at} {what} \n" for what in facts).encode())


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


class Counted:
    """How often each fact was noted so far, in tallies that grow: what was counted is not read again."""

    def __init__(self, folder: Path, name: str = "tally") -> None:
        self._folder, self._name = folder, name
        self._ends: Counter[Path] = Counter()
        self._times: Counter[str] = Counter()

    def look(self) -> Counter[str]:
        """Every whole line until now."""
        for path in self._folder.glob(f"{self._name}-*"):
            with path.open("rb") as tally:
                tally.seek(self._ends[path])
                lines = tally.read().rpartition(b"\n")[0].split(b"\n")
            self._ends[path] += sum(len(line) + 1 for line in lines) if lines != [b""] else 0
            self._times.update(words[1].decode() for line in lines if len(words := line.split()) >= 2)
        return self._times

"""Simulations under way: a folder each below CONTACT_HOME, texts that wait for theirs, and where history ends."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from contact.faults import NotFound
from contact.storage.databases.database import Database
from strategies.instants import Instant

_LEFT_OVER_SECONDS = 7 * 86_400


class Simulations:
    """Keeps SimulationPort."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self._home = home / "simulations"

    def folder(self, name: str, run: int = 1) -> Path:
        """The run's own folder, with what earlier runs finished; any that nobody touched for a week is swept on the way."""
        self._sweep()
        found = self._folder(name, run)
        for earlier in range(run - 1, 0, -1):
            if not found.exists():
                _take_over(self._folder(name, earlier), found)
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        return found

    def drop(self, name: str, run: int = 1) -> None:
        """Forget all of that run."""
        shutil.rmtree(self._folder(name, run), ignore_errors=True)

    def keep_texts(self, texts: Mapping[str, str]) -> str:
        """Keep them; the name is their hash."""
        content = json.dumps(dict(sorted(texts.items())), ensure_ascii=False).encode()
        name = sha256(content).hexdigest()[:16]
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._texts(name)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(content)
        part.replace(path)
        return name

    def texts(self, name: str) -> Mapping[str, str]:
        """Raises NotFound."""
        try:
            found: Mapping[str, str] = json.loads(self._texts(name).read_bytes())
        except FileNotFoundError:
            raise NotFound(f"the texts {name} are gone; queue the simulation again") from None
        return found

    async def last_contact(self) -> Instant | None:
        """When the latest contact that happened was planned for."""
        row = await self.database.read(lambda tx: tx.row("last_contact", now_us=tx.now()))
        return Instant(row["planned_us"]) if row and row["planned_us"] is not None else None

    def _folder(self, name: str, run: int) -> Path:
        return self._home / f"run-{_safe(name)}.{run}"

    def _texts(self, name: str) -> Path:
        return self._home / f"texts-{_safe(name)}.json"

    def _sweep(self) -> None:
        oldest = time.time() - _LEFT_OVER_SECONDS
        for path in self._home.glob("*"):
            with suppress(FileNotFoundError):  # moved or dropped by its own run as we look
                if path.stat().st_mtime < oldest:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _take_over(earlier: Path, mine: Path) -> None:
    """Move what is finished, in one step; a file that the earlier run is still writing stays its own."""
    with suppress(FileNotFoundError):
        earlier.rename(mine)
        for part in mine.glob("*.part"):
            part.unlink()


def _safe(name: str) -> str:
    if not name.replace("-", "").isalnum():
        raise NotFound(f"there is no simulation {name!r}")
    return name

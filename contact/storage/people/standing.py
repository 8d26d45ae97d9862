"""How the work stands, counted by indexes alone, and which processes live: small files that need no database."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from contact.clock import real_now
from contact.ports.standing import Count, GatewayTrouble, Journal, Process, Standing
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import DAY, HOUR, MINUTE, Instant

FORGOTTEN_AFTER = HOUR
JOURNAL_ROOM = 1 << 20
"""Some thousand lines."""
_NEXT = 64
"""Contacts of a channel that are asked whether its gateway puts them off."""


class Standings:
    """Keeps StandingPort on either database."""

    def __init__(self, database: Database, home: Path, journal: Path, *, movable: bool) -> None:
        self.database, self.folder, self.movable = database, home / "run", movable
        self.journal_folder = journal

    async def standing(self, channels: Sequence[str]) -> Standing:
        """How the work of these channels stands, in one snapshot."""
        return await self.database.read(lambda tx: self._standing(tx, list(channels)))

    def _standing(self, tx: Transaction, channels: list[str]) -> Standing:
        now = tx.now()
        troubles = [
            tx.row("standing_trouble", channel=channel, since_us=now - HOUR) for channel in sorted(channels)
        ]
        return Standing(
            at=now,
            simulated=self.movable,
            contacts=tuple(
                _with_put_off(tx, each, now)
                for each in _counts(tx.rows("standing_contacts", channels=channels), "channel")
            ),
            tasks=_counts(tx.rows("standing_tasks", channels=channels), "channel"),
            jobs=_counts(tx.rows("standing_jobs", since_us=real_now() - DAY), "kind"),
            moves={row["state"]: row["n"] for row in tx.rows("standing_moves", since_us=now - MINUTE)},
            troubles=tuple(_trouble(row) for row in troubles if row is not None),
        )

    async def beat(self, process: Process) -> None:
        """Written aside and put in place at once, so that nobody reads half of it."""
        await asyncio.to_thread(_write, self._file(process.pid), asdict(process))

    async def gone(self, pid: int) -> None:
        """Its file is removed."""
        self._file(pid).unlink(missing_ok=True)

    def _file(self, pid: int) -> Path:
        return self.folder / f"process-{socket.gethostname()}-{pid}.json"

    async def processes(self) -> list[Process]:
        """Those of this home, newest first; the files of the dead are removed after an hour."""
        found = await asyncio.to_thread(_read, self.folder)
        return sorted(found, key=lambda each: each.started, reverse=True)

    async def journal(self) -> Journal:
        """How the journal of opt-outs stands."""
        return await asyncio.to_thread(journal_in, self.journal_folder)


def _counts(rows: Sequence[Row], of: str) -> tuple[Count, ...]:
    return tuple(
        Count(
            row[of], row["state"], row["n"], None if row["oldest_us"] is None else Instant(row["oldest_us"])
        )
        for row in rows
    )


def _with_put_off(tx: Transaction, count: Count, now: Instant) -> Count:
    """What a gateway puts off is planned a minute ahead, again and again: it waits since it was first put off."""
    if count.state != "reserved":
        return count
    asked = {"until_us": now + MINUTE, "since_us": now - HOUR, "limit": _NEXT}
    row = tx.row("standing_put_off", channel=count.of, **asked)
    if row is None or row["since_us"] is None:
        return count
    return replace(count, oldest=Instant(min(row["since_us"], count.oldest or now)))


def _trouble(row: Row) -> GatewayTrouble:
    return GatewayTrouble(row["channel"], Instant(row["at_us"]), row["why"])


def journal_in(folder: Path) -> Journal:
    """The newest file of a folder of journals; not full where there is no such folder yet."""
    full = folder.exists() and shutil.disk_usage(folder).free < JOURNAL_ROOM
    found = [(each.stat(), each.name) for each in folder.glob("*") if each.is_file()]
    if not found:
        return Journal("", 0, None, full)
    told, name = max(found, key=lambda each: each[0].st_mtime_ns)
    return Journal(name, told.st_size, Instant(told.st_mtime_ns // 1000), full)


def _write(path: Path, said: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(".aside")
    aside.write_text(json.dumps(said), encoding="utf-8")
    aside.replace(path)


def _read(folder: Path) -> list[Process]:
    found = []
    for path in folder.glob("process-*.json"):
        with suppress(OSError, ValueError, TypeError):
            process = Process(**json.loads(path.read_text(encoding="utf-8")))
            if process.beat < real_now() - FORGOTTEN_AFTER:
                path.unlink(missing_ok=True)
            else:
                found.append(process)
    return found

"""What a process last saw halted never misses what it halted itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contact.domain.acts import Act
from contact.domain.halt import Halt
from contact.faults import StoreUnavailable
from contact.storage.databases.sqlite import SQLite
from contact.storage.ledger import halts as halts_stored
from contact.storage.ledger.halts import Halts
from tests.migrated import copy_migrated


class Slow(Halts):
    """Halts whose reading is on its way until it may arrive."""

    def __init__(self, database: SQLite) -> None:
        super().__init__(database)
        self.read, self.arrives = asyncio.Event(), asyncio.Event()

    async def list(self) -> list[Halt]:
        found = await super().list()
        self.read.set()
        await self.arrives.wait()
        return found


async def test_a_reading_from_before_a_halt_does_not_bring_back_what_stood_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Advice without the store goes by the halts last seen: one that was set amid a reading is among them."""
    monkeypatch.setattr(halts_stored, "ADVICE_LAGS_SECONDS", 0.0)
    database = SQLite(copy_migrated(tmp_path / "contact.db"))
    halts = Slow(database)
    with pytest.raises(StoreUnavailable, match="never read"):
        halts.last_seen()
    halts.arrives.set()
    assert await halts.in_force() == halts.last_seen() == frozenset()
    halts.arrives.clear()
    halts.read.clear()
    reading = asyncio.create_task(halts.in_force())
    await halts.read.wait()
    await halts.set("channel", "sms", Act("boss", "admin", "halt.set", why="test"))
    halts.arrives.set()
    await reading
    assert halts.last_seen() == await halts.in_force() == {("channel", "sms")}
    await halts.lift("channel", "sms", Act("boss", "admin", "halt.lifted", why="test"))
    assert halts.last_seen() == frozenset()
    database.close()


async def test_what_was_last_seen_is_gone_by_for_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have halted more since; a halt set here does not make the rest any newer."""
    database = SQLite(copy_migrated(tmp_path / "contact.db"))
    halts = Halts(database)
    await halts.in_force()
    monkeypatch.setattr(halts_stored, "HOLD_SECONDS", 0.0)
    await halts.set("channel", "sms", Act("boss", "admin", "halt.set", why="test"))
    with pytest.raises(StoreUnavailable, match="too long ago"):
        halts.last_seen()
    database.close()

"""Records of decisions wait for a database that does not answer, and what waits has its bound."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from contact.faults import NotFound, StoreUnavailable
from contact.storage.databases import behind
from contact.storage.databases.sqlite import SQLite
from contact.storage.people import decisions
from contact.telemetry import REGISTRY
from tests.migrated import copy_migrated


class Away(SQLite):
    """A store whose commits fail as long as it is away."""

    away = True

    def __init__(self, path: Path) -> None:
        self.tried = threading.Event()
        super().__init__(path)

    def _commit(self, *given: object) -> None:
        if self.away:
            self.tried.set()
            raise StoreUnavailable("away")
        super()._commit(*given)  # type: ignore[arg-type]


def number(name: str) -> float:
    """What /metrics says under this name."""
    return REGISTRY.get_sample_value(name) or 0.0


async def test_the_newest_records_wait_and_the_oldest_are_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound the oldest goes and is counted; the rest is told as waiting, and written when the store is back."""
    monkeypatch.setattr(decisions, "MOST_WAITING", 3)
    database = Away(copy_migrated(tmp_path / "contact.db"))
    kept, lost = decisions.Decisions(database), number("contact_decisions_lost_total")
    for place in range(5):
        await kept.record(f"d{place}", "C1", {"at_us": place})
    with pytest.raises(StoreUnavailable):
        await kept.flush()
    assert number("contact_decisions_lost_total") - lost == 2
    assert number("contact_decisions_waiting") == 3
    database.away = False
    assert [(await kept.get(f"d{place}"))["at_us"] for place in (2, 3, 4)] == [2, 3, 4]
    assert number("contact_decisions_waiting") == 0
    with pytest.raises(NotFound):
        await kept.get("d1")
    await kept.close()
    database.close()


async def test_what_waits_is_written_once_the_store_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to decide again for it: the records of an outage are no older than the outage."""
    monkeypatch.setattr(behind, "AGAIN_SECONDS", 0.01)
    database = Away(copy_migrated(tmp_path / "contact.db"))
    kept = decisions.Decisions(database)
    await kept.record("d1", "C1", {"at_us": 1})
    assert await asyncio.to_thread(database.tried.wait, 30)
    database.away = False
    await asyncio.wait_for(kept.behind.written(), 30)
    assert await database.read(lambda tx: tx.row("read_decision", id="d1")) is not None
    await kept.close()
    database.close()


async def test_a_record_on_its_way_is_waited_for(tmp_path: Path) -> None:
    """Whoever asks for a decision that was just made gets it, though its commit is not done yet."""
    database = Away(copy_migrated(tmp_path / "contact.db"))
    database.away, kept, go = False, decisions.Decisions(database), threading.Event()
    slow = asyncio.create_task(database.write(lambda tx: go.wait(30)))
    await kept.record("d1", "C1", {"at_us": 1})
    writing = asyncio.create_task(kept.flush())
    await asyncio.sleep(0)  # the record has left the line, and stands behind the slow commit
    asked = asyncio.create_task(kept.get("d1"))
    await asyncio.wait([asked], timeout=0.05)
    go.set()
    await asyncio.gather(slow, writing)
    assert (await asked)["at_us"] == 1
    await kept.close()
    database.close()

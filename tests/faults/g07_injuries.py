"""What G7 does to the service and its store: full disks, clocks that step, deaths of either, and cuts of the power."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults import power
from tests.faults.injuries import BACK, FORWARD, ROOMS, full_disk
from tests.faults.place import Kind, Patience, Spot
from tests.faults.postgresql_power import CuttablePostgreSQL, can_be_cut
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.servers import PostgreSQL

FULL_SECONDS = 0.5
STORE_FULL_SECONDS = 4.0
"""At most, until somebody was told to come again: pages that are there already take rows for a while."""


def power_can_be_cut(kind: Kind) -> bool:
    """Whether what the store syncs can be watched here."""
    return power.watches() if kind == "sqlite" else can_be_cut()


def own_server() -> PostgreSQL:
    """One whose power may be cut and whose disk may be full, if that can be: others work in the run's meanwhile."""
    return CuttablePostgreSQL() if can_be_cut() else PostgreSQL(own_disk=True)


def journal_at(spot: Spot) -> Path:
    """The service's journal of opt-outs."""
    return spot.folder / "home" / "journal" / "opt-outs.jsonl"


def copies_of(spot: Spot) -> Path | None:
    """Where what SQLite and the service sync is kept, if that can be watched."""
    return spot.folder / "synced" if spot.url.startswith("sqlite") and power.watches() else None


@dataclass
class Victims:
    """A service and its store; ``server`` where that is a process of its own."""

    row: Row
    spot: Spot
    service: Child
    server: PostgreSQL | None
    told_later: Callable[[], int]
    """How often clients were told to come again so far."""

    def a_round(self) -> list[Callable[[], None]]:
        """The disk is full in three ways, the clock steps on and back, the service and its database die."""
        first, second, third = (partial(self._full, room) for room in ROOMS)
        forward, back = partial(self.service.send, FORWARD), partial(self.service.send, BACK)
        return [first, forward, self._killed, second, back, *self._worse(), third, self._killed]

    def _worse(self) -> list[Callable[[], None]]:
        worse: list[Callable[[], None]] = []
        if self.server is not None:
            worse.append(partial(self.server.restart, signal.SIGQUIT))
            if self.server.disk is not None:
                worse.append(self._store_full)
            else:
                self.row.left_out.append("PostgreSQL's disk was not full: nothing may be mounted here")
        if power_can_be_cut("sqlite" if self.server is None else "postgresql"):
            worse.append(self.power_cut)
        else:
            why = (
                "this Python's SQLite cannot be watched" if self.server is None else "there is no C compiler"
            )
            self.row.left_out.append(f"no power was cut: {why}")
        return worse

    def power_cut(self) -> None:
        """The machine of the store dies, with SQLite the service's too, and everything that was not synced is gone."""
        if isinstance(self.server, CuttablePostgreSQL):
            self.server.cut_power()
            return
        store, copies = Path(self.spot.url.removeprefix("sqlite:///")), copies_of(self.spot)
        assert copies is not None
        beside = [store.with_name(f"{store.name}{end}") for end in ("-wal", "-shm")]
        self.service.kill()
        power.cut([store, *beside, journal_at(self.spot)], copies)
        self.service.start()

    def _killed(self) -> None:
        self.service.kill()
        self.service.start()

    def _full(self, room: int) -> None:
        with full_disk(self.service, [journal_at(self.spot)], room):
            time.sleep(FULL_SECONDS)

    def _store_full(self) -> None:
        """PostgreSQL's disk is full until somebody has been told to come again."""
        assert self.server is not None and self.server.disk is not None
        before, patience = self.told_later(), Patience(STORE_FULL_SECONDS)
        self.server.disk.fill()
        while patience.left and self.told_later() == before:
            time.sleep(0.05)
        told = self.told_later() - before
        self.server.disk.free()
        self.server.see_that_it_stands()
        self.row.remarks.append(f"{told} told to come again while PostgreSQL's disk was full")

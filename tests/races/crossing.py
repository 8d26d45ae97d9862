"""Somebody else who locks subjects on PostgreSQL in another order than ours, so that some of our transactions are ended."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg

from tests.races.people import MEMBERS, turn
from tests.races.worker import SLOTS_PER_SECOND

CROSSED_SECONDS, RING_FOUND, CROSSER_GIVES_UP = 0.15, "300ms", "2s"
"""Who crosses us waits so long between its locks, less than PostgreSQL waits before it looks for a ring, which it does once:
so it ends ours."""
PAUSE_SECONDS = 0.6


class Crosser:
    """Crosses from ``start`` to ``stop``, however long a race is prolonged."""

    def __init__(self, url: str, accounts: int, began: int) -> None:
        self._url, self._accounts, self._began = url, accounts, began
        self._own_deadlocks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._cross, daemon=True)
        with psycopg.connect(url, autocommit=True) as server:
            name = server.info.dbname
            server.execute(f"ALTER DATABASE \"{name}\" SET deadlock_timeout = '{RING_FOUND}'")

    def start(self) -> None:
        """Once everybody races."""
        self._thread.start()

    def stop(self) -> int:
        """Once nobody races any more, so that no lock of theirs is waited for; how many of their transactions were ended."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        return self._ended() - self._own_deadlocks

    def _cross(self) -> None:
        """Locks the customers of the account whose turn it is next first and the account then, which is not our order."""
        with psycopg.connect(self._url, autocommit=True) as other:
            other.execute(f"SET deadlock_timeout = '{CROSSER_GIVES_UP}'")
            while not self._over.is_set():
                slot = (time.monotonic_ns() - self._began) * SLOTS_PER_SECOND["caps"] // 1_000_000_000
                account = turn(slot + 1, self._accounts)
                try:
                    with other.transaction():
                        _lock(other, "customer", *(f"C{account}.{member}" for member in range(MEMBERS)))
                        time.sleep(CROSSED_SECONDS)
                        _lock(other, "account", f"A{account}")
                except psycopg.errors.DeadlockDetected:
                    self._own_deadlocks += 1
                self._over.wait(PAUSE_SECONDS)

    def _ended(self) -> int:
        """As PostgreSQL counts those that it has ended."""
        with psycopg.connect(self._url, autocommit=True) as server:
            found = server.execute(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            ).fetchone()
        return int(found[0]) if found else 0


def _lock(other: psycopg.Connection[Any], kind: str, *keys: str) -> None:
    other.execute(
        "INSERT INTO subject (kind, key) SELECT %s, key FROM unnest(%s::text[]) AS s(key) "
        "ON CONFLICT (kind, key) DO UPDATE SET epoch = subject.epoch",
        (kind, list(keys)),
    )

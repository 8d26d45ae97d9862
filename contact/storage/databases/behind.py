"""Writing behind the answer: whoever asked never waits for the store, which takes what waits as soon as it can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import Counter

from contact.faults import StoreUnavailable
from contact.telemetry import log

WAIT_SECONDS = 0.1
"""What comes within so long is written together."""
AGAIN_SECONDS = 1.0
"""Between two tries while the database does not answer."""
CLOSE_SECONDS = 5.0
"""How long a process that ends waits for the database to take what waits."""


class WritingBehind:
    """Has what waits written soon, tries again while the database is away, and at the end says what is lost."""

    def __init__(
        self, name: str, flush: Callable[[], Awaitable[None]], waiting: Callable[[], int], lost: Counter
    ) -> None:
        """``flush`` writes what waits or raises StoreUnavailable and keeps it; ``waiting`` says how many that are."""
        self._log, self._flush, self._waiting, self._lost = log(name), flush, waiting, lost
        self._task: asyncio.Task[None] | None = None

    def soon(self) -> None:
        """Something waits."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._until_written())

    async def written(self) -> None:
        """Until what waits now is written, however long the database is away."""
        if self._task is not None:
            await self._task

    async def close(self) -> None:
        """Write what waits, or count and tell what is lost where the database does not answer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._flush()
        except (StoreUnavailable, TimeoutError):
            self._lost.inc(self._waiting())
            self._log.error("what waited is lost", count=self._waiting())

    async def _until_written(self) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        while self._waiting():
            try:
                await self._flush()
            except StoreUnavailable:
                await asyncio.sleep(AGAIN_SECONDS)

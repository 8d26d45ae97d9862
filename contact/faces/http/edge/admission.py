"""Who is answered now: few ordinary requests at once, the rest in a short line; opt-outs and reports never stand in it,
and while one of them is carried out no ordinary request begins, or only one at a time where that takes long.

The bound on requests in flight (``watching``) keeps memory and the line finite. This one keeps the loop and the store's
threads free enough that whoever says no is heard within milliseconds, however many ask for advice. A request takes its place
when its body has been read, so that a slow sender holds none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from contact.faces.http.edge.problems import RequestProblem

AT_ONCE = 4
"""Ordinary requests carried out at one time in one process: more would only share the same interpreter."""
BESIDE_URGENT = 1
"""So many while an urgent one is carried out: each turn of the loop that it waits for is then short."""
ALONE_SECONDS = 0.05
"""So long none begins beside an urgent one, and never for more than half of the time: many urgent ones, or one that waits
for the store, leave the others their share."""
LONGEST_LINE = 256
"""Requests in line before others are told to come again at the door: about half a second of work."""
LONGEST_WAIT_SECONDS = 5.0
"""How long one stands in line before it is told to come again."""


class Admission:
    """Places for the requests of one application."""

    def __init__(self) -> None:
        self.running = 0
        self.urgent = 0
        """Urgent requests that are being carried out."""
        self.let_in = 0
        """Ordinary requests that passed the door and are not answered: many may pass before one of them stands in line."""
        self._line: deque[asyncio.Future[None]] = deque()
        self._alone_from = self._alone_until = 0.0
        """Of the last time that nothing ordinary began, by the loop's clock."""

    @property
    def crowded(self) -> bool:
        """Whether an ordinary request that comes now would wait too long."""
        return len(self._line) >= LONGEST_LINE or self.let_in >= AT_ONCE + LONGEST_LINE

    @asynccontextmanager
    async def place(self, *, urgent: bool) -> AsyncIterator[None]:
        """A place for as long as the block runs, in order of arrival. Raises RequestProblem ``overloaded``."""
        if urgent:
            self.urgent += 1
            self._hush()
            try:
                yield
            finally:
                self.urgent -= 1
                if not self.urgent:
                    self._alone_until = min(self._alone_until, asyncio.get_running_loop().time())
                self._let_on()
            return
        await self._take()
        try:
            yield
        finally:
            self._give_back()

    def _hush(self) -> None:
        """Nothing ordinary begins for a while, if as long a while has passed since it last was so."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now - self._alone_until >= self._alone_until - self._alone_from:
            self._alone_from, self._alone_until = now, now + ALONE_SECONDS
            loop.call_later(ALONE_SECONDS + 0.001, self._let_on)  # a timer may come a moment early

    async def _take(self) -> None:
        if len(self._line) >= LONGEST_LINE:
            raise overloaded()
        if self.running < self._places and not self._line:
            self.running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await turn
        except TimeoutError:
            self._leave(turn)
            raise overloaded() from None
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[None]) -> None:
        """Out of the line, or of the place that was given in the same instant."""
        if turn.done() and not turn.cancelled():
            self._give_back()
        elif turn in self._line:
            self._line.remove(turn)

    @property
    def _places(self) -> int:
        if asyncio.get_running_loop().time() < self._alone_until:
            return 0
        return BESIDE_URGENT if self.urgent else AT_ONCE

    def _give_back(self) -> None:
        self.running -= 1
        self._let_on()

    def _let_on(self) -> None:
        """Whoever is first in line, as far as there are places now."""
        while self._line and self.running < self._places:
            turn = self._line.popleft()
            if not turn.done():
                self.running += 1
                turn.set_result(None)


ADMISSION: web.AppKey[Admission] = web.AppKey("admission", Admission)


def overloaded() -> RequestProblem:
    """More is asked than can be answered; the caller comes again."""
    detail = "The service is busy; send this again after the seconds in Retry-After."
    return RequestProblem("overloaded", detail, headers={"Retry-After": "1"})

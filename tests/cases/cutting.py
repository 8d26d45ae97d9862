"""The line to a database that a case cuts and mends again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from contact.faults import StoreUnavailable
from strategies.cases.case import Case, Outcome
from strategies.verdict import Refusal
from tests.proxy import Proxy
from tests.servers import PostgreSQL

UNREACHABLE = Outcome((Refusal("cannot_tell", "store.unreachable"),), None, False, degraded=True)
"""What the case's words make of a store that does not answer."""
_T = TypeVar("_T")


def cuts(case: Case) -> bool:
    """Whether the store goes away in it."""
    return any(step.kind == "fault" for step in case.steps)


class Line:
    """Stands between the service and a database of its own."""

    def __init__(self, url: str) -> None:
        self._proxy = Proxy.before(url)
        self.url = self._proxy.url(url)

    @property
    def away(self) -> bool:
        """Whether nothing passes."""
        return self._proxy.weather.drop > 0

    def pass_on(self, passes: bool) -> None:
        """From now on everything passes, or nothing does and what stood is cut."""
        self._proxy.weather.drop = 0.0 if passes else 1.0
        if not passes:
            self._proxy.cut()

    async def found(self, asked: Callable[[], Awaitable[_T]]) -> _T:
        """The answer once the store gives one: what was under way when the line was cut is told so."""
        while True:
            try:
                return await asked()
            except StoreUnavailable:
                if self.away:
                    raise

    async def looked_at(self, read: Callable[[], Awaitable[_T]]) -> _T:
        """What is read over a line that stands for as long as it is read."""
        away = self.away
        self.pass_on(True)
        try:
            return await self.found(read)
        finally:
            self.pass_on(not away)

    def stop(self) -> None:
        self._proxy.stop()


@contextmanager
def line_to(server: PostgreSQL, template: str) -> Iterator[Line]:
    """A line to a fresh database, which is dropped afterwards."""
    line = Line(server.create("cut_off", template=template))
    try:
        yield line
    finally:
        line.stop()
        server.drop("cut_off")

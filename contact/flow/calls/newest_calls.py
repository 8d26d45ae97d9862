"""The newest calls of a time, not more than memory holds: read in spans that shrink as they fill."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence, Sized
from typing import TypeVar

from contact.ports import Ports
from ivr.call import Journey
from strategies.instants import DAY, HOUR, SECOND, Instant

LONGEST_SPAN = 10 * DAY
SHORTEST_SPAN = SECOND
SHARE = 20
"""A span with more than a twentieth of what may be read is followed by one half as long, else by one twice as long."""

Page = TypeVar("Page", bound=Sized)
Read = Callable[[Instant, Instant], Awaitable[Page]]
"""Calls that began from one instant to before another."""


async def newest_calls(
    ports: Ports, since: Instant, until: Instant, most: int, *, menu: str | None = None
) -> tuple[list[Journey], Instant]:
    """Calls of every source, oldest first, and the instant from which on they are all there (``newest_pages``)."""

    async def read(begin: Instant, end: Instant) -> Sequence[Journey]:
        return await ports.calls.between(begin, end, menu=menu)

    pages, begins = await newest_pages(read, since, until, most)
    return [call for page in pages for call in page], begins


async def newest_pages(
    read: Read[Page], since: Instant, until: Instant, most: int
) -> tuple[list[Page], Instant]:
    """Pages, the oldest first, and the instant from which on all calls are there: ``since``, or a later one as soon as
    ``most`` were read. The last span may bring some more than that."""
    found: list[Page] = []
    end, span, count = until, HOUR, 0
    while end > since and count < most:
        begin = Instant(max(since, end - span))
        page = await read(begin, end)
        found.append(page)
        count, end, span = count + len(page), begin, _next_span(span, len(page), most)
    return found[::-1], end


async def pages_from(
    read: Read[Page], since: Instant, until: Instant, most: int
) -> tuple[list[Page], Instant]:
    """The same from the oldest on, and the instant up to which all are there."""
    found: list[Page] = []
    begin, span, count = since, HOUR, 0
    while begin < until and count < most:
        end = Instant(min(until, begin + span))
        page = await read(begin, end)
        found.append(page)
        count, begin, span = count + len(page), end, _next_span(span, len(page), most)
    return found, begin


def _next_span(span: int, found: int, most: int) -> int:
    return max(SHORTEST_SPAN, span // 2) if found * SHARE > most else min(LONGEST_SPAN, 2 * span)

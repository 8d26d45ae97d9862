"""The newest calls of a time, not more than memory holds: read back from its end in spans that shrink as they fill."""

from __future__ import annotations

from collections.abc import Sequence

from contact.ports import Ports
from ivr.call import Journey
from strategies.instants import DAY, HOUR, SECOND, Instant

LONGEST_SPAN = 10 * DAY
SHORTEST_SPAN = SECOND
SHARE = 20
"""A span with more than a twentieth of what may be read is followed by one half as long, else by one twice as long."""


async def newest_calls(
    ports: Ports, since: Instant, until: Instant, most: int, *, menu: str | None = None
) -> tuple[list[Journey], Instant]:
    """Calls of every source, oldest first, and the instant from which on they are all there: ``since``, or a later one as
    soon as ``most`` were read. The last span may bring some more than that."""
    found: list[Sequence[Journey]] = []
    end, span, count = until, HOUR, 0
    while end > since and count < most:
        begin = Instant(max(since, end - span))
        page = await ports.calls.between(begin, end, menu=menu)
        found.append(page)
        count, end = count + len(page), begin
        span = max(SHORTEST_SPAN, span // 2) if len(page) * SHARE > most else min(LONGEST_SPAN, 2 * span)
    return [call for calls in reversed(found) for call in calls], end

"""What flow needs of voice menus: what a caller is known by, the journeys of calls, and what was learnt of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from contact.ports.access import Scope
from ivr.call import Journey, Known
from ivr.call_columns import CallPage
from strategies.instants import Instant


class CallPort(Protocol):
    """Journeys are written in batches; each call's latest state once, by its id, so that a repeat changes nothing."""

    def within(self, scope: Scope) -> CallPort:
        """The same calls, read by a caller of this scope."""
        ...

    async def known(self, customer: str, menu: str) -> Known:
        """What earlier calls of this caller to this menu left behind; nothing for one who never called."""
        ...

    async def record(self, journey: Journey) -> None:
        """Keep a call as it stands, open or ended; durable within a second. A state with fewer steps than the one on file
        changes nothing. Facts told with an earlier state stay where a later one has none. When a call ends, what it left
        behind for the next one is written with it."""
        ...

    async def flush(self) -> None:
        """Write what waits."""
        ...

    async def between(
        self, since: Instant, until: Instant, *, menu: str | None = None, source: str | None = None,
        customer: str | None = None, limit: int | None = None,
    ) -> Sequence[Journey]:  # fmt: skip
        """Calls that began from ``since`` to before ``until``, oldest first."""
        ...

    async def columns(self, since: Instant, until: Instant) -> CallPage:
        """The same calls of every menu and source, column by column."""
        ...

    async def get(self, call: str) -> Journey | None:
        """The newest call told under this id, as it stands; None where there is none, or none that the asker may see."""
        ...

    async def left_open(self, before: Instant, limit: int) -> Sequence[Journey]:
        """Calls that began before an instant and have not ended, as they stand on file; in no order that means anything."""
        ...

    async def learnt(self, menu: str) -> Mapping[str, Any] | None:
        """What was last learnt of a menu's journeys (see ``ivr.fitting``); None before the first time."""
        ...

    async def keep_learnt(self, menu: str, learnt: Mapping[str, Any]) -> None:
        """Put what was learnt in force."""
        ...

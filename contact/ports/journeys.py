"""What flow needs to tell what ended calls say of their callers: each looked at once, in the order they ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.call import Journey
from strategies.instants import Instant


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call and when the store knew that it had ended."""

    journey: Journey
    ended: Instant


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event that was told of a caller."""

    type: str
    at: Instant
    data: Mapping[str, Any]


class JourneyPort(Protocol):
    """Ended calls of known callers."""

    async def told(self) -> Instant | None:
        """Up to when ended calls were looked at; None before the first time."""
        ...

    async def keep_told(self, until: Instant) -> None:
        """They were looked at so far."""
        ...

    async def ended(
        self, since: Instant, after: str, until: Instant, began: Instant, limit: int
    ) -> Sequence[EndedCall]:
        """Calls that ended after the call ``after`` of ``since`` and up to ``until``, in that order; none older than
        ``began``."""
        ...

    async def of_callers(self, customers: Sequence[str], since: Instant) -> Mapping[str, Sequence[Journey]]:
        """Caller → their calls that began since then, oldest first."""
        ...

    async def told_of(
        self, customers: Sequence[str], types: Sequence[str], since: Instant
    ) -> Mapping[str, Sequence[ToldEvent]]:
        """Caller → the events of these types since then, oldest first."""
        ...

"""What callers send about the ledger itself: halts, corrections, reconciled contacts, merges."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contact.faces.http.bodies import Body, Id

Why = Annotated[str, Meta(min_length=1, max_length=500, description="a reason of up to 500 characters")]


class HaltBody(Body, frozen=True, kw_only=True):
    """What to halt, or which halt to lift: a channel, a strategy, or neither for everything."""

    channel: Id | None = None
    strategy: Id | None = None
    why: Why

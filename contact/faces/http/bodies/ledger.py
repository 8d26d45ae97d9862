"""What callers send about the ledger itself: halts, corrections, reconciled contacts, merges."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from contact.faces.http.bodies.bodies import Body, Id, Number, When, Words

Why = Annotated[str, Meta(min_length=1, max_length=500, description="a reason of up to 500 characters")]


class HaltBody(Body, frozen=True, kw_only=True):
    """What to halt, or which halt to lift: a channel, a strategy, or neither for everything."""

    channel: Id | None = None
    strategy: Id | None = None
    why: Why


class CorrectBody(Body, frozen=True, kw_only=True):
    """The outcome as it should have been reported."""

    result: Words
    why: Why
    do_not_contact: Literal["number", "marketing_calls", "marketing"] | None = None
    """An opt-out that belongs to the right outcome."""


class ReconcileBody(Body, frozen=True, kw_only=True):
    """What became of a contact nobody could tell of."""

    state: Literal["sent", "not_sent"]
    why: Why


class UnknownQuery(Body, frozen=True, kw_only=True):
    """How many at most."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class MergeBody(Body, frozen=True, kw_only=True):
    """Two ids that are one person; the old one ends."""

    old: Id
    new: Id
    why: Why


class RecycledBody(Body, frozen=True, kw_only=True):
    """A number that was given to somebody else; in a body, because a number never stands in a URL."""

    number: Number
    at: When | None = None
    """Left out: now."""
    why: Why


class JobsQuery(Body, frozen=True, kw_only=True):
    """Which jobs: those that failed or are parked, or the newest of all."""

    failed: bool = False
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class RetryBody(Body, frozen=True, kw_only=True):
    """A person's word that a job is tried again."""

    why: Why

"""A request that may be repeated holds a claim on its Idempotency-Key, and whatever it changes is bound to that claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from strategies.instants import Instant


@dataclass(slots=True)
class Claim:
    """The right to carry out one request; each commit it makes says so in the same transaction."""

    scope: str
    key: str
    since: Instant
    """When it was claimed: whoever claims it anew, because this one seemed dead, takes it away."""
    answer: Callable[[Any], tuple[int, bytes] | None] | None = None
    """Status and kept body made of what a write returned, where that alone makes the answer."""
    kept: bool = False
    """The answer was committed together with the effect."""
    open: bool = True


_HELD: ContextVar[Claim | None] = ContextVar("claim", default=None)


def held_claim() -> Claim | None:
    """The claim of the request that is being carried out here, if there is one."""
    claim = _HELD.get()
    return claim if claim is not None and claim.open else None


@contextmanager
def held(claim: Claim) -> Iterator[None]:
    """What is written inside belongs to the claim; work that outlives the request does not."""
    token = _HELD.set(claim)
    try:
        yield
    finally:
        claim.open = False
        _HELD.reset(token)


@contextmanager
def unclaimed() -> Iterator[None]:
    """What is written inside would be written whoever asked: no claim is spent on it."""
    token = _HELD.set(None)
    try:
        yield
    finally:
        _HELD.reset(token)

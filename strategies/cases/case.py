"""A case: what is given, what is asked, what must come of it; rows, transaction and HTTP run the same objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from strategies.candidate import Ranked
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant
from strategies.problems import Where
from strategies.profile import Consent, PastEvent, Profile
from strategies.verdict import Refusal

PATHS = ("rows", "columns", "transaction", "http")
StepKind = Literal["ask", "permit", "outcome", "correct", "opt_out", "publish", "expire", "fault", "event"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a step asks for: a bare contact by channel and category, or offers of the playbook's strategies."""

    channel: str | None = None
    category: str | None = None
    strategy: str | None = None
    offer: str | None = None
    family: str = ""
    line: str | None = None
    reserve: bool = False
    defer: bool = False
    """Reserve at the clearing instant where every failing rule may wait."""
    valid_until: Instant | None = None


def reserved_until(playbook: Playbook, ask: Ask, channel: str, at: Instant) -> Instant:
    """Until when what a step reserves is valid: as it says; else the channel's time, or 31 days where it may wait."""
    if ask.valid_until is not None:
        return ask.valid_until
    return Instant(at + (31 * DAY if ask.defer else playbook.channels[channel].reserve_for))


@dataclass(frozen=True, slots=True)
class Move:
    """One change of a contact's state."""

    to: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Expect:
    """What must come of a step; only what ``named`` lists is compared."""

    named: frozenset[str]
    place: Where
    allowed: bool | None = None
    refused_by: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    """Unknown fields that refusals name."""
    until: Instant | None = None
    channels_now: frozenset[str] = frozenset()
    deferred_to: Instant | None = None
    ranking: tuple[str, ...] = ()
    """``offer``, ``strategy/offer`` or ``strategy/offer/channel``."""
    priority: Mapping[str, float] = field(default_factory=dict)
    """By the same names, or by place in the ranking: ``#1`` is the first."""
    arm: str | None = None
    cancelled: int | None = None
    expired: int | None = None
    state: str | None = None
    """Of the contact the last step moved."""
    moves: tuple[Move, ...] = ()
    next: Instant | None = None
    """When the next attempt of the same task is due; None: there is none."""
    degraded: bool | None = None
    """Answered without the contact history."""
    rerouted_to: str | None = None
    """The channel in which the offer found its place instead."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at an instant, with what must come of it."""

    at: Instant
    kind: StepKind
    place: Where
    ask: Ask | None = None
    result: str | None = None
    """Of an outcome and of its correction."""
    consent: Consent | None = None
    """Of an opt-out."""
    playbook: Playbook | None = None
    """Of a publication: what is in force from then on."""
    reachable: bool = True
    """Of a fault: whether the contact history can be read from then on."""
    event: PastEvent | None = None
    expect: Expect | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One golden case or example; ``profile`` holds consents and history as they stand before the first step."""

    id: str
    name: str
    place: Where
    paths: frozenset[str]
    playbook: Playbook
    profile: Profile
    steps: tuple[Step, ...]
    numbers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Number hash → number, as the case wrote it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a path answered to one step, in the same words as ``Expect``."""

    refusals: tuple[Refusal, ...] = ()
    until: Instant | None = None
    allowed: bool = True
    channels_now: tuple[str, ...] = ()
    deferred_to: Instant | None = None
    ranking: tuple[Ranked, ...] = ()
    cancelled: int = 0
    expired: int = 0
    state: str | None = None
    moves: tuple[Move, ...] = ()
    next: Instant | None = None
    degraded: bool = False
    rerouted_to: str | None = None

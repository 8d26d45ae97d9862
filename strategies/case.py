"""A case: what is given, what is asked, what must come of it; rows, transaction and HTTP run the same objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Literal

from strategies.candidate import Ranked
from strategies.instants import DAY, Instant, format_instant
from strategies.playbook import Playbook
from strategies.problems import Where
from strategies.profile import Consent, Profile
from strategies.verdict import Refusal

PATHS = ("rows", "transaction", "http")
StepKind = Literal["ask", "permit", "outcome", "opt_out", "expire"]


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
    """By the same names; the key ``""`` is the first of the ranking."""
    arm: str | None = None
    cancelled: int | None = None
    expired: int | None = None
    state: str | None = None
    """Of the contact the last step moved."""
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at an instant, with what must come of it."""

    at: Instant
    kind: StepKind
    place: Where
    ask: Ask | None = None
    result: str | None = None
    """Of an outcome."""
    consent: Consent | None = None
    """Of an opt-out."""
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


def _instant_words(instant: Instant | None) -> str:
    return "never" if instant is None else format_instant(instant)


def _set_words(names: Sequence[str] | frozenset[str]) -> str:
    """As a case file writes it."""
    return "[" + ", ".join(sorted(names)) + "]"


def _named(ranked: Ranked, name: str) -> bool:
    candidate = ranked.candidate
    parts = name.split("/")
    if len(parts) == 1:
        return parts[0] == candidate.offer
    return parts == [candidate.strategy, candidate.offer, candidate.channel][: len(parts)]


def _ranking_differences(expect: Expect, outcome: Outcome) -> list[str]:
    got = outcome.ranking
    words = ", ".join(
        f"{each.candidate.strategy}/{each.candidate.offer}/{each.candidate.channel}" for each in got
    )
    if "ranking" in expect.named:
        same = len(got) == len(expect.ranking)
        if not same or not all(_named(each, name) for each, name in zip(got, expect.ranking, strict=True)):
            return [f"ranking: expected {', '.join(expect.ranking)}; got {words}"]
    found = []
    for name, priority in expect.priority.items():
        ranked = next((each for each in got if not name or _named(each, name)), None)
        if ranked is None:
            found.append(f"priority of {name or 'the first'}: no such candidate among {words or 'none'}")
        elif not isclose(ranked.priority.total, priority, rel_tol=1e-9, abs_tol=0.0):
            found.append(
                f"priority of {name or 'the first'}: expected {priority:g}; got {ranked.priority.total:g}"
            )
    if "arm" in expect.named and (not got or got[0].arm != expect.arm):
        found.append(f"arm: expected {expect.arm}; got {got[0].arm if got else 'no candidate'}")
    return found


def _set_difference(name: str, expected: frozenset[str], got: frozenset[str]) -> list[str]:
    return [] if expected == got else [f"{name}: expected {_set_words(expected)}; got {_set_words(got)}"]


def compare(expect: Expect, outcome: Outcome) -> list[str]:
    """Every difference between what must come of a step and what did, in words; fields not named are not compared."""
    named = expect.named
    found: list[str] = []
    if "allowed" in named and expect.allowed != outcome.allowed:
        because = _set_words([refusal.rule for refusal in outcome.refusals])
        allowed = "true" if outcome.allowed else f"false, refused by {because}"
        found.append(f"allowed: expected {'true' if expect.allowed else 'false'}; got {allowed}")
    if "refused_by" in named:
        found += _set_difference(
            "refused_by", expect.refused_by, frozenset(each.rule for each in outcome.refusals)
        )
    if "reason" in named:
        found += _set_difference(
            "reason", expect.reasons, frozenset(each.reason for each in outcome.refusals)
        )
    if "field" in named:
        unknown = frozenset(each.field for each in outcome.refusals if each.field is not None)
        found += _set_difference("field", expect.fields, unknown)
    if "channels_now" in named:
        found += _set_difference("channels_now", expect.channels_now, frozenset(outcome.channels_now))
    for name, expected, got in (
        ("until", expect.until, outcome.until),
        ("deferred_to", expect.deferred_to, outcome.deferred_to),
    ):
        if name in named and expected != got:
            found.append(f"{name}: expected {_instant_words(expected)}; got {_instant_words(got)}")
    for name in ("cancelled", "expired", "state"):
        if name in named and getattr(expect, name) != getattr(outcome, name):
            found.append(f"{name}: expected {getattr(expect, name)}; got {getattr(outcome, name)}")
    if "moves" in named and expect.moves != outcome.moves:
        words = [
            ", ".join(f"{move.to} at {format_instant(move.at)}" for move in moves)
            for moves in (expect.moves, outcome.moves)
        ]
        found.append(f"moves: expected {words[0]}; got {words[1] or 'none'}")
    return found + _ranking_differences(expect, outcome)

"""Calls and journeys: what a caller did, step by step, whoever ran the dialogue and wherever it was written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from strategies.instants import HOUR, Instant
from strategies.profile import FieldValue

Arm = Literal["personal", "static", "unknown"]
"""Which menu was heard; ``unknown`` where a log does not say."""
Source = Literal["own", "log", "reported", "hotline"]
"""Our dialogue, an imported log, a foreign IVR that reported, an agent's record of what was asked."""
ENQUIRY: Source = "hotline"
"""Topics told to an agent, not keys of a menu."""
CallOutcome = Literal["open", "reached", "agent", "abandoned", "opted_out"]
"""``reached``: a goal was served. ``agent``: passed on. ``abandoned``: hung up before either."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of one level of a menu as a caller hears it."""

    key: str
    to: str
    """Node it leads to."""
    lifted: bool = False
    """Whether it stands here for this caller only, from a deeper level."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a caller last heard of one level, and how it got there."""

    keys: Mapping[str, str]
    """Key → node."""
    at: Instant
    moved: Mapping[str, tuple[Instant, ...]] = field(default_factory=dict)
    """Key → when it changed its meaning for this caller; old instants may be dropped."""


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier calls of one caller left behind for the next one."""

    goals: tuple[tuple[str, Instant], ...] = ()
    """Goals of earlier calls, newest first, twenty at most."""
    heard: Mapping[str, Heard] = field(default_factory=dict)
    """Node → what was last heard of it."""


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Step:
    """One stay at a node: how long, and the key that ended it."""

    number: int
    """1 for the first of the call."""
    node: str
    """A topic, where the source is ``hotline``; ``ask:GOAL`` for the shortcut question."""
    key: str | None
    """None: time-out, or the call ended here."""
    seconds: float
    """Listened and waited here."""


ONE_CALL = 6 * HOUR
"""Two tellings of one call say its beginning within so long of each other; an id that comes back later is used again."""


def another_call(at: Instant, customer: str | None, other_at: Instant, other_customer: str | None) -> bool:
    """Whether two calls that go by one id are two: they began at quite different times, or with different callers."""
    known = customer is not None and other_customer is not None
    return abs(at - other_at) > ONE_CALL or (known and customer != other_customer)


@dataclass(frozen=True, slots=True)
class Journey:
    """One call from pick-up to end."""

    id: str
    customer: str | None
    """None for callers not known."""
    at: Instant
    menu: str
    version: str
    """Of the playbook; empty where a log does not say."""
    arm: Arm
    source: Source
    steps: tuple[Step, ...]
    outcome: CallOutcome
    goal: str | None
    """Goal served, or topic asked about."""
    unit: str | None = None
    segment: str | None = None
    language: str = ""
    heard: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Node → key → node, of the levels this call announced; from our own dialogue only."""
    facts: Mapping[str, FieldValue] = field(default_factory=dict)
    """Fields that the menu's conditions read, as they were known when the call began: what is learnt from and replayed on.
    Empty where a log does not say."""

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    @property
    def keys(self) -> int:
        return sum(step.key is not None for step in self.steps)

    def told_apart(self) -> Journey:
        """The same under a name that no other call has, where its id is another call's; always the same name."""
        return replace(self, id=f"{self.id}@{self.at}")

    @property
    def told_as(self) -> str:
        """The id that the call was told under."""
        name, ending = self.id, f"@{self.at}"
        while name.endswith(ending):
            name = name.removesuffix(ending)
        return name

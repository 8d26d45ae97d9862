"""A rule as compiled: what it matches, what it refuses, when it holds and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from strategies.instants import Instant
from strategies.problems import Where

if TYPE_CHECKING:
    from strategies.declared.playbook import Condition


@dataclass(frozen=True, slots=True)
class Open:
    """One opening of ``hours``: ISO weekdays 1–7, 8 for holidays; minutes of the local day; from > to runs past midnight."""

    days: frozenset[int]
    start_minute: int
    end_minute: int
    holidays: frozenset[int] = frozenset()
    """Days, as ``date.toordinal()``, on which it is open only if ``days`` holds 8, whatever their weekday."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a cap counts over. ``kind`` is ``sliding, calendar, lifetime`` or ``since``."""

    kind: Literal["sliding", "calendar", "lifetime", "since"]
    length: int = 0
    """Microseconds, for sliding."""
    period: Literal["day", "week", "month"] = "day"
    zone: str = "customer"
    """``customer``, ``operator`` or an IANA name, for calendar."""
    week_start: int = 1
    """ISO weekday."""
    closed: bool = False
    event: str = ""
    """For since: counted is what lies at or after the customer's last event of this type, everything where there is none."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule applies to; None matches all."""

    channels: frozenset[str] | None = None
    direction: str | None = None
    categories: frozenset[str] | None = None
    promotional: bool | None = None
    strategies: frozenset[str] | None = None
    offers: frozenset[str] | None = None
    families: frozenset[str] | None = None
    units: frozenset[str] | None = None
    jurisdictions: frozenset[str] | None = None
    """``US`` also means ``US-FL``; a customer of unknown jurisdiction falls under every one."""


@dataclass(frozen=True, slots=True)
class Law:
    """What a rule rests on."""

    reference: str
    status: Literal["law", "guidance", "practice", "draft", "lapsed"]
    date: str = ""
    """The day of the text that was read, ``2026-03-02``."""
    source: str = ""
    """Where the value was published; a value without one is ``practice``."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """After ``times`` contacts with one of the results (none: that reached the rule's counted moment) within the rule's
    window, all that is the ``same`` rests from the last of them on."""

    times: int
    results: frozenset[str] = frozenset()
    same: Literal["offer", "family", "strategy", "category", "channel", "any"] = "offer"
    lasts: int | None = None
    """Microseconds; None: without end."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What the rule matches is not contacted within so long after ``first`` (``either``: nor before it)."""

    first: Match
    within: int
    order: Literal["then", "either"] = "then"


@dataclass(frozen=True, slots=True)
class Cooldown:
    """No contact from an event of this type until so many microseconds later."""

    event: str
    lasts: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy; ``id`` is ``policy.rule``. Dated values make several of one id, each with its validity."""

    id: str
    effect: Literal["forbid", "cap", "hours", "suppress", "pair", "cooldown"]
    layer: str
    place: Where
    match: Match = Match()
    when: Condition | None = None
    subject: str = "customer"
    count: str = "attempt"
    not_counted: frozenset[str] = frozenset({"invalid_number"})
    window: Window | None = None
    max: int | None = None
    """None is ``unlimited``."""
    same: Literal["offer", "family", "strategy", "category", "channel", "any"] = "any"
    """For cap: only contacts about the same one as the asked contact count."""
    open: tuple[Open, ...] = ()
    zone: str = "customer"
    last_start: int = 0
    """Microseconds before close."""
    on_hit: Literal["defer", "reroute", "drop"] = "defer"
    reroute: tuple[str, ...] = ()
    """Channels to try instead, in this order."""
    exempt: frozenset[str] = frozenset()
    counts_even_if_exempt: frozenset[str] = frozenset()
    title: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    segment: str | None = None
    """A segment outside of which the rule does not apply; unknown membership applies."""
    suppression: Suppression | None = None
    pair: Pair | None = None
    cooldown: Cooldown | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    law: Law | None = None


@dataclass(frozen=True, slots=True)
class ConsentDefault:
    """What holds without any record of consent."""

    channels: frozenset[str] | None
    categories: frozenset[str] | None
    opt_in: bool
    place: Where
    jurisdictions: frozenset[str] | None = None
    """As of a rule's match."""
    law: Law | None = None

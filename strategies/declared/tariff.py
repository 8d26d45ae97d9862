"""Tariffs as declared: base price plans and add-on packages, their allowances, rates and conditions, and the counters
that usage is kept in.

A month's quantity of a counter is read in thousandths of its unit (half up), rounded up to the rate's step, drawn from
the allowances in the order they are written (the base's first, then the add-ons'), and what is left is charged by the
rate's tiers. Each counter's charge is rounded half up to a minor unit; a bill is the sum of fees and charges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from strategies.declared.playbook import Condition
from strategies.instants import Instant
from strategies.problems import Where

SERVICES = ("voice", "data", "sms", "mms", "wlan")
REACHES = ("home", "on_net", "off_net", "international", "roaming")
ALWAYS = Instant(-(1 << 62))
"""Where a value has no date: from the beginning."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted of a line in a month; ``source`` is a column of the usage file, ``usage.voice_on_net``."""

    id: str
    service: str
    """One of ``SERVICES``."""
    reach: str
    """One of ``REACHES``; international and roaming are components of their own in a bill."""
    unit: str
    source: str
    place: Where
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tier:
    """A price up to a quantity beyond the allowance; the last tier has no end."""

    up_to: Decimal | None
    price: Decimal
    """Major units for one unit of the counter, up to ten decimals."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a counter costs beyond its allowance. ``step``: the month's quantity is rounded up to whole steps first."""

    tiers: tuple[Tier, ...]
    step: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """A quantity included, shared by its counters in the order written; None is unlimited."""

    counters: tuple[str, ...]
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Penalty:
    """What leaving before the contract's end costs: a fixed sum and one for each month begun and left."""

    fixed_minor: int = 0
    per_month_left_minor: int = 0


@dataclass(frozen=True, slots=True)
class Tariff:
    """One file of ``tariffs/``: a base tariff, or an add-on for one service."""

    id: str
    kind: str
    """``base``, or the service an add-on is for."""
    title: Mapping[str, str]
    place: Where
    fees: tuple[tuple[Instant, int], ...]
    """(from, minor units a month), ascending; before the first it cannot be had."""
    allowances: tuple[Allowance, ...] = ()
    rates: Mapping[str, tuple[tuple[Instant, Rate], ...]] = field(default_factory=dict)
    """Counter → (from, rate), ascending. A base prices every counter; an add-on's rate replaces the base's."""
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    """On sale from and until; who has it keeps it."""
    eligible: Condition | None = None
    contract_months: int = 0
    penalty: Penalty = Penalty()
    addons: tuple[str, ...] = ()
    """Of a base: the add-ons that fit it. At most one for each service is held at a time."""
    excludes: frozenset[str] = frozenset()
    """Of an add-on: others it cannot be held with; it stands in both, whichever of the two files says it."""
    priority: Mapping[str, int] = field(default_factory=dict)
    """Unit → local order among tariffs that save money, higher first; the nearest unit above counts."""

    @property
    def is_base(self) -> bool:
        return self.kind == "base"

"""What the processes of a simulation tell each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contact.flow.planning.draft import RefusalKey
from contact.flow.simulating.records import Span
from strategies.instants import Instant

MOST_HELD = 40_000
"""Customers that all processes together hold in memory; the others are read from their files each day."""
Row = tuple[int, int, int, str, int, int, str, str, str, str, float, tuple[Instant, ...], Instant | None]
"""An option as it travels: chunk, place, number of the candidate, customer, hash, rank, channel, strategy, offer, arm,
value, hours, preferred hour."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """All a process must know; ``looks_back``: side → day → the earliest contact that may still count."""

    folder: Path
    span: Span
    texts: tuple[Mapping[str, str], Mapping[str, str]]
    asked: tuple[Instant, ...]
    """When each day is planned."""
    looks_back: tuple[tuple[Instant, ...], tuple[Instant, ...]]
    steady: bool
    """Whether who is eligible, and in what order, is the same every day."""
    held: int
    """Customers that this process may hold."""


@dataclass
class DayPart:
    """What one process found of a day."""

    rows: tuple[list[Row], list[Row]] = field(default_factory=lambda: ([], []))
    refusals: tuple[Counter[RefusalKey], Counter[RefusalKey]] = field(
        default_factory=lambda: (Counter(), Counter())
    )
    allowed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    capped: list[str] = field(default_factory=list)
    customers: int = 0

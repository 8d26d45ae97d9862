"""What flow needs to keep promises about personal data: erasure, budgets of card views, retention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contact.domain.acts import Act
from strategies.instants import Instant
from strategies.profile import CustomerId


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done to forget a customer."""

    at: Instant
    cancelled: int
    """Waiting tasks that ended."""
    kept_consents: int
    """Withdrawals that were stored for the customer's numbers, so that they bind whoever delivers them again."""


class ErasurePort(Protocol):
    """Customers who asked to be forgotten."""

    async def erase(self, customer: CustomerId, act: Act) -> Erased:
        """Name, number, facts of events, decisions and notes are gone and the tombstone stands, in one transaction.

        Erasing again answers when it happened. Raises NotFound for somebody who never left anything here.
        """
        ...

    async def forget(self) -> int:
        """Take everybody erased out of the generation in force; how many were still in it."""
        ...

    async def replay(self) -> Sequence[CustomerId]:
        """Erase again whom the journal names and this store, being restored from a backup, still knows."""
        ...


@dataclass(frozen=True, slots=True)
class CardBudget:
    """How many customers' cards somebody may look at on a day, and has."""

    viewer: str
    day: str
    used: int
    most: int


class CardViewPort(Protocol):
    """Whose cards a person looked at; the same customer counts once a day, one of a task they hold not at all."""

    async def look(self, viewer: str, day: str, customer: CustomerId, most: int) -> CardBudget | None:
        """Note the view, unless it would be one too many: None then, and nothing is noted.

        Nor is it where the viewer holds a task of the customer.
        """
        ...

    async def allow(self, viewer: str, day: str, more: int, act: Act) -> None:
        """Let somebody look at so many more on a day."""
        ...

    async def budget(self, viewer: str, day: str, most: int) -> CardBudget:
        """What is used of it so far."""
        ...


@dataclass(frozen=True, slots=True)
class Periods:
    """Before which instant each kind of record is no longer kept."""

    before: Mapping[str, Instant]
    """By the store's clock."""
    files_before: Mapping[str, Instant]
    """The same by real time, for files and jobs."""
    look_back: Instant
    """Contacts since then still count for a rule and stay whatever their period says."""
    watched: Mapping[str, int | None] = field(default_factory=dict)
    """Types of event that rules name → how long one still matters, in microseconds; None: for good."""


class RetentionPort(Protocol):
    """What is deleted when its time is over."""

    async def due(self, periods: Periods) -> Mapping[str, int]:
        """How many records of each kind are older than they may be."""
        ...

    async def run(self, periods: Periods, act: Act) -> Mapping[str, int]:
        """Delete them, a page a transaction; how many of each kind."""
        ...

    async def last_run(self) -> Instant | None:
        """When it was last done."""
        ...

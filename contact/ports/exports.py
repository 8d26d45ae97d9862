"""What flow needs of exports: what was asked for, whom it names, and who answered for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contact.ports.access import Scope
from strategies.instants import Instant
from strategies.profile import CustomerId


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A request as stored."""

    id: str
    asked: Mapping[str, Any]
    columns: tuple[str, ...]
    customers: int
    asked_by: str
    why: str
    asked_at: Instant
    state: str
    """``asked, approved, refused, expired``."""
    decided_by: str | None
    decided_at: Instant | None
    until: Instant


class ExportPort(Protocol):
    """Requests for files with names or numbers. Runs on real time."""

    def within(self, scope: Scope) -> ExportPort:
        """For a caller of this scope: a request that names anybody else is not found."""
        ...

    async def ask(
        self, asked: Mapping[str, Any], columns: Sequence[str], customers: Sequence[str], *, by: str, why: str
    ) -> ExportRow:
        """Keep who is meant, by id; nothing is written out yet."""
        ...

    async def get(self, export: str) -> ExportRow:
        """Raises NotFound."""
        ...

    async def recent(self) -> list[ExportRow]:
        """Of the last thirty days, newest first."""
        ...

    async def decide(self, export: str, *, by: str, approve: bool, why: str = "") -> ExportRow:
        """Raises NotFound; Forbidden for whoever asked; Conflict where it was decided already or is too old."""
        ...

    async def taken(self, export: str, *, by: str) -> list[CustomerId]:
        """Whom the file holds, and that it was taken, on record. Raises NotFound, Forbidden for anybody but who asked,
        Conflict where nobody approved it or the time is over."""
        ...

    async def listed(self, name: str) -> list[CustomerId]:
        """Who stands on an imported list. Raises NotFound."""
        ...

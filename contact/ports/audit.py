"""What flow and faces need of the audit trail: record an act, look at a page of them, ask whether anybody touched it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from contact.domain.acts import Act
from strategies.declared.playbook import Playbook
from strategies.instants import Instant

__all__ = ["Act", "AuditPort", "Entry", "LedgerChecked", "Verified"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An act as it stands in the trail, at its place in its chain."""

    chain: int
    seq: int
    at: Instant
    act: Act
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked of the trail, and everything that is not as it was written, one line each."""

    entries: int
    minutes: int
    """Closed minutes of the ledger whose moves were added up again."""
    anchors: int
    """Heads kept outside that were held against the chains."""
    taken_back: int = 0
    """Entries that are gone because a restore went back to before them."""
    unreadable: int = 0
    """Lines of the anchors that say nothing, as one that a crash cut short."""
    found: tuple[str, ...] = ()

    @property
    def untouched(self) -> bool:
        """Whether nothing was found."""
        return not self.found


@dataclass(frozen=True, slots=True)
class LedgerChecked:
    """What the last check of the ledger found, by check; real time."""

    at: Instant
    whole_at: Instant
    """When all checks were made; in between only those of what time should have ended by itself."""
    found: Mapping[str, int]
    since: Mapping[str, Instant] = field(default_factory=dict)
    """When a check first found what it finds in every look since; a release of before kept none."""


class AuditPort(Protocol):
    """The audit trail, and checks of the ledger by other means than those that wrote it."""

    async def record(self, act: Act) -> None:
        """In a transaction of its own: for acts that change nothing else, such as a login."""
        ...

    async def page(
        self, *, actor: str | None = None, act: str | None = None, about: str | None = None,
        before: Instant | None = None, limit: int = 50,
    ) -> list[Entry]:  # fmt: skip
        """Newest first; with ``before`` only what is older."""
        ...

    async def chain(self, chain: int, after: int = 0, limit: int = 1000) -> list[Mapping[str, Any]]:
        """Entries of one chain as stored: ``chain, seq, content, previous, hash``."""
        ...

    async def close_minutes(self) -> int:
        """Sum up the ledger's minutes that nothing can be added to any more; how many."""
        ...

    async def anchor(self) -> bool:
        """Keep the heads outside, where they have grown; whether they had."""
        ...

    async def check_ledger(self, playbook: Playbook) -> LedgerChecked:
        """What is stuck, and once an hour everything; kept for ``last_check``."""
        ...

    async def last_check(self) -> LedgerChecked | None:
        """What any process found last, None before the first check."""
        ...

    async def verify(self, anchors: Path | None = None) -> Verified:
        """Every chain and closed minute against the heads and the anchors of this file, by default the usual one."""
        ...

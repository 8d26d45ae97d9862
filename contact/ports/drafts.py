"""What flow needs of drafts: full sets of texts that are not in force yet, who wrote and who approved them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from strategies.instants import Instant


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody who wrote none of it read the draft as it stands."""

    person: str
    at: Instant


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as stored, without its texts."""

    id: str
    """``draft-7``."""
    title: str
    author: str
    base: str | None
    """The version it was made from; None where nothing was in force."""
    hash: str
    """Of all its texts: the version it would have."""
    state: str
    """``open, scheduled, published, discarded``."""
    created: Instant
    updated: Instant
    files: Mapping[str, str]
    """Path → hash of its text."""
    authors: tuple[str, ...]
    """Everybody who wrote a part of it."""
    approvals: tuple[Approval, ...] = ()
    publish_at: Instant | None = None
    failed: str = ""
    """Why its last scheduled start did not happen."""


class DraftPort(Protocol):
    """Drafts. Every edit removes all approvals and a schedule; texts come back byte for byte."""

    async def create(
        self, texts: Mapping[str, str], *, base: str | None, version: str, author: str, title: str
    ) -> DraftRow: ...
    async def get(self, draft: str) -> DraftRow:
        """Raises NotFound."""
        ...

    async def list(self, *, closed: bool = False, limit: int = 100) -> list[DraftRow]:
        """Newest change first; ``closed``: published and discarded ones too."""
        ...

    async def texts(self, draft: str) -> Mapping[str, str]:
        """All of it, path → text. Raises NotFound."""
        ...

    async def file(self, draft: str, path: str) -> tuple[str, str]:
        """One text and its hash. Raises NotFound."""
        ...

    async def save(
        self, draft: str, path: str, text: str | None, *, seen: str | None, author: str
    ) -> DraftRow:
        """Write one file, or remove it (None), where it still has the hash that was ``seen`` (None: was not there).

        Raises NotFound, Conflict where somebody else wrote it meanwhile or the draft is closed.
        """
        ...

    async def rebase(
        self, draft: str, texts: Mapping[str, str], *, base: str | None, seen: str, author: str
    ) -> DraftRow:
        """Another base and other texts at once, where the draft as a whole still has the hash that was ``seen``.

        Raises NotFound, Conflict.
        """
        ...

    async def approve(self, draft: str, person: str, *, seen: str) -> DraftRow:
        """Note that the person approves what has the hash ``seen``. Raises NotFound, Conflict; Forbidden for an author."""
        ...

    async def discard(self, draft: str, author: str) -> DraftRow:
        """Close it; a schedule ends with it. Raises NotFound, Conflict where it is closed already."""
        ...

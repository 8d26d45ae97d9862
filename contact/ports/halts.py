"""What flow needs to halt contact and to let it go on."""

from __future__ import annotations

from typing import Protocol

from contact.domain.acts import Act
from contact.domain.halt import Halt, Halted


class HaltPort(Protocol):
    """Halts that stand. Reservation and permit read them in their own transaction."""

    async def set(self, kind: str, key: str, act: Act) -> Halt:
        """From the answer on nothing it covers is reserved or handed over; one that stands keeps its first word."""
        ...

    async def lift(self, kind: str, key: str, act: Act) -> Halt:
        """The halt that stood. Raises NotFound."""
        ...

    async def list(self) -> list[Halt]:
        """Every halt that stands, oldest first."""
        ...

    async def in_force(self) -> Halted:
        """The same for advice, at most a second old."""
        ...

    def last_seen(self) -> Halted:
        """As this process last read or set them. Raises StoreUnavailable where it never did, or not for an hour."""
        ...

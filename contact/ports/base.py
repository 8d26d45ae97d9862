"""What flow needs to ask all customers at once: their fields as columns, and all that rules may know of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from strategies.declared.playbook import Playbook
from strategies.instants import Instant

if TYPE_CHECKING:  # numpy and Arrow cost a tenth of a second, and every command reads the ports
    from contact.ports.access import Scope
    from strategies.conditions.columns import Columns, Mask
    from strategies.judging.people import People

BASE_MAX_AGE = 60.0
"""Seconds after which the base is read again before it answers."""
REFRESHED_AT = 40.0
"""Age in seconds at which a base that is in use is read again before anybody asks."""
IN_USE_SECONDS = 3600.0
"""How long after an asking the base is in use."""


@dataclass(frozen=True, slots=True)
class BaseView:
    """All customers as they stood at one instant, in one order."""

    at: Instant
    """When what changes by the minute was read."""
    now: Instant
    """The store's instant of the asking."""
    generation: int
    columns: Columns
    people: People | None
    """None where only columns were asked for."""
    ids: Callable[[], Any]
    """Reads the customers' ids, as Arrow texts."""
    within: Mask | None = None
    """Who of them are the caller's; None: all."""

    @property
    def age_seconds(self) -> float:
        """How old it was at the asking."""
        return max(0.0, (self.now - self.at) / 1_000_000)

    def customers(self, places: Sequence[int]) -> list[str]:
        """The ids of customers by number."""
        import numpy as np

        found: list[str] = self.ids().take(np.asarray(places, dtype=np.int64)).to_pylist()
        return found

    def among(self, customers: Collection[str]) -> Mask:
        """Who of them all are these."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute

        compute: Any = pyarrow.compute
        return np.asarray(compute.is_in(self.ids(), value_set=pa.array(sorted(customers), pa.string())))


class BasePort(Protocol):
    """The columns of everybody, kept in memory by each process and read again when they are too old."""

    async def columns(
        self, fields: Collection[str], playbook: Playbook, *, max_age: float = BASE_MAX_AGE
    ) -> tuple[Columns, Instant]:
        """These fields of everybody, and as of when."""
        ...

    async def view(
        self, fields: Collection[str], playbook: Playbook, *, people: bool, max_age: float = BASE_MAX_AGE
    ) -> BaseView:
        """The same with who they are; with ``people`` also contacts, consents and events."""
        ...

    def within(self, scope: Scope) -> BasePort: ...
    async def refresh(self) -> None:
        """Read a base in use again before it is too old, so that the next asking waits for nothing."""
        ...

"""What flow needs where people turn out to be one, and where a number changes hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contact.domain.acts import Act
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import CustomerId


@dataclass(frozen=True, slots=True)
class Merged:
    """What became another customer's."""

    contacts: int
    consents: int
    tasks: int
    stricter: int
    """Withdrawals written anew, because a grant of the other would have lifted them."""


@dataclass(frozen=True, slots=True)
class Recycled:
    """What no longer binds whoever has the number now."""

    consents: int
    contacts: int
    tasks: int


class PeoplePort(Protocol):
    """People and numbers across their records."""

    async def merge(self, old: CustomerId, new: CustomerId, playbook: Playbook | None, act: Act) -> Merged:
        """History, consents, tasks, events, lists and lines of the old id are the new one's, in one transaction.

        The old id keeps a tombstone: nobody brings it back. Raises NotFound, and Conflict where it was merged before.
        """
        ...

    async def merged_into(self, customer: CustomerId) -> CustomerId | None: ...
    async def recycle(self, number: str, at: Instant, act: Act) -> Recycled:
        """End consents by this number, cancel tasks to it, and count its contacts for it no more, all before the instant.

        Withdrawals by the number go on binding, as persons, those who are known to have had it.
        """
        ...

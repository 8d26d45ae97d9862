"""What explaining needs of the past: a customer's facts of an earlier generation, contacts and consents as of an instant."""

from __future__ import annotations

from typing import Protocol

from contact.ports.access import Scope
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import CustomerId, Profile


class PastPort(Protocol):
    """Profiles as they were."""

    def within(self, scope: Scope) -> PastPort: ...
    async def facts(
        self, customer: CustomerId, playbook: Playbook, *, generation: int, bucket: int, change: int, unit_change: int,
        at: Instant,
    ) -> Profile | None:  # fmt: skip
        """The customer's facts of a generation, with what events had set up to a change of theirs and one of units.

        None where the generation, or the customer in it, is gone. Contacts, consents and events are left out.
        """
        ...

    async def as_of(self, customer: CustomerId, playbook: Playbook, at: Instant) -> Profile:
        """Today's facts with contacts, consents and events as of another instant; all of them where it lies ahead.

        Raises NotFound.
        """
        ...

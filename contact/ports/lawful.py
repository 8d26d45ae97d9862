"""What the sweep after a publishing needs: what is queued, and to cancel what became unlawful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from contact.domain.contact import ContactId
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import CustomerId, Profile
from strategies.verdict import Verdict


@dataclass(frozen=True, slots=True)
class QueuedContact:
    """A reserved contact that nobody has been handed yet."""

    contact: ContactId
    customer: CustomerId
    candidate: Candidate
    planned_at: Instant
    playbook: str
    """The version it was reserved under."""


class LawfulPort(Protocol):
    """Reserved contacts, judged again because the rules changed."""

    async def queued(self, limit: int, after: QueuedContact | None = None) -> list[QueuedContact]:
        """By channel, planned instant and id, those after the given one."""
        ...

    async def judge_again(
        self, queued: QueuedContact, profile: Profile, playbook: Playbook, before: Playbook | None
    ) -> Verdict | None:
        """Cancel it with its task where a rule refuses it at its planned time that did not under ``before``.

        The verdict where it was cancelled, None where it stays. Decided under the same locks as a permit.
        """
        ...

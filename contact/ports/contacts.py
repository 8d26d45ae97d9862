"""What flow needs to take a place for a contact, hand it over and hear what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from contact.domain.acts import Act
from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.ports.access import Scope
from contact.ports.corrections import ContactRow, Correction
from contact.ports.work import Job
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import Consent, CustomerId, Profile
from strategies.verdict import Refusal, Verdict


@dataclass(frozen=True, slots=True)
class Moment:
    """The store's instant and whether its clock was moved."""

    at: Instant
    simulated: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """A contact somebody wants reserved, with the profile the wish was judged on."""

    profile: Profile
    candidate: Candidate
    priority: float
    playbook: Playbook
    valid_until: Instant
    planned_at: Instant | None = None
    """None: now, read under the locks."""
    day: str | None = None
    """Plan day ``2026-03-02``; None for an online ask."""
    rank: int = 0
    reasons: Mapping[str, Any] = field(default_factory=dict)
    """Kept on the task: factors, why, arm."""
    may_defer: bool = False
    """Reserve at the clearing instant instead of refusing, where every failing rule may wait."""
    permit: bool = False
    """Also hand over in the same transaction (a face of ours is about to show it)."""
    decision: str | None = None
    judged: bool = False
    """All rules allow it at ``planned_at`` on this profile: asked again only where the profile has changed since."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """A place was taken, durably."""

    contact: ContactId
    task: TaskId
    planned_at: Instant
    deferred: bool
    fence: int
    deferred_by: tuple[Refusal, ...] = ()
    """What refused it now, where it was deferred."""


@dataclass(frozen=True, slots=True)
class Permit:
    """The contact is ``sending``: hand it over now, once, and confirm with this fence."""

    contact: ContactId
    task: TaskId
    fence: int
    at: Instant


@dataclass(frozen=True, slots=True)
class DueContact:
    """A reserved contact of a gateway channel whose ``planned_at`` has come."""

    contact: ContactId
    task: TaskId
    customer: CustomerId
    candidate: Candidate
    reasons: Mapping[str, Any]
    """Of its task."""


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out through a gateway. The repr shows no personal data."""

    contact: ContactId
    number: str = field(repr=False)
    text: str = field(repr=False)
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A gateway's report on one contact: ``delivered, undelivered, sent, not_sent``, maybe early, maybe twice."""

    id: str
    contact: ContactId
    state: str
    at: Instant
    result: str | None = None


class ClockPort(Protocol):
    """The store's clock."""

    async def now(self) -> Moment: ...
    async def move_to(self, at: Instant, author: str = "") -> Moment:
        """Move forward, audited where somebody is named; raises Conflict backwards and Forbidden without ``--demo``."""
        ...


class ProfilePort(Protocol):
    """Gathers profiles from the generation in force, profile changes, consents and contacts."""

    def within(self, scope: Scope) -> ProfilePort:
        """For a caller of this scope: whoever is none of theirs is not found."""
        ...

    async def gather(self, customer: CustomerId, playbook: Playbook) -> Profile:
        """One customer. Raises NotFound."""
        ...

    def all(
        self, playbook: Playbook, buckets: Sequence[int] | None = None, *, looking_from: Instant | None = None
    ) -> AsyncIterator[list[Profile]]:
        """Every customer, bucket by bucket, in order of bucket and id.

        Contacts and events are those that may still count now; with ``looking_from`` those that might at that earlier
        instant, and all since.
        """
        ...

    def looks_back(self, playbook: Playbook, at: Instant) -> Instant:
        """The earliest instant at which contacts lie that may still count at another."""
        ...


class LedgerPort(Protocol):
    """The contact ledger: every promise about caps, hours and opt-outs is kept here."""

    async def reserve(self, wish: Wish) -> Reserved | Verdict: ...
    async def reserve_many(self, wishes: Sequence[Wish], run: Job | None = None) -> list[Reserved | Verdict]:
        """``run``: the run of a job that asks. Raises Conflict, and takes nothing, once another run has the job."""
        ...

    async def permit(
        self, contact: ContactId, profile: Profile, playbook: Playbook,
        *, fence: int | None = None, person: str | None = None, rate: float | None = None,
    ) -> Permit | Verdict:  # fmt: skip
        """Ask all rules again, now; a refusal that may wait defers the contact, any other cancels it.

        With ``fence`` and ``person`` the task must be held by that person. Raises LeaseLost. With a ``rate`` a second
        the channel goes no faster, whoever hands over: what is beyond it stays as it is, refused by ``channel.rate``.
        Halted, it stays as it is too.
        """
        ...

    async def confirm(self, contact: ContactId, fence: int, reference: str) -> None: ...
    async def refused(self, contact: ContactId, fence: int, *, passing: bool, why: str) -> None: ...
    async def ambiguous(self, contact: ContactId, fence: int, why: str) -> None: ...
    async def due(self, channel: str, limit: int, rate: float | None = None) -> list[DueContact]:
        """What may be handed over now, most valuable first: no more than ``limit``, nor than the rate a second leaves."""
        ...

    async def receive(self, receipt: Receipt) -> bool:
        """Apply once; False where this receipt was already known."""
        ...

    async def get(self, contact: ContactId) -> ContactRow:
        """Raises NotFound."""
        ...

    async def unknown(self, limit: int = 100) -> list[ContactRow]:
        """Contacts of which nobody knows whether they went out."""
        ...

    async def correct(self, correction: Correction, playbook: Playbook) -> ContactRow:
        """Put another outcome in place of the one reported; what the first brought about is taken back.

        Raises NotFound; Conflict where no outcome stands; Forbidden where an opt-out may not be taken back.
        """
        ...

    async def reconcile(self, contact: ContactId, state: str, act: Act) -> ContactRow:
        """Say whether an unknown contact was ``sent`` or ``not_sent``. Raises NotFound, Conflict."""
        ...

    async def record_consent(self, consent: Consent, *, idempotency: str | None = None) -> int:
        """Store it, raise the epoch of its subjects, cancel queued tasks a withdrawal forbids; how many."""
        ...

    async def record_consents(
        self, told: Sequence[Consent], *, idempotency: str | None = None, by: Act | None = None,
        said_since: Instant | None = None,
    ) -> int:  # fmt: skip
        """The same for several that are one act, in one commit, with the record of who did it.

        A withdrawal by a number binds, as persons, also those who gave the number up since it may have been said: since it
        was told, or since an earlier instant.
        """
        ...


class GatewayPort(Protocol):
    """A way a message leaves the building."""

    async def submit(self, message: Message) -> str:
        """The gateway's reference. Raises GatewayRefused or GatewayAmbiguous."""
        ...

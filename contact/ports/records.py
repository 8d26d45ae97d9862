"""What flow needs of records: playbooks, people, events, decisions, reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from contact.ports.access import Scope
from contact.ports.work import Person
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import CustomerId, Profile


@dataclass(frozen=True, slots=True)
class PlaybookVersion:
    """One publishing of a playbook, done or scheduled."""

    version: str
    base: str | None
    published: Instant
    """When it took force or, ``scheduled`` and ``failed``, shall or should have."""
    author: str
    why: str
    state: str = "past"
    """``in_force, past, scheduled, failed``."""
    approved_by: tuple[str, ...] = ()
    draft: str | None = None
    predicted: Mapping[str, Any] | None = None
    """Summary of the simulation that was looked at before."""
    until: Instant | None = None
    """When the next one took force."""
    swept: int | None = None
    """Queued tasks the sweep after it cancelled; None as long as it has not ended."""
    sweep_job: str | None = None
    words: tuple[str, ...] = ()
    """What it changes, in words, of the version it replaced."""
    reason: str = ""
    """Why a scheduled start failed."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What goes on record with a playbook that is put in force."""

    base: str | None
    author: str
    why: str
    approved_by: tuple[str, ...] = ()
    draft: str | None = None
    """The draft it comes from; it must still be what is published, with these approvals."""
    predicted: Mapping[str, Any] | None = None
    words: tuple[str, ...] = ()


class PlaybookPort(Protocol):
    """Published playbooks; processes poll the version each second and keep the compiled one.

    Whichever process first sees that a scheduled one is due puts it in force.
    """

    async def current(self) -> Playbook:
        """The playbook in force. Raises NotFound where none was published."""
        ...

    async def at_hand(self) -> Playbook:
        """The one in force; where the store does not say so in time, the one last seen in force here.

        Raises NotFound where none was published, StoreUnavailable where none was seen yet.
        """
        ...

    async def in_force(self) -> str | None:
        """The version in force, also where this release no longer compiles it; None where none was published."""
        ...

    async def publish(
        self, playbook: Playbook, *, base: str | None, author: str, why: str, approved_by: Sequence[str] = (),
        draft: str | None = None, predicted: Mapping[str, Any] | None = None, words: Sequence[str] = (),
    ) -> PlaybookVersion:  # fmt: skip
        """Compare-and-set on the base version, and on the draft where it comes from one; a sweep of queued tasks is
        queued in the same transaction. Raises Conflict."""
        ...

    async def schedule(self, playbook: Playbook, at: Instant, publishing: Publishing) -> PlaybookVersion:
        """Put it in force at the instant, in place of an earlier schedule of its draft. Raises Conflict."""
        ...

    async def versions(self) -> list[PlaybookVersion]:
        """Every publishing that happened, newest first."""
        ...

    async def scheduled(self) -> list[PlaybookVersion]:
        """What shall take force, and what should have and failed; latest first."""
        ...

    async def version(self, version: str) -> Playbook:
        """Raises NotFound."""
        ...

    async def texts(self, version: str) -> Mapping[str, str]:
        """Its files, also where this release no longer compiles them. Raises NotFound."""
        ...

    async def file_hashes(self, version: str) -> Mapping[str, str]:
        """Path → hash of its text, as drafts have them. Raises NotFound."""
        ...

    async def record_swept(self, version: str, count: int) -> None:
        """How many queued tasks the sweep after its last publishing cancelled."""
        ...

    async def actual(self, since: Instant, until: Instant | None) -> Mapping[str, Any]:
        """What happened meanwhile: ``{contacts, by_channel, cancelled, refusals}``."""
        ...


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """Something happened to a customer or unit; applied once by id."""

    id: str
    type: str
    customer: CustomerId | None
    unit: str | None
    at: Instant
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Showing:
    """What a channel reports of a decision: ``shown, clicked, accepted, rejected``."""

    id: str
    decision: str
    type: str
    customer: CustomerId
    strategy: str
    offer: str
    channel: str
    at: Instant


class EventPort(Protocol):
    """The inbox of events and showings."""

    async def accept(self, event: IncomingEvent, sets: Mapping[str, Any], until: Instant | None) -> bool:
        """Apply once, laying ``sets`` over the profile, or over those of everybody in a unit; False where already known."""
        ...

    async def show(
        self, showing: Showing, profile: Profile, candidate: Candidate, playbook: Playbook
    ) -> bool:
        """A report makes or advances the contact, counted even over a cap and marked so; False if known."""
        ...


class DecisionPort(Protocol):
    """Decision records, written in batches."""

    def within(self, scope: Scope) -> DecisionPort: ...
    async def record(self, decision: str, customer: str, record: Mapping[str, Any]) -> None: ...
    async def get(self, decision: str) -> Mapping[str, Any]:
        """Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a customer is: personal data, in its own table."""

    customer: CustomerId
    name: str | None = field(repr=False)
    number: str | None = field(repr=False)
    language: str | None
    manager: str | None


class CustomerPort(Protocol):
    """People and their records."""

    def within(self, scope: Scope) -> CustomerPort: ...
    async def identity(self, customer: CustomerId) -> Identity:
        """Raises NotFound."""
        ...

    async def number(
        self, customer: CustomerId, line: str | None, number_hash: str | None = None
    ) -> str | None:
        """The number to contact, in E.164: the one of this hash where the customer has it, else as the line says."""
        ...

    async def find_by_number(self, number: str) -> list[CustomerId]: ...
    async def find_by_hash(self, number_hash: str) -> list[CustomerId]:
        """Everybody who has the number of this hash."""
        ...

    def number_hash(self, number: str) -> str:
        """HMAC of an E.164 number."""
        ...

    async def timeline(self, customer: CustomerId, limit: int = 50) -> list[Mapping[str, Any]]:
        """Contacts with moves, consents and events, newest first; keys as TimelineEntry, instants as Instant."""
        ...

    async def person(self, person: str) -> Person:
        """Raises NotFound."""
        ...

    async def persons(self, role: str | None = None) -> list[Person]: ...
    async def count(self) -> int: ...


class ReportPort(Protocol):
    """Cold questions over all contacts, for evaluation and overview."""

    def within(self, scope: Scope) -> ReportPort:
        """For a caller of this scope: queues, funnel and refusals count their customers' tasks only."""
        ...

    async def assigned(self, strategy: str) -> list[Mapping[str, Any]]:
        """One row per place, assigned or held back.

        ``{customer, day, offer, channel, arm, at, unit, person, contact_state, result, moments}``
        """
        ...

    async def goals(self, event: str, since: Instant) -> list[tuple[str, str | None, Instant]]:
        """(customer, offer or None, instant) of goal events."""
        ...

    async def refusals(
        self, strategy: str | None = None, day: str | None = None
    ) -> list[tuple[str, str, str, str, int]]:
        """(strategy, channel, reason, rule, count) of plans, with permits refused added."""
        ...

    async def generation(self) -> int:
        """Number of the profile generation in force, 0 where none was imported."""
        ...

    async def last_day(self) -> str | None: ...
    async def plan_summary(self, day: str) -> Mapping[str, Any] | None: ...
    async def queues(self) -> list[Mapping[str, Any]]:
        """Per channel: ``{channel, waiting, in_hand, done_today, oldest, expiring_today, opens_at, refused_now}``."""
        ...

    async def funnel(self, day: str | None = None, strategy: str | None = None) -> Mapping[str, int]:
        """Tasks by how far they came: ``{planned, waiting, handed_over, delivered, reached, accepted}``."""
        ...

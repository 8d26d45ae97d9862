"""What flow needs of the world, as Protocols; storage and channels keep them, wiring joins the two."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from contact.domain.answers import ImportAnswer
from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.playbook import Playbook
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
    async def move_to(self, at: Instant) -> Moment:
        """Move forward; raises Conflict backwards and Forbidden without ``--demo``."""
        ...


class ProfilePort(Protocol):
    """Gathers profiles from the generation in force, profile changes, consents and contacts."""

    async def gather(self, customer: CustomerId, playbook: Playbook) -> Profile:
        """One customer. Raises NotFound."""
        ...

    def all(self, playbook: Playbook, buckets: Sequence[int] | None = None) -> AsyncIterator[list[Profile]]:
        """Every customer, bucket by bucket, in order of bucket and id."""
        ...


class LedgerPort(Protocol):
    """The contact ledger: every promise about caps, hours and opt-outs is kept here."""

    async def reserve(self, wish: Wish) -> Reserved | Verdict: ...
    async def reserve_many(self, wishes: Sequence[Wish]) -> list[Reserved | Verdict]: ...
    async def permit(
        self, contact: ContactId, profile: Profile, playbook: Playbook,
        *, fence: int | None = None, person: str | None = None,
    ) -> Permit | Verdict:  # fmt: skip
        """Ask all rules again, now; a refusal that may wait defers the contact, any other cancels it.

        With ``fence`` and ``person`` the task must be held by that person. Raises LeaseLost.
        """
        ...

    async def confirm(self, contact: ContactId, fence: int, reference: str) -> None: ...
    async def refused(self, contact: ContactId, fence: int, *, passing: bool, why: str) -> None: ...
    async def ambiguous(self, contact: ContactId, fence: int, why: str) -> None: ...
    async def due(self, channel: str, limit: int) -> list[DueContact]: ...
    async def receive(self, receipt: Receipt) -> bool:
        """Apply once; False where this receipt was already known."""
        ...

    async def record_consent(self, consent: Consent, *, idempotency: str | None = None) -> int:
        """Store it, raise the epoch of its subjects, cancel queued tasks a withdrawal forbids; how many."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the staff file: an agent, account manager, dealer or grid manager."""

    id: str
    name: str = field(repr=False)
    role: str
    unit: str | None
    team: str | None = None
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as stored."""

    id: TaskId
    customer: CustomerId
    candidate: Candidate
    state: str
    fence: int
    priority: float
    day: str | None
    rank: int
    not_before: Instant
    valid_until: Instant
    attempts: int
    playbook: str
    reasons: Mapping[str, Any]
    leased_to: str | None = None
    contact: ContactId | None = None
    reason: str | None = None
    language: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """Waiting tasks that may not be taken now, by the rule or fact that holds them back."""

    rule: str
    reason: str
    tasks: int
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Completion:
    """What an agent reports of a task they hold."""

    task: TaskId
    fence: int
    person: str
    result: str
    note: str = field(default="", repr=False)
    withdraw: Consent | None = None
    """An opt-out stated in the same breath; stored in the same transaction."""
    retry_wait: tuple[int, int] | None = None
    """(times, microseconds) for this result, from the channel's file; None: no retry."""
    attempts_total: int = 1
    profile: Profile | None = field(default=None, repr=False)
    """The customer as gathered; needed where a retry may be reserved."""


class TaskPort(Protocol):
    """Queues of tasks and the leases people hold on them."""

    async def next(self, person: Person, channel: str, lease_seconds: float) -> TaskRow | None:
        """Lease the most valuable task that is due; the same task again while the person still holds one."""
        ...

    async def waiting(self, person: Person, channel: str) -> tuple[int, list[Blocked]]: ...
    async def get(self, task: TaskId) -> TaskRow:
        """Raises NotFound."""
        ...

    async def held(self, task: TaskId, fence: int, person: str) -> TaskRow:
        """The task, if this person still holds it under this fence. Raises LeaseLost, NotFound."""
        ...

    async def complete(self, completion: Completion, playbook: Playbook) -> TaskRow:
        """Outcome, contact, task and opt-out in one transaction. Raises LeaseLost."""
        ...

    async def give_back(self, task: TaskId, fence: int, person: str, reason: str) -> TaskRow: ...
    async def list(
        self, *, channel: str | None = None, state: str | None = None, customer: str | None = None,
        day: str | None = None, after: str | None = None, limit: int = 50,
    ) -> list[TaskRow]: ...  # fmt: skip
    async def cancel_untouched(self, day: str) -> int:
        """Cancel that day's planned tasks nobody has taken; how many."""
        ...

    async def sweep(self) -> Mapping[str, int]:
        """Lapse leases, expire reservations, turn stale ``sending`` unknown; counts by what was done."""
        ...


@dataclass(frozen=True, slots=True)
class WouldHave:
    """A control customer's place: what the plan would have reserved."""

    day: str
    customer: CustomerId
    strategy: str
    offer: str
    channel: str
    arm: str
    at: Instant
    unit: str | None


class PlanPort(Protocol):
    """What plans leave behind besides reservations."""

    async def record(
        self, day: str, would_have: Sequence[WouldHave], refusals: Mapping[tuple[str, str, str, str], int],
        summary: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Replace the day's record; refusals by (strategy, channel, reason, rule)."""
        ...

    async def would_have(self, entry: WouldHave) -> None:
        """Add the place a control customer's online ask found; a later ``record`` of that day leaves it alone."""
        ...


@dataclass(frozen=True, slots=True)
class PlaybookVersion:
    """One published playbook."""

    version: str
    base: str | None
    published: Instant
    author: str
    why: str


class PlaybookPort(Protocol):
    """Published playbooks; processes poll the version each second and keep the compiled one."""

    async def current(self) -> Playbook:
        """The playbook in force. Raises NotFound where none was published."""
        ...

    async def publish(
        self, playbook: Playbook, *, base: str | None, author: str, why: str
    ) -> PlaybookVersion:
        """Compare-and-set on the base version. Raises Conflict."""
        ...

    async def versions(self) -> list[PlaybookVersion]: ...
    async def version(self, version: str) -> Playbook:
        """Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as the server knows it, never its secret."""

    id: str
    role: str
    person: str | None


class KeyPort(Protocol):
    """Keys, console links and sessions; only hashes are stored. Runs on real time."""

    async def create(self, role: str, person: str | None) -> str:
        """The secret, shown once."""
        ...

    async def authenticate(self, secret: str) -> Key | None: ...
    async def console_link(self, role: str, person: str | None) -> str:
        """A token good once for 60 s."""
        ...

    async def open_session(self, token: str) -> str | None:
        """Trade a link token for a session secret; None where used or expired."""
        ...

    async def session(self, secret: str) -> Key | None: ...
    async def end_session(self, secret: str) -> None:
        """Log out: the secret opens nothing from now on."""
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
        """Apply once, laying ``sets`` over the profile; False where already known."""
        ...

    async def show(
        self, showing: Showing, profile: Profile, candidate: Candidate, playbook: Playbook
    ) -> bool:
        """A report makes or advances the contact, counted even over a cap and marked so; False if known."""
        ...


class DecisionPort(Protocol):
    """Decision records, written in batches."""

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

    async def identity(self, customer: CustomerId) -> Identity:
        """Raises NotFound."""
        ...

    async def number(self, customer: CustomerId, line: str | None) -> str | None:
        """The number to contact, in E.164."""
        ...

    async def find_by_number(self, number: str) -> list[CustomerId]: ...
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


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work; the row is the record, the queue only rings."""

    id: str
    kind: str
    arguments: Mapping[str, Any]
    state: str
    done: int
    total: int | None
    message: str
    created: Instant
    finished: Instant | None
    result: Mapping[str, Any] | None
    problems: Sequence[Mapping[str, Any]]
    run: int = 0
    """How often it was claimed; an earlier run no longer has a say."""


class JobPort(Protocol):
    """Import and plan jobs. Runs on real time."""

    async def create(self, kind: str, arguments: Mapping[str, Any]) -> Job: ...
    async def get(self, job: str) -> Job:
        """Raises NotFound."""
        ...

    async def claim(self, job: str | None = None) -> Job | None:
        """Take a queued job, or one whose worker stopped beating; None where there is none."""
        ...

    async def progress(self, job: Job, done: int, total: int | None, message: str) -> None:
        """Also the heartbeat."""
        ...

    async def finish(
        self, job: Job, result: Mapping[str, Any] | None, problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Done, or failed where there are problems."""
        ...

    async def open(self, limit: int = 50) -> list[Job]:
        """Queued and running, oldest first."""
        ...

    async def recent(self, limit: int = 20) -> list[Job]: ...


class ReportPort(Protocol):
    """Cold questions over all contacts, for evaluation and overview."""

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
        """``{planned, handed_over, delivered, reached, accepted, goals}``."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """How a request with an Idempotency-Key stands: ``fresh, stored, mismatch, in_progress``."""

    state: str
    status: int = 0
    """HTTP status of the stored answer, where there is one."""
    body: bytes = field(default=b"", repr=False)


class IdempotencyPort(Protocol):
    """Requests already answered, by caller and key, so that a retry has one effect. Runs on real time."""

    async def begin(self, scope: str, key: str, payload_hash: str) -> Begun:
        """Claim the key: ``fresh`` at first, and again once a claim never finished is 60 s old.

        ``stored`` with the answer, ``mismatch`` where the payload was another, ``in_progress`` meanwhile.
        Records older than a day may be dropped.
        """
        ...

    async def finish(self, scope: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer for every retry."""
        ...

    async def abandon(self, scope: str, key: str) -> None:
        """Forget the claim: nothing was changed, the same request may come again."""
        ...


class GatewayPort(Protocol):
    """A way a message leaves the building."""

    async def submit(self, message: Message) -> str:
        """The gateway's reference. Raises GatewayRefused or GatewayAmbiguous."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them, as wiring joins them; the first argument of every verb in flow."""

    clock: ClockPort
    profiles: ProfilePort
    ledger: LedgerPort
    tasks: TaskPort
    plans: PlanPort
    playbooks: PlaybookPort
    keys: KeyPort
    events: EventPort
    decisions: DecisionPort
    customers: CustomerPort
    jobs: JobPort
    reports: ReportPort
    imports: ImportPort
    idempotency: IdempotencyPort
    gateways: Mapping[str, GatewayPort]
    """Channel → gateway."""
    lease_seconds: float = 120.0


class ImportPort(Protocol):
    """Takes whole checked files into a new generation or the store."""

    async def take(
        self, kind: str, path: str, mapping_text: str, *, mapping_path: str, playbook: Playbook | None,
        confirm_shrink: bool = False, report: Callable[[int, int | None, str], Awaitable[None]] | None = None,
    ) -> ImportAnswer:  # fmt: skip
        """One transaction and one pointer, or nothing. Raises ProblemsFound; Conflict where another import came first."""
        ...

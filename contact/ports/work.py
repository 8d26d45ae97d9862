"""What flow needs of queues: tasks people hold, plans that fill them, jobs that run long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from contact.domain.acts import Act
from contact.domain.answers import ImportAnswer
from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.ports.access import Scope
from ivr.call import Journey
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import Consent, CustomerId, Profile

DeliveryKind = Literal[
    "customers", "lines", "usage", "bills", "products", "complaints", "contacts", "consents", "calls", "staff",
]  # fmt: skip
"""What a file may hold that an operator delivers."""


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
    profile: Profile | None = field(default=None, repr=False)
    """The customer as gathered; needed where a retry may be reserved."""


class TaskPort(Protocol):
    """Queues of tasks and the leases people hold on them."""

    def within(self, scope: Scope) -> TaskPort:
        """For a caller of this scope: a task of nobody of theirs is not found."""
        ...

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
    async def cancel_untouched(self, day: str, run: Job | None = None) -> int:
        """Cancel that day's planned tasks nobody has taken; how many. ``run`` as of ``LedgerPort.reserve_many``."""
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
        summary: Mapping[str, Any], run: Job | None = None,
    ) -> None:  # fmt: skip
        """Replace the day's record; refusals by (strategy, channel, reason, rule). ``run`` as of ``cancel_untouched``."""
        ...

    async def would_have(self, entry: WouldHave) -> None:
        """Add the place a control customer's online ask found; a later ``record`` of that day leaves it alone."""
        ...


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
    request: str = ""
    """Id of the request that asked for it."""
    parked: bool = False
    """Failed because three workers died of it: nobody takes it until a person says so."""


class JobPort(Protocol):
    """Import and plan jobs. Runs on real time."""

    async def create(self, kind: str, arguments: Mapping[str, Any]) -> Job: ...
    async def get(self, job: str) -> Job:
        """Raises NotFound."""
        ...

    async def claim(self, job: str | None = None) -> Job | None:
        """Take a queued job, or one whose worker stopped beating; None where there is none, or where it is a plan and
        another of its day is worked on."""
        ...

    async def died(self, job: Job) -> None:
        """A process that was to take the queued job ended before it did; after the third death the job is parked."""
        ...

    async def put_off(self, job: Job) -> None:
        """Say of a queued plan that it waits until another of its day has ended."""
        ...

    async def progress(self, job: Job, done: int, total: int | None, message: str) -> bool:
        """Also the heartbeat. False where the job is no longer this run's: it ended, or another run has it."""
        ...

    async def finish(
        self, job: Job, result: Mapping[str, Any] | None, problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Done, or failed where there are problems."""
        ...

    async def cancel(self, job: str, running: Sequence[str] = ()) -> Job:
        """End a queued job, or a running one of these kinds. Raises NotFound; Conflict where that cannot be."""
        ...

    async def retry(self, job: str, act: Act, cancelled: Sequence[str] = ()) -> Job:
        """Queue a failed or parked job again, or a cancelled one of these kinds. Raises NotFound, Conflict."""
        ...

    async def failed(self, limit: int = 50) -> list[Job]:
        """What failed or is parked, newest first."""
        ...

    async def open(self, limit: int = 50) -> list[Job]:
        """Queued and running, oldest first."""
        ...

    async def recent(self, limit: int = 20) -> list[Job]: ...


class ImportPort(Protocol):
    """Takes whole checked files into a new generation or the store."""

    async def take(
        self, kind: str, path: str, mapping_text: str, *, mapping_path: str, playbook: Playbook | None,
        confirm_shrink: bool = False, report: Callable[[int, int | None, str], Awaitable[None]] | None = None,
    ) -> ImportAnswer:  # fmt: skip
        """One transaction and one pointer, or nothing. Raises ProblemsFound; Conflict where another import came first."""
        ...

    async def read_calls(
        self, path: str, mapping_text: str, *, mapping_path: str, playbook: Playbook | None
    ) -> Sequence[Journey]:
        """The calls of a log, oldest first, as an import would keep them; nothing is kept. Raises ProblemsFound."""
        ...

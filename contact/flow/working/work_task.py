"""What a person does with a task they hold: start it, complete it, give it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from contact.domain.answers import Answer, RefusalAnswer, TaskAnswer
from contact.domain.outcome import results_known
from contact.domain.task import TaskId
from contact.faults import Conflict
from contact.flow.gather import Gathered, gather, identity_or_none
from contact.flow.hearing.record_consent import ALL, PROMOTIONAL
from contact.flow.present import moment_or_none, refusal_answers, task_answer
from contact.ports import Completion, Permit, Ports, TaskRow
from strategies.candidate import Candidate
from strategies.declared.results import meaning
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import Consent, CustomerId
from strategies.verdict import Verdict

SCOPES = ("number", "marketing_calls", "marketing")
"""How far "do not contact me" reaches: this number, marketing in this channel, all marketing."""


class PermissionOutcome(Answer, frozen=True, kw_only=True):
    """The started task, or why this customer may not be contacted now; then the task is no longer the person's."""

    task: TaskAnswer | None
    refusals: list[RefusalAnswer] = msgspec.field(default_factory=list)
    until: datetime | None = None

    @property
    def allowed(self) -> bool:
        """Whether the task was started."""
        return self.task is not None


async def start(
    ports: Ports, task_id: str, fence: int, person_id: str, language: str | None = None
) -> PermissionOutcome:
    """Ask every rule again, now, and write down that the contact begins; only then is the number handed out.

    Starting again what this person has started answers the same task. Raises LeaseLost, NotFound.
    """
    row = await ports.tasks.held(TaskId(task_id), fence, person_id)
    gathered = await gather(ports, row.customer)
    if row.state != "started":
        if row.contact is None:
            raise Conflict("this task has no contact reserved; give it back")
        answer = await ports.ledger.permit(
            row.contact, gathered.profile, gathered.playbook, fence=fence, person=person_id
        )
        if not isinstance(answer, Permit):
            return refused_start(answer)
        row = await ports.tasks.get(row.id)
    identity = await identity_or_none(ports, row.customer)
    number = await number_to_dial(ports, gathered, row)
    return PermissionOutcome(task=task_answer(gathered, row, identity, language, number))


async def complete(
    ports: Ports, task_id: str, fence: int, person_id: str, result: str, note: str = "",
    do_not_contact_scope: str | None = None, language: str | None = None,
) -> TaskAnswer:  # fmt: skip
    """Outcome, retry and opt-out are stored together. Raises LeaseLost, and ProblemsFound for an unknown word."""
    row = await ports.tasks.held(TaskId(task_id), fence, person_id)
    gathered = await gather(ports, row.customer)
    operator = gathered.playbook.operator
    check_outcome(result, do_not_contact_scope, results_known(operator))
    stops = meaning(operator, result) == "do_not_contact"
    scope = do_not_contact_scope or ("marketing_calls" if stops else None)
    completion = Completion(
        task=row.id,
        fence=fence,
        person=person_id,
        result=result,
        note=note,
        withdraw=withdrawal(gathered, row, scope, person_id) if scope is not None else None,
        profile=gathered.profile,
    )
    after = await ports.tasks.complete(completion, gathered.playbook)
    return task_answer(gathered, after, await identity_or_none(ports, row.customer), language)


async def give_back(
    ports: Ports, task_id: str, fence: int, person_id: str, reason: str, language: str | None = None
) -> TaskAnswer:
    """The task returns to its queue and no attempt is counted. Raises LeaseLost."""
    row = await ports.tasks.give_back(TaskId(task_id), fence, person_id, reason)
    gathered = await gather(ports, row.customer)
    return task_answer(gathered, row, await identity_or_none(ports, row.customer), language)


def refused_start(verdict: Verdict) -> PermissionOutcome:
    """Why a task could not be started."""
    return PermissionOutcome(
        task=None, refusals=refusal_answers(verdict.refusals), until=moment_or_none(verdict.until)
    )


def withdrawal(gathered: Gathered, row: TaskRow, scope: str, person: str) -> Consent:
    """The opt-out a scope means, stated with the outcome of a task."""
    return withdrawal_of(gathered, row.candidate, row.customer, scope, f"task {row.id} by {person}")


def withdrawal_of(
    gathered: Gathered, candidate: Candidate, customer: CustomerId, scope: str, evidence: str
) -> Consent:
    """The opt-out a scope means: this number for everything, marketing in this channel, all marketing."""
    number = candidate.number_hash or gathered.profile.number_hash
    by_number = scope == "number" and number is not None
    return Consent(
        given=False,
        at=gathered.moment.at,
        channel=candidate.channel if scope == "marketing_calls" else ALL,
        category=ALL if by_number else PROMOTIONAL,
        customer=None if by_number else customer,
        number_hash=number if by_number else None,
        source="agent",
        evidence=evidence,
    )


def check_outcome(result: str, scope: str | None, known: Sequence[str]) -> None:
    """Raises ProblemsFound for a result or a reach of an opt-out that nobody knows."""
    problems = []
    if result not in known:
        hint = Hint("one of: %(names)s", names=", ".join(known))
        problems.append(Problem("value.choice", f"'result' cannot be {result!r}", Where("request"), hint))
    if scope is not None and scope not in SCOPES:
        hint = Hint("one of: %(names)s", names=", ".join(SCOPES))
        problems.append(
            Problem("value.choice", f"'do_not_contact' cannot be {scope!r}", Where("request"), hint)
        )
    if problems:
        raise ProblemsFound(problems)


async def number_to_dial(ports: Ports, gathered: Gathered, row: TaskRow) -> str | None:
    """The number the task's contact was counted for, in E.164; None in a channel that needs none."""
    channel = gathered.playbook.channels.get(row.candidate.channel)
    if channel is None or not channel.needs_number:
        return None
    return await ports.customers.number(row.customer, row.candidate.line, row.candidate.number_hash)

"""Whom to contact now: the most valuable task this person may take, with the card and the permission."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from contact.domain.answers import NextAnswer
from contact.faults import Conflict
from contact.flow.gather import Gathered, gather, identity_or_none, known_channel
from contact.flow.present import moment_or_none, task_answer
from contact.flow.working.show_customer import card_of, mask_number, permission_of
from contact.flow.working.work_task import number_to_dial
from contact.ports import Blocked, Permit, Person, Ports, TaskRow
from strategies.judging.judge import judge
from strategies.problems import Problem, ProblemsFound, Where
from strategies.verdict import Verdict

TRIES = 25
"""Tasks that turn out to be forbidden before the pull gives up; the next pull goes on from there."""


async def next_task(
    ports: Ports, person_id: str, channel: str = "outbound_call", language: str = "en"
) -> NextAnswer:
    """A task leased to this person, or why there is none; the same task again while the person holds one.

    A task the rules forbid by now never reaches the person: the permit defers or cancels it and the next is pulled.
    Raises NotFound for an unknown person, ProblemsFound for a channel that is unknown or a gateway's.
    """
    person = await ports.customers.person(person_id)
    if known_channel(await ports.playbooks.current(), channel).delivery == "gateway":
        message = f"{channel} is handed over by its gateway, nobody pulls from it"
        raise ProblemsFound([Problem("value.choice", message, Where("request"))])
    for _ in range(TRIES):
        row = await ports.tasks.next(person, channel, ports.lease_seconds)
        if row is None:
            break
        gathered = await gather(ports, row.customer)
        verdict = judge(
            gathered.playbook, row.candidate, gathered.profile, gathered.moment.at, excluding=row.contact
        )
        if verdict.allowed or row.state == "started" or not await _moved_aside(ports, gathered, row, person):
            row = await ports.tasks.get(row.id)
            return await _found(ports, gathered, row, verdict, person, channel, language)
    waiting, blocked = await ports.tasks.waiting(person, channel)
    return NextAnswer(
        task=None, card=None, waiting=waiting, blocked=[blocked_answer(each) for each in blocked]
    )


def blocked_answer(blocked: Blocked) -> dict[str, Any]:
    """Why some waiting tasks may not be taken now."""
    return asdict(blocked) | {"until": moment_or_none(blocked.until)}


async def _moved_aside(ports: Ports, gathered: Gathered, row: TaskRow, person: Person) -> bool:
    """Let the permit defer or cancel a forbidden task; False where it became lawful meanwhile, and so was started."""
    if row.contact is None:
        return False
    try:
        answer = await ports.ledger.permit(
            row.contact, gathered.profile, gathered.playbook, fence=row.fence, person=person.id
        )
    except Conflict:
        return True  # cancelled or lapsed meanwhile: no longer this person's, so pull the next
    return not isinstance(answer, Permit)


async def _found(
    ports: Ports,
    gathered: Gathered,
    row: TaskRow,
    verdict: Verdict,
    person: Person,
    channel: str,
    language: str,
) -> NextAnswer:
    waiting, blocked = await ports.tasks.waiting(person, channel)
    identity = await identity_or_none(ports, row.customer)
    number = await number_to_dial(ports, gathered, row) if row.state == "started" else None
    return NextAnswer(
        task=task_answer(gathered, row, identity, language, number),
        card=await card_of(
            ports, gathered, identity, language, name=identity.name, number=mask_number(identity.number)
        ),
        waiting=waiting,
        blocked=[blocked_answer(each) for each in blocked],
        permission=permission_of(gathered, row.candidate, verdict, language, excluding=row.contact),
    )

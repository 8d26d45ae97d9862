"""For people who work tasks: pull, start, complete, give back."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from contact.domain.answers import TaskAnswer
from contact.domain.task import TaskId
from contact.faces.http.bodies import bodies
from contact.faces.http.bodies.bodies import CompleteBody, GiveBackBody, NextBody, StartBody, TaskQuery
from contact.faces.http.edge.callers import person_of
from contact.faces.http.edge.meters import PERMITS, count_refusals
from contact.faces.http.edge.problems import CODES, ProblemAnswer, RequestProblem, at_parameter, type_of
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import TasksAnswer
from contact.faces.http.routes.privacy import count_look
from contact.faults import LeaseLost
from contact.flow.present import plain_task
from contact.flow.working import work_task
from contact.flow.working.next_task import next_task
from contact.flow.working.work_task import PermissionOutcome
from contact.ports import TaskRow
from strategies.declared.playbook import Playbook


async def post_next(call: Call) -> Reply:
    """The most valuable task this person may take now, or why there is none."""
    person = call.path["agent"]
    if call.caller.role != "admin" and person_of(call.caller) != person:
        raise RequestProblem("forbidden", "This key acts for another person; pull with the key of this one.")
    body: NextBody = call.body
    return Reply(await next_task(call.ports, person, body.channel, body.language))


async def post_start(call: Call) -> Reply:
    """The permit to contact the customer now; a refusal is a 409 that says why and until when."""
    body: StartBody = call.body
    person = await _worker(call)
    outcome = await work_task.start(call.ports, call.path["task"], body.fence, person, body.language)
    PERMITS.labels("granted" if outcome.allowed else "refused").inc()
    if outcome.task is None:
        count_refusals(outcome.refusals)
        return Reply(_refused(outcome), CODES["refused"].status)
    return Reply(outcome.task)


async def post_complete(call: Call) -> Reply:
    """The outcome, and the opt-out the customer stated, in one transaction."""
    body: CompleteBody = call.body
    person = await _worker(call)
    return Reply(
        await work_task.complete(
            call.ports,
            call.path["task"],
            body.fence,
            person,
            body.result,
            body.note,
            body.do_not_contact,
            body.language,
        )
    )


async def post_give_back(call: Call) -> Reply:
    """The task returns to its queue."""
    body: GiveBackBody = call.body
    person = await _worker(call)
    return Reply(
        await work_task.give_back(
            call.ports, call.path["task"], body.fence, person, body.reason, body.language
        )
    )


async def get_tasks(call: Call) -> Reply:
    """A page of tasks, without any customer's words or numbers; one customer's are a look at them."""
    query: TaskQuery = call.query
    after = None if query.after is None else _opened(query.after)
    playbook = await call.ports.playbooks.current()
    rows = await call.ports.tasks.list(
        channel=query.channel,
        state=query.state,
        customer=query.customer,
        day=query.day.isoformat() if query.day else None,
        after=after,
        limit=query.limit + 1,
    )
    if query.customer is not None and rows:
        await count_look(call, query.customer)
    page = rows[: query.limit]
    following = _cursor(page[-1].id) if len(rows) > query.limit else None
    return Reply(TasksAnswer(items=[_plain(row, playbook) for row in page], next=following))


async def get_task(call: Call) -> Reply:
    """One task, without any customer's words or numbers."""
    row = await call.ports.tasks.get(TaskId(call.path["task"]))
    await count_look(call, row.customer)
    return Reply(_plain(row, await call.ports.playbooks.current()))


async def _worker(call: Call) -> str:
    """The person on whose behalf the task is worked: the key's own, for an admin whoever holds the task."""
    if call.caller.role != "admin":
        return person_of(call.caller)
    holder = (await call.ports.tasks.get(TaskId(call.path["task"]))).leased_to
    if holder is None:
        raise LeaseLost("nobody holds it")
    return holder


def _refused(outcome: PermissionOutcome) -> ProblemAnswer:
    refusals: Sequence[dict[str, Any]] = msgspec.to_builtins(outcome.refusals)
    rules = ", ".join(refusal.rule for refusal in outcome.refusals)
    return ProblemAnswer(
        type=type_of("refused"),
        title=CODES["refused"].title,
        status=CODES["refused"].status,
        code="refused",
        detail=f"This customer may not be contacted now ({rules}); pull the next task.",
        refusals=list(refusals),
        until=msgspec.to_builtins(outcome.until),
    )


def _plain(row: TaskRow, playbook: Playbook) -> TaskAnswer:
    candidate = row.candidate
    strategy = playbook.strategy(candidate.strategy)
    titles = (
        next((offer.title for offer in strategy.offers if offer.id == candidate.offer), {})
        if strategy
        else {}
    )
    return plain_task(playbook, row, titles.get("en", candidate.offer))


def _cursor(task: str) -> str:
    return base64.urlsafe_b64encode(task.encode()).decode().rstrip("=")


def _opened(cursor: str) -> str:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        task = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        task = ""
    if not re.search(bodies.ID_PATTERN, task):
        raise at_parameter("invalid_parameter", "after", "must be the `next` of the page before")
    return task

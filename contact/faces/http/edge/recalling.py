"""Answers with a customer's words or number are kept without them; a retry reads them again."""

from __future__ import annotations

from typing import Any

import msgspec

from contact.domain.answers import DecisionAnswer, NextAnswer, OptionAnswer, TaskAnswer
from contact.domain.task import TaskId
from contact.faces.http.bodies.bodies import DecisionBody, NextBody, StartBody
from contact.faces.http.edge.row import Call, Recall
from contact.faults import StoreUnavailable
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.working import work_task
from contact.flow.working.next_task import next_task
from contact.ports import TaskRow

_MOST_OPTIONS = 50


def _bare(task: TaskAnswer) -> TaskAnswer:
    return msgspec.structs.replace(task, number=None, text=[], why=[])


async def _row(call: Call, task: TaskAnswer) -> TaskRow:
    return await call.ports.tasks.get(TaskId(task.task))


def _keep_next(answer: NextAnswer) -> NextAnswer:
    if answer.task is None:
        return answer
    return msgspec.structs.replace(answer, card=None, task=_bare(answer.task))


async def _next_again(call: Call, kept: bytes) -> NextAnswer:
    """The task with its card, as long as the person still holds it."""
    answer = msgspec.json.decode(kept, type=NextAnswer)
    if answer.task is None or (await _row(call, answer.task)).fence != answer.task.fence:
        return answer
    body: NextBody = call.body
    again = await next_task(call.ports, call.path["agent"], body.channel, body.language)
    return again if again.task is not None and again.task.task == answer.task.task else answer


async def _start_again(call: Call, kept: bytes) -> TaskAnswer:
    """The started task with its number, as long as the call is not over."""
    answer = msgspec.json.decode(kept, type=TaskAnswer)
    body: StartBody = call.body
    row = await _row(call, answer)
    if row.state != "started" or row.fence != answer.fence or row.leased_to is None:
        return answer
    outcome = await work_task.start(call.ports, row.id, row.fence, row.leased_to, body.language)
    return outcome.task or answer


async def _task_again(_call: Call, kept: bytes) -> TaskAnswer:
    return msgspec.json.decode(kept, type=TaskAnswer)


def _keep_decision(answer: DecisionAnswer) -> DecisionAnswer:
    options = [_silent(option) for option in answer.options]
    chosen = None if answer.chosen is None else _silent(answer.chosen)
    return msgspec.structs.replace(answer, chosen=chosen, options=options)


def _silent(option: OptionAnswer) -> OptionAnswer:
    return msgspec.structs.replace(option, text=[], why=[])


async def _decision_again(call: Call, kept: bytes) -> DecisionAnswer:
    """The same decision, place and task; only what is said to the customer is written anew."""
    answer = msgspec.json.decode(kept, type=DecisionAnswer)
    body: DecisionBody = call.body
    request = DecisionRequest(
        customer=answer.customer,
        channel=body.channel,
        strategies=body.strategies,
        limit=_MOST_OPTIONS,
        language=body.language,
    )
    again = await decide(call.ports, request)
    if again.degraded:  # the words of somebody who cannot be read now are not there
        raise StoreUnavailable("the store went away before the words were read again")
    said = {_place(option): option for option in again.options}
    options = [_said(option, said) for option in answer.options]
    chosen = None if answer.chosen is None else _said(answer.chosen, said)
    return msgspec.structs.replace(answer, chosen=chosen, options=options)


def _place(option: OptionAnswer) -> tuple[Any, ...]:
    return option.strategy, option.offer, option.channel, option.line


def _said(option: OptionAnswer, said: dict[tuple[Any, ...], OptionAnswer]) -> OptionAnswer:
    now = said.get(_place(option), option)
    return msgspec.structs.replace(option, text=now.text, why=now.why)


NEXT = Recall(_keep_next, _next_again)
START = Recall(_bare, _start_again)
TASK = Recall(_bare, _task_again)
DECISION = Recall(_keep_decision, _decision_again)

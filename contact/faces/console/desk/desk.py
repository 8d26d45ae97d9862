"""The agent's desk: pull, start, store, give back. Every step works as a plain form and as a swapped part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from contact.domain.answers import NextAnswer, RefusalAnswer
from contact.domain.task import TaskId
from contact.faces.console.desk.view import KEYS, Entered, lost_view, ready_view, said_in_words, task_view
from contact.faces.console.shared.guard import Page, Turn
from contact.faces.console.shared.labels import GIVE_BACK, SCOPES
from contact.faces.console.shared.once import once
from contact.faces.console.shared.pages import answer
from contact.faults import Conflict, LeaseLost, NotFound
from contact.flow.working import next_task as pulling
from contact.flow.working import work_task
from contact.ports import Person
from strategies.instants import to_datetime

ROLES = frozenset({"agent", "admin"})
TASK_COOKIE = "contact_task"
"""Which task this browser has open, so that the desk finds it again; an id, nothing about the customer."""
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Sitting:
    """A person at the desk and the queue they work."""

    turn: Turn
    person: Person
    channel: str

    @property
    def task(self) -> str:
        """The task in the address."""
        return self.turn.visit.request.match_info["task"]

    @property
    def fence(self) -> int:
        """The fence the form was drawn with. Raises Conflict where it is no number."""
        text = self.turn.visit.text("fence", 20)
        if not text.isdecimal():
            raise Conflict("the form has no fence")
        return int(text)

    @property
    def said(self) -> str:
        """What the step before had stored, from the address it led to."""
        return self.turn.visit.request.query.get("said", "")


def seated(page: Callable[[Sitting], Awaitable[web.StreamResponse]]) -> Page:
    """The page for a session that belongs to a person; others are told how to get such a session."""

    async def answering(turn: Turn) -> web.StreamResponse:
        if turn.visit.person is None:
            return answer(turn.visit, turn.look, "refused.html", {"why": "person"}, status=403)
        person = await turn.ports.customers.person(turn.visit.person)
        return await page(Sitting(turn, person, _channel(turn, person)))

    return answering


async def show_desk(sitting: Sitting) -> web.StreamResponse:
    """The customer this person has open, else how many wait and what holds the others back."""
    task = sitting.turn.visit.request.cookies.get(TASK_COOKIE, "")
    if task and await _holds(sitting, task):
        return _led_to(sitting, task, sitting.said)
    return await _ready(sitting, said=sitting.said)


async def show_task(sitting: Sitting) -> web.StreamResponse:
    """The task under its own address, for whoever holds it; anybody else is led to their desk."""
    if not await _holds(sitting, sitting.task):
        return _led_to(sitting, None, "")
    return await _task(sitting, await _pulled(sitting), said=sitting.said)


async def pull(sitting: Sitting) -> web.StreamResponse:
    """``N``: the next customer, or why there is none."""
    return await _next(sitting)


async def start(sitting: Sitting) -> web.StreamResponse:
    """``C``: every rule is asked once more; the call begins or the refusal is shown like an answer."""
    turn = sitting.turn
    row = await turn.ports.tasks.get(TaskId(sitting.task))
    try:
        outcome = await work_task.start(
            turn.ports, row.id, sitting.fence, sitting.person.id, turn.visit.language
        )
    except LeaseLost:
        return await _lost(sitting, Entered())
    if not outcome.allowed:
        return await _ready(sitting, refused=outcome.refusals, customer=row.customer, status=409)
    if not turn.visit.partial:
        return _led_to(sitting, row.id, "")
    return await _task(sitting, await _pulled(sitting))


async def complete(sitting: Sitting) -> web.StreamResponse:
    """Store the staged outcome with its note, once, and pull the next customer where that was asked."""
    turn = sitting.turn
    entered = Entered(
        turn.visit.text("result"),
        turn.visit.text("do_not_contact") or "number",
        turn.visit.text("note", LONGEST_NOTE + 1),
    )
    problems = _problems(turn, entered)

    async def store() -> str:
        scope = entered.scope if entered.result == "do_not_contact" else None
        await work_task.complete(
            turn.ports, sitting.task, sitting.fence, sitting.person.id, entered.result, entered.note, scope
        )
        return f"{entered.result}.{scope}" if scope else entered.result

    try:
        if problems:
            await turn.ports.tasks.held(TaskId(sitting.task), sitting.fence, sitting.person.id)
            return await _task(
                sitting, await _pulled(sitting), problems=problems, entered=entered, status=422
            )
        said = await once(turn, store)
    except Conflict:
        return await _lost(sitting, entered)
    if turn.visit.text("then") == "stop":
        return await _stopped(sitting, said)
    return await _next(sitting, said=said)


async def give_back(sitting: Sitting) -> web.StreamResponse:
    """The task returns to its queue, with the reason."""
    turn = sitting.turn
    reason = turn.visit.text("reason", 40)

    async def store() -> str:
        known = reason if reason in GIVE_BACK else next(iter(GIVE_BACK))
        await work_task.give_back(turn.ports, sitting.task, sitting.fence, sitting.person.id, known)
        return "given_back"

    try:
        said = await once(turn, store)
    except LeaseLost:
        return await _lost(sitting, Entered())
    return await _stopped(sitting, said)


async def _pulled(sitting: Sitting) -> NextAnswer:
    language = sitting.turn.visit.language
    return await pulling.next_task(sitting.turn.ports, sitting.person.id, sitting.channel, language)


async def _next(sitting: Sitting, *, said: str = "") -> web.Response:
    found = await _pulled(sitting)
    if not sitting.turn.visit.partial:
        return _led_to(sitting, found.task.task if found.task is not None else None, said or "none")
    if found.task is None:
        return await _ready(sitting, found=found, said=said, asked=True)
    return await _task(sitting, found, said=said)


async def _stopped(sitting: Sitting, said: str) -> web.Response:
    if not sitting.turn.visit.partial:
        return _led_to(sitting, None, said)
    return await _ready(sitting, said=said)


async def _task(
    sitting: Sitting, found: NextAnswer, *, said: str = "", problems: Sequence[tuple[str, str]] = (),
    entered: Entered | None = None, status: int = 200,
) -> web.Response:  # fmt: skip
    if found.task is None:
        return await _ready(sitting, found=found, said=said, asked=True)
    turn = sitting.turn
    words = said_in_words(turn.look, said)
    view = task_view(turn.look, found, said=words, problems=problems, entered=entered)
    response = answer(turn.visit, turn.look, "desk.html", view, status=status)
    _keep_task(response, found.task.task)
    return response


async def _ready(
    sitting: Sitting, *, found: NextAnswer | None = None, said: str = "", asked: bool = False,
    refused: Sequence[RefusalAnswer] = (), customer: str = "", status: int = 200,
) -> web.Response:  # fmt: skip
    turn = sitting.turn
    if found is None:
        waiting, blocked = await turn.ports.tasks.waiting(sitting.person, sitting.channel)
        held_back = [pulling.blocked_answer(each) for each in blocked]
        found = NextAnswer(task=None, card=None, waiting=waiting, blocked=held_back)
    moment = await turn.ports.clock.now()
    view = ready_view(
        found, to_datetime(moment.at), moment.simulated, said=said_in_words(turn.look, said),
        asked=asked or said == "none", refused=refused, customer=customer,
    )  # fmt: skip
    response = answer(turn.visit, turn.look, "desk.html", view, status=status)
    _keep_task(response, None)
    return response


async def _lost(sitting: Sitting, entered: Entered) -> web.Response:
    turn = sitting.turn
    row = await turn.ports.tasks.get(TaskId(sitting.task))
    moment = await turn.ports.clock.now()
    chosen = said_in_words(turn.look, entered.result)
    held_by = row.leased_to if row.state in ("leased", "started") else None
    view = lost_view(
        row.customer, to_datetime(moment.at), moment.simulated, entered, chosen, state_now=row.state, held_by=held_by
    )  # fmt: skip
    response = answer(turn.visit, turn.look, "desk.html", view, status=409)
    _keep_task(response, None)
    return response


def _led_to(sitting: Sitting, task: str | None, said: str) -> web.Response:
    """The answer to a form without script: a redirect, so that loading again repeats nothing."""
    place = f"/desk/tasks/{quote(task, safe='')}" if task else "/desk"
    response = web.Response(
        status=303, headers={"Location": place + (f"?said={quote(said)}" if said else "")}
    )
    _keep_task(response, task)
    return response


def _keep_task(response: web.Response, task: str | None) -> None:
    if task is None:
        response.del_cookie(TASK_COOKIE, path="/desk")
    else:
        response.set_cookie(TASK_COOKIE, task, httponly=True, samesite="Strict", path="/desk")


async def _holds(sitting: Sitting, task: str) -> bool:
    try:
        row = await sitting.turn.ports.tasks.get(TaskId(task))
    except NotFound:
        return False
    return row.leased_to == sitting.person.id and row.state in ("leased", "started")


def _channel(turn: Turn, person: Person) -> str:
    """The person's first queue that people pull from, else outbound calls."""
    channels = turn.look.playbook.channels if turn.look.playbook is not None else {}
    pulled = (
        name
        for name in person.channels
        if name in channels and channels[name].delivery in ("agents", "field")
    )
    return next(pulled, "outbound_call")


def _problems(turn: Turn, entered: Entered) -> list[tuple[str, str]]:
    say = turn.visit.words.gettext
    found = []
    own = turn.look.playbook.operator.results if turn.look.playbook is not None else {}
    if entered.result not in KEYS and entered.result not in own:
        found.append(("result", say("Choose what came of the call.")))
    if entered.result == "do_not_contact" and entered.scope not in SCOPES:
        found.append(("scope", say("Choose what not to do again.")))
    if len(entered.note) > LONGEST_NOTE:
        found.append(("note", say("The note is longer than 2,000 characters; shorten it.")))
    return found

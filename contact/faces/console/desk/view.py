"""What stands on the desk, made from answers alone: the three states, the outcomes and what each will do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_timedelta

from contact.domain.answers import NextAnswer, RefusalAnswer, TaskAnswer
from contact.faces.console.shared.labels import GIVE_BACK, N_, RESULTS, SCOPES
from contact.faces.console.shared.pages import Look
from strategies.declared.results import meaning
from strategies.judging.attempts import attempts_for, wait_after

KEYS = {
    "accepted": "1",
    "wants_time": "2",
    "rejected": "3",
    "no_answer": "4",
    "busy": "5",
    "wrong_number": "6",
    "invalid_number": "7",
    "machine": "8",
    "do_not_contact": "d",
}
"""Outcome → the key that stages it, in the order shown."""

_CONSEQUENCES = {
    "accepted": N_("The task ends and counts as accepted."),
    "wants_time": N_("The task ends. The customer was reached and decided nothing."),
    "rejected": N_("The task ends. The refusal is on record for every channel."),
    "wrong_number": N_("The task ends. Somebody else was reached."),
    "invalid_number": N_("The task ends. It does not count as a contact."),
    "do_not_contact": N_("Stored as withdrawn consent at once; waiting tasks it forbids are cancelled."),
    "no_answer": N_("The task ends: no attempt is left."),
    "busy": N_("The task ends: no attempt is left."),
    "machine": N_("The task ends: no attempt is left."),
}


@dataclass(frozen=True)
class OutcomeChoice:
    """One outcome the agent may stage, and what storing it does."""

    key: str
    result: str
    title: str
    consequence: str


@dataclass(frozen=True)
class Entered:
    """What the agent had put into the form, shown again when it could not be stored."""

    result: str = ""
    scope: str = "number"
    note: str = ""


def task_view(
    look: Look, found: NextAnswer, *, said: str = "", problems: Sequence[tuple[str, str]] = (),
    entered: Entered | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The desk with a customer on it."""
    if found.task is None or found.card is None:
        raise ValueError("a task view needs a task and its card")
    entered = entered or Entered()
    return {
        "state": "calling" if found.task.state == "started" else "open",
        "url": f"/desk/tasks/{found.task.task}",
        "task": found.task,
        "card": found.card,
        "permission": found.permission,
        "now": found.card.at,
        "simulated": found.card.simulated_time,
        "said": said,
        "problems": problems,
        "chosen": entered.result,
        "scope": entered.scope,
        "note": entered.note,
        "outcomes": outcomes(look, found.task),
        "scopes": [(code, look.formats.words.gettext(text)) for code, text in SCOPES.items()],
        "give_back": [(code, look.formats.words.gettext(text)) for code, text in GIVE_BACK.items()],
    }


def ready_view(
    found: NextAnswer, now: datetime, simulated: bool, *, said: str = "", asked: bool = False,
    refused: Sequence[RefusalAnswer] = (), customer: str = "", zone: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The desk without a customer: how many wait, and what holds the others back."""
    return {
        "state": "ready",
        "url": "/desk",
        "due": max(
            0, found.waiting - sum(each["tasks"] for each in found.blocked if each["reason"] != "language")
        ),
        "blocked": found.blocked,
        "now": now,
        "simulated": simulated,
        "said": said,
        "asked": asked,
        "refused": refused,
        "customer": customer,
        "zone": zone,
    }


def lost_view(
    customer: str, now: datetime, simulated: bool, entered: Entered, chosen: str, *,
    state_now: str = "waiting", held_by: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The desk when the task was taken away before its outcome was stored: what it is now, and who has it."""
    return {
        "state": "lost",
        "url": "/desk",
        "customer": customer,
        "state_now": state_now,
        "held_by": held_by,
        "now": now,
        "simulated": simulated,
        "note": entered.note,
        "said": chosen,
    }


def outcomes(look: Look, task: TaskAnswer) -> list[OutcomeChoice]:
    """Every outcome with its key and its consequence for this task."""
    say = look.formats.words.gettext
    own = look.playbook.operator.results if look.playbook is not None else {}
    return [
        *(
            OutcomeChoice(key, result, say(RESULTS[result]), consequence(look, task, result))
            for result, key in KEYS.items()
        ),
        *(
            OutcomeChoice("", result, look.named("results", result), consequence(look, task, result))
            for result in own
        ),
    ]


def consequence(look: Look, task: TaskAnswer, result: str) -> str:
    """What storing this outcome will do, in words, so that it is seen before and not found out later."""
    words = look.formats.words
    retry = None
    if look.playbook is not None:
        attempts = attempts_for(look.playbook, task.channel, task.strategy)
        retry = wait_after(attempts, look.playbook.operator, result)
        result = meaning(look.playbook.operator, result)
    if retry is None or task.attempts_left < 1:
        return words.gettext(_CONSEQUENCES[result])
    wait = format_timedelta(timedelta(microseconds=retry[2]), threshold=1, locale=words.locale)
    text = words.ngettext(
        "Comes back in %(wait)s; %(left)s attempt is left.",
        "Comes back in %(wait)s; %(left)s attempts are left.",
        task.attempts_left,
    )
    return text % {"wait": wait, "left": look.formats.number(task.attempts_left)}


def said_in_words(look: Look, said: str) -> str:
    """A stored outcome's code, ``do_not_contact.marketing``, as the agent reads it back; anything else is nothing."""
    result, _, scope = said.partition(".")
    say = look.formats.words.gettext
    if result == "given_back":
        return say(N_("given back"))
    own = look.playbook.operator.results if look.playbook is not None else {}
    if result not in RESULTS and result not in own:
        return ""
    title = look.named("results", result)
    return f"{title}: {say(SCOPES[scope])}" if scope in SCOPES else title

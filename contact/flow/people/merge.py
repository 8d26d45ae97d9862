"""Two ids that are one person, and numbers that changed hands."""

from __future__ import annotations

import re

from contact.domain.acts import Act
from contact.domain.ledger_answers import MergedAnswer, RecycledAnswer
from contact.domain.phone_number import E164
from contact.faults import NotFound
from contact.flow.reasons import need_reason
from contact.ports import Ports
from strategies.declared.playbook import Playbook
from strategies.instants import Instant, to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import CustomerId


async def merge_customers(
    ports: Ports, old: str, new: str, *, author: str, role: str, why: str
) -> MergedAnswer:
    """Everything of the old id is the new one's from now on; where consents contradict, the withdrawal counts.

    Nobody is contacted, planned or delivered under the old id any more. Raises NotFound, Conflict, and ProblemsFound
    without a reason.
    """
    need_reason(why, "a merger says why", "one person, two contracts")
    act = Act(author, role, "customers.merged", new, why=why)
    done = await ports.people.merge(CustomerId(old), CustomerId(new), await _playbook(ports), act)
    await ports.erasures.forget()
    return MergedAnswer(
        old=old,
        new=new,
        contacts=done.contacts,
        consents=done.consents,
        tasks=done.tasks,
        stricter=done.stricter,
    )


async def recycle_number(
    ports: Ports, number: str, at: Instant | None, *, author: str, role: str, why: str
) -> RecycledAnswer:
    """The number has a new owner: what was said of it and sent to it before no longer binds or counts for it.

    Raises ProblemsFound without a reason, for what is no number, and for an instant that is still to come: until then its
    owner's word binds.
    """
    need_reason(why, "a number that changed hands says why", "given out again by the numbering plan")
    if re.fullmatch(E164, number) is None:
        raise ProblemsFound(
            [
                Problem(
                    "value.type",
                    "this is no number in E.164",
                    Where("request"),
                    Hint("with plus and country, +8613800138001"),
                )
            ]
        )
    now = (await ports.clock.now()).at
    if at is not None and at > now:
        message, hint = "this instant is still to come", Hint("say it once the number has changed hands")
        raise ProblemsFound([Problem("value.instant", message, Where("request"), hint)])
    when = at if at is not None else now
    done = await ports.people.recycle(number, when, Act(author, role, "number.recycled", why=why))
    return RecycledAnswer(
        at=to_datetime(when), consents=done.consents, contacts=done.contacts, tasks=done.tasks
    )


async def _playbook(ports: Ports) -> Playbook | None:
    try:
        return await ports.playbooks.current()
    except NotFound:
        return None

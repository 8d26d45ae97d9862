"""Set a contact right: another outcome in place of one reported wrongly, what became of one nobody could tell of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contact.domain.acts import Act
from contact.domain.contact import ContactId
from contact.domain.ledger_answers import ContactAnswer, ContactsAnswer
from contact.domain.outcome import results_known
from contact.faults import Conflict, Forbidden
from contact.flow.gather import Gathered, gather
from contact.flow.working.work_task import check_outcome, withdrawal_of
from contact.ports import ContactRow, Correction, Ports
from strategies.declared.results import meaning
from strategies.instants import Instant, to_datetime
from strategies.profile import Consent

MAY_LIFT = frozenset({"supervisor", "admin", "command line"})
"""Roles that may take back an opt-out together with the wrong outcome it was stored with."""


async def correct(
    ports: Ports, contact: str, result: str, *, author: str, role: str, why: str,
    do_not_contact: str | None = None, own_of: str | None = None,
) -> ContactAnswer:  # fmt: skip
    """The contact with its new outcome; moments, opt-out and next attempt of the first are taken back, both are kept.

    ``own_of``: only contacts that this person handed over. Raises NotFound, Conflict, Forbidden, and ProblemsFound for
    an unknown word.
    """
    row = await ports.ledger.get(ContactId(contact))
    gathered = await gather(ports, row.customer)
    operator = gathered.playbook.operator
    check_outcome(result, do_not_contact, results_known(operator))
    if row.person is None:
        raise Conflict("no outcome of a person stands that could be corrected")
    if own_of is not None and row.person != own_of:
        raise Forbidden("another person reported this outcome; a supervisor corrects it")
    stops = meaning(operator, result) == "do_not_contact"
    scope = do_not_contact or ("marketing_calls" if stops else None)
    details = {"from": row.result or "", "to": result, "customer": row.customer}
    correction = Correction(
        contact=row.id,
        result=result,
        act=Act(author, role, "outcome.corrected", row.id, details, why),
        withdraw=None if scope is None else _withdrawal(gathered, row, scope, author),
        may_lift=role in MAY_LIFT,
        profile=gathered.profile,
    )
    return contact_answer(await ports.ledger.correct(correction, gathered.playbook))


async def reconcile(
    ports: Ports, contact: str, state: str, *, author: str, role: str, why: str
) -> ContactAnswer:
    """The contact as somebody found it to be: ``sent``, which counts, or ``not_sent``. Raises NotFound, Conflict."""
    row = await ports.ledger.get(ContactId(contact))
    await ports.customers.identity(row.customer)
    act = Act(author, role, "contact.reconciled", row.id, {"to": state, "customer": row.customer}, why)
    return contact_answer(await ports.ledger.reconcile(row.id, state, act))


async def show_contact(ports: Ports, contact: str) -> ContactAnswer:
    """One contact with its moves and corrections. Raises NotFound."""
    row = await ports.ledger.get(ContactId(contact))
    await ports.customers.identity(row.customer)
    return contact_answer(row)


async def unknown_contacts(ports: Ports, limit: int = 100) -> ContactsAnswer:
    """What waits to be reconciled."""
    return ContactsAnswer(items=[contact_answer(each) for each in await ports.ledger.unknown(limit)])


def contact_answer(row: ContactRow) -> ContactAnswer:
    """A contact as faces show it."""
    return ContactAnswer(
        contact=row.id,
        task=row.task,
        customer=row.customer,
        channel=row.candidate.channel,
        strategy=row.candidate.strategy,
        offer=row.candidate.offer,
        state=row.state,
        result=row.result,
        planned=to_datetime(row.planned_at),
        person=row.person,
        moves=[
            {"from": each["from_state"], "to": each["to_state"], "at": _at(each), "why": each["why"]}
            for each in row.moves
        ],
        corrections=[
            {
                "at": _at(each), "from": each["result_before"], "to": each["result"], "author": each["author"],
                "why": each["why"],
            }
            for each in row.corrections
        ],
    )  # fmt: skip


def _withdrawal(gathered: Gathered, row: ContactRow, scope: str, author: str) -> Consent:
    return withdrawal_of(
        gathered, row.candidate, row.customer, scope, f"task {row.task or row.id} by {author}"
    )


def _at(row: Mapping[str, Any]) -> Any:
    return to_datetime(Instant(row["at_us"]))

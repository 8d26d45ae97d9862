"""What a person sets right afterwards: an outcome that was reported wrongly, a hand-over nobody could tell of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from contact.domain.acts import Act
from contact.domain.contact import RECONCILED_TO, is_correctable
from contact.domain.outcome import disposition
from contact.faults import Conflict, Forbidden
from contact.ports import Completion
from contact.ports.corrections import Correction
from contact.storage.audits.audit import record_in
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger import consents
from contact.storage.ledger.moves import end_task, move, number_of
from contact.storage.ledger.owners import changes_of, told_in
from contact.storage.ledger.retries import reserve_retry
from strategies.declared.playbook import Playbook
from strategies.profile import Subject

SAID = ("connected", "accepted", "rejected")
"""Moments that an outcome proves."""


@dataclass(slots=True)
class Reversed:
    """What the first outcome had brought about and the correction takes back."""

    moments: dict[str, int] = field(default_factory=dict)
    consents: list[int] = field(default_factory=list)
    retry: str | None = None


def correct(tx: Transaction, correction: Correction, playbook: Playbook) -> None:
    """Put another outcome in place of the one reported, inside a transaction that holds the contact's subjects.

    Moments, opt-out and next attempt of the first are taken back and kept on record. Raises Conflict where no outcome
    of a person stands, or this very one; Forbidden where an opt-out would be taken back and the corrector may not.
    """
    row = _found(tx, correction.contact)
    if not is_correctable(row["state"], row["result"], bool(row["final"])):
        raise Conflict("no outcome stands that could be corrected")
    if row["result"] == correction.result:
        raise Conflict(f"its outcome is {correction.result} already")
    outcome_us = _reported(tx, row)
    undone = Reversed(moments={name: row[f"{name}_us"] for name in SAID if row[f"{name}_us"] is not None})
    _take_back_opt_outs(tx, row, correction, undone)
    proven = disposition(correction.result, playbook.operator).moments
    moments = {f"{name}_us": row[f"{name}_us"] or outcome_us if name in proven else None for name in SAID}
    tx.run("correct_contact", id=row["id"], result=correction.result, **moments)
    why = f"corrected: {row['result']} to {correction.result}"
    tx.run(
        "insert_move",
        contact_id=row["id"],
        from_state=row["state"],
        to_state=row["state"],
        at_us=tx.now(),
        why=why,
    )
    _settle_task(tx, row, correction, playbook, undone)
    if correction.withdraw is not None:
        for told in told_in(tx, row, correction.withdraw):
            consents.record(tx, told, playbook)
    _keep(tx, row, correction, outcome_us, undone)


def reconcile(tx: Transaction, contact: str, state: str, act: Act) -> None:
    """Somebody found out what became of an unknown contact: ``sent`` or ``not_sent``. Raises Conflict."""
    row = _found(tx, contact)
    if row["state"] != "unknown" or state not in RECONCILED_TO:
        raise Conflict(f"only an unknown contact is reconciled, this one is {row['state']}")
    final = int(state == "not_sent")
    tx.run("receive_contact", id=contact, state=state, final=final, result=None, delivered_us=None)
    move(tx, row, state, "reconciled")
    if final:
        end_task(tx, row["task_id"], "done", state)
    record_in(tx, act)


def _found(tx: Transaction, contact: str) -> Row:
    row = tx.row("read_contact", id=contact)
    assert row is not None  # whoever asks has read it before, and contacts stay
    return row


def _reported(tx: Transaction, row: Row) -> int:
    """When the outcome was first told: what it proves happened then, whenever it is set right."""
    known = tx.row("first_told", contact=row["id"]) or tx.row("last_move", contact=row["id"])
    assert known is not None
    return int(known["at_us"])


def _take_back_opt_outs(tx: Transaction, row: Row, correction: Correction, undone: Reversed) -> None:
    """An opt-out that was stored with the outcome no longer binds; its record is kept apart."""
    if row["task_id"] is None:
        return
    number = number_of(row)
    owners = [owner for each in changes_of(tx, number) for owner in each.owners] if number else []
    said = {
        "customers": sorted({row["customer_id"], *owners}),
        "number": number,
        "evidence": f"task {row['task_id']} by %",
    }
    for record in tx.rows("opt_outs_of_task", **said):
        if not correction.may_lift:
            raise Forbidden("this outcome stored an opt-out; only a supervisor takes that back")
        tx.run("annul_consent", seq=record["seq"], at_us=tx.now(), why=f"corrected contact {row['id']}")
        tx.run("forget_consent", seq=record["seq"])
        for kind, key in (("customer", record["customer_id"]), ("number", record["number_hash"])):
            if key:
                tx.run("raise_epoch", kind=kind, key=key)
        undone.consents.append(record["seq"])


def _settle_task(
    tx: Transaction, row: Row, correction: Correction, playbook: Playbook, undone: Reversed
) -> None:
    """The next attempt the first outcome brought is cancelled; where the task waits, the new one may bring another."""
    task = tx.row("read_task", id=row["task_id"]) if row["task_id"] is not None else None
    if task is None:
        return
    if task["state"] == "done" and task["contact_id"] == row["id"]:
        tx.run("name_end", id=task["id"], reason=correction.result)
    following = tx.row("read_contact", id=task["contact_id"]) if task["contact_id"] != row["id"] else None
    if following is None or following["state"] != "reserved":
        return
    tx.run("move_contact", id=following["id"], state="cancelled", final=1)
    move(tx, following, "cancelled", "outcome corrected")
    undone.retry = following["id"]
    said = Completion(
        task=task["id"], fence=task["fence"], person=correction.act.actor, result=correction.result,
        profile=correction.profile,
    )  # fmt: skip
    if correction.withdraw is not None or not reserve_retry(tx, task, said, playbook):
        end_task(tx, task["id"], "done", correction.result)


def _keep(tx: Transaction, row: Row, correction: Correction, outcome_us: int, undone: Reversed) -> None:
    before = {"moments": undone.moments, "consents": undone.consents, "retry": undone.retry}
    tx.run(
        "insert_correction", contact_id=row["id"], at_us=tx.now(), outcome_us=outcome_us, result_before=row["result"],
        result=correction.result, before=json.dumps(before, sort_keys=True), author=correction.act.actor,
        why=correction.act.why,
    )  # fmt: skip
    record_in(tx, correction.act)


def subjects_of(
    tx: Transaction, correction: Correction, row: Row, own: tuple[Subject, ...]
) -> tuple[Subject, ...]:
    """Everybody the contact and an opt-out concern."""
    told = correction.withdraw
    withdrawn = told_in(tx, row, told) if told is not None else []
    return tuple(sorted({*own, *(subject for each in withdrawn for subject in consents.subjects(each))}))

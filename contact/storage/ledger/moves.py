"""Moves of contacts and what they do to their tasks; every one leaves a row with its instant and why."""

from __future__ import annotations

from contact.domain.contact import may_move
from contact.domain.task import TaskState, may_come_from
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import Instant

RECYCLED = "number_recycled"
"""Why a task ends whose number is somebody else's by now."""
_FORMER = "~"


def former_name(number: str, at: Instant) -> str:
    """What contacts keep of a number that changed hands at an instant: the number of nobody any more."""
    return f"{number}{_FORMER}{at}"


def is_recycled(row: Row) -> bool:
    """Whether a contact's number changed hands after the contact was made."""
    return _FORMER in (row["number_hash"] or "")


def number_of(row: Row) -> str | None:
    """The number a contact went to, whosever it is by now."""
    return row["number_hash"] and str(row["number_hash"]).partition(_FORMER)[0]


def changed_at(row: Row) -> Instant:
    """When the number of a contact changed hands that keeps a former number."""
    return Instant(int(row["number_hash"].partition(_FORMER)[2]))


def move(tx: Transaction, row: Row, state: str, why: str) -> None:
    """Write down a move of a contact. Raises ``ValueError`` for one the table of moves does not know."""
    tx.run("insert_move", **_moved(tx, row, state, why))


def not_taken(tx: Transaction, row: Row, state: str, why: str) -> None:
    """The same of a hand-over that its gateway did not take, so that whoever looks after the channel finds it."""
    tx.run("insert_trouble", **_moved(tx, row, state, why), channel=row["channel"])


def _moved(tx: Transaction, row: Row, state: str, why: str) -> Row:
    if not may_move(row["state"], state):
        raise ValueError(f"a contact cannot go from {row['state']} to {state}")
    return {
        "contact_id": row["id"],
        "from_state": row["state"],
        "to_state": state,
        "at_us": tx.now(),
        "why": why,
    }


def cancel(tx: Transaction, row: Row, state: str, why: str, *, task_reason: str) -> None:
    """End a reserved contact and cancel its task; its place returns."""
    tx.run("move_contact", id=row["id"], state=state, final=1)
    move(tx, row, state, why)
    end_task(tx, row["task_id"], "cancelled", task_reason)


def end_task(tx: Transaction, task: str | None, state: TaskState, reason: str) -> None:
    """The task is over, and says why; one that is over already keeps its first reason."""
    if task is not None:
        lawful = may_come_from(state)
        tx.run("end_task", id=task, state=state, reason=reason, at_us=tx.now(), lawful=lawful)


def return_task(
    tx: Transaction,
    task: str,
    not_before: Instant,
    held_by: str | None,
    contact: str | None,
    *,
    undone: int = 0,
) -> None:
    """Back to the queue; ``undone`` attempts provably did not happen. Raises ``ValueError`` for a task that is over."""
    touched = tx.run(
        "return_task", id=task, not_before_us=not_before, held_by=held_by, contact_id=contact, undone=undone,
        lawful=may_come_from("waiting"),
    )  # fmt: skip
    if not touched:
        raise ValueError(f"task {task} is over and cannot wait again")

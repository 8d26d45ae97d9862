"""A further attempt of the same task: a new contact, reserved under the same rules as any other."""

from __future__ import annotations

from uuid_utils import uuid7

from contact.domain.contact import ContactId
from contact.domain.outcome import DISPOSITIONS
from contact.domain.task import TaskId
from contact.ports import Completion, Wish
from contact.storage import history, rows
from contact.storage.ledger import insert_contact, placed
from contact.storage.moves import return_task
from contact.storage.transaction import Row, Transaction
from strategies.instants import Instant
from strategies.playbook import Playbook
from strategies.verdict import Verdict


def reserve_retry(tx: Transaction, task: Row, completion: Completion, playbook: Playbook) -> bool:
    """Reserve the next attempt where the channel's file and the rules leave one; False where the task is over."""
    if (
        completion.profile is None
        or completion.retry_wait is None
        or not DISPOSITIONS[completion.result].retry
    ):
        return False
    times, wait = completion.retry_wait
    so_far = {row["result"]: row["times"] for row in tx.rows("results_of_task", id=task["id"])}
    if task["attempts"] >= completion.attempts_total or so_far.get(completion.result, 0) > times:
        return False
    candidate, now = rows.candidate(task), tx.now()
    at = Instant(now + wait)
    wish = Wish(
        profile=completion.profile, candidate=candidate, priority=task["priority"], playbook=playbook,
        valid_until=task["valid_until_us"], planned_at=at, may_defer=True,
    )  # fmt: skip
    profile = history.refreshed(tx, completion.profile, playbook, candidate.number_hash, now)
    place = placed(wish, profile, at)
    if isinstance(place, Verdict):
        return False
    contact = ContactId(str(uuid7()))
    insert_contact(
        tx,
        wish,
        profile,
        contact,
        TaskId(task["id"]),
        place.at,
        now,
        playbook.channels[candidate.channel],
        handed_over=False,
    )
    held_by = place.deferred_by[0].rule if place.deferred_by else "retry"
    return_task(tx, task["id"], place.at, held_by, contact)
    return True

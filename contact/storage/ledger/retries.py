"""A further attempt of the same task: a new contact, reserved under the same rules as any other."""

from __future__ import annotations

from dataclasses import replace

from uuid_utils import uuid7

from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.faults import Conflict
from contact.ports import Completion, Wish
from contact.storage.databases import rows
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger import history
from contact.storage.ledger.entering import insert_contact
from contact.storage.ledger.moves import return_task
from contact.storage.ledger.placing import placed
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.attempts import Attempt, NextAttempt, attempts_for, next_attempt
from strategies.profile import Profile
from strategies.verdict import Verdict


def reserve_retry(tx: Transaction, task: Row, completion: Completion, playbook: Playbook) -> bool:
    """Reserve the next attempt where files and rules leave one; False where the task is over.

    Raises Conflict where the customer was merged into another since the completion's profile was read.
    """
    if completion.profile is None:
        return False
    if completion.profile.customer != task["customer_id"]:
        raise Conflict("two customers became one meanwhile: report the outcome again")
    found, now = _next(tx, task, completion.profile, playbook), tx.now()
    if found is None:
        return False
    candidate, at = rows.candidate(task), Instant(now + found.wait)
    if found.number_hash is not None:
        candidate = replace(candidate, number_hash=found.number_hash)
    wish = Wish(
        profile=completion.profile, candidate=candidate, priority=task["priority"], playbook=playbook,
        valid_until=task["valid_until_us"], planned_at=at, may_defer=True,
    )  # fmt: skip
    profile = history.refreshed(tx, completion.profile, playbook, candidate.number_hash, now)
    place = placed(wish, profile, at)
    if isinstance(place, Verdict):
        return False
    contact, channel = ContactId(str(uuid7())), playbook.channels[candidate.channel]
    insert_contact(tx, wish, profile, contact, TaskId(task["id"]), place.at, now, channel, handed_over=False)
    if found.number_hash is not None:
        tx.run("aim_task", id=task["id"], number_hash=found.number_hash)
    held_by = place.deferred_by[0].rule if place.deferred_by else "retry"
    return_task(tx, task["id"], place.at, held_by, contact)
    return True


def _next(tx: Transaction, task: Row, profile: Profile, playbook: Playbook) -> NextAttempt | None:
    made = [Attempt(row["number_hash"], row["result"]) for row in tx.rows("attempts_of_task", id=task["id"])]
    channel = playbook.channels.get(task["channel"])
    numbers = history.numbers_of(profile) if channel is not None and channel.needs_number else ()
    attempts = attempts_for(playbook, task["channel"], task["strategy"])
    return next_attempt(attempts, playbook.operator, numbers, made)

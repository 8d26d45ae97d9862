"""What time does by itself: leases lapse, reservations expire, hand-overs nobody confirmed become unknown."""

from __future__ import annotations

from collections.abc import Mapping

from contact.clock import real_now
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger.moves import cancel, end_task, not_taken, return_task
from contact.storage.ledger.receipts import apply_early
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant

LIMIT = 500


def sweep(tx: Transaction, playbook: Playbook) -> Mapping[str, int]:
    """One round over everything that is due; counts by what was done."""
    now = tx.now()
    return {
        "leases_lapsed": _lapse_leases(tx),
        "reservations_expired": _expire_reservations(tx, now),
        "became_unknown": sum(
            _mark_unknown(tx, channel.name, Instant(now - channel.stale_after))
            for channel in playbook.channels.values()
            if channel.stale_after
        ),
        "answers_forgotten": tx.run("forget_idempotent", before_us=real_now() - DAY),
        "closed_without_receipt": _close(tx, now),
    }


def _lapse_leases(tx: Transaction) -> int:
    """A lease lapses in real time: the task returns, no attempt is counted."""
    found = tx.rows("lapsed_leases", real_us=real_now())
    for row in found:
        return_task(tx, row["id"], Instant(row["not_before_us"]), row["held_by"], row["contact_id"])
    return len(found)


def _expire_reservations(tx: Transaction, now: Instant) -> int:
    """Only ``reserved`` expires: a contact that may have gone out never frees its place."""
    found = tx.rows("overdue_reservations", now_us=now, limit=LIMIT)
    for row in found:
        contact = tx.row("read_contact", id=row["id"])
        if contact is not None and contact["state"] == "reserved":
            cancel(tx, contact, "expired", "task.expired", task_reason="expired")
    return len(found)


def _close(tx: Transaction, now: Instant) -> int:
    """No report will come any more: the contact stays as it stands, and a task that waited for the report is over."""
    found = tx.rows("overdue_receipts", now_us=now, limit=LIMIT)
    for row in found:
        tx.run("settle_receipt", id=row["id"])
        if row["task_state"] == "started":
            end_task(tx, row["task_id"], "done", row["state"])
    return len(found)


def _mark_unknown(tx: Transaction, channel: str, before: Instant) -> int:
    found = tx.rows("stale_sending", channel=channel, before_us=before, limit=LIMIT)
    for row in found:
        tx.run("move_contact", id=row["id"], state="unknown", final=0)
        not_taken(tx, row, "unknown", "stale")
        apply_early(tx, row["id"])
    return len(found)

"""What a restore does to a store before anybody may use it: nothing that may have gone out goes out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from contact.clock import real_now
from contact.domain.halt import QUARANTINE
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger.receipts import apply_early
from strategies.instants import DAY

RECEIPT_WAIT = 2 * DAY
"""For channels that the playbook in force does not know."""
WHY = "restored from a backup"


@dataclass(frozen=True, slots=True)
class Settled:
    """What was open at the backup, and what became of it."""

    unknown: int
    """Contacts that may have gone out since: they count, and are not sent again by themselves."""
    cancelled: int
    """Reservations for later, given up with their tasks."""
    jobs: int


def hold(tx: Transaction, author: str) -> None:
    """Nothing is handed over, started or reserved from here on, until a person ends it."""
    kind, key = QUARANTINE
    tx.run("lift_halt", kind=kind, key=key)
    tx.run("set_halt", kind=kind, key=key, since_us=tx.now(), author=author, why=WHY)


def settle(tx: Transaction, receipt_waits: Mapping[str, int]) -> Settled:
    """Every open contact ends or becomes unknown, as it may have been handed over after the backup."""
    now = tx.now()
    tx.run("moves_to_sending", now_us=now)
    tx.run("send_perhaps", now_us=now)
    tx.run("start_perhaps")
    for channel in {row["channel"] for row in tx.rows("channels_with_contacts")}:
        wait = receipt_waits.get(channel, RECEIPT_WAIT)
        tx.run("wait_for_reports", channel=channel, until_us=now + wait)
    tx.run("moves_to_unknown", now_us=now)
    unknown = tx.run("make_unknown")
    for row in tx.rows("early_and_unknown"):
        apply_early(tx, row["id"])
    tx.run("moves_to_cancelled", now_us=now)
    tx.run("cancel_tasks_of_later", now_us=now)
    cancelled = tx.run("cancel_later")
    problems = json.dumps(
        [{"code": "restored", "message": f"{WHY}: start it again where it is still wanted"}]
    )
    jobs = tx.run("end_open_jobs", now_us=real_now(), problems=problems)
    tx.run("end_all_sessions")
    tx.run("end_all_links")
    return Settled(unknown, cancelled, jobs)

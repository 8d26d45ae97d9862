"""Receipts: each applied once, in any order, also before the hand-over was confirmed."""

from __future__ import annotations

import json
from typing import Literal

from contact.domain.contact import may_move
from contact.ports import Receipt
from contact.storage.databases import rows
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger.moves import end_task
from strategies.instants import Instant

OF_NOBODY = "astray"
"""Where reports lie in the inbox whose contact nobody has."""
FINAL = frozenset({"delivered", "undelivered", "not_sent"})


Heard = Literal["new", "known", "of_nobody"]
"""What a report was: of a contact nobody has where it was made after the backup that was restored, or is not ours."""


def receive(tx: Transaction, receipt: Receipt) -> Heard:
    """Keep the report and apply it if its contact is past ``sending``.

    Known is the same id of the same contact: some gateways begin their ids anew. A report on a contact nobody has is kept
    apart, so that its gateway need not bring it again and it is found when its time is over.
    """
    payload = {"state": receipt.state, "at": receipt.at, "result": receipt.result}
    row = tx.row("read_contact", id=receipt.contact)
    source, id = "receipt" if row is not None else OF_NOBODY, receipt.id
    if not _keep(tx, source, id, receipt, payload):
        known = tx.row("peek_inbox", source=source, id=id)
        if known is None or known["contact_id"] == receipt.contact:
            return "known"
        id = f"{receipt.id} of {receipt.contact}"
        if not _keep(tx, source, id, receipt, payload):
            return "known"
    if row is None:
        return "of_nobody"
    if row["state"] != "sending":
        _apply(tx, row, id, payload)
    return "new"


def _keep(tx: Transaction, source: str, id: str, receipt: Receipt, payload: dict[str, object]) -> bool:
    fresh = tx.run(
        "accept_inbox", source=source, id=id, contact_id=receipt.contact, payload=rows.json_text(payload),
        at_us=tx.now(), applied=0,
    )  # fmt: skip
    return bool(fresh)


def apply_early(tx: Transaction, contact: str) -> None:
    """Apply the reports that came before the hand-over was confirmed, in order of arrival."""
    for early in tx.rows("early_receipts", contact_id=contact):
        row = tx.row("read_contact", id=contact)
        assert row is not None
        _apply(tx, row, early["id"], json.loads(early["payload"]))


def _apply(tx: Transaction, row: Row, id: str, payload: dict[str, object]) -> None:
    state = str(payload["state"])
    if may_move(row["state"], state):
        tx.run(
            "receive_contact", id=row["id"], state=state, final=int(state in FINAL), result=payload["result"],
            delivered_us=_between(row, payload["at"], tx.now()) if state == "delivered" else None,
        )  # fmt: skip
        tx.run(
            "insert_move",
            contact_id=row["id"],
            from_state=row["state"],
            to_state=state,
            at_us=tx.now(),
            why="receipt",
        )
        if row["task_id"] is not None and state in FINAL:
            end_task(tx, row["task_id"], "done", state)
    tx.run("apply_inbox", source="receipt", id=id)


def _between(row: Row, reported: object, now: Instant) -> int:
    """A gateway's clock may be wrong; what it reports lies between the hand-over and now."""
    return min(max(int(str(reported)), row["attempt_us"] or 0), now)

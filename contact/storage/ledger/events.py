"""The inbox of events and showings: each applied once by its own id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from uuid_utils import uuid7

from contact.domain.contact import ContactId, may_move
from contact.ports import IncomingEvent, Showing, Wish
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger import history
from contact.storage.ledger.entering import insert_contact
from contact.storage.ledger.moves import end_task
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.judge import judge
from strategies.profile import Profile

ENDS = frozenset({"accepted", "rejected"})


class Events:
    """Keeps EventPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def accept(self, event: IncomingEvent, sets: Mapping[str, Any], until: Instant | None) -> bool:
        """Apply once, laying ``sets`` over the profile; False where the id is already known."""

        def work(tx: Transaction) -> bool:
            fresh = tx.run(
                "accept_event", id=event.id, type=event.type, customer_id=event.customer, unit=event.unit,
                at_us=event.at, data=json.dumps(dict(event.data), ensure_ascii=False),
            )  # fmt: skip
            if fresh and sets and event.customer is not None:
                tx.run(
                    "change_profile", customer_id=event.customer, fields=rows.json_text(sets),
                    at_us=event.at, until_us=until, event_id=event.id,
                )  # fmt: skip
            elif fresh and sets and event.unit is not None:
                tx.run(
                    "change_unit", unit=event.unit, fields=rows.json_text(sets),
                    at_us=event.at, until_us=until, event_id=event.id,
                )  # fmt: skip
            return bool(fresh)

        return await self.database.write(work)

    async def show(
        self, showing: Showing, profile: Profile, candidate: Candidate, playbook: Playbook
    ) -> bool:
        """A report makes or advances the contact, counted even over a cap and marked so; False where known."""

        def work(tx: Transaction) -> bool:
            fresh = tx.run(
                "accept_inbox", source="showing", id=showing.id, contact_id=None,
                payload=rows.json_text({"type": showing.type, "decision": showing.decision}), at_us=tx.now(), applied=1,
            )  # fmt: skip
            if not fresh:
                return False
            row = tx.row(
                "shown_contact",
                customer=showing.customer,
                decision=showing.decision,
                strategy=showing.strategy,
                offer=showing.offer,
                channel=showing.channel,
            )
            wait = playbook.channels[candidate.channel].receipt_wait
            _advance(tx, row or _insert(tx, showing, profile, candidate, playbook), showing, wait)
            return True

        return await self.database.write(work, history.subjects(profile, candidate.number_hash))


def _insert(
    tx: Transaction, showing: Showing, profile: Profile, candidate: Candidate, playbook: Playbook
) -> Row:
    """A contact made by the report alone: it happened, so it counts, lawful or not."""
    now, at = tx.now(), _at(tx, showing)
    fresh = history.refreshed(tx, profile, playbook, candidate.number_hash, now)
    lawful = judge(playbook, candidate, fresh, at).allowed
    contact = ContactId(str(uuid7()))
    wish = Wish(
        profile=profile,
        candidate=candidate,
        priority=0.0,
        playbook=playbook,
        valid_until=now,
        decision=showing.decision,
    )
    channel = playbook.channels[candidate.channel]
    insert_contact(tx, wish, fresh, contact, None, at, now, channel, handed_over=True)
    if not lawful:
        tx.run("mark_over_cap", id=contact)
    row = tx.row("read_contact", id=contact)
    assert row is not None
    return row


def _advance(tx: Transaction, row: Row, showing: Showing, receipt_wait: int) -> None:
    """What was shown was handed over, also where its channel only reserved it: from then on it counts."""
    at, ends = _at(tx, showing), showing.type in ENDS
    happened = {
        f"{name}_us": at if showing.type == name else None for name in ("clicked", "accepted", "rejected")
    }
    way = ["sending", "sent"] if row["state"] == "reserved" else ["sent"]
    state = row["state"]
    for following in way:
        if may_move(state, following):
            tx.run(
                "insert_move", contact_id=row["id"], from_state=state, to_state=following, at_us=tx.now(),
                why=showing.type,
            )  # fmt: skip
            state = following
    tx.run(
        "advance_contact", id=row["id"], state=state, final=int(ends or bool(row["final"])),
        result=showing.type if ends else None, shown_us=at, receipt_until_us=at + receipt_wait, **happened,
    )  # fmt: skip
    if row["task_id"] is not None:
        end_task(tx, row["task_id"], "done", showing.type)


def _at(tx: Transaction, showing: Showing) -> Instant:
    """The reported instant, never ahead of the store."""
    return Instant(min(showing.at, tx.now()))

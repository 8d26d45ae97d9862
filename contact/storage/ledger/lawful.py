"""Reserved contacts judged again after a publishing, each under the locks its permit would take."""

from __future__ import annotations

from contact.domain.contact import ContactId
from contact.ports.lawful import QueuedContact
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger import history
from contact.storage.ledger.moves import cancel
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.newly_refused import newly_refused
from strategies.profile import CustomerId, Profile
from strategies.verdict import Verdict

SWEPT = "a playbook took force"
"""Begins the words of a move that a sweep made."""

_BEGINNING = -(1 << 62)


class Lawful:
    """Keeps LawfulPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def queued(self, limit: int, after: QueuedContact | None = None) -> list[QueuedContact]:
        """By channel, planned instant and id, those after the given one."""

        def work(tx: Transaction) -> list[QueuedContact]:
            found: list[QueuedContact] = []
            for known in tx.rows("channels_with_contacts"):
                channel = known["channel"]
                if after is not None and channel < after.candidate.channel:
                    continue
                here = after is not None and channel == after.candidate.channel
                since = (after.planned_at, after.contact) if after is not None and here else (_BEGINNING, "")
                found += [
                    _queued(row)
                    for row in tx.rows(
                        "queued_contacts", channel=channel, planned_us=since[0], id=since[1],
                        limit=limit - len(found),
                    )
                ]  # fmt: skip
                if len(found) >= limit:
                    break
            return found

        return await self.database.read(work)

    async def judge_again(
        self, queued: QueuedContact, profile: Profile, playbook: Playbook, before: Playbook | None
    ) -> Verdict | None:
        """Cancel it where the playbook refuses it by a rule that did not refuse it before; the verdict if so."""

        def work(tx: Transaction) -> Verdict | None:
            row = tx.row("read_contact", id=queued.contact)
            if row is None or row["state"] != "reserved":
                return None
            now = tx.now()
            at = Instant(max(now, row["planned_us"]))
            candidate = rows.candidate(row)
            fresh = history.refreshed(tx, profile, playbook, candidate.number_hash, now)
            verdict = newly_refused(playbook, before, candidate, fresh, at, queued.contact)
            if verdict is not None:
                first = verdict.refusals[0]
                why = f"{SWEPT}: {', '.join(verdict.rules)}"
                cancel(tx, row, "cancelled", why, task_reason=f"{first.reason} {first.rule}")
            return verdict

        subjects = history.subjects(profile, queued.candidate.number_hash)
        return await self.database.write(work, subjects)


def _queued(row: Row) -> QueuedContact:
    return QueuedContact(
        ContactId(row["id"]),
        CustomerId(row["customer_id"]),
        rows.candidate(row),
        Instant(row["planned_us"]),
        row["playbook"],
    )

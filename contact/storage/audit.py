"""The audit trail: 16 chains of hashes, each act written in the transaction of what it is about.

Acts of a commit are appended just before it, in the order of their chains: heads are held for the shortest time, and
two commits never wait for each other in a ring.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from contact.domain.acts import Act, chain_of, content_of, linked
from contact.ports.audit import Entry, Verified
from contact.storage.audit_checks import walk_acts
from contact.storage.transaction import Row, Transaction
from strategies.instants import Instant

if TYPE_CHECKING:  # the database itself appends what its units recorded
    from contact.storage.database import Database


def record_in(tx: Transaction, act: Act) -> None:
    """Write an act down together with what this unit of work changes: both are committed, or neither."""
    tx.acts.append((act, tx.now()))


def append(tx: Transaction, acts: Iterable[tuple[Act, Instant]]) -> None:
    """Tie the acts of a commit to their chains; the last thing a transaction does."""
    noted = sorted(((chain_of(act.actor), act, at) for act, at in acts), key=lambda each: each[0])
    if not noted:
        return
    heads = {row["chain"]: row for row in tx.rows("hold_heads", chains=sorted({each[0] for each in noted}))}
    for chain, act, at in noted:
        head = heads[chain]
        seq, previous = head["seq"] + 1, head["hash"]
        content = content_of(act, chain, seq, at)
        hash = linked(previous, content)
        tx.run(
            "append_act", chain=chain, seq=seq, at_us=at, actor=act.actor, act=act.act, about=act.about,
            content=content, previous=previous, hash=hash,
        )  # fmt: skip
        heads[chain] = {"seq": seq, "hash": hash}
    for chain, head in heads.items():
        tx.run("move_head", chain=chain, seq=head["seq"], hash=head["hash"])


class Audit:
    """Keeps AuditPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def record(self, act: Act) -> None:
        """In a transaction of its own."""
        await self.database.write(lambda tx: record_in(tx, act))

    async def page(
        self, *, actor: str | None = None, act: str | None = None, about: str | None = None,
        before: Instant | None = None, limit: int = 50,
    ) -> list[Entry]:  # fmt: skip
        """Newest first."""
        found = await self.database.read(
            lambda tx: tx.rows("audit_page", actor=actor, act=act, about=about, before_us=before, limit=limit)
        )
        return [entry(row) for row in found]

    async def verify(self) -> Verified:
        """Every chain, from its first entry to its head."""

        def work(tx: Transaction) -> Verified:
            walked = walk_acts(tx, frozenset())
            return Verified(walked.entries, 0, 0, tuple(walked.found))

        return await self.database.read(work)


def entry(row: Row) -> Entry:
    """An act as stored."""
    kept: dict[str, Any] = json.loads(row["content"])
    act = Act(kept["actor"], kept["role"], kept["act"], kept["about"], kept["details"], kept["why"])
    return Entry(row["chain"], row["seq"], Instant(row["at_us"]), act, row["hash"])

"""The audit trail: 16 chains of hashes over acts of people, one over the ledger's closed minutes, heads kept outside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contact.clock import real_now
from contact.domain.acts import Act
from contact.ports.audit import Entry, LedgerChecked, Verified
from contact.storage.audits.anchors import Anchors, Heads, binding, heads_of, read_anchors
from contact.storage.audits.checks import walk
from contact.storage.audits.ledger_check import check_in, stuck
from contact.storage.audits.ledger_digests import Minutes
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from strategies.declared.playbook import Playbook
from strategies.instants import HOUR, Instant

__all__ = ["Audit", "record_in"]

EXPORTED = ("chain", "seq", "content", "previous", "hash")
WHOLE_EVERY = HOUR
LAST_CHECK = "ledger.check"


class Audit:
    """Keeps AuditPort on either database."""

    def __init__(self, database: Database, anchors: Anchors) -> None:
        self.database = database
        self.anchors = anchors
        self.minutes = Minutes(database)

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

    async def chain(self, chain: int, after: int = 0, limit: int = 1000) -> list[Mapping[str, Any]]:
        """Entries of one chain as stored, for whoever checks them elsewhere."""
        found = await self.database.read(
            lambda tx: tx.rows("audit_after", chain=chain, after=after, limit=limit)
        )
        return [{name: row[name] for name in EXPORTED} for row in found]

    async def close_minutes(self) -> int:
        """Sum up the ledger's minutes that are complete; how many."""
        return await self.minutes.close()

    async def anchor(self) -> bool:
        """Keep the heads outside, where they have grown. Raises AnchorUnreachable."""

        def work(tx: Transaction) -> tuple[Heads, Instant]:
            return heads_of(tx.rows("audit_heads")), tx.now()

        heads, now = await self.database.read(work)
        return await asyncio.to_thread(self.anchors.keep, heads, now)

    async def check_ledger(self, playbook: Playbook) -> LedgerChecked:
        """What is stuck, and once an hour everything; kept where every process sees it."""
        now, before = real_now(), await self.last_check()
        whole = before is None or now - before.whole_at >= WHOLE_EVERY

        def work(tx: Transaction) -> Mapping[str, tuple[str, ...]]:
            return check_in(tx, playbook).found if whole else stuck(tx, playbook)

        counts = {name: len(ids) for name, ids in (await self.database.read(work)).items()}
        if before is not None and not whole:
            counts = {**before.found, **counts}
        known = before.since if before is not None else {}
        since = {name: known.get(name, now) for name, count in counts.items() if count}
        checked = LedgerChecked(now, now if whole or before is None else before.whole_at, counts, since)
        value = json.dumps(asdict(checked))
        await self.database.write(lambda tx: tx.run("point", name=LAST_CHECK, value=value))
        return checked

    async def last_check(self) -> LedgerChecked | None:
        """What any process found last."""
        row = await self.database.read(lambda tx: tx.row("read_pointer", name=LAST_CHECK))
        if row is None:
            return None
        kept = json.loads(row["value"])
        since = {name: Instant(at) for name, at in kept.get("since", {}).items()}
        return LedgerChecked(Instant(kept["at"]), Instant(kept["whole_at"]), kept["found"], since)

    async def verify(self, anchors: Path | None = None) -> Verified:
        """Every chain and every closed minute, in one snapshot, against the anchors of this file or the usual one."""
        path = anchors or self.anchors.path
        kept, unreadable = await asyncio.to_thread(read_anchors, path) if path is not None else ([], 0)
        bound = binding(kept)
        walked = await self.database.read(lambda tx: walk(tx, bound))
        return Verified(
            entries=walked.entries, minutes=walked.minutes, anchors=len(bound.must), taken_back=bound.taken_back,
            unreadable=unreadable, found=tuple(walked.found),
        )  # fmt: skip


def entry(row: Row) -> Entry:
    """An act as stored."""
    kept: dict[str, Any] = json.loads(row["content"])
    act = Act(kept["actor"], kept["role"], kept["act"], kept["about"], kept["details"], kept["why"])
    return Entry(row["chain"], row["seq"], Instant(row["at_us"]), act, row["hash"])

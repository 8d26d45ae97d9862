"""Requests already answered, by caller and key, so that a retry has one effect. On real time."""

from __future__ import annotations

from base64 import b64decode, b64encode

from contact.clock import real_now
from contact.ports import Begun
from contact.ports.claims import Claim
from contact.storage.database import Database
from contact.storage.transaction import Transaction
from strategies.instants import SECOND

CLAIM_LASTS = 60 * SECOND
"""One from further ahead than that was made by a clock that was set back since: nobody waits for it to come true."""


class Idempotency:
    """Keeps IdempotencyPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def begin(self, scope: str, key: str, payload_hash: str) -> Begun:
        """Claim the key: fresh, stored, mismatch, in progress, or effected where only its answer was lost."""

        def work(tx: Transaction) -> Begun:
            now = real_now()
            if tx.run("begin_idempotent", scope=scope, key=key, payload_hash=payload_hash, now_us=now):
                return Begun("fresh", claim=Claim(scope, key, now))
            row = tx.row("read_idempotent", scope=scope, key=key)
            assert row is not None
            if row["payload_hash"] != payload_hash:
                return Begun("mismatch")
            if row["state"] == "done":
                return Begun("stored", row["status"], b64decode(row["body"]))
            if now - CLAIM_LASTS < row["at_us"] <= now + CLAIM_LASTS:
                return Begun("in_progress")
            if row["state"] == "effected":
                return Begun("effected")
            named = {"scope": scope, "key": key, "payload_hash": payload_hash}
            tx.run("claim_idempotent", **named, since_us=row["at_us"], now_us=now)
            return Begun("fresh", claim=Claim(scope, key, now))

        return await self.database.write(work)

    async def finish(self, scope: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer for every retry."""
        answer = {"scope": scope, "key": key, "status": status, "body": b64encode(body).decode()}
        await self.database.write(lambda tx: tx.run("finish_idempotent", **answer))

    async def abandon(self, scope: str, key: str) -> None:
        """Nothing was changed: the same request may come again."""
        await self.database.write(lambda tx: tx.run("abandon_idempotent", scope=scope, key=key))

"""Requests already answered, by caller and key, so that a retry has one effect. On real time."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from typing import NamedTuple

from contact.clock import real_now
from contact.ports import Begun
from contact.ports.claims import Claim
from contact.storage.databases.claimed import Kept, keep_answers
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from strategies.instants import SECOND, Instant

CLAIM_LASTS = 60 * SECOND
"""One from further ahead than that was made by a clock that was set back since: nobody waits for it to come true."""


class Request(NamedTuple):
    """One that may be repeated: whose key it is, and the hash of what it asks for."""

    scope: str
    key: str
    payload_hash: str


class Idempotency:
    """Keeps IdempotencyPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def begin(self, scope: str, key: str, payload_hash: str) -> Begun:
        """Claim the key: fresh, stored, mismatch, in progress, or effected where only its answer was lost."""
        begun: Begun = await self.database.write_together(_begin, Request(scope, key, payload_hash))
        return begun

    async def finish(self, scope: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer for every retry."""
        await self.database.write_together(_finish, (scope, key, status, body))

    async def abandon(self, scope: str, key: str) -> None:
        """Nothing was changed: the same request may come again."""
        await self.database.write(lambda tx: tx.run("abandon_idempotent", scope=scope, key=key))


def _begin(tx: Transaction, requests: Sequence[Request]) -> list[Begun]:
    now = real_now()
    first: dict[tuple[str, str], Request] = {}
    for request in requests:
        first.setdefault((request.scope, request.key), request)
    rows = [each._asdict() for each in first.values()]
    written = {
        (row["scope"], row["key"]) for row in tx.rows("begin_idempotent", rows=json.dumps(rows), now_us=now)
    }
    begun = []
    for request in requests:
        named = (request.scope, request.key)
        fresh = named in written and first[named] is request
        begun.append(Begun("fresh", claim=Claim(*named, now)) if fresh else _known(tx, request, now))
    return begun


def _known(tx: Transaction, request: Request, now: Instant) -> Begun:
    """How a request stands whose key was used before."""
    named = {"scope": request.scope, "key": request.key}
    row = tx.row("read_idempotent", **named)
    if row is None:  # given up by another writer since it was in the way: the next repeat begins anew
        return Begun("in_progress")
    if row["payload_hash"] != request.payload_hash:
        return Begun("mismatch")
    if row["state"] == "done":
        return Begun("stored", row["status"], b64decode(row["body"]))
    if now - CLAIM_LASTS < row["at_us"] <= now + CLAIM_LASTS:
        return Begun("in_progress")
    if row["state"] == "effected":
        return Begun("effected")
    tx.run("claim_idempotent", **named, payload_hash=request.payload_hash, since_us=row["at_us"], now_us=now)
    return Begun("fresh", claim=Claim(request.scope, request.key, now))


def _finish(tx: Transaction, kept: Sequence[Kept]) -> list[None]:
    keep_answers(tx, kept)
    return [None] * len(kept)

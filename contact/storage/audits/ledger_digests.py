"""Closed minutes of the contact ledger, each summed up in one hash and chained: what has happened cannot be rewritten.

A minute is closed once no transaction can still add to it. Its digest covers every move of that minute and, with a
contact's first move, what never changes about the contact: whose it is, strategy, offer, channel, category, direction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from contact.clock import real_now
from contact.domain.acts import LEDGER_CHAIN, canonical, linked
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import MINUTE, SECOND, Instant

GRACE = 5 * SECOND
PAGE = 20_000
MOST_MINUTES = 200
"""Closed in one round."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What the moves of a minute come to."""

    minute: int
    """Minutes since 1970 of the store's clock."""
    moves: int
    first_move: int
    last_move: int
    digest: str


@dataclass(slots=True)
class Minutes:
    """Closes minutes as they become complete; remembers the clock's offset, since a moved clock needs more patience."""

    database: Database
    _offset: int | None = None
    _offset_seen: int = 0

    async def close(self) -> int:
        """Sum up the minutes that nothing can be added to any more; how many."""
        until = await self.database.read(self._closable_until)
        found = await self.database.read(lambda tx: _digests(tx, until))
        if not found:
            return 0
        return await self.database.write(lambda tx: _chain(tx, found))

    def _closable_until(self, tx: Transaction) -> Instant:
        """The end of the last minute that nothing can be added to, by the store's clock.

        On PostgreSQL a transaction that is still open may hold moves of the time since it began; what began before we
        saw the clock at its present offset may hold moves by an earlier one.
        """
        row = tx.row("read_clock")
        assert row is not None
        if row["offset_us"] != self._offset:
            self._offset, self._offset_seen = row["offset_us"], real_now()
        oldest = tx.row("oldest_open_unit")
        began = oldest["began_us"] if oldest else None
        if began is not None and began <= self._offset_seen:
            return Instant(0)
        latest = tx.now() - GRACE
        if began is not None:
            latest = min(latest, began + row["offset_us"])
        return Instant(latest - latest % MINUTE)


def _digests(tx: Transaction, until: Instant) -> list[Digest]:
    """Of every minute with moves since the last closed one, as far as minutes are complete."""
    last = tx.row("last_digest")
    at = (last["minute"] + 1) * MINUTE if last else 0
    found: list[Digest] = []
    while len(found) < MOST_MINUTES:
        row = tx.row("first_open_move", from_us=at)
        if row is None or row["at_us"] is None or row["at_us"] >= until:
            break
        minute = row["at_us"] // MINUTE
        found.append(digest_of(tx, minute))
        at = (minute + 1) * MINUTE
    return found


def digest_of(tx: Transaction, minute: int) -> Digest:
    """The moves of a minute, summed up: SHA-256 over their rows as JSON lines, in their order."""
    sum, encoder = hashlib.sha256(), msgspec.json.Encoder()
    moves = first = last = 0
    for page in _moves(tx, minute):
        sum.update(encoder.encode_lines(page))
        moves += len(page)
        first, last = first or page[0][0], page[-1][0]
    return Digest(minute, moves, first, last, sum.hexdigest())


def _moves(tx: Transaction, minute: int) -> Iterator[list[tuple[Any, ...]]]:
    after = 0
    while True:
        found = tx.columns(
            "moves_of_minute", from_us=minute * MINUTE, until_us=(minute + 1) * MINUTE, after=after, limit=PAGE
        )  # fmt: skip
        page = list(zip(*found.values(), strict=True))
        if page:
            yield page
            after = page[-1][0]
        if len(page) < PAGE:
            return


def _chain(tx: Transaction, found: list[Digest]) -> int:
    """Append what another worker has not appended meanwhile."""
    (head,) = tx.rows("hold_heads", chains=[LEDGER_CHAIN])
    last = tx.row("last_digest")
    closed = last["minute"] if last else -1
    seq, hash, appended = head["seq"], head["hash"], 0
    for each in found:
        if each.minute <= closed:
            continue
        seq, previous, appended = seq + 1, hash, appended + 1
        hash = linked(previous, content_of(each, seq))
        tx.run(
            "insert_digest", seq=seq, minute=each.minute, moves=each.moves, first_move=each.first_move,
            last_move=each.last_move, digest=each.digest, why="closed", previous=previous, hash=hash,
        )  # fmt: skip
    tx.run("move_head", chain=LEDGER_CHAIN, seq=seq, hash=hash)
    return appended


def content_of(digest: Digest, seq: int) -> str:
    """Canonical JSON of a closed minute at its place in the chain."""
    return canonical({
        "seq": seq, "minute": digest.minute, "moves": digest.moves, "first": digest.first_move,
        "last": digest.last_move, "digest": digest.digest,
    })  # fmt: skip


def kept(row: Row) -> Digest:
    """A closed minute as stored."""
    return Digest(row["minute"], row["moves"], row["first_move"], row["last_move"], row["digest"])

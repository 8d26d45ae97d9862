"""Plays the journal of opt-outs back into a store, as after a restore: what stands already is left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contact.storage.databases.database import Database
from contact.storage.databases.opt_out_journal import Entry, OptOutJournal
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger import consents
from strategies.instants import Instant

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many entries were read, how many the store did not have, and how many lines nobody can read."""

    read: int
    restored: int
    damaged: int


async def replay(database: Database, journal: OptOutJournal, since: Instant | None = None) -> Replayed:
    """Every consent recorded at ``since`` or later stands in the store, once, under the instant it was recorded at.

    Queued contacts are not touched here: each asks for its permit again, which sees what was played back.
    """
    found = journal.read(since)
    restored = 0
    for first in range(0, len(found.entries), _AT_ONCE):
        part = found.entries[first : first + _AT_ONCE]
        subjects = sorted({subject for entry in part for subject in consents.subjects(entry.consent)})
        restored += await database.write(lambda tx, part=part: _restore(tx, part), subjects)  # type: ignore[misc]
    return Replayed(len(found.entries), restored, found.damaged)


def _restore(tx: Transaction, entries: Sequence[Entry]) -> int:
    return sum(consents.restore(tx, entry) for entry in entries)

"""What customers withdrew and gave, in a file that no backup overwrites: synced before the commit that acknowledges it.

A line holds a customer's id or the keyed hash of a number, never a name, a number or what somebody noted. What a commit
brings is one write and one sync, so that many opt-outs at once cost one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contact.faults import JournalUnavailable
from contact.storage.databases.durable import append
from strategies.instants import Instant
from strategies.profile import Consent, CustomerId

NAME = "opt-outs.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One consent as it was recorded; its id makes it one however often it is written or played back."""

    id: str
    recorded: Instant
    consent: Consent


@dataclass(frozen=True, slots=True)
class Read:
    """What a journal holds, and how many of its lines a crash or a disk left unreadable."""

    entries: tuple[Entry, ...]
    damaged: int


class OptOutJournal:
    """A folder's journal, appended to by every process of an installation."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def write(self, entries: Sequence[Entry]) -> None:
        """All of them are on the disk when this returns. Raises JournalUnavailable where they may not be."""
        if not entries:
            return
        try:
            append(self.path, b"".join(_line(entry) for entry in entries))
        except OSError as error:
            raise JournalUnavailable(error.strerror or str(error)) from error

    def read(self, since: Instant | None = None) -> Read:
        """What was recorded at this instant or later, in order of writing; a damaged line hides no other."""
        entries, damaged = [], 0
        for entry in self._lines():
            if entry is None:
                damaged += 1
            elif since is None or entry.recorded >= since:
                entries.append(entry)
        return Read(tuple(entries), damaged)

    def _lines(self) -> Iterator[Entry | None]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                if line.strip():
                    yield _entry(line)


def _line(entry: Entry) -> bytes:
    consent = entry.consent
    facts = {
        "id": entry.id, "recorded": entry.recorded, "given": consent.given, "at": consent.at,
        "channel": consent.channel, "category": consent.category, "customer": consent.customer,
        "number": consent.number_hash, "source": consent.source, "until": consent.until,
    }  # fmt: skip
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return json.dumps([zlib.crc32(text.encode()), text], ensure_ascii=False).encode() + b"\n"


def _entry(line: bytes) -> Entry | None:
    try:
        check, text = json.loads(line)
        if zlib.crc32(text.encode()) != check:
            return None
        facts = json.loads(text)
        consent = Consent(
            facts["given"], Instant(facts["at"]), facts["channel"], facts["category"],
            customer=None if facts["customer"] is None else CustomerId(facts["customer"]),
            number_hash=facts["number"], source=facts["source"],
            until=None if facts["until"] is None else Instant(facts["until"]),
        )  # fmt: skip
        return Entry(facts["id"], Instant(facts["recorded"]), consent)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None

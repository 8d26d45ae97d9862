"""Contacts, consents, events and profile changes of everybody, kept as arrays and brought up to date by what is new.

A contact is known by its place in the ledger. What may have changed since the last reading is read again: contacts that
were open, that moved, or to which something happened within the day before it, because reports come late.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from contact.storage import history
from contact.storage.arrow import compute as pc
from contact.storage.base_columns import coded
from contact.storage.base_identity import Identity
from contact.storage.rows import MOMENTS
from contact.storage.transaction import Transaction
from strategies.instants import DAY, MINUTE, Instant
from strategies.people import (
    NEVER,
    NOT_HERE,
    Codes,
    ConsentArrays,
    ContactArrays,
    EventArrays,
    Integers,
    Texts,
)
from strategies.playbook import Playbook
from strategies.profile import NEVER_COUNTED_STATES

_PAGE = 50_000
_TEXTS = ("channel", "category", "direction", "strategy", "offer", "family", "state", "result")
_INSTANTS = ("planned_us", "receipt_until_us", *(f"{name}_us" for name in MOMENTS))
_KEYS = {"account": "account_id", "household": "household_id", "device": "device_id", "number": "number_hash"}
_LATE = DAY

Arrays = dict[str, Any]
Read = Mapping[str, Sequence[Any]]
"""Columns as SQL gave them."""
Change = tuple[str, Mapping[str, Any], int, int | None]
"""Customer, what was set, since when, until when."""
_IN_FLIGHT = 5 * MINUTE
"""How long a transaction may take from its first number to its commit."""
_FIRST_OVERLAP = 100_000


@dataclass(slots=True)
class Place:
    """How far a numbered table was read.

    PostgreSQL's writers draw their numbers before they commit: a row may show after one of a higher number did. There
    everything is read again from where the reading stood some minutes ago; SQLite has one writer at a time.
    """

    read: list[tuple[int, int]] = field(default_factory=list)
    """When it was read, and up to which number."""

    def after(self, tx: Transaction) -> int:
        """The number after which there may be something new."""
        if not self.read:
            return 0
        if tx.dialect == "sqlite":
            return self.read[-1][1]
        while len(self.read) > 1 and self.read[1][0] <= tx.now() - _IN_FLIGHT:
            del self.read[0]
        return self.read[0][1]

    def reached(self, tx: Transaction, number: int) -> None:
        """Everything that shows by now was read, up to a number."""
        if not self.read:
            self.read.append((NEVER, max(0, number - _FIRST_OVERLAP)))
        self.read.append((tx.now(), number))


@dataclass(slots=True)
class Records:
    """What SQL holds of the customers of one generation, as of one reading."""

    at: int = NEVER
    since: int = 1 << 62
    """Contacts planned before it were not read."""
    contacts: Arrays = field(default_factory=dict)
    last_contact: int = 0
    moves: Place = field(default_factory=Place)
    consents: Arrays = field(default_factory=dict)
    consents_place: Place = field(default_factory=Place)
    changes: dict[int, Change] = field(default_factory=dict)
    """By number, in order of number."""
    changes_place: Place = field(default_factory=Place)
    events: EventArrays | None = None
    watched: Mapping[str, int | None] = field(default_factory=dict)

    def covers(self, playbook: Playbook, now: int) -> bool:
        """Whether all that a playbook's rules look at was read."""
        reach = history.since(playbook, Instant(now))
        return reach >= self.since - _LATE and playbook.events_watched() == self.watched


def read_changes(tx: Transaction, held: Records) -> None:
    """What events have set since the last reading."""
    late = False
    last = next(reversed(held.changes), 0)
    for row in tx.rows("base_changes", after=held.changes_place.after(tx)):
        number = int(row["seq"])
        if number in held.changes:
            continue
        late, last = late or number < last, max(number, last)
        held.changes[number] = (
            row["customer_id"], json.loads(row["fields"]), int(row["at_us"]), row["until_us"],
        )  # fmt: skip
    if late:
        held.changes = dict(sorted(held.changes.items()))
    held.changes_place.reached(tx, last)


def changes_now(held: Records, now: int) -> list[tuple[str, Mapping[str, Any]]]:
    """What lies over the generation at an instant, the later after the earlier."""
    return [
        (customer, fields)
        for customer, fields, begins, until in held.changes.values()
        if begins <= now and (until is None or until > now)
    ]


def read_records(tx: Transaction, held: Records, identity: Identity, playbook: Playbook) -> None:
    """Contacts, consents and events as of now; what a wider window of another playbook needs is read whole."""
    now = tx.now()
    since = history.since(playbook, now)
    fresh = since < held.since or not held.contacts
    first = 0 if fresh else held.last_contact
    parts = list(_pages(tx, "base_contacts", first, _contacts_read, identity, since_us=since))
    if not fresh:
        changed = tx.columns(
            "base_contacts_changed",
            until=held.last_contact,
            since_us=held.at - _LATE,
            after_move=held.moves.after(tx),
        )
        parts = [held.contacts, _contacts_read(changed, identity), *parts]
    held.contacts = _latest_of(parts)
    if fresh:
        held.since = since
    held.last_contact = max([held.last_contact, *(int(part["seq"].max(initial=0)) for part in parts)])
    move = tx.row("base_last_move")
    held.moves.reached(tx, int(move["seq"]) if move else 0)
    pages = list(_pages(tx, "base_consents", held.consents_place.after(tx), _consents_read, identity))
    held.consents = _each_once([held.consents, *pages] if held.consents else pages)
    held.consents_place.reached(tx, int(held.consents["seq"].max(initial=0)))
    held.watched = playbook.events_watched()
    held.events = _events(tx, playbook, identity)
    held.at = now


def _pages(
    tx: Transaction, statement: str, after: int, read: Any, identity: Identity, **parameters: Any
) -> Iterator[Arrays]:
    """A page at a time, so that the rows of a large ledger never stand in memory together."""
    while True:
        columns = tx.columns(statement, after=after, limit=_PAGE, **parameters)
        yield read(columns, identity)
        if len(columns["seq"]) < _PAGE:
            return
        after = int(columns["seq"][-1])


def _contacts_read(rows: Read, identity: Identity) -> Arrays:
    found: Arrays = {name: _words(rows, name) for name in _TEXTS}
    for name in _INSTANTS:
        found[name] = _instants(rows, name)
    found["seq"] = np.array(rows["seq"], dtype=np.int64)
    found["promotional"] = np.array(rows["promotional"], dtype=np.bool_)
    found["final"] = np.array(rows["final"], dtype=np.bool_)
    customers = _strings(rows, "customer_id")
    found["owner"] = identity.places(customers)
    for kind, key in _KEYS.items():
        found[kind] = identity.codes(kind, _strings(rows, key))
    found["account_of_owner"] = identity.codes("account", customers)
    return found


def _consents_read(rows: Read, identity: Identity) -> Arrays:
    numbers = identity.codes("number", _strings(rows, "number_hash"))
    for place in np.flatnonzero(numbers == NOT_HERE).tolist():
        numbers[place] = NOT_HERE - 1 - (crc32(rows["number_hash"][place].encode()) >> 2)
    return {
        "seq": np.array(rows["seq"], dtype=np.int64),
        "owner": identity.places(_strings(rows, "customer_id")),
        "number": numbers,
        "given": np.array(rows["given"], dtype=np.bool_),
        "at": _instants(rows, "at_us"),
        "until": _instants(rows, "until_us"),
        "channel": _words(rows, "channel"),
        "category": _words(rows, "category"),
    }


def _events(tx: Transaction, playbook: Playbook, identity: Identity) -> EventArrays:
    watched = playbook.events_watched()
    rows: Read = {"customer_id": [], "type": [], "at_us": []}
    if watched:
        since = history.events_since(watched, tx.now())
        rows = tx.columns("watched_events", types=sorted(watched), since_us=since)
    return EventArrays(
        owner=identity.places(_strings(rows, "customer_id")),
        type=_words(rows, "type"),
        at=_instants(rows, "at_us"),
    )


def _latest_of(parts: Sequence[Arrays]) -> Arrays:
    """All parts as one, of each contact the part that was read last; those that never count are left out."""
    if len(parts) > 1 and not any(len(part["seq"]) for part in parts[1:]):
        return parts[0]
    joined = _each_once(parts)
    counting = np.flatnonzero(~joined["state"].among(NEVER_COUNTED_STATES))
    return {name: _taken(each, counting) for name, each in joined.items()}


def _each_once(parts: Sequence[Arrays]) -> Arrays:
    """All parts as one in order of number, of each number what was read last."""
    if len(parts) > 1 and not any(len(part["seq"]) for part in parts[1:]):
        return parts[0]
    joined = _joined(parts)
    numbers = joined["seq"]
    if not np.any(numbers[1:] <= numbers[:-1]):
        return joined
    _, last = np.unique(numbers[::-1], return_index=True)
    return {name: _taken(each, len(numbers) - 1 - last) for name, each in joined.items()}


def _taken(values: Any, places: Integers) -> Any:
    return replace(values, codes=values.codes[places]) if isinstance(values, Texts) else values[places]


def _joined(parts: Sequence[Arrays]) -> Arrays:
    if len(parts) == 1:
        return parts[0]
    found: Arrays = {}
    for name, first in parts[0].items():
        several = [part[name] for part in parts]
        found[name] = _joined_texts(several) if isinstance(first, Texts) else np.concatenate(several)
    return found


def _joined_texts(parts: Sequence[Texts]) -> Texts:
    """One set of words for all, in order of code point."""
    words = sorted({word for part in parts for word in part.words})
    place = {word: code for code, word in enumerate(words)}
    codes = [
        np.array([*(place[word] for word in part.words), -1], dtype=np.int32)[part.codes] for part in parts
    ]
    return Texts(np.concatenate(codes), tuple(words))


def _words(rows: Read, name: str) -> Texts:
    codes, words = coded(_strings(rows, name))
    return Texts(codes, words)


def _strings(rows: Read, name: str) -> Any:
    return pa.array(rows[name], pa.string())


def _instants(rows: Read, name: str) -> Integers:
    instants: Integers = pc.fill_null(pa.array(rows[name], pa.int64()), NEVER).to_numpy(zero_copy_only=False)
    return instants


def contact_arrays(held: Records) -> ContactArrays:
    """The contacts as rules read them."""
    each = held.contacts
    subjects: Mapping[str, Codes] = {kind: each[kind] for kind in (*_KEYS, "account_of_owner")}
    return ContactArrays(
        owner=each["owner"],
        subjects=subjects,
        **{name: each[name] for name in (*_TEXTS, "promotional", "final")},
        planned_at=each["planned_us"],
        receipt_until=each["receipt_until_us"],
        moments={name: each[f"{name}_us"] for name in MOMENTS},
    )


def consent_arrays(held: Records) -> ConsentArrays:
    """The consents as rules read them."""
    return ConsentArrays(**{name: value for name, value in held.consents.items() if name != "seq"})

"""Contacts, consents, events and profile changes of everybody, kept as arrays and brought up to date by what is new.

A contact is known by its place in the ledger. What may have changed since the last reading is read again: contacts that
were open, that moved, or to which something happened within the day before it, because reports come late.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from contact.storage.base.identity import Identity
from contact.storage.base.kept import (
    CONSENTS,
    CONTACTS,
    EVENTS,
    INSTANTS,
    KEYS,
    TEXTS,
    KeptFiles,
    Read,
    State,
    codes_in,
    each_once,
    flags_in,
    instants_in,
    table_of,
    texts_in,
    that_count,
    within_reach,
)
from contact.storage.databases.rows import MOMENTS
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger import history
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, MINUTE, Instant
from strategies.judging.people import (
    NEVER,
    NOT_HERE,
    Codes,
    ConsentArrays,
    ContactArrays,
    EventArrays,
)

_PAGE = 50_000
_LATE = DAY

Arrays = dict[str, Any]
Change = tuple[str, Mapping[str, Any], int, int | None]
"""Customer, what was set, since when, until when."""
_IN_FLIGHT = 5 * MINUTE
"""How long a transaction may take from its first number to its commit."""
_FIRST_OVERLAP = 100_000
_KEPT_FOR_SECONDS = 600.0
"""How old the files of a process that reads again and again become."""


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
    contacts: pa.Table | None = None
    """As SQL gave them, each once; those that never count are left out."""
    contacts_read: Arrays = field(default_factory=dict)
    """The same as rules read them, for the customers of the generation."""
    last_contact: int = 0
    moves: Place = field(default_factory=Place)
    consents: pa.Table | None = None
    consents_read: Arrays = field(default_factory=dict)
    consents_place: Place = field(default_factory=Place)
    rewritten: list[int] = field(default_factory=lambda: [0, 0])
    """How often contacts, and consents, that were stored before have been changed or taken away since."""
    codes: dict[str, tuple[Any, Codes]] = field(default_factory=dict)
    """By column of keys: the keys met so far, and what each is in the generation."""
    kept: float | None = None
    """When the files were written or read last, by a clock that only runs."""
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


def read_records(
    tx: Transaction, held: Records, identity: Identity, playbook: Playbook, files: KeptFiles
) -> None:
    """Contacts, consents and events as of now; what a wider window of another playbook needs is read whole."""
    now = tx.now()
    since, rewritten = history.since(playbook, now), _rewritten(tx)
    if held.contacts is None:
        _take_from_files(tx, held, files, since, rewritten)
    if rewritten[0] != held.rewritten[0]:
        held.contacts = None
    if rewritten != held.rewritten:
        held.consents, held.consents_place = None, Place()
    fresh = _read_contacts(tx, held, identity, since)
    found = list(_pages(tx, "base_consents", held.consents_place.after(tx), CONSENTS))
    if held.consents is None or any(part.num_rows for part in found):
        held.consents = each_once([*([] if held.consents is None else [held.consents]), *found])
        held.consents_read = {}
    held.consents_place.reached(tx, _last(held.consents))
    if not held.consents_read:
        held.consents_read = _consents_read(held.consents, held, identity)
    held.watched = playbook.events_watched()
    held.events = _events(tx, playbook, identity)
    held.at, held.rewritten = now, rewritten
    if fresh or held.kept is None or monotonic() - held.kept > _KEPT_FOR_SECONDS:
        _keep(tx, held, files, since)


def _read_contacts(tx: Transaction, held: Records, identity: Identity, since: int) -> bool:
    """Bring the contacts up to date; whether all of them had to be read."""
    known = held.contacts if since >= held.since else None
    first = 0 if known is None else held.last_contact
    parts = list(_pages(tx, "base_contacts", first, CONTACTS, since_us=since))
    if known is not None:
        changed = tx.columns(
            "base_contacts_changed", until=held.last_contact, since_us=held.at - _LATE,
            after_move=held.moves.after(tx),
        )  # fmt: skip
        parts = [known, table_of(changed, CONTACTS), *parts]
    else:
        held.since = since
    held.last_contact = max([held.last_contact if known is not None else 0, *map(_last, parts)])
    move = tx.row("base_last_move")
    held.moves.reached(tx, int(move["seq"]) if move else 0)
    if known is None or any(part.num_rows for part in parts[1:]):
        held.contacts = that_count(each_once(parts))
        held.contacts_read = {}
    assert held.contacts is not None
    if not held.contacts_read:
        held.contacts_read = _contacts_read(held.contacts, held, identity)
    return known is None


def _last(table: pa.Table) -> int:
    return int(table["seq"][-1].as_py()) if table.num_rows else 0


def _rewritten(tx: Transaction) -> list[int]:
    row = tx.row("base_rewritten")
    return [int(row["merged"]), int(row["merged"]) + int(row["annulled"])] if row else [0, 0]


def _marks(tx: Transaction, contact: int, move: int, consent: int) -> list[str | None]:
    """What tells that the rows up to these numbers are the ones that were read."""
    row = tx.row("base_marks", contact=contact, move=move, consent=consent) or {}
    return [None if value is None else str(value) for value in row.values()]


def _take_from_files(
    tx: Transaction, held: Records, files: KeptFiles, since: int, rewritten: list[int]
) -> None:
    """What another process, or this one for another generation, has read and kept, where it is of this store."""
    contacts, consents = files.read("contacts", CONTACTS), files.read("consents", CONSENTS)
    if contacts is None or consents is None:
        return
    state: State = contacts[1]
    marks = _marks(tx, state["last_contact"], state["moves"][-1][1], state["consents"][-1][1])
    if state["at"] > tx.now() or state["since"] > since or consents[1] != state or marks != state["marks"]:
        return
    if rewritten != state["rewritten"]:
        return
    held.contacts, held.consents, held.rewritten = contacts[0], consents[0], rewritten
    held.at, held.since, held.last_contact = state["at"], state["since"], state["last_contact"]
    held.moves = Place([(at, number) for at, number in state["moves"]])
    held.consents_place = Place([(at, number) for at, number in state["consents"]])
    held.kept = monotonic()


def _keep(tx: Transaction, held: Records, files: KeptFiles, since: int) -> None:
    assert held.contacts is not None and held.consents is not None
    moves, consents = held.moves.read, held.consents_place.read
    state: State = {
        "at": held.at, "since": since, "last_contact": held.last_contact, "rewritten": held.rewritten,
        "moves": [list(each) for each in moves], "consents": [list(each) for each in consents],
        "marks": _marks(tx, held.last_contact, moves[-1][1], consents[-1][1]),
    }  # fmt: skip
    files.write("consents", held.consents, state)
    files.write("contacts", within_reach(held.contacts, since), state)
    held.kept = monotonic()


def _pages(
    tx: Transaction, statement: str, after: int, schema: pa.Schema, **parameters: Any
) -> Iterator[pa.Table]:
    """A page at a time, so that the rows of a large ledger never stand in memory together."""
    while True:
        columns = tx.columns(statement, after=after, limit=_PAGE, **parameters)
        yield table_of(columns, schema)
        if len(columns["seq"]) < _PAGE:
            return
        after = int(columns["seq"][-1])


def _contacts_read(table: pa.Table, held: Records, identity: Identity) -> Arrays:
    found: Arrays = {name: texts_in(table, name) for name in TEXTS}
    for name in INSTANTS:
        found[name] = instants_in(table, name, NEVER)
    found["promotional"], found["final"] = flags_in(table, "promotional"), flags_in(table, "final")
    found["owner"] = _placed(table, "customer_id", "contacts", held, identity.places)
    for kind, key in KEYS.items():
        found[kind] = _placed(table, key, "contacts", held, _coder(identity, kind))
    met, known = held.codes["contacts.account_id"]
    if codes_in(table, "customer_id")[1].equals(
        met
    ):  # where every account has one customer, the ids are the same
        held.codes.setdefault("account.customer_id", (met, known))
    found["account_of_owner"] = _placed(table, "customer_id", "account", held, _coder(identity, "account"))
    return found


def _coder(identity: Identity, kind: str) -> Callable[[Any], Codes]:
    return lambda keys: identity.codes(kind, keys)


def _placed(table: pa.Table, name: str, part: str, held: Records, place: Callable[[Any], Codes]) -> Codes:
    """What the keys of a column are in the generation; keys that were met before are not looked up again."""
    codes, words = codes_in(table, name)
    met, known = held.codes.get(f"{part}.{name}", (None, None))
    if met is None or known is None or not words.slice(0, len(met)).equals(met):
        known = place(words)
    elif len(words) > len(met):
        known = np.concatenate([known, place(words.slice(len(met)))])
    held.codes[f"{part}.{name}"] = words, known
    found: Codes = np.append(known, np.int32(-1))[codes]
    return found


def _consents_read(table: pa.Table, held: Records, identity: Identity) -> Arrays:
    def number(keys: Any) -> Codes:
        found = identity.codes("number", keys)
        for place in np.flatnonzero(found == NOT_HERE).tolist():
            found[place] = NOT_HERE - 1 - (crc32(keys[place].as_py().encode()) >> 2)
        return found

    return {
        "owner": _placed(table, "customer_id", "consents", held, identity.places),
        "number": _placed(table, "number_hash", "consents", held, number),
        "given": flags_in(table, "given"),
        "at": instants_in(table, "at_us", NEVER),
        "until": instants_in(table, "until_us", NEVER),
        "channel": texts_in(table, "channel"),
        "category": texts_in(table, "category"),
    }


def _events(tx: Transaction, playbook: Playbook, identity: Identity) -> EventArrays:
    watched = playbook.events_watched()
    rows: Read = {"customer_id": (), "type": (), "at_us": ()}
    if watched:
        since = history.events_since(watched, tx.now())
        rows = tx.columns("watched_events", types=sorted(watched), since_us=since)
    table = table_of(rows, EVENTS)
    return EventArrays(
        owner=identity.places(pa.array(rows["customer_id"], pa.string())),
        type=texts_in(table, "type"),
        at=instants_in(table, "at_us", NEVER),
    )


def contact_arrays(held: Records) -> ContactArrays:
    """The contacts as rules read them."""
    each = held.contacts_read
    subjects: Mapping[str, Codes] = {kind: each[kind] for kind in (*KEYS, "account_of_owner")}
    return ContactArrays(
        owner=each["owner"],
        subjects=subjects,
        **{name: each[name] for name in (*TEXTS, "promotional", "final")},
        planned_at=each["planned_us"],
        receipt_until=each["receipt_until_us"],
        moments={name: each[f"{name}_us"] for name in MOMENTS},
    )


def consent_arrays(held: Records) -> ConsentArrays:
    """The consents as rules read them."""
    return ConsentArrays(**held.consents_read)

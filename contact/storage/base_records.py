"""Contacts, consents, events and profile changes of everybody, kept as arrays and brought up to date by what is new.

A contact is known by its place in the ledger. What may have changed since the last reading is read again: contacts that
were open, that moved, or to which something happened within the day before it, because reports come late.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage import history
from contact.storage.arrow import compute as pc
from contact.storage.base_columns import coded
from contact.storage.base_identity import Identity
from contact.storage.rows import MOMENTS
from contact.storage.transaction import Transaction
from strategies.instants import DAY, Instant
from strategies.people import NEVER, Codes, ConsentArrays, ContactArrays, EventArrays, Integers, Texts
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


@dataclass(slots=True)
class Records:
    """What SQL holds of the customers of one generation, as of one reading."""

    at: int = NEVER
    since: int = 1 << 62
    """Contacts planned before it were not read."""
    contacts: Arrays = field(default_factory=dict)
    last_contact: int = 0
    last_move: int = 0
    consents: Arrays = field(default_factory=dict)
    last_consent: int = 0
    changes: list[Change] = field(default_factory=list)
    last_change: int = 0
    events: EventArrays | None = None
    watched: Mapping[str, int | None] = field(default_factory=dict)

    def covers(self, playbook: Playbook, now: int) -> bool:
        """Whether all that a playbook's rules look at was read."""
        reach = history.since(playbook, Instant(now))
        return reach >= self.since - _LATE and playbook.events_watched() == self.watched


def read_changes(tx: Transaction, held: Records) -> None:
    """What events have set since the last reading."""
    for row in tx.rows("base_changes", after=held.last_change):
        held.changes.append(
            (row["customer_id"], json.loads(row["fields"]), int(row["at_us"]), row["until_us"])
        )
        held.last_change = int(row["seq"])


def changes_now(held: Records, now: int) -> list[tuple[str, Mapping[str, Any]]]:
    """What lies over the generation at an instant, the later after the earlier."""
    return [
        (customer, fields)
        for customer, fields, begins, until in held.changes
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
            after_move=held.last_move,
        )
        parts = [held.contacts, _contacts_read(changed, identity), *parts]
    held.contacts = _latest_of(parts)
    if fresh:
        held.since = since
    held.last_contact = max([held.last_contact, *(int(part["seq"].max(initial=0)) for part in parts)])
    move = tx.row("base_last_move")
    held.last_move = int(move["seq"]) if move else 0
    pages = list(_pages(tx, "base_consents", held.last_consent, _consents_read, identity))
    held.consents = _joined([held.consents, *pages] if held.consents else pages)
    held.last_consent = int(held.consents["seq"].max(initial=0))
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
    owner = identity.places(_strings(rows, "customer_id"))
    owner[numbers != -1] = -1  # what was said for a number binds whoever has it
    return {
        "seq": np.array(rows["seq"], dtype=np.int64),
        "owner": owner,
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
    joined = _joined(parts)
    _, last = np.unique(joined["seq"][::-1], return_index=True)
    kept = len(joined["seq"]) - 1 - last
    kept = kept[~joined["state"].among(NEVER_COUNTED_STATES)[kept]]
    return {name: _taken(each, kept) for name, each in joined.items()}


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

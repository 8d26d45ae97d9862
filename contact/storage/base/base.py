"""The base: every field of everybody as columns with what rules know of them, kept in memory by each process.

What an import delivers is built once a generation and kept as files; what changes by the minute (events' effects, lists,
contacts, consents) is read again when it is older than asked for, and only what is new of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from contact.ports.access import Scope
from contact.ports.base import BASE_MAX_AGE, IN_USE_SECONDS, REFRESHED_AT, BaseView
from contact.storage.base import lists as base_lists
from contact.storage.base.columns import columns_of_kind, text_column, unknown_column
from contact.storage.base.files import ColumnFiles, key_of
from contact.storage.base.identity import Identity, places_among
from contact.storage.base.kept import KeptFiles
from contact.storage.base.overlay import laid_over, of_units_over, values_set
from contact.storage.base.records import (
    Records,
    changes_now,
    consent_arrays,
    contact_arrays,
    read_changes,
    read_records,
)
from contact.storage.base.within import BaseWithin
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.facts import Integers, KindRows
from contact.storage.generations.files import CUSTOMER, Generation, Generations
from contact.storage.generations.switching import current_generation
from contact.storage.generations.unit_changes import UnitChange, last_unit_change, read_unit_changes
from strategies.conditions.columns import Column, Columns
from strategies.declared.playbook import Field, Playbook
from strategies.instants import Instant
from strategies.judging.people import NEVER, People, Texts

_ORDERED_BY = ("month", "opened", "from")


@dataclass(slots=True)
class _Held:
    """What is in memory of one generation."""

    generation: Generation
    identity: Identity
    built: dict[str, Column] = field(default_factory=dict)
    """By the key of its file."""
    records: Records = field(default_factory=Records)
    changes_at: int = NEVER
    units: int = -1
    """The last event of a unit that was read."""
    unit_changes: tuple[UnitChange, ...] = ()
    lists: Column | None = None
    listed: base_lists.Listed = ()
    shown: dict[str, Column] = field(default_factory=dict)
    """Columns with what events have set laid over, as of the last reading of these."""
    people: dict[str, People] = field(default_factory=dict)
    """By playbook version, as of the last reading of records."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked last, and when by a clock that only runs."""

    fields: Collection[str]
    playbook: Playbook
    people: bool
    seconds: float


class Base:
    """Keeps BasePort on either database."""

    def __init__(self, database: Database, generations: Generations) -> None:
        self.database, self.generations = database, generations
        self.files = ColumnFiles(generations.folder / "columns")
        self.kept = KeptFiles(generations.folder / "columns")
        self._held: _Held | None = None
        self._turn = asyncio.Lock()
        self._asked: _Asked | None = None

    async def columns(
        self, fields: Collection[str], playbook: Playbook, *, max_age: float = BASE_MAX_AGE
    ) -> tuple[Columns, Instant]:
        """These fields of everybody, and as of when."""
        view = await self.view(fields, playbook, people=False, max_age=max_age)
        return view.columns, view.at

    async def view(
        self, fields: Collection[str], playbook: Playbook, *, people: bool, max_age: float = BASE_MAX_AGE
    ) -> BaseView:
        """The same with who they are; with ``people`` also contacts, consents and events."""
        seconds = time.monotonic()
        if people or self._asked is None or not self._asked.people:
            self._asked = _Asked(fields, playbook, people, seconds)
        # one reader at most: building takes seconds, and decisions must not wait for it
        async with self._turn:
            return await self.database.read(lambda tx: self._view(tx, fields, playbook, people, max_age))

    def within(self, scope: Scope) -> BaseWithin:
        """The same base for a caller of this scope."""
        return BaseWithin(self, scope)

    async def refresh(self) -> None:
        """Read a base in use again, for what was asked last, an import of the meantime included."""
        asked = self._asked
        if asked is None or time.monotonic() - asked.seconds > IN_USE_SECONDS:
            return
        async with self._turn:
            await self.database.read(
                lambda tx: self._view(tx, asked.fields, asked.playbook, asked.people, REFRESHED_AT)
            )

    def _view(
        self, tx: Transaction, fields: Collection[str], playbook: Playbook, people: bool, max_age: float
    ) -> BaseView:
        held = self._brought_up_to_date(tx, playbook, people, max_age)
        self._build(held, playbook, fields)
        columns = Columns(held.identity.count, {name: self._shown(held, name, playbook) for name in fields})
        found = self._people(held, playbook, columns) if people else None
        at = min(held.changes_at, held.records.at) if people else held.changes_at
        return BaseView(
            Instant(at), tx.now(), held.generation.number, columns, found, lambda: held.identity.ids
        )

    def _brought_up_to_date(self, tx: Transaction, playbook: Playbook, people: bool, max_age: float) -> _Held:
        generation, now = current_generation(tx), tx.now()
        held, units = self._held, last_unit_change(tx)
        if held is None or held.generation.files != generation.files:
            held = _Held(generation, Identity(self.generations, generation))
            self._held = held
        microseconds = int(max_age * 1_000_000)
        if units != held.units or not 0 <= now - held.changes_at <= microseconds:
            held.units, held.unit_changes = units, read_unit_changes(tx, now)
            read_changes(tx, held.records)
            listed = base_lists.lists_known(tx)
            if listed != held.listed:
                held.lists, held.listed = base_lists.lists_column(tx, held.identity), listed
            held.changes_at = now
            held.shown.clear()
        if people and self._needs_records(held, playbook, now, microseconds):
            read_records(tx, held.records, held.identity, playbook, self.kept)
            held.people.clear()
        return held

    def _needs_records(self, held: _Held, playbook: Playbook, now: int, microseconds: int) -> bool:
        if playbook.version in held.people and 0 <= now - held.records.at <= microseconds:
            return False
        records = held.records
        return not 0 <= now - records.at <= microseconds or not records.covers(playbook, now)

    def _build(self, held: _Held, playbook: Playbook, names: Collection[str]) -> None:
        """Columns that are in no memory are read from their files, or built and kept there."""
        minor, count = playbook.operator.minor_per_major, held.identity.count
        missing: dict[str, list[Field]] = {}
        for name in names:
            declared = playbook.fields.get(name)
            if declared is None:
                continue
            key = key_of(held.generation, declared, minor)
            if key in held.built:
                continue
            kind = declared.source.partition(".")[0]
            if kind not in held.generation.files:
                held.built[key] = unknown_column(declared.type, count)
            elif (known := self.files.read(key, count)) is not None:
                held.built[key] = known
            else:
                missing.setdefault(kind, []).append(declared)
        for kind, fields in missing.items():
            for name, column in self._built(held, kind, fields, minor).items():
                key = key_of(held.generation, playbook.fields[name], minor)
                held.built[key] = column
                self.files.write(key, column)
        if missing:
            every = {key_of(held.generation, each, minor) for each in playbook.fields.values()}
            self.files.remove_unused(every)

    def _built(
        self, held: _Held, kind: str, fields: list[Field], minor_per_major: int
    ) -> Mapping[str, Column]:
        name = held.generation.files[kind]
        file = self.generations.file(name)
        wanted = {CUSTOMER, *_ORDERED_BY, *(field.source.partition(".")[2] for field in fields)}
        there = [each for each in file.schema.names if each in wanted]
        table = self.generations.whole(name, there).combine_chunks()
        rows = KindRows(table, file.types, file.latest_month)
        owners: Integers | None = None
        if kind != "customers":
            owners = np.maximum(places_among(held.identity.ids, table[CUSTOMER]), -1).astype(np.int64)
        return columns_of_kind(rows, fields, owners, held.identity.count, minor_per_major)

    def _shown(self, held: _Held, name: str, playbook: Playbook) -> Column:
        declared = playbook.fields.get(name)
        key = name
        if declared is not None:
            key = key_of(held.generation, declared, playbook.operator.minor_per_major) + name
            key += playbook.version if held.unit_changes else ""  # whose tree of units it was laid by
        if key not in held.shown:
            if declared is None:
                held.shown[key] = _built_in(held, name, playbook)
            else:
                changes = changes_now(held.records, held.changes_at)
                values = values_set(changes, {name: declared}, held.identity).get(name, {})
                built = held.built[key_of(held.generation, declared, playbook.operator.minor_per_major)]
                built = of_units_over(
                    built, declared, held.identity.texts["unit"], held.unit_changes, playbook
                )
                held.shown[key] = laid_over(built, declared, values)
        return held.shown[key]

    def _people(self, held: _Held, playbook: Playbook, columns: Columns) -> People:
        identity = held.identity
        known = held.people.get(playbook.version)
        assert held.records.events is not None
        found = People(
            count=identity.count, columns=columns, hashes=identity.hashes, zone=identity.texts["zone"],
            unit=identity.texts["unit"], jurisdiction=jurisdictions(identity, playbook), subjects=identity.subjects,
            numbers_owner=identity.numbers[0], numbers=identity.numbers[1],
            contacts=contact_arrays(held.records) if known is None else known.contacts,
            consents=consent_arrays(held.records) if known is None else known.consents,
            events=held.records.events, _orders={} if known is None else known._orders,
        )  # fmt: skip
        held.people[playbook.version] = found
        return found


def _built_in(held: _Held, name: str, playbook: Playbook) -> Column:
    """A field that every customer has without a declaration."""
    identity = held.identity
    if name == "lists":
        return held.lists or base_lists.no_lists(identity.count)
    if name == "customer":
        return text_column(identity.ids)
    if name == "account":
        return text_column(identity.words["account"].take(pa.array(identity.subjects["account"])))
    if name == "branch":
        units = identity.texts["unit"]
        return _column_of(_mapped(units, [playbook.branch_of(unit) for unit in units.words]))
    if name == "jurisdiction":
        return _column_of(jurisdictions(identity, playbook))
    return _column_of(identity.texts[name])


def jurisdictions(identity: Identity, playbook: Playbook) -> Texts:
    """Whose law holds for each customer: their own, else the operator's."""
    own, general = identity.texts["jurisdiction"], playbook.operator.jurisdiction
    if general is None:
        return own
    words = sorted({*own.words, general})
    turned = np.array([*(words.index(word) for word in own.words), words.index(general)], dtype=np.int32)
    return Texts(turned[own.codes], tuple(words))


def _mapped(texts: Texts, to: list[str | None]) -> Texts:
    """Each word turned into another, or into none."""
    words = sorted({word for word in to if word is not None})
    turned = [-1 if word is None else words.index(word) for word in to]
    return Texts(np.array([*turned, -1], dtype=np.int32)[texts.codes], tuple(words))


def _column_of(texts: Texts) -> Column:
    return Column(np.maximum(texts.codes, 0), texts.codes >= 0, texts.words)

"""Profiles gathered as of one snapshot: the generation, what events laid over it, consents, contacts, epochs."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from contact.faults import NotFound
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.scope import Scoped, require_within
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.decoding import columns_read, decode
from contact.storage.generations.facts import KindRows
from contact.storage.generations.files import Generation, Generations, of_customer
from contact.storage.generations.switching import current_generation
from contact.storage.generations.unit_changes import OfUnits, UnitChange, laid_together, read_unit_changes
from contact.storage.ledger import history
from strategies.declared.playbook import Playbook
from strategies.hashing import BUCKETS
from strategies.instants import Instant
from strategies.judging.asking import way_up
from strategies.profile import Consent, CustomerId, FieldValue, PastContact, PastEvent, Profile, Subject

_KEPT_PROFILES = 20_000
_CHUNK_ROWS = 4_000
_FEW_IN_BUCKET = 200


class Profiles(Scoped):
    """Keeps ProfilePort on either database."""

    def __init__(self, database: Database, generations: Generations) -> None:
        self.database = database
        self.generations = generations
        self._decoded: OrderedDict[tuple[int, str, str], Profile] = OrderedDict()
        self._lock = Lock()

    async def gather(self, customer: CustomerId, playbook: Playbook) -> Profile:
        """One customer as of one snapshot. Raises NotFound."""

        def work(tx: Transaction) -> Profile:
            return history.gathered(tx, self._with_facts(tx, customer, playbook), playbook, tx.now())

        return await self.database.read(work)

    async def facts_now(self, customer: CustomerId, playbook: Playbook) -> tuple[Profile, Instant | None]:
        """The facts alone, and when time alone changes what events have set of them. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Profile, Instant | None]:
            profile = self._with_facts(tx, customer, playbook)
            units = list(way_up(playbook, profile.unit))
            row = tx.row("next_change_of", customer=customer, units=units, now_us=tx.now())
            return profile, None if row is None or row["at_us"] is None else Instant(row["at_us"])

        return await self.database.read(work)

    def _with_facts(self, tx: Transaction, customer: CustomerId, playbook: Playbook) -> Profile:
        require_within(tx, self.scope, customer)
        generation, now = current_generation(tx), tx.now()
        row = tx.row("bucket_of_customer", customer=customer)
        if row is None or "customers" not in generation.files:
            raise NotFound("there is no customer of this id")
        profile = self._decode_one(playbook, generation, int(row["bucket"]), customer)
        changes = tx.rows("changes_of_customer", customer=customer, now_us=now)
        profile = overlaid(
            profile, [(each["seq"], json.loads(each["fields"])) for each in changes],
            _of_units(tx, playbook, profile, now),
        )  # fmt: skip
        lists = tuple(row["name"] for row in tx.rows("lists_of_customer", customer=customer))
        return replace(profile, lists=lists)

    def looks_back(self, playbook: Playbook, at: Instant) -> Instant:
        """The earliest instant at which contacts lie that may still count at another."""
        return history.since(playbook, at)

    async def all(
        self, playbook: Playbook, buckets: Sequence[int] | None = None, *, looking_from: Instant | None = None
    ) -> AsyncIterator[list[Profile]]:
        """Every customer, a bucket at a time, in order of bucket and id, all as of one snapshot."""
        generation, records = await self.database.read(
            lambda tx: (current_generation(tx), _read_records(tx, playbook, looking_from))
        )
        if "customers" not in generation.files:
            return
        wanted = range(BUCKETS) if buckets is None else sorted(set(buckets))
        for chunk in self._chunks(generation, wanted):
            for profiles in await asyncio.to_thread(self._decode_chunk, playbook, generation, chunk, records):
                yield profiles

    def _decode_one(self, playbook: Playbook, generation: Generation, bucket: int, customer: str) -> Profile:
        key = (generation.number, playbook.version, customer)
        with self._lock:
            known = self._decoded.get(key)
            if known is not None:
                self._decoded.move_to_end(key)
                return known
        profiles = decode(playbook, generation.number, self._near(generation, bucket, customer))
        found = next((profile for profile in profiles if profile.customer == customer), None)
        if found is None:
            raise NotFound("there is no customer of this id")
        with self._lock:
            for profile in profiles:
                self._decoded[generation.number, playbook.version, profile.customer] = profile
            self._decoded.move_to_end(key)
            while len(self._decoded) > _KEPT_PROFILES:
                self._decoded.popitem(last=False)
        return found

    def _near(self, generation: Generation, bucket: int, customer: str) -> dict[str, KindRows]:
        """The rows of one customer; of the whole bucket where it holds few, which costs hardly more than one of them."""
        people = self.generations.bucket(generation.files["customers"], bucket)
        all_of_it = people is not None and people.num_rows <= _FEW_IN_BUCKET
        kinds = {}
        for kind, name in generation.files.items():
            table = self.generations.bucket(name, bucket)
            file = self.generations.file(name)
            if table is None:
                table = file.schema.empty_table()
            elif not all_of_it:
                table = of_customer(table, customer)
            kinds[kind] = KindRows(table, file.types, file.latest_month)
        return kinds

    def _chunks(self, generation: Generation, buckets: Sequence[int]) -> Iterator[list[int]]:
        """Neighbouring buckets, read together as long as they hold few customers."""
        file = self.generations.file(generation.files["customers"])
        chunk, held = list[int](), 0
        for bucket in buckets:
            if bucket not in file.groups:
                continue
            chunk.append(bucket)
            held += file.metadata.row_group(file.groups[bucket]).num_rows
            if held >= _CHUNK_ROWS:
                yield chunk
                chunk, held = [], 0
        if chunk:
            yield chunk

    def _decode_chunk(
        self, playbook: Playbook, generation: Generation, chunk: Sequence[int], records: Records
    ) -> list[list[Profile]]:  # fmt: skip
        kinds = {}
        for kind, columns in columns_read(playbook).items():
            if kind in generation.files:
                name = generation.files[kind]
                file, table = self.generations.file(name), self.generations.buckets(name, chunk, columns)
                kinds[kind] = KindRows(table, file.types, file.latest_month)
        found: dict[int, list[Profile]] = defaultdict(list)
        for profile in decode(playbook, generation.number, kinds):
            if profile.customer not in records.erased:
                found[profile.bucket].append(records.joined(profile))
        return [found[bucket] for bucket in sorted(found)]


@dataclass(frozen=True, slots=True)
class Records:
    """What SQL holds of everybody, by subject."""

    changes: Mapping[str, list[tuple[int, Mapping[str, FieldValue]]]]
    consents: Mapping[Subject, list[Consent]]
    contacts: Mapping[Subject, list[PastContact]]
    epochs: Mapping[Subject, int]
    events: Mapping[str, list[PastEvent]]
    units: OfUnits
    lists: Mapping[str, tuple[str, ...]]
    sequence: int
    erased: frozenset[str]
    """Customers who may still lie in the generation and are nobody's any more."""

    def joined(self, profile: Profile) -> Profile:
        """The profile with its records."""
        numbers = [Subject("number", number) for number in history.numbers_of(profile)]
        subjects = sorted({*profile.subjects(), *numbers})
        person = Subject("customer", profile.customer)
        contacts = {each.id: each for subject in subjects for each in self.contacts.get(subject, ())}
        profile = overlaid(profile, self.changes.get(profile.customer, ()), self.units.of(profile.unit))
        return Profile(  # written out: `replace` looks every field up, and this runs for everybody
            customer=profile.customer,
            customer_hash=profile.customer_hash,
            bucket=profile.bucket,
            account=profile.account,
            number_hash=profile.number_hash,
            household=profile.household,
            device=profile.device,
            zone=profile.zone,
            language=profile.language,
            unit=profile.unit,
            jurisdiction=profile.jurisdiction,
            facts=profile.facts,
            lists=self.lists.get(profile.customer, ()),
            lines=profile.lines,
            consents=tuple(each for subject in (person, *numbers) for each in self.consents.get(subject, ())),
            contacts=tuple(contacts.values()),
            events=tuple(self.events.get(profile.customer, ())),
            epochs={subject: self.epochs.get(subject, 0) for subject in subjects},
            generation=profile.generation,
            last_profile_change=profile.last_profile_change,
            last_unit_change=profile.last_unit_change,
            ledger_sequence=self.sequence,
            history_reachable=profile.history_reachable,
        )


def _read_records(tx: Transaction, playbook: Playbook, looking_from: Instant | None) -> Records:
    now = tx.now()
    seen_from = now if looking_from is None else looking_from
    consents: dict[Subject, list[Consent]] = defaultdict(list)
    for row in tx.rows("all_consents"):
        consent = rows.consent(row)
        kind, key = ("customer", consent.customer) if consent.customer else ("number", consent.number_hash)
        consents[Subject(kind, key or "")].append(consent)
    contacts: dict[Subject, list[PastContact]] = defaultdict(list)
    for row in tx.rows("all_history", since_us=history.since(playbook, seen_from)):
        contact = rows.past_contact(row)
        for subject in _subjects(contact):
            contacts[subject].append(contact)
    changes: dict[str, list[tuple[int, Mapping[str, FieldValue]]]] = defaultdict(list)
    for row in tx.rows("all_changes", now_us=now):
        changes[row["customer_id"]].append((int(row["seq"]), json.loads(row["fields"])))
    epochs = {Subject(row["kind"], row["key"]): int(row["epoch"]) for row in tx.rows("all_epochs")}
    sequence = tx.row("read_ledger_sequence")
    events = _read_events(tx, playbook, seen_from)
    lists = dict[str, tuple[str, ...]]()
    for row in tx.rows("list_members"):
        lists[row["customer_id"]] = (*lists.get(row["customer_id"], ()), row["name"])
    erased = frozenset(row["customer_id"] for row in tx.rows("erased_customers"))
    return Records(
        changes, consents, contacts, epochs, events, OfUnits(playbook, read_unit_changes(tx, now)), lists,
        int(sequence["seq"]) if sequence else 0, erased,
    )  # fmt: skip


def _read_events(tx: Transaction, playbook: Playbook, now: Instant) -> Mapping[str, list[PastEvent]]:
    """Everybody's events of types that rules name."""
    found: dict[str, list[PastEvent]] = defaultdict(list)
    watched = playbook.events_watched()
    if watched:
        since_us = history.events_since(watched, now)
        for row in tx.rows("watched_events", types=sorted(watched), since_us=since_us):
            found[row["customer_id"]].append(rows.past_event(row))
    return found


def _subjects(contact: PastContact) -> list[Subject]:
    pairs = (
        ("account", contact.account), ("customer", contact.customer), ("device", contact.device),
        ("household", contact.household), ("number", contact.number_hash),
    )  # fmt: skip
    return [Subject(kind, key) for kind, key in pairs if key]


def _of_units(
    tx: Transaction, playbook: Playbook, profile: Profile, now: Instant
) -> tuple[int, Mapping[str, FieldValue]]:
    """What events of the customer's units have set."""
    if profile.unit is None:
        return 0, {}
    units = way_up(playbook, profile.unit)
    found = tx.rows("unit_changes_of", units=list(units), now_us=now)
    return laid_together(
        [UnitChange(row["seq"], row["unit"], json.loads(row["fields"])) for row in found], units
    )


def overlaid(
    profile: Profile,
    changes: Sequence[tuple[int, Mapping[str, FieldValue]]],
    of_units: tuple[int, Mapping[str, FieldValue]] = (0, {}),
) -> Profile:
    """The profile with what events have set laid over its facts: of its units, then its own, the later over the earlier."""
    if not changes and not of_units[0]:
        return profile
    facts = dict(profile.facts)
    for fields in (of_units[1], *(fields for _, fields in changes)):
        facts.update({name: _frozen(value) for name, value in fields.items() if name in facts})
    last = changes[-1][0] if changes else 0
    return replace(profile, facts=facts, last_profile_change=last, last_unit_change=of_units[0])


def _frozen(value: FieldValue | list[str]) -> FieldValue:
    return tuple(value) if isinstance(value, list) else value

"""What verdicts on many wishes need of the ledger, read together under their locks: what ``history`` reads for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contact.ports import Wish
from contact.storage import history, rows
from contact.storage.transaction import Transaction
from strategies.instants import Instant
from strategies.playbook import Playbook
from strategies.profile import Consent, PastContact, PastEvent, Profile, Subject

Contacts = dict[str, dict[str, dict[str, PastContact]]]
"""Kind of subject → key → contact's id → contact."""
KINDS = ("customer", "account", "number", "household", "device")


@dataclass(slots=True)
class Ground:
    """Contacts, epochs and events of everybody who is wished for, and what the wishes granted so far have added."""

    tx: Transaction
    now: Instant
    epochs: Mapping[tuple[str, str], int]
    contacts: Contacts
    events: Mapping[str, list[PastEvent]]
    _since: dict[int, Instant] = field(default_factory=dict)

    @classmethod
    def read(cls, tx: Transaction, wishes: Sequence[Wish], now: Instant) -> Ground:
        """One statement for each kind of record."""
        keys = {kind: set[str]() for kind in KINDS}
        for wish in wishes:
            for kind, key in _keys(wish):
                keys[kind].add(key)
        told = {f"{kind}s": tx.batch(sorted(found)) for kind, found in keys.items()}
        playbooks = {id(wish.playbook): wish.playbook for wish in wishes}.values()
        since = min(history.since(each, now) for each in playbooks)
        epochs = {(row["kind"], row["key"]): row["epoch"] for row in tx.rows("raised_epochs", **told)}
        contacts: Contacts = {kind: defaultdict(dict) for kind in KINDS}
        for row in tx.rows("histories", **told, since_us=since):
            _lay(contacts, rows.past_contact(row))
        return cls(tx, now, epochs, contacts, _events(tx, playbooks, told["customers"], now))

    def profile_of(self, wish: Wish) -> Profile:
        """The wish's profile as it is under the locks; consents are read anew where an epoch moved on."""
        profile, number_hash = wish.profile, wish.candidate.number_hash
        fresh = {each: self._epoch(each) for each in history.subjects(profile, number_hash)}
        same = all(profile.epochs.get(subject) == epoch for subject, epoch in fresh.items())
        return replace(
            profile,
            contacts=tuple(self._contacts(wish).values()),
            events=tuple(self.events.get(profile.customer, ())),
            consents=profile.consents if same else self._consents(wish),
            epochs={**profile.epochs, **fresh},
        )

    def stands(self, wish: Wish) -> bool:
        """Whether nothing a verdict rests on has changed since the wish's profile was read."""
        profile, number_hash = wish.profile, wish.candidate.number_hash
        read = number_hash is None or Subject("number", number_hash) in profile.epochs
        same = all(self._epoch(subject) == epoch for subject, epoch in profile.epochs.items())
        if (
            not read
            or not same
            or not profile.epochs
            or profile.events != tuple(self.events.get(profile.customer, ()))
        ):
            return False
        found = self._contacts(wish)
        return len(found) == len(profile.contacts) and all(
            found.get(each.id) == each for each in profile.contacts
        )

    def add(self, contact: PastContact) -> None:
        """A wish was granted: what follows counts its contact."""
        _lay(self.contacts, contact)

    def _epoch(self, subject: Subject) -> int:
        return self.epochs.get((subject.kind, subject.key), 0) if self.epochs else 0

    def _contacts(self, wish: Wish) -> dict[str, PastContact]:
        found: dict[str, PastContact] = {}
        for kind, key in _keys(wish):
            known = self.contacts[kind].get(key)
            if known:
                found.update(known)
        return found

    def _consents(self, wish: Wish) -> tuple[Consent, ...]:
        numbers = history.numbers_of(wish.profile, wish.candidate.number_hash)
        return history.consents(self.tx, wish.profile.customer, numbers)


def _keys(wish: Wish) -> Iterable[tuple[str, str]]:
    """Kind and key of everybody whose contacts may count."""
    profile = wish.profile
    yield "customer", profile.customer
    yield "account", profile.account
    for number in history.numbers_of(profile, wish.candidate.number_hash):
        yield "number", number
    if profile.household:
        yield "household", profile.household
    if profile.device:
        yield "device", profile.device


def _lay(contacts: Contacts, contact: PastContact) -> None:
    keys = (contact.customer, contact.account, contact.number_hash, contact.household, contact.device)
    for kind, key in zip(KINDS, keys, strict=True):
        if key:
            contacts[kind][key][contact.id] = contact


def _events(
    tx: Transaction, playbooks: Iterable[Playbook], customers: object, now: Instant
) -> Mapping[str, list[PastEvent]]:
    watched: dict[str, int | None] = {}
    for playbook in playbooks:
        watched |= playbook.events_watched()
    found: dict[str, list[PastEvent]] = defaultdict(list)
    if watched:
        since_us = history.events_since(watched, now)
        for row in tx.rows(
            "events_of_customers", customers=customers, types=sorted(watched), since_us=since_us
        ):
            found[row["customer_id"]].append(rows.past_event(row))
    return found

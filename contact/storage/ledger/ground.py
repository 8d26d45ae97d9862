"""What verdicts on many wishes need of the ledger, read together under their locks: what ``history`` reads for one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from contact.ports import Wish
from contact.storage.databases import rows
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger import history
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import Consent, PastContact, PastEvent, Profile, Subject

Subjects = tuple[Subject, ...]
Contacts = dict[Subject, dict[str, PastContact]]
"""Whose → contact's id → contact."""
KINDS = ("customer", "account", "number", "household", "device")


@dataclass(slots=True)
class Ground:
    """Contacts, epochs and events of everybody who is wished for, and what the wishes granted so far have added."""

    tx: Transaction
    now: Instant
    keys: Mapping[int, Subjects]
    """By the identity of the wish: everybody whose contacts may count for it."""
    shared: frozenset[Subject]
    """Those whom two wishes or more have in common."""
    epochs: Mapping[Subject, int]
    """Only those above 0."""
    contacts: Contacts
    events: Mapping[str, list[PastEvent]]

    @classmethod
    def read(cls, tx: Transaction, wishes: Sequence[Wish], held: Sequence[Subjects], now: Instant) -> Ground:
        """One statement for each kind of record; ``held``: the subjects of each wish."""
        keys = {id(wish): subjects for wish, subjects in zip(wishes, held, strict=True)}
        times = Counter(key for each in keys.values() for key in each)
        found: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for kind, key in times:
            found[kind].append(key)
        told = {f"{kind}s": tx.batch(sorted(each)) for kind, each in found.items()}
        playbooks = {id(wish.playbook): wish.playbook for wish in wishes}.values()
        since = min(history.since(each, now) for each in playbooks)
        epochs = {Subject(row["kind"], row["key"]): row["epoch"] for row in tx.rows("raised_epochs", **told)}
        contacts: Contacts = defaultdict(dict)
        for row in tx.rows("histories", **told, since_us=since):
            _lay(contacts, rows.past_contact(row))
        shared = frozenset(key for key, count in times.items() if count > 1)
        return cls(tx, now, keys, shared, epochs, contacts, _events(tx, playbooks, told["customers"], now))

    def profile_of(self, wish: Wish) -> Profile:
        """The wish's profile as it is under the locks; consents are read anew where an epoch moved on."""
        profile = wish.profile
        fresh = {each: self.epochs.get(each, 0) for each in self.keys[id(wish)]}
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
        profile, epochs = wish.profile, self.epochs
        for key in self.keys[id(wish)]:
            if profile.epochs.get(key) != (epochs.get(key, 0) if epochs else 0):
                return False
        if profile.events != tuple(self.events.get(profile.customer, ())):
            return False
        found = self._contacts(wish)
        return len(found) == len(profile.contacts) and all(
            found.get(each.id) == each for each in profile.contacts
        )

    def is_gone(self, wish: Wish) -> bool:
        """Whether the customer was erased or merged since the wish's profile was read; both raise their epoch."""
        customer = wish.profile.customer
        person = Subject("customer", customer)
        if wish.profile.epochs.get(person) == self.epochs.get(person, 0):
            return False
        return self.tx.row("read_erased", customer=customer) is not None

    def is_shared(self, wish: Wish) -> bool:
        """Whether another wish counts what this one is granted."""
        return not self.shared.isdisjoint(self.keys[id(wish)])

    def add(self, contact: PastContact) -> None:
        """A wish was granted: what follows counts its contact."""
        _lay(self.contacts, contact)

    def _contacts(self, wish: Wish) -> dict[str, PastContact]:
        found: dict[str, PastContact] = {}
        if self.contacts:
            for key in self.keys[id(wish)]:
                found.update(self.contacts.get(key, ()))
        return found

    def _consents(self, wish: Wish) -> tuple[Consent, ...]:
        numbers = history.numbers_of(wish.profile, wish.candidate.number_hash)
        return history.consents(self.tx, wish.profile.customer, numbers)


def subjects_held(wish: Wish) -> Subjects:
    """Everybody whose contacts may count, and who is held therefore."""
    return history.subjects(wish.profile, wish.candidate.number_hash)


def _lay(contacts: Contacts, contact: PastContact) -> None:
    keys = (contact.customer, contact.account, contact.number_hash, contact.household, contact.device)
    for kind, key in zip(KINDS, keys, strict=True):
        if key:
            contacts[Subject(kind, key)][contact.id] = contact


def _events(
    tx: Transaction, playbooks: Iterable[Playbook], customers: object, now: Instant
) -> Mapping[str, list[PastEvent]]:
    watched: dict[str, int | None] = {}
    for playbook in playbooks:
        for type, reach in playbook.events_watched().items():
            known = watched.get(type, 0)
            watched[type] = None if known is None or reach is None else max(known, reach)
    found: dict[str, list[PastEvent]] = defaultdict(list)
    if watched:
        since_us = history.events_since(watched, now)
        for row in tx.rows(
            "events_of_customers", customers=customers, types=sorted(watched), since_us=since_us
        ):
            found[row["customer_id"]].append(rows.past_event(row))
    return found

"""Profiles laid out as arrays: for few customers at once, and for whoever holds both readings together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from strategies.conditions.columns import Column, Columns, Mask
from strategies.declared.fields import with_built_in
from strategies.declared.playbook import FieldType, Playbook
from strategies.judging.asking import facts_of
from strategies.judging.people import (
    NEVER,
    NOT_HERE,
    SUBJECTS,
    Codes,
    ConsentArrays,
    ContactArrays,
    EventArrays,
    Integers,
    People,
    Texts,
)
from strategies.profile import Consent, FieldValue, PastContact, PastEvent, Profile

MOMENTS = ("attempt", "delivered", "connected", "shown", "clicked", "accepted", "rejected")
_EPOCH = date(1970, 1, 1).toordinal()
_KINDS: Mapping[str, Any] = {
    "boolean": np.bool_,
    "number": np.float64,
    "money": np.int64,
    "instant": np.int64,
}


def people_of(
    playbook: Playbook, profiles: Sequence[Profile], fields: Collection[str] | None = None
) -> People:
    """These customers in this order; ``fields`` are those that conditions will read, None all of them."""
    known = with_built_in(playbook.fields)
    wanted = known.keys() if fields is None else fields
    facts = [facts_of(playbook, profile) for profile in profiles]
    columns = {name: column_of([each.get(name) for each in facts], known[name].type) for name in wanted}
    codes = {kind: _Codes() for kind in SUBJECTS}
    own = {kind: codes[kind].learn(_subject(profile, kind) for profile in profiles) for kind in SUBJECTS}
    places = {profile.customer: place for place, profile in enumerate(profiles)}
    held = [(place, number) for place, each in enumerate(profiles) for number in _numbers(each)]
    numbers = codes["number"].learn(number for _, number in held)
    contacts = _each_once(each for profile in profiles for each in profile.contacts)
    consents = list(dict.fromkeys(each for profile in profiles for each in profile.consents))
    events = [(place, each) for place, profile in enumerate(profiles) for each in profile.events]
    return People(
        count=len(profiles),
        columns=Columns(len(profiles), columns),
        hashes=np.array([profile.customer_hash for profile in profiles], dtype=np.uint64),
        zone=texts_of(profile.zone for profile in profiles),
        unit=texts_of(profile.unit for profile in profiles),
        jurisdiction=texts_of(profile.jurisdiction for profile in profiles),
        subjects=own,
        numbers_owner=np.array([place for place, _ in held], dtype=np.int32),
        numbers=numbers,
        contacts=_contacts(contacts, places, codes),
        consents=_consents(consents, places, codes["number"]),
        events=_events(events),
    )


def column_of(values: Sequence[FieldValue], type: FieldType) -> Column:
    """One field's column from the facts of each customer."""
    known: Mask = np.array([value is not None for value in values], dtype=np.bool_)
    if type == "text":
        texts = texts_of(values)  # type: ignore[arg-type]
        return Column(np.maximum(texts.codes, 0), known, texts.words)
    if type == "list":
        lists: list[tuple[str, ...]] = [value if isinstance(value, tuple) else () for value in values]
        words = sorted({word for each in lists for word in each})
        members = {word: np.array([word in each for each in lists], dtype=np.bool_) for word in words}
        return Column(np.array([len(each) for each in lists], dtype=np.int32), known, tuple(words), members)
    if type == "date":
        days = [
            date.fromisoformat(str(value)).toordinal() - _EPOCH if value is not None else 0
            for value in values
        ]
        return Column(np.array(days, dtype=np.int32), known)
    filled = [0 if value is None else value for value in values]
    return Column(np.array(filled, dtype=_KINDS[type]), known)


def texts_of(values: Iterable[str | None]) -> Texts:
    """Codes into the different words, in order of code point."""
    listed = list(values)
    words = sorted({value for value in listed if value is not None})
    codes = {word: code for code, word in enumerate(words)}
    found = [-1 if value is None else codes[value] for value in listed]
    return Texts(np.array(found, dtype=np.int32), tuple(words))


class _Codes:
    """Codes of one kind of subject."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def learn(self, keys: Iterable[str | None]) -> Codes:
        return np.array(
            [-1 if key is None else self.known.setdefault(key, len(self.known)) for key in keys],
            dtype=np.int32,
        )

    def of(self, keys: Iterable[str | None]) -> Codes:
        return np.array(
            [-1 if key is None else self.known.get(key, NOT_HERE) for key in keys], dtype=np.int32
        )


def _subject(profile: Profile, kind: str) -> str | None:
    return {
        "account": profile.account, "household": profile.household, "device": profile.device,
        "number": profile.number_hash,
    }[kind]  # fmt: skip


def _numbers(profile: Profile) -> list[str]:
    every = (profile.number_hash, *(line.number_hash for line in profile.lines))
    return list(dict.fromkeys(number for number in every if number))


def _each_once(contacts: Iterable[PastContact]) -> list[PastContact]:
    """Two customers who share an account see the same contact."""
    return list({each.id: each for each in contacts}.values())


def _contacts(
    contacts: Sequence[PastContact], places: Mapping[Any, int], codes: Mapping[str, _Codes]
) -> ContactArrays:
    keys = {"account": "account", "household": "household", "device": "device", "number": "number_hash"}
    subjects = {kind: codes[kind].of(getattr(each, key) for each in contacts) for kind, key in keys.items()}
    subjects["account_of_owner"] = codes["account"].of(each.customer for each in contacts)

    def texts(name: str) -> Texts:
        return texts_of(getattr(each, name) for each in contacts)

    return ContactArrays(
        owner=np.array([places.get(each.customer, -1) for each in contacts], dtype=np.int32),
        subjects=subjects,
        channel=texts("channel"),
        category=texts("category"),
        direction=texts("direction"),
        strategy=texts("strategy"),
        offer=texts("offer"),
        family=texts("family"),
        state=texts("state"),
        result=texts("result"),
        promotional=np.array([each.promotional for each in contacts], dtype=np.bool_),
        final=np.array([each.final for each in contacts], dtype=np.bool_),
        planned_at=_instants(each.planned_at for each in contacts),
        receipt_until=_instants(each.receipt_until for each in contacts),
        moments={name: _instants(each.moments.get(name) for each in contacts) for name in MOMENTS},
    )


def _consents(consents: Sequence[Consent], places: Mapping[Any, int], numbers: _Codes) -> ConsentArrays:
    return ConsentArrays(
        owner=np.array([places.get(each.customer, -1) for each in consents], dtype=np.int32),
        number=numbers.learn(each.number_hash for each in consents),
        given=np.array([each.given for each in consents], dtype=np.bool_),
        at=_instants(each.at for each in consents),
        until=_instants(each.until for each in consents),
        channel=texts_of(each.channel for each in consents),
        category=texts_of(each.category for each in consents),
    )


def _events(events: Sequence[tuple[int, PastEvent]]) -> EventArrays:
    return EventArrays(
        owner=np.array([place for place, _ in events], dtype=np.int32),
        type=texts_of(each.type for _, each in events),
        at=_instants(each.at for _, each in events),
    )


def _instants(values: Iterable[int | None]) -> Integers:
    return np.array([NEVER if value is None else value for value in values], dtype=np.int64)

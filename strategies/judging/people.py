"""Many customers as arrays: what rules read of everybody at once, as a ``Profile`` is what they read of one.

Customers are numbered from 0; whatever belongs to them (contacts, consents, events, numbers) names them by that
number. Accounts, households, devices and numbers are codes that mean the same on both sides; −1 is none, and
``NOT_HERE`` one that no customer here has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from strategies.conditions.columns import Columns, Mask
from strategies.hashing import SLOTS, hash64

Integers = NDArray[np.int64]
Codes = NDArray[np.int32]

NEVER = -(1 << 62)
"""Stands for an instant that is not there."""
NOT_HERE = -2
SUBJECTS = ("account", "household", "device", "number")
"""Kinds of subject beside the customer."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One text a row out of few: codes into ``words``, −1 for none."""

    codes: Codes
    words: tuple[str, ...]

    def among(self, wanted: Collection[str]) -> Mask:
        """Whether each is one of these."""
        table = np.array([*(word in wanted for word in self.words), False], dtype=np.bool_)
        found: Mask = table[self.codes]  # code −1 is the last entry
        return found

    def code(self, word: str) -> int:
        """The code of a word, ``NOT_HERE`` where no row has it."""
        return self.words.index(word) if word in self.words else NOT_HERE


@dataclass(frozen=True, slots=True)
class ContactArrays:
    """Contacts of all customers; ``moments`` are instants by name with ``NEVER`` for what has not happened."""

    owner: Codes
    """Whose contact it is; −1 of nobody here."""
    subjects: Mapping[str, Codes]
    """Kind → code. ``account_of_owner`` is the customer's id as an account, for contacts that name no account."""
    channel: Texts
    category: Texts
    direction: Texts
    strategy: Texts
    offer: Texts
    family: Texts
    state: Texts
    result: Texts
    promotional: Mask
    final: Mask
    planned_at: Integers
    receipt_until: Integers
    moments: Mapping[str, Integers]

    @property
    def rows(self) -> int:
        return len(self.owner)


@dataclass(frozen=True, slots=True)
class ConsentArrays:
    """Consent records, in the order in which they were stored."""

    owner: Codes
    """The customer it names, whether about the person or about a number; −1 where it names nobody here."""
    number: Codes
    """The number; −1 where the record is about a person. Numbers that no customer here has differ from each other too."""
    given: Mask
    at: Integers
    until: Integers
    """``NEVER``: without end."""
    channel: Texts
    category: Texts


@dataclass(frozen=True, slots=True)
class EventArrays:
    """Events of the types that rules name."""

    owner: Codes
    type: Texts
    at: Integers


@dataclass(frozen=True, slots=True)
class People:
    """n customers with all that rules may know of them at one instant."""

    count: int
    columns: Columns
    """Every field that a condition may read here, the built-in ones included."""
    hashes: NDArray[np.uint64]
    zone: Texts
    unit: Texts
    jurisdiction: Texts
    subjects: Mapping[str, Codes]
    """Kind → each customer's code. ``number`` is the customer's own."""
    numbers_owner: Codes
    numbers: Codes
    """Every number of a customer, lines included: whose, and its code."""
    contacts: ContactArrays
    consents: ConsentArrays
    events: EventArrays
    _orders: dict[str, tuple[Integers, Codes]] = field(default_factory=dict, repr=False)

    def sharing(self, kind: str, codes: Codes) -> tuple[Integers, Integers]:
        """Pairs (place among ``codes``, customer) of the customers that have each code as their subject of a kind."""
        if kind not in self._orders:
            own = self.subjects[kind]
            order = np.argsort(own, kind="stable")
            self._orders[kind] = order, own[order]
        order, ordered = self._orders[kind]
        return spread(codes, order, ordered)


def spread(codes: Codes, order: Integers, ordered: Codes) -> tuple[Integers, Integers]:
    """Pairs (place among ``codes``, entry of ``order``) where the code is the same; negative codes have no pair."""
    first = np.searchsorted(ordered, codes, side="left")
    sizes = np.searchsorted(ordered, codes, side="right") - first
    sizes[codes < 0] = 0
    places = np.repeat(np.arange(len(codes)), sizes)
    within = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    found: Integers = order[first[places] + within]
    return places, found


def slots(hashes: NDArray[np.uint64], salt: str) -> NDArray[np.uint64]:
    """The control draw of every customer, as ``hashing.slot`` draws one."""
    with np.errstate(over="ignore"):
        z = (hashes ^ np.uint64(hash64(salt))) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> np.uint64(31))) % np.uint64(SLOTS)

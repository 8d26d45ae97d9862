"""Callers and what may be kept of them: one reading for all who call at the same moment tells whether anything changed."""

from __future__ import annotations

import json
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contact.faults import NotFound
from contact.ports import WHOLE, Scope
from contact.ports.callers import CallerAsked, CallerSeen
from contact.storage.calls.calls import Calls
from contact.storage.calls.rows import known_of
from contact.storage.databases.database import Database
from contact.storage.databases.one_reading import OneReading
from contact.storage.databases.scope import require_within
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.keys.numbers import NumberHasher
from contact.storage.people.profiles import Profiles
from ivr.call import NOTHING_KNOWN
from ivr.fitting import Learnt, learnt_of
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import CustomerId, Profile

PATIENCE = 0.5
"""Seconds a caller waits for the store before everybody's menu is spoken."""
KEPT = 20_000
"""Answers in memory, the longest unused go first: some two kilobytes each."""


@dataclass(frozen=True, slots=True)
class _Ask:
    menu: str
    customer: str | None
    number_hash: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[int | str, ...]
    until: Instant
    made: bytes


class Callers:
    """Keeps CallerPort on either database."""

    def __init__(
        self, database: Database, profiles: Profiles, calls: Calls, hasher: NumberHasher, scope: Scope = WHOLE
    ) -> None:
        self.database, self.profiles, self.calls, self.hasher = database, profiles, calls, hasher
        self.scope = scope
        self._reading: OneReading[_Ask, CallerSeen] = OneReading(
            database.look_up, self._read, database.look_up_here
        )
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._learnt: dict[str, tuple[int, Learnt | None]] = {}

    def within(self, scope: Scope) -> Callers:
        """The same callers, of whom only those of this scope are found; it keeps nothing."""
        return Callers(self.database, self.profiles.within(scope), self.calls, self.hasher, scope)

    async def look(self, asked: CallerAsked) -> CallerSeen:
        """Who it is. Raises NotFound for a customer who is not there, StoreUnavailable also where it takes too long."""
        number_hash = None if asked.number is None else self.hasher(asked.number)
        return await self._reading.ask(_Ask(asked.menu, asked.customer, number_hash), patience=PATIENCE)

    async def facts(self, customer: CustomerId, playbook: Playbook) -> tuple[Profile, Instant | None]:
        """The customer's facts without contacts and consents, and when time alone changes them. Raises NotFound."""
        return await self.profiles.facts_now(customer, playbook)

    def kept(self, key: tuple[str, ...], seen: CallerSeen) -> bytes | None:
        """What was kept under the key, if it was made of what is seen now and its time is not over."""
        found = self._kept.get(key)
        if found is None or found.stamp != seen.stamp or found.until <= seen.at:
            return None
        self._kept.move_to_end(key)
        return found.made

    def keep(self, key: tuple[str, ...], seen: CallerSeen, until: Instant, made: bytes) -> None:
        """Keep what was made of what is seen, no longer than until an instant."""
        if seen.stamp is None or not self.scope.whole:
            return
        self._kept[key] = _Kept(seen.stamp, until, made)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _read(self, tx: Transaction, asks: Sequence[_Ask]) -> list[CallerSeen | Exception]:
        """Everybody who asks, as of one instant."""
        now, marks = tx.now(), _marks(tx)
        owners = _owners(tx, {ask.number_hash for ask in asks if ask.number_hash})
        whose = [_customer(ask, owners) for ask in asks]
        by_menu: dict[str, set[str]] = defaultdict(set)
        for ask, customer in zip(asks, whose, strict=True):
            if customer is not None:
                by_menu[ask.menu].add(customer)
        rows = {
            (menu, row["customer_id"]): row
            for menu, customers in by_menu.items()
            for row in tx.rows("callers_seen", customers=sorted(customers), menu=menu)
        }
        learnt = {menu: self._learnt_of(tx, menu, marks["learnt"]) for menu in {ask.menu for ask in asks}}
        found: list[CallerSeen | Exception] = []
        for ask, customer in zip(asks, whose, strict=True):
            row = rows.get((ask.menu, customer or ""))
            if customer is not None and row is not None and self._theirs(tx, customer):
                found.append(self._seen(now, ask.menu, customer, row, learnt[ask.menu], marks))
            elif ask.customer is not None:
                found.append(NotFound("there is no customer of this id"))
            else:
                found.append(CallerSeen(now, None, NOTHING_KNOWN, learnt[ask.menu], None))
        return found

    def _seen(
        self,
        now: Instant,
        menu: str,
        customer: str,
        row: Row,
        learnt: Learnt | None,
        marks: Mapping[str, Any],
    ) -> CallerSeen:
        known = NOTHING_KNOWN if row["goals"] is None else known_of(row)
        waiting = self.calls.with_waiting(known, customer, menu)
        stamp = (
            *marks.values(),
            row["changes"],
            row["last_change"] or 0,
            hash(row["goals"]),
            hash(row["heard"]),
        )
        return CallerSeen(now, CustomerId(customer), waiting, learnt, stamp if waiting is known else None)

    def _theirs(self, tx: Transaction, customer: str) -> bool:
        try:
            require_within(tx, self.scope, customer)
        except NotFound:
            return False
        return True

    def _learnt_of(self, tx: Transaction, menu: str, newest: int) -> Learnt | None:
        """Read anew when anything was learnt of any menu."""
        held = self._learnt.get(menu)
        if held is None or held[0] != newest:
            row = tx.row("read_learnt", menu=menu)
            held = (newest, None if row is None else learnt_of(json.loads(row["learnt"])))
            self._learnt[menu] = held
        return held[1]


def _marks(tx: Transaction) -> Mapping[str, Any]:
    """What changes for everybody at once: the generation, events of units, lists, what was learnt."""
    return tx.standing("callers_marks")[0]


def _owners(tx: Transaction, numbers: Iterable[str]) -> Mapping[str, list[str]]:
    hashes, found = sorted(numbers), dict[str, list[str]]()
    for row in tx.rows("owners_of_numbers", numbers=hashes) if hashes else ():
        found.setdefault(row["number_hash"], []).append(row["customer_id"])
    return found


def _customer(ask: _Ask, owners: Mapping[str, Sequence[str]]) -> str | None:
    """The one who calls; a number that several have is nobody's."""
    if ask.customer is not None or ask.number_hash is None:
        return ask.customer
    of_number = owners.get(ask.number_hash, ())
    return of_number[0] if len(of_number) == 1 else None

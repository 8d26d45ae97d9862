"""People and their records: identities, staff, and what ever happened to a customer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from contact.faults import NotFound
from contact.ports import Identity, Person
from contact.storage.databases.database import Database
from contact.storage.databases.scope import Scoped, require_within, scope_values
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.keys.numbers import NumberHasher
from contact.storage.keys.sealing import NAME, NUMBER, Sealer, of_customer, of_line
from strategies.instants import Instant
from strategies.profile import CustomerId


class Customers(Scoped):
    """Keeps CustomerPort on either database."""

    def __init__(self, database: Database, hasher: NumberHasher, sealer: Sealer) -> None:
        self.database, self.hasher, self.sealer = database, hasher, sealer

    async def identity(self, customer: CustomerId) -> Identity:
        """Who a customer is. Raises NotFound, whose words leave the id out: people type numbers where ids belong."""

        def work(tx: Transaction) -> tuple[Row, Row | None]:
            require_within(tx, self.scope, customer)
            row = _found(tx, customer)
            return row, None if row["number"] else tx.row("any_line", customer=customer)

        row, line = await self.database.look_up(work)
        name = self.sealer.unseal(of_customer(customer), NAME, row["name"])
        number = self._opened(customer, row if line is None else line)
        return Identity(customer, name, number, row["language"], row["manager"])

    async def number(
        self, customer: CustomerId, line: str | None, number_hash: str | None = None
    ) -> str | None:
        """The number of this hash, in E.164; else the line's, else the customer's own, else of a line that has one."""

        def work(tx: Transaction) -> Row | None:
            require_within(tx, self.scope, customer)
            known = tx.row("number_of_hash", customer=customer, number_hash=number_hash)
            if known is None and line:
                known = tx.row("read_line", customer=customer, line=line)
            if known is not None:
                return known
            own = _found(tx, customer)
            return own if own["number"] else tx.row("any_line", customer=customer)

        row = await self.database.read(work)
        return None if row is None else self._opened(customer, row)

    def _opened(self, customer: str, row: Row) -> str | None:
        """The number of a row of customers or, if it says which line it is of, of lines."""
        line = row.get("line_id")
        record = of_customer(customer) if line is None else of_line(line)
        return self.sealer.unseal(record, NUMBER, row["number"])

    async def find_by_number(self, number: str) -> list[CustomerId]:
        """Everybody who has this number."""
        return await self.find_by_hash(self.number_hash(number))

    async def find_by_hash(self, number_hash: str) -> list[CustomerId]:
        """Everybody who has the number of this hash."""
        values = scope_values(self.scope)
        found = await self.database.look_up(
            lambda tx: tx.rows("customers_of_number", number_hash=number_hash, **values)
        )
        return [CustomerId(row["customer_id"]) for row in found]

    def number_hash(self, number: str) -> str:
        """HMAC of an E.164 number."""
        return self.hasher(number)

    async def timeline(self, customer: CustomerId, limit: int = 50) -> list[Mapping[str, Any]]:
        """Contacts with their moves, consents and events, newest first."""

        def work(tx: Transaction) -> list[Mapping[str, Any]]:
            require_within(tx, self.scope, customer)
            identity = _found(tx, customer)
            numbers = [identity["number_hash"]] if identity["number_hash"] else []
            contacts = tx.rows("customer_contacts", customer=customer, limit=limit)
            moves = tx.rows("moves_of_contacts", contacts=[row["id"] for row in contacts])
            entries = [
                _contact_entry(row, [move for move in moves if move["contact_id"] == row["id"]])
                for row in contacts
            ]
            consents = tx.rows("customer_consents", customer=customer, numbers=numbers, limit=limit)
            entries += [_consent_entry(row) for row in consents]
            entries += [
                _entry("event", row["at_us"], state=row["type"])
                for row in tx.rows("customer_events", customer=customer, limit=limit)
            ]
            return sorted(entries, key=lambda entry: -int(entry["at"]))[:limit]

        return await self.database.read(work)

    async def person(self, person: str) -> Person:
        """One of the staff. Raises NotFound."""
        row = await self.database.read(lambda tx: tx.row("read_person", id=person))
        if row is None:
            raise NotFound(f"there is no person {person} on the staff file")
        return _person(row)

    async def persons(self, role: str | None = None) -> list[Person]:
        """The staff, by id."""
        return [
            _person(row) for row in await self.database.read(lambda tx: tx.rows("list_persons", role=role))
        ]

    async def count(self) -> int:
        """How many customers there are."""
        values = scope_values(self.scope)
        row = await self.database.read(lambda tx: tx.row("count_customers", **values))
        return int(row["count"]) if row else 0


def _found(tx: Transaction, customer: str) -> Row:
    row = tx.row("read_identity", customer=customer)
    if row is None:
        raise NotFound("there is no customer of this id")
    return row


def _entry(kind: str, at: int, **known: Any) -> Mapping[str, Any]:
    empty: dict[str, Any] = {
        "channel": None,
        "strategy": None,
        "offer": None,
        "state": "",
        "result": None,
        "contact": None,
        "moves": [],
    }
    return {**empty, "kind": kind, "at": Instant(at), **known}


def _contact_entry(row: Row, moves: list[Row]) -> Mapping[str, Any]:
    told = [
        {"from": move["from_state"], "to": move["to_state"], "at": Instant(move["at_us"]), "why": move["why"]}
        for move in moves
    ]
    at = row["attempt_us"] if row["attempt_us"] is not None else row["planned_us"]
    return _entry(
        "contact", at, channel=row["channel"], strategy=row["strategy"] or None, offer=row["offer"] or None,
        state=row["state"], result=row["result"], contact=row["id"], moves=told,
    )  # fmt: skip


def _consent_entry(row: Row) -> Mapping[str, Any]:
    state = "given" if row["given"] else "withdrawn"
    return _entry("consent", row["at_us"], channel=row["channel"], state=state, result=row["category"])


def _person(row: Row) -> Person:
    return Person(
        id=row["id"], name=row["name"], role=row["role"], unit=row["unit"], team=row["team"],
        languages=tuple(json.loads(row["languages"])), channels=tuple(json.loads(row["channels"])),
    )  # fmt: skip

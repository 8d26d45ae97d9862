"""Tombstones: whom nobody may bring back. Everything that takes customers in asks here first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from contact.storage.databases.transaction import Transaction
from contact.storage.generations.arrow import cells
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import CUSTOMER
from contact.storage.keys.numbers import NumberHasher


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Ids of erased customers, and keyed hashes of the ids of their lines."""

    customers: Any = field(default_factory=lambda: pa.array([], pa.string()))
    """Arrow texts."""
    lines: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return len(self.customers) > 0

    def buried(self, kind: str, table: pa.Table, hasher: NumberHasher) -> Any:
        """Which rows of a delivered table are of somebody erased; None where none can be."""
        if not self:
            return None
        own, line = ("id", None) if kind == "customers" else (CUSTOMER, "id" if kind == "lines" else "line")
        found = None
        if own in table.column_names:
            found = pc.is_in(table[own], value_set=self.customers)
        if self.lines and line in table.column_names:
            names = cells(pc.unique(table[line].combine_chunks()))
            gone = [each for each in names if each is not None and line_hash(hasher, each) in self.lines]
            of_line = pc.is_in(table[line], value_set=pa.array(gone, pa.string()))
            found = of_line if found is None else pc.or_(found, of_line)
        return found


def read_tombstones(tx: Transaction) -> Tombstones:
    """All of them."""
    customers = [row["customer_id"] for row in tx.rows("erased_customers")]
    if not customers:
        return Tombstones()
    lines = frozenset(row["line_hash"] for row in tx.rows("erased_lines"))
    return Tombstones(pa.array(customers, pa.string()), lines)


def line_hash(hasher: NumberHasher, line: str) -> str:
    """What a tombstone knows a line by."""
    return hasher(f"line {line}")

"""What models and tariffs read of everybody, and where their findings are kept."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from contact.faults import Conflict, NotFound
from contact.ports import LineMonths, Outcome
from contact.storage.databases.database import Database
from contact.storage.databases.scope import Scoped, customers_within, require_within
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.arrow import cells
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import Generation, Generations, of_customer
from contact.storage.generations.switching import TRIES, current_generation, switch
from contact.storage.generations.unit_changes import UnitChange, read_unit_changes
from contact.storage.learning.findings import findings_table, write_findings
from contact.storage.learning.line_months import (
    Delivered,
    check_counters,
    columns_of,
    delivered_months,
    latest_delivered,
    line_months,
)
from contact.storage.learning.table import Changes, table_of
from contact.storage.ledger import outcomes
from strategies.declared.playbook import Playbook
from strategies.declared.tariff import Counter
from strategies.profile import CustomerId

if TYPE_CHECKING:
    import pandas as pd

_WITH_MONTHS = ("usage", "bills")


class Learning(Scoped):
    """Keeps LearningPort on either database."""

    def __init__(self, database: Database, generations: Generations) -> None:
        self.database, self.generations = database, generations
        self._months_of: tuple[tuple[str, tuple[str, ...]], Delivered] | None = None

    async def table(
        self, playbook: Playbook, fields: Sequence[str], *, as_of: int | None = None
    ) -> pd.DataFrame:
        """One row a customer, indexed by id, one column a field, each value as the fact of that field would be.

        With ``as_of`` what events have set since is not laid over the facts.
        """

        def read(tx: Transaction) -> tuple[Generation, Changes, tuple[UnitChange, ...]]:
            if as_of is not None:
                return current_generation(tx), {}, ()
            return current_generation(tx), _changes(tx), read_unit_changes(tx, tx.now())

        generation, changes, of_units = await self.database.read(read)
        table = await asyncio.to_thread(
            table_of, self.generations, generation, playbook, fields, changes, as_of, of_units
        )
        if self.scope.whole:
            return table
        return table[table.index.isin(await self.database.read(lambda tx: customers_within(tx, self.scope)))]

    async def sources(self) -> Mapping[str, Mapping[str, str]]:
        """Kind → column → type of what the generation in force holds; empty before the first import."""
        generation = await self.database.read(current_generation)
        return {kind: dict(self.generations.file(name).types) for kind, name in generation.files.items()}

    async def months(self) -> list[int]:
        """Months with usage or bills on file, ascending."""
        generation = await self.database.read(current_generation)

        def find() -> list[int]:
            found = set[int]()
            for kind in _WITH_MONTHS:
                if kind in generation.files:
                    months = self.generations.whole(generation.files[kind], ("month",))["month"]
                    found.update(cells(pc.unique(months)))
            return sorted(found)

        return await asyncio.to_thread(find)

    async def usage(
        self,
        counters: Sequence[Counter],
        *,
        months: int,
        customer: CustomerId | None = None,
        until: int | None = None,
    ) -> LineMonths:
        """The last so many delivered months of usage, none later than ``until``, of everybody or one customer.

        Raises NotFound for a customer who is not there, ProblemsFound (``tariff.counter_missing``) for a counter whose
        column the usage file does not have.
        """

        def read(tx: Transaction) -> tuple[Generation, int | None]:
            if customer is not None:
                require_within(tx, self.scope, customer)
            row = None if customer is None else tx.row("bucket_of_customer", customer=customer)
            if customer is not None and row is None:
                raise NotFound("there is no customer of this id")
            return current_generation(tx), None if row is None else int(row["bucket"])

        generation, bucket = await self.database.read(read)

        def work() -> LineMonths:
            name = generation.files.get("usage")
            file = None if name is None else self.generations.file(name)
            check_counters(counters, None if file is None else file.types)
            latest = -1 if name is None else latest_delivered(self._delivered(name, counters), until)
            reading = _Reading(self.generations, generation, customer, bucket)
            return line_months(reading, counters, range(latest - months + 1, latest + 1))

        return await asyncio.to_thread(work)

    def _delivered(self, name: str, counters: Sequence[Counter]) -> Delivered:
        """Of the counters in a usage file; worked out once, as a file never changes and one customer's page asks too."""
        key = (name, columns_of(counters))
        if self._months_of is None or self._months_of[0] != key:
            table = self.generations.whole(name, ("month", *key[1]))
            self._months_of = key, delivered_months(table)
        return self._months_of[1]

    async def outcomes(self) -> list[Outcome]:
        """Every contact and every place held back, own and imported, oldest first."""
        return await self.database.read(outcomes.outcomes)

    async def write(self, kind: str, columns: pd.DataFrame, types: Mapping[str, str]) -> int:
        """Make ``scores`` or ``advice`` part of the next generation; its number.

        Raises NotFound before the first import, Conflict where imports were faster four times over.
        """
        table = await asyncio.to_thread(findings_table, kind, columns, types)
        for left in reversed(range(TRIES)):
            base = await self.database.read(current_generation)
            files = await asyncio.to_thread(write_findings, self.generations, base, kind, table, types)
            try:
                return await switch(self.database, self.generations, base, files)
            except Conflict:
                if not left:
                    raise
        raise AssertionError("the last try answers or raises")


class _Reading:
    """Columns of a kind, of everybody or of one customer's rows."""

    def __init__(
        self, generations: Generations, generation: Generation, customer: str | None, bucket: int | None
    ) -> None:
        self.generations, self.files = generations, generation.files
        self.customer, self.bucket = customer, bucket

    def __call__(self, kind: str, names: Sequence[str]) -> pa.Table | None:
        if kind not in self.files:
            return None
        file = self.generations.file(self.files[kind])
        there = [name for name in names if name in file.schema.names]
        if self.customer is None or self.bucket is None:
            return self.generations.whole(self.files[kind], there).combine_chunks()
        table = self.generations.bucket(self.files[kind], self.bucket)
        table = file.schema.empty_table() if table is None else of_customer(table, self.customer)
        return table.select(there)


def _changes(tx: Transaction) -> Changes:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in tx.rows("all_changes", now_us=tx.now()):
        found[row["customer_id"]].append(json.loads(row["fields"]))
    return found

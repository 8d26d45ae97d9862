"""Imported lists of customers: files checked as strictly as every delivery, rows of nobody on file set aside."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

from uuid_utils import uuid7

from contact.domain.selection_answers import ListAnswer
from contact.faults import NotFound
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.generations.arrow import cells, whole
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import CUSTOMER, Generations
from contact.storage.generations.switching import current_generation
from contact.storage.imports.checking import CheckedFile, Progress, check_file
from contact.storage.imports.kinds import Kind, Known
from contact.storage.imports.mapping import FileMapping
from contact.storage.imports.readers import refuse
from contact.storage.imports.set_aside import write_set_aside
from contact.storage.imports.values import Column
from contact.storage.keys.numbers import NumberHasher
from strategies.instants import to_datetime
from strategies.problems import Hint, Where

_MEMBERS_AT_ONCE = 20_000


class Lists:
    """Keeps ListPort on either database."""

    def __init__(
        self, database: Database, generations: Generations, hasher: NumberHasher, home: Path
    ) -> None:
        self.database, self.generations, self.hasher = database, generations, hasher
        self.set_aside = home / "set-aside"

    async def take(
        self, name: str, path: str, *, id_column: str, sheet: str | None = None, author: str = ""
    ) -> ListAnswer:
        """Take a CSV or XLSX file in as the list of this name, in place of what it held."""
        generation = await self.database.read(current_generation)
        file = generation.files.get("customers")
        if file is None:
            raise refuse(
                "import.customers_first",
                "no customers were imported yet",
                Path(path),
                hint=Hint("import customers first"),
            )
        checked = await asyncio.to_thread(self._checked, Path(path), file, id_column, sheet)
        aside = await asyncio.to_thread(
            write_set_aside, checked, self.set_aside, f"list-{name}-{uuid7()}.csv"
        )
        members = cells(pc.unique(checked.table["id"]))

        def write(tx: Transaction) -> ListAnswer:
            tx.run("clear_list", name=name)
            for first in range(0, len(members), _MEMBERS_AT_ONCE):
                some = members[first : first + _MEMBERS_AT_ONCE]
                tx.many("put_on_list", [{"name": name, "customer_id": each} for each in some])
            tx.run(
                "put_list", name=name, customers=len(members), taken=checked.rows - len(checked.faults),
                set_aside=len(checked.faults), set_aside_file=None if aside is None else str(aside),
                imported_us=tx.now(), author=author,
            )  # fmt: skip
            return next(_answer(row) for row in tx.rows("lists") if row["name"] == name)

        return await self.database.write(write)

    async def lists(self) -> list[ListAnswer]:
        """Every list, by name."""
        return [_answer(row) for row in await self.database.read(lambda tx: tx.rows("lists"))]

    async def remove(self, name: str) -> None:
        """Raises NotFound."""

        def work(tx: Transaction) -> int:
            tx.run("clear_list", name=name)
            return tx.run("remove_list", name=name)

        if not await self.database.write(work):
            raise NotFound(f"there is no list {name}")

    def _checked(self, path: Path, customers: str, id_column: str, sheet: str | None) -> CheckedFile:
        """The customers of a file once each; faulty rows and rows of nobody on file are set aside."""
        checked = check_file(path, _mapping(path, id_column, sheet), 100, self.hasher, Progress())
        known = whole(self.generations.whole(customers, (CUSTOMER,))[CUSTOMER])
        nobody = pc.invert(pc.is_in(checked.table["id"], value_set=known))
        checked.set_aside_where(nobody, id_column, "is no customer on file")
        checked.settle()
        if not checked.table.num_rows:
            hint = Hint(
                "the column '%(column)s' must hold ids as the customers file spells them",
                column=id_column,
            )
            raise refuse("import.nobody", "no row of the file names a customer on file", path, hint=hint)
        return checked


_LIST = Kind("list", {"id": Known(("id",), required=True)}, key=(), in_generation=False, open_columns=False)
"""A customer may stand in a file several times and is on the list once."""


def _mapping(path: Path, id_column: str, sheet: str | None) -> FileMapping:
    """Of a list only the customer's id is of interest."""
    place = Where(str(path))
    column = Column("id", "id", place, source=id_column, required=True, trim=True)
    return FileMapping(
        _LIST, "upsert", (column,), str(path), sheet=sheet, max_faulty=Decimal(100), place=place
    )


def _answer(row: Row) -> ListAnswer:
    known: dict[str, Any] = {
        name: row[name] for name in ("name", "customers", "taken", "set_aside", "set_aside_file")
    }
    return ListAnswer(**known, imported=to_datetime(row["imported_us"]))

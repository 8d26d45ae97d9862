"""Tables of a kind put together: new rows over old ones, and every row under its customer and bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from contact.storage.generations.arrow import cells, whole
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import BUCKET, CUSTOMER
from contact.storage.imports.mapping import FileMapping
from strategies.hashing import bucket, hash64, signed64
from strategies.problems import Hint, Problem, ProblemsFound


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose rows are whose: customers with their bucket, lines with their customer; None where not imported."""

    customers: pa.Table | None
    lines: pa.Table | None

    def customer_of_line(self, lines: Any) -> Any:
        """The customer of each line, NULL where unknown."""
        if self.lines is None:
            return pa.nulls(len(lines), pa.string())
        return self.lines[CUSTOMER].take(_places(lines, self.lines["id"]))

    def bucket_of_customer(self, customers: Any) -> Any:
        """The bucket of each customer, NULL where unknown."""
        if self.customers is None:
            return pa.nulls(len(customers), pa.int16())
        return self.customers[BUCKET].take(_places(customers, self.customers[CUSTOMER]))


def with_owners(table: pa.Table, owners: Owners) -> pa.Table:
    """The table with ``customer`` and ``bucket`` as they are now; both NULL where nobody is known to own the row."""
    known = table[CUSTOMER] if CUSTOMER in table.column_names else pa.nulls(table.num_rows, pa.string())
    if "line" in table.column_names:
        known = pc.coalesce(owners.customer_of_line(table["line"]), known)
    table = put(table, CUSTOMER, known)
    return put(table, BUCKET, owners.bucket_of_customer(known))


def rehomed(table: pa.Table, owners: Owners, *, known_lines_only: bool = False) -> pa.Table | None:
    """The table under its owners of now, without rows nobody owns any more; None where nothing changed.

    ``known_lines_only`` also drops the rows of a line that is no longer on file.
    """
    fresh = with_owners(table, owners)
    fresh = fresh.filter(pc.is_valid(fresh[BUCKET])).select(table.column_names)
    if known_lines_only and owners.lines is not None and "line" in table.column_names:
        fresh = fresh.filter(pc.is_in(fresh["line"], value_set=whole(owners.lines["id"])))
    same = fresh.num_rows == table.num_rows and all(
        fresh[name].equals(table[name]) for name in (CUSTOMER, BUCKET)
    )
    return None if same else fresh


def with_hashes(table: pa.Table) -> pa.Table:
    """A customers table with ``customer_hash`` and the ``bucket`` of the account, else of the customer."""
    customers = cells(table[CUSTOMER])
    accounts = cells(table["account"]) if "account" in table.column_names else customers
    hashes = [signed64(hash64(customer)) for customer in customers]
    buckets = [bucket(account or customer) for account, customer in zip(accounts, customers, strict=True)]
    return put(
        put(table, "customer_hash", pa.array(hashes, pa.int64())), BUCKET, pa.array(buckets, pa.int16())
    )


def put(table: pa.Table, name: str, column: Any) -> pa.Table:
    """The table with a column set, in place of one of that name."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def merged(old: pa.Table, new: pa.Table, key: Sequence[str]) -> tuple[pa.Table, pa.Table]:
    """All rows with the new ones over the old of the same key, and the changed rows alone.

    What the new table has no column for keeps its value.
    """
    places = _places(_joined(new, key), _joined(old, key))
    names = list(dict.fromkeys([*old.column_names, *new.column_names]))
    columns: dict[str, Any] = {
        name: new[name] if name in new.column_names else old[name].take(places) for name in names
    }
    changed = pa.table(columns)
    replaced = pc.is_in(_joined(old, key), value_set=_joined(new, key))
    rest = old.filter(pc.invert(replaced))
    for name in names:
        if name not in rest.column_names:
            rest = rest.append_column(name, pa.nulls(rest.num_rows, changed.schema.field(name).type))
    return pa.concat_tables([rest.select(names), changed]), changed


def check_types(mapping: FileMapping, known: Mapping[str, str]) -> None:
    """Whether an upsert keeps the types of what is there. Raises ``ProblemsFound``."""
    problems = [
        Problem(
            "import.type_changed",
            f"'{name}' is {type_} here and {known[name]} in what was imported before",
            place,
            Hint("import a snapshot to change a type"),
        )
        for name, (type_, place) in mapping.stored().items()
        if known.get(name, type_) != type_
    ]
    if problems:
        raise ProblemsFound(problems)


def same_contract(old: pa.Table | None, lines: pa.Table) -> Any:
    """Ids of the lines whose tariff, add-ons and contract end are what they were."""
    if old is None:
        return pa.array([], pa.string())
    key = ("id", "tariff", "addons", "contract_end")
    return whole(lines["id"].filter(pc.is_in(_joined(lines, key), value_set=_joined(old, key))))


def _joined(table: pa.Table, key: Sequence[str]) -> Any:
    """One text a row for a key of several columns; a NULL is a part of its own, and so is each entry of a list."""
    texts = [
        pc.fill_null(_text(table[name]), "\x00")
        if name in table.column_names
        else pa.array(["\x00"] * table.num_rows, pa.string())
        for name in key
    ]
    joined = texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, "\x1f")
    return whole(joined)


def _text(column: Any) -> Any:
    return pc.binary_join(column, "\x1e") if pa.types.is_list(column.type) else pc.cast(column, pa.string())


def _places(wanted: Any, among: Any) -> Any:
    return pc.index_in(wanted, value_set=whole(among))

"""A checked file becomes the next generation's files; nothing is in force before the pointer moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from contact.storage.generations.arrow import cells, whole
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.files import BUCKET, CUSTOMER, Generation, Generations
from contact.storage.generations.tombstones import Tombstones
from contact.storage.imports.checking import LINE, CheckedFile
from contact.storage.imports.event_counters import lines_by_month, monthly, without_counters
from contact.storage.imports.mapping import FileMapping
from contact.storage.imports.merging import (
    Owners,
    check_types,
    merged,
    put,
    rehomed,
    same_contract,
    with_hashes,
    with_owners,
)
from contact.storage.imports.readers import refuse
from contact.storage.keys.numbers import NumberHasher
from strategies.counted import counted
from strategies.problems import Hint

_PERSONAL = ("name", "number", "manager")
_DEPENDS_ON_CUSTOMERS = ("lines", "usage", "bills", "products", "complaints", "scores", "advice")
_DEPENDS_ON_LINES = ("usage", "bills", "products", "advice")


@dataclass(frozen=True, slots=True)
class Built:
    """The files of the next generation, the rows that changed (with personal data), and the ids that are gone."""

    files: Mapping[str, str]
    changed: pa.Table
    removed: list[str] = field(default_factory=list)


class Builder:
    """Builds one kind's file on a base generation."""

    def __init__(
        self, generations: Generations, hasher: NumberHasher, base: Generation, *, confirm_shrink: bool,
        stones: Tombstones | None = None,
    ) -> None:  # fmt: skip
        self.generations, self.hasher, self.base = generations, hasher, base
        self.confirm_shrink, self.stones = confirm_shrink, stones or Tombstones()

    def build(self, checked: CheckedFile) -> Built:
        """Write the files. Raises ``ProblemsFound`` where the file is refused; nothing then refers to them."""
        kind, mapping = checked.mapping.kind.name, checked.mapping
        buried = self.stones.buried(kind, checked.table, self.hasher)
        if buried is not None:
            checked.drop_where(buried)
        if kind != "customers":
            self._find_owners(checked)
        checked.settle()
        new = self._hashed(_internal(checked.table, mapping))
        old = self._whole(kind)
        if mapping.counters and old is not None:
            if not self.confirm_shrink:
                check_months(checked, old, new)
            old = without_counters(old, pc.unique(whole(new["month"])), mapping.counters)
        types = {name: str(type_) for name, (type_, _) in mapping.stored().items() if name not in _PERSONAL}
        if kind == "complaints" and "open" in new.column_names:
            types["open"] = "boolean"
        if mapping.mode == "snapshot" or old is None:
            check_shrink(checked, 0 if old is None else old.num_rows, confirmed=self.confirm_shrink)
            table = changed = with_hashes(new) if kind == "customers" else new
        else:
            known = self.generations.file(self.base.files[kind]).types
            check_types(mapping, known)
            types = {**known, **types}
            table, changed = merged(old, new, _key(kind, mapping))
            if kind == "customers":
                table, changed = with_hashes(table), with_hashes(changed)
        kept = table.drop_columns([name for name in _PERSONAL if name in table.column_names])
        files = {**self.base.files, kind: self._write(kind, kept, types)}
        files.update(self._rehome(kind, kept))
        if kind == "lines":
            files.update(self._without_stale_advice(files, old, kept))
        removed = _removed(kind, old, table) if mapping.mode == "snapshot" else []
        return Built(files, changed, removed)

    def _find_owners(self, checked: CheckedFile) -> None:
        owners = self._owners()
        if owners.customers is None:
            raise refuse(
                "import.customers_first",
                "no customers were imported yet",
                checked.path,
                hint=Hint("import customers first"),
            )
        if (
            "line" in checked.table.column_names
            and owners.lines is None
            and CUSTOMER not in checked.table.column_names
        ):
            raise refuse(
                "import.customers_first",
                "no lines were imported yet",
                checked.path,
                hint=Hint("import lines first"),
            )
        stated = checked.table[CUSTOMER] if CUSTOMER in checked.table.column_names else None
        checked.table = with_owners(checked.table, owners)
        if stated is not None and "line" in checked.table.column_names:
            wrong = pc.fill_null(pc.not_equal(stated, checked.table[CUSTOMER]), False)
            checked.set_aside_where(
                wrong, _source(checked.mapping, CUSTOMER), "is not the customer of the line"
            )
        column = (
            _source(checked.mapping, CUSTOMER) if stated is not None else _source(checked.mapping, "line")
        )
        checked.set_aside_where(pc.is_null(checked.table[BUCKET]), column, "belongs to no imported customer")

    def _hashed(self, table: pa.Table) -> pa.Table:
        """With ``number_hash`` where the file has numbers."""
        if "number" not in table.column_names:
            return table
        hashes = [None if number is None else self.hasher(number) for number in cells(table["number"])]
        return put(table, "number_hash", pa.array(hashes, pa.string()))

    def _owners(self) -> Owners:
        return Owners(self._whole("customers", (CUSTOMER, BUCKET)), self._whole("lines", ("id", CUSTOMER)))

    def _whole(self, kind: str, columns: tuple[str, ...] | None = None) -> pa.Table | None:
        name = self.base.files.get(kind)
        return None if name is None else self.generations.whole(name, columns).replace_schema_metadata(None)

    def _write(self, kind: str, table: pa.Table, types: Mapping[str, str]) -> str:
        if kind == "lines" and "number_hash" not in table.column_names:
            table = table.append_column("number_hash", pa.nulls(table.num_rows, pa.string()))
        return self.generations.write(kind, self.base.number + 1, table, types)

    def _rehome(self, kind: str, table: pa.Table) -> dict[str, str]:
        """Files of other kinds whose rows have another customer or bucket now, or nobody."""
        dependent = {"customers": _DEPENDS_ON_CUSTOMERS, "lines": _DEPENDS_ON_LINES}.get(kind, ())
        owners, written = self._owners(), dict[str, str]()
        owners = Owners(table, owners.lines) if kind == "customers" else Owners(owners.customers, table)
        for other in dependent:
            rows = self._whole(other)
            fresh = None if rows is None else rehomed(rows, owners, known_lines_only=other == "advice")
            if fresh is None:
                continue
            types = self.generations.file(self.base.files[other]).types
            written[other] = self._write(other, fresh, types)
            owners = Owners(owners.customers, fresh) if other == "lines" else owners
        return written

    def _without_stale_advice(
        self, files: Mapping[str, str], old: pa.Table | None, lines: pa.Table
    ) -> dict[str, str]:
        """Advice without the lines that have another tariff, add-ons or contract than when it was found."""
        if "advice" not in files:
            return {}
        advice = self.generations.whole(files["advice"]).replace_schema_metadata(None)
        fresh = advice.filter(pc.is_in(advice["line"], value_set=same_contract(old, lines)))
        if fresh.num_rows == advice.num_rows:
            return {}
        return {"advice": self._write("advice", fresh, self.generations.file(files["advice"]).types)}


def check_months(checked: CheckedFile, old: pa.Table, new: pa.Table) -> None:
    """Refuse events of few lines in a month that has many on file: they would take the others' usage away.

    Raises ``ProblemsFound``.
    """
    names = [each.name for each in checked.mapping.counters]
    for month, before, now in lines_by_month(old, new, names):
        if now * 100 < before * (100 - checked.mapping.max_shrink):
            message = f"events of {month // 12:04}-{month % 12 + 1:02} are of {now} lines where {before} are on file"
            hint = Hint(
                "deliver the whole month in one file, or import it with --confirm-shrink if that is meant"
            )
            raise refuse("import.shrink", message, checked.path, hint=hint)


def check_shrink(checked: CheckedFile, before: int, *, confirmed: bool) -> None:
    """Refuse a snapshot without rows, and one that is much smaller than what it replaces. Raises ``ProblemsFound``."""
    now, most = checked.table.num_rows, checked.mapping.max_shrink
    if checked.mapping.mode != "snapshot":
        return
    if not now:
        raise refuse(
            "import.empty",
            "no row is left to import; nothing was cleared",
            checked.path,
            hint=Hint("deliver rows"),
        )
    if now * 100 < before * (100 - most) and not confirmed:
        message = (
            f"the snapshot has {counted(now, 'row')} where {before} are in force, more than {most} % fewer"
        )
        raise refuse(
            "import.shrink",
            message,
            checked.path,
            hint=Hint("import it with --confirm-shrink if that is meant"),
        )


def _internal(table: pa.Table, mapping: FileMapping) -> pa.Table:
    """Without lines, events by month, and with the customer's id called ``customer`` everywhere."""
    kind, table = mapping.kind.name, table.drop_columns([LINE])
    if mapping.counters:
        return monthly(table, mapping.counters)
    if kind == "customers":
        table = table.rename_columns([CUSTOMER if name == "id" else name for name in table.column_names])
    if kind == "complaints" and "open" not in table.column_names and "closed" in table.column_names:
        table = table.append_column("open", pc.is_null(table["closed"]))
    return table


def _key(kind: str, mapping: FileMapping) -> tuple[str, ...]:
    return (CUSTOMER,) if kind == "customers" else mapping.kind.key


def _removed(kind: str, old: pa.Table | None, table: pa.Table) -> list[str]:
    """Ids that a snapshot of customers or lines no longer has."""
    name = {"customers": CUSTOMER, "lines": "id"}.get(kind)
    if name is None or old is None:
        return []
    gone: Any = old[name].filter(pc.invert(pc.is_in(old[name], value_set=whole(table[name]))))
    return [str(each) for each in cells(gone)]


def _source(mapping: FileMapping, name: str) -> str:
    column = mapping.column(name)
    return name if column is None else column.source or name

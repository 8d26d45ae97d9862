"""A delivered file becomes a typed table of our columns; rows with faults are set aside, each with its reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from contact.storage.generations.arrow import cells
from contact.storage.generations.arrow import compute as pc
from contact.storage.imports.cell_types import QUANTITY_DECIMALS, Raw, Read, ValueFault
from contact.storage.imports.kinds import ValueType
from contact.storage.imports.mapping import FileMapping
from contact.storage.imports.mapping_nodes import column_meant
from contact.storage.imports.readers import Batch, RowReader, refuse
from contact.storage.imports.readers_csv import CsvReader
from contact.storage.imports.readers_parquet import ParquetReader
from contact.storage.imports.readers_xlsx import XlsxReader
from contact.storage.imports.values import Column, reader_of
from contact.storage.keys.numbers import NumberHasher
from strategies.problems import NO_HINT, Hint, Problem, ProblemsFound, Where

LINE = "__line"
"""The column of a checked table that holds the line a row came from."""
_SHOWN = 20
_SHOWN_STRICT = 100

ARROW_TYPES: Mapping[ValueType, pa.DataType] = {
    "text": pa.string(),
    "id": pa.string(),
    "phone": pa.string(),
    "zone": pa.string(),
    "number": pa.float64(),
    "money": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "instant": pa.int64(),
    "month": pa.int32(),
    "list": pa.list_(pa.string()),
    "quantity": pa.decimal128(38, QUANTITY_DECIMALS),
    "event_month": pa.int32(),
}


@dataclass
class Progress:
    """How far a reading thread has come; somebody else looks at it now and then."""

    done: int = 0
    total: int | None = None
    message: str = "reading"


@dataclass
class CheckedFile:
    """The good rows of a file as a table of our columns, and the faults of the others by line."""

    path: Path
    mapping: FileMapping
    header: tuple[str, ...]
    table: pa.Table
    rows: int
    faults: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    dropped: int = 0
    """Rows of customers who were erased: neither taken nor set aside."""

    def copy(self) -> CheckedFile:
        """Another to try with: what is set aside there stays here."""
        faults = defaultdict(list, {line: list(reasons) for line, reasons in self.faults.items()})
        return replace(self, faults=faults)

    def set_aside(self, lines: Iterable[int], column: str, reason: str) -> None:
        """Take the rows of these lines out of the table."""
        self.set_aside_each([(line, column, reason) for line in set(lines)])

    def set_aside_each(self, faults: Sequence[tuple[int, str, str]]) -> None:
        """The same for lines with a column and a reason each; the table is gone through once for all of them."""
        if not faults:
            return
        for line, column, reason in faults:
            self.faults[line].append((column, reason))
        taken = pa.array(sorted({line for line, _, _ in faults}), pa.int64())
        self.table = self.table.filter(pc.invert(pc.is_in(self.table[LINE], value_set=taken)))

    def set_aside_where(self, mask: Any, column: str, reason: str) -> None:
        """Take the rows out for which a boolean column is true."""
        self.set_aside(cells(self.table[LINE].filter(mask)), column, reason)

    def drop_where(self, mask: Any) -> None:
        """Take rows out as if they had never been delivered."""
        before = self.table.num_rows
        self.table = self.table.filter(pc.invert(pc.fill_null(mask, False)))
        self.dropped += before - self.table.num_rows

    def settle(self) -> None:
        """Refuse the file where too many rows are faulty. Raises ``ProblemsFound``."""
        faulty = len(self.faults)
        if not self.rows:
            hint = Hint("deliver a file with rows")
            raise refuse(
                "import.empty",
                "the file has a header and no rows; nothing was cleared",
                self.path,
                1,
                1,
                hint,
            )
        if not faulty:
            return
        if not self.mapping.kind.takes_faulty_rows:
            raise ProblemsFound(
                self._each("import.faulty_row", _SHOWN_STRICT, Hint("mend the row and import the file again"))
            )
        if faulty * 100 > self.mapping.max_faulty * self.rows:
            raise ProblemsFound([self._too_many(faulty), *self._each("import.faulty_row", _SHOWN, NO_HINT)])

    def _too_many(self, faulty: int) -> Problem:
        counts = Counter(fault for faults in self.faults.values() for fault in faults)
        most = "; ".join(f"{column}: {reason}: {count}" for (column, reason), count in counts.most_common(5))
        message = f"{faulty} of {self.rows} rows are faulty, more than {self.mapping.max_faulty} % ({most})"
        return Problem(
            "import.too_many_faults", message, Where(str(self.path)), Hint("mend the file or the mapping")
        )

    def _each(self, code: str, most: int, hint: Hint) -> list[Problem]:
        first = [(line, *fault) for line in sorted(self.faults)[:most] for fault in self.faults[line]]
        return [
            Problem(code, f"{column} {reason}", Where(str(self.path), line, self._ordinal(column)), hint)
            for line, column, reason in first
        ]

    def _ordinal(self, column: str) -> int:
        return self.header.index(column) + 1 if column in self.header else 0


def open_reader(path: Path, mapping: FileMapping) -> RowReader:
    """The reader for a file, by its suffix. Raises ``ProblemsFound`` where it cannot be read at all."""
    if not path.is_file():
        raise refuse("import.file_missing", "there is no such file", path, hint=Hint("check the path"))
    suffix = path.suffix.lower()
    if suffix == ".gz":
        suffix = f"{Path(path.stem).suffix.lower()}.gz"
    match suffix:
        case ".csv" | ".tsv" | ".txt" | ".csv.gz" | ".tsv.gz" | ".txt.gz":
            return CsvReader(path, mapping.delimiter, mapping.encoding)
        case ".parquet":
            return ParquetReader(path)
        case ".xlsx":
            return XlsxReader(path, mapping.sheet)
        case _:
            raise refuse(
                "import.format",
                f"files named '*{suffix}' are not read",
                path,
                hint=Hint("deliver .csv, .csv.gz, .parquet or .xlsx"),
            )


def check_file(
    path: Path, mapping: FileMapping, minor_per_major: int, hasher: NumberHasher, progress: Progress
) -> CheckedFile:
    """Read and check the whole file. Raises ``ProblemsFound`` for faults of structure, never for faults of value."""
    reader = open_reader(path, mapping)
    _check_columns(reader.header, mapping)
    rows = _RowCheck(mapping, reader.header, minor_per_major, hasher)
    for batch in reader.batches():
        rows.take(batch)
        progress.done += len(batch.rows)
    table = pa.concat_tables(rows.tables) if rows.tables else rows.schema().empty_table()
    checked = CheckedFile(path, mapping, reader.header, table, progress.done, rows.faults)
    _set_aside_duplicates(checked, rows.faulty_keys)
    return checked


def _check_columns(header: Sequence[str], mapping: FileMapping) -> None:
    problems = []
    for column in mapping.columns:
        if column.source is not None and column.source not in header:
            hint = column_meant(column.source, header)
            message = f"the file has no column '{column.source}', from which '{column.name}' is read"
            problems.append(Problem("import.column", message, column.place, hint))
    if problems:
        raise ProblemsFound(problems)


class _RowCheck:
    """Converts batch by batch, column by column."""

    def __init__(
        self, mapping: FileMapping, header: Sequence[str], minor_per_major: int, hasher: NumberHasher
    ) -> None:
        self.mapping, self.hasher = mapping, hasher
        self.readers: list[tuple[Column, Read, int | None]] = [
            (
                column,
                reader_of(column, minor_per_major),
                header.index(column.source) if column.source else None,
            )
            for column in mapping.columns
            if column.hash_of is None
        ]
        self.hashed = [column for column in mapping.columns if column.hash_of is not None]
        self.key = mapping.key
        self.tables: list[pa.Table] = []
        self.faults: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self.faulty_keys: set[tuple[Any, ...]] = set()

    def schema(self) -> pa.Schema:
        """Of the tables made."""
        fields = [(column.name, ARROW_TYPES[column.type]) for column in self.mapping.columns]
        return pa.schema([(LINE, pa.int64()), *fields])

    def take(self, batch: Batch) -> None:
        """Check a batch and keep its good rows."""
        faulty: set[int] = set()
        values: dict[str, list[Any]] = {}
        for column, read, index in self.readers:
            raws = (
                [column.constant] * len(batch.rows) if index is None else [row[index] for row in batch.rows]
            )
            values[column.name] = self._read(column, read, raws, batch.lines, faulty)
        for column in self.hashed:
            numbers = values[column.hash_of or ""]
            values[column.name] = [
                None if number is None else f"n-{self.hasher(number)}" for number in numbers
            ]
        self._check_rows(values, batch.lines, faulty)
        if faulty:
            self._remember_keys(values, faulty)
        arrays = [pa.array(batch.lines, pa.int64()), *self._arrays(values)]
        table = pa.table(arrays, schema=self.schema())
        if faulty:
            table = table.filter(pa.array([index not in faulty for index in range(len(batch.rows))]))
        self.tables.append(table)

    def _read(
        self, column: Column, read: Read, raws: list[Raw], lines: list[int], faulty: set[int]
    ) -> list[Any]:  # fmt: skip
        try:
            return _read_all(read, raws)
        except ValueFault:
            pass
        found = list[Any]()
        for index, raw in enumerate(raws):
            try:
                found.append(read(raw))
            except ValueFault as fault:
                found.append(None)
                faulty.add(index)
                reason = (column.source or column.name, str(fault))
                if (
                    reason not in self.faults[lines[index]]
                ):  # two of our columns may be read from one of theirs
                    self.faults[lines[index]].append(reason)
        return found

    def _arrays(self, values: Mapping[str, list[Any]]) -> list[Any]:
        return [pa.array(values[column.name], ARROW_TYPES[column.type]) for column in self.mapping.columns]

    def _check_rows(self, values: Mapping[str, list[Any]], lines: list[int], faulty: set[int]) -> None:
        """What only a whole row can show."""
        if self.mapping.kind.one_of:
            columns = [values[name] for name in self.mapping.kind.one_of if name in values]
            for index, cells in enumerate(zip(*columns, strict=True)):
                if index not in faulty and all(cell is None for cell in cells):
                    self._fault(index, lines, faulty, " or ".join(self.mapping.kind.one_of), "is empty")
        for column in self.hashed:
            for index, cell in enumerate(values[column.name]):
                if cell is None and index not in faulty:
                    self._fault(
                        index, lines, faulty, column.name, "cannot be made, because the number is empty"
                    )
        identifier = self.mapping.column("id")
        if identifier is not None and identifier.hash_of is None and "number" in values:
            for index, (id_, number) in enumerate(zip(values["id"], values["number"], strict=True)):
                if id_ is not None and number is not None and len(id_) > 6 and number.endswith(id_):
                    self._fault(
                        index, lines, faulty, "id", "is the phone number; write id: {hash_of: number}"
                    )

    def _fault(self, index: int, lines: list[int], faulty: set[int], column: str, reason: str) -> None:
        faulty.add(index)
        self.faults[lines[index]].append((column, reason))

    def _remember_keys(self, values: Mapping[str, list[Any]], faulty: set[int]) -> None:
        for index in faulty:
            key = tuple(values[name][index] for name in self.key)
            if any(part is not None for part in key):
                self.faulty_keys.add(key)


def _read_all(read: Read, raws: list[Raw]) -> list[Any]:
    """Every cell's value; texts that repeat are read once (only texts: True, 1 and 1.0 are equal and not the same)."""
    if set(map(type, raws)) == {str}:
        different = set(raws)
        if len(different) * 2 < len(raws):
            known = {raw: read(raw) for raw in different}
            return [known[raw] for raw in raws]
    return list(map(read, raws))


def _set_aside_duplicates(checked: CheckedFile, faulty_keys: set[tuple[Any, ...]]) -> None:
    """All rows of one key go, when it is there twice: nobody can say which is right."""
    names = checked.mapping.key
    if not names or not checked.table.num_rows:
        return
    groups = checked.table.group_by(list(names)).aggregate([(LINE, "count")])
    if groups.num_rows == checked.table.num_rows and not faulty_keys:
        return
    keys = list(zip(*(cells(checked.table[name]) for name in names), strict=True))
    counts = Counter(keys)
    lines = cells(checked.table[LINE])
    twice = [line for line, key in zip(lines, keys, strict=True) if counts[key] > 1 or key in faulty_keys]
    checked.set_aside(twice, "+".join(_their_names(checked.mapping, names)), "is there more than once")


def _their_names(mapping: FileMapping, names: Sequence[str]) -> list[str]:
    return [column.source or column.name for name in names if (column := mapping.column(name)) is not None]

"""Generations: what is known about customers as immutable Parquet, one file a kind, one row group a bucket.

A file is sorted by bucket and customer, so one customer costs one row group. It is written under another name, synced
and renamed; only the SQL pointer, moved later, makes it part of a generation. It holds no name and no number.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contact.storage.databases.durable import sync_to_disk
from contact.storage.generations.arrow import compute as pc

BUCKET = "bucket"
CUSTOMER = "customer"
_KEPT_ROWS = 400_000
_KEPT_FILES = 32
_UNUSED_FOR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: its number and the file of each kind; number 0 has none."""

    number: int = 0
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KindFile:
    """What the footer of one file says."""

    path: Path
    metadata: pq.FileMetaData
    groups: Mapping[int, int]
    """Bucket → row group."""
    types: Mapping[str, str]
    """Column → our value type."""
    latest_month: int | None
    schema: pa.Schema

    @property
    def rows(self) -> int:
        return int(self.metadata.num_rows)


class Generations:
    """The folder of generation files, with what was read last kept decoded up to a bound of rows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: OrderedDict[str, KindFile] = OrderedDict()
        self._tables: OrderedDict[tuple[str, int], pa.Table] = OrderedDict()
        self._kept_rows = 0
        self._lock = Lock()

    def write(self, kind: str, number: int, table: pa.Table, types: Mapping[str, str]) -> str:
        """Write a kind's rows, which have ``bucket`` and ``customer``; the file's name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        keys: list[tuple[str, Literal["ascending", "descending"]]] = [
            (name, "ascending") for name in _sorted_by(table)
        ]
        table = table.sort_by(keys).combine_chunks()
        buckets, starts = np.unique(table[BUCKET].to_numpy(), return_index=True)
        about = {"buckets": buckets.tolist(), "types": dict(types), "latest_month": _latest_month(table)}
        table = table.replace_schema_metadata({"contact": json.dumps(about)})
        name = f"{kind}-{number:06}-{secrets.token_hex(4)}.parquet"
        draft = self.folder / f".{name}"
        with pq.ParquetWriter(draft, table.schema, compression="zstd", write_statistics=False) as writer:
            ends = [*starts[1:], table.num_rows][: len(starts)]  # a table of nobody has no row group
            for start, end in zip(starts, ends, strict=True):
                writer.write_table(table.slice(start, end - start), row_group_size=int(end - start))
        sync_to_disk(draft)
        draft.rename(self.folder / name)
        sync_to_disk(self.folder)
        return name

    def file(self, name: str) -> KindFile:
        """The footer of a file, read once."""
        with self._lock:
            known = self._files.get(name)
            if known is not None:
                self._files.move_to_end(name)
                return known
        found = _read_footer(self.folder / name)
        with self._lock:
            self._files[name] = found
            while len(self._files) > _KEPT_FILES:
                self._files.popitem(last=False)
        return found

    def bucket(self, name: str, bucket: int) -> pa.Table | None:
        """The rows of one bucket, None where there are none."""
        file = self.file(name)
        group = file.groups.get(bucket)
        if group is None:
            return None
        with self._lock:
            known = self._tables.get((name, bucket))
            if known is not None:
                self._tables.move_to_end((name, bucket))
                return known
        with pq.ParquetFile(file.path, metadata=file.metadata) as reader:
            table = reader.read_row_group(group, use_threads=False)
        self._keep((name, bucket), table)
        return table

    def buckets(self, name: str, buckets: Iterable[int], columns: Collection[str]) -> pa.Table:
        """These columns, as far as the file has them, of several buckets, in order of bucket and customer."""
        file = self.file(name)
        groups = [file.groups[bucket] for bucket in sorted(set(buckets)) if bucket in file.groups]
        there = [column for column in file.schema.names if column in columns]
        if not groups:
            return file.schema.empty_table().select(there)
        with pq.ParquetFile(file.path, metadata=file.metadata) as reader:
            return reader.read_row_groups(groups, columns=there).combine_chunks()

    def whole(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Every row of a file."""
        return pq.read_table(self.file(name).path, columns=None if columns is None else list(columns))

    def remove_unused(self, used: Iterable[str]) -> int:
        """Delete files outside ``used`` that have not been touched for an hour; how many."""
        keep, removed = set(used), 0
        for path in self.folder.glob("*.parquet"):
            if path.name not in keep and time.time() - path.stat().st_mtime > _UNUSED_FOR_SECONDS:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _keep(self, key: tuple[str, int], table: pa.Table) -> None:
        with self._lock:
            if key not in self._tables:
                self._tables[key] = table
                self._kept_rows += table.num_rows
            while self._kept_rows > _KEPT_ROWS and len(self._tables) > 1:
                _, old = self._tables.popitem(last=False)
                self._kept_rows -= old.num_rows


def of_customer(table: pa.Table, customer: str) -> pa.Table:
    """The rows of one customer."""
    return table.filter(pc.equal(table[CUSTOMER], customer))


def _sorted_by(table: pa.Table) -> list[str]:
    return [name for name in (BUCKET, CUSTOMER, "line", "month", "id") if name in table.column_names]


def _latest_month(table: pa.Table) -> int | None:
    """A column of another type that an operator calls ``month`` is none of ours."""
    if "month" not in table.column_names or not pa.types.is_int32(table["month"].type):
        return None
    latest: int | None = pc.max(table["month"]).as_py()
    return latest


def _read_footer(path: Path) -> KindFile:
    metadata = pq.read_metadata(path)
    about = json.loads((metadata.metadata or {})[b"contact"])
    groups = {bucket: group for group, bucket in enumerate(about["buckets"])}
    return KindFile(
        path, metadata, groups, about["types"], about["latest_month"], metadata.schema.to_arrow_schema()
    )

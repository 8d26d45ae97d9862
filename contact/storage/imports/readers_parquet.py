"""Parquet: typed columns; their own numbers, booleans and dates are checked like a spreadsheet's cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from contact.storage.imports.readers import BATCH_ROWS, Batch, check_header, refuse
from strategies.problems import Hint, Where


class ParquetReader:
    """One Parquet file; the line of a row is its number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with pq.ParquetFile(path) as file:
                names = file.schema_arrow.names
        except (pa.ArrowException, OSError):
            raise refuse(
                "import.format", "this is no Parquet file", path, hint=Hint("export it again")
            ) from None
        self.header = check_header(names, Where(str(path), 0, 0))

    def batches(self) -> Iterator[Batch]:
        number = 1
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(BATCH_ROWS):
                    columns = [_plain(column).to_pylist() for column in batch.columns]
                    yield Batch(
                        list(range(number, number + batch.num_rows)), list(zip(*columns, strict=True))
                    )
                    number += batch.num_rows
        except (pa.ArrowException, OSError, ValueError, OverflowError):
            message = "the file cannot be read on"
            raise refuse("import.format", message, self.path, number, hint=Hint("export it again")) from None


def _plain(column: Any) -> Any:
    """Instants to the microsecond, which is what we keep."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return column

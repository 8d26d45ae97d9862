"""Rows that were set aside are written to a file of their own, with line, column and reason, ready to be mended."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contact.storage.imports.cell_types import OddCell, Raw
from contact.storage.imports.checking import CheckedFile, open_reader

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def defused(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: a leading ``= + - @`` gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def write_set_aside(checked: CheckedFile, folder: Path, name: str) -> Path | None:
    """The file of the rows set aside (0600, CSV, one row each), None where there are none."""
    if not checked.faults:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "column", "reason", *map(defused, checked.header)])
        for line, row in _rows(checked):
            faults = checked.faults[line]
            columns = "; ".join(dict.fromkeys(column for column, _ in faults))
            reasons = "; ".join(f"{column} {reason}" for column, reason in faults)
            writer.writerow(
                [line, defused(columns), defused(reasons), *(defused(_shown(cell)) for cell in row)]
            )
    return path


def _rows(checked: CheckedFile) -> Iterator[tuple[int, Sequence[Raw]]]:
    """The faulty rows as they stand in the file, which is read once more for it."""
    left = len(checked.faults)
    for batch in open_reader(checked.path, checked.mapping).batches():
        for line, row in zip(batch.lines, batch.rows, strict=True):
            if line in checked.faults:
                yield line, row
                left -= 1
        if not left:
            return


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    return f"({cell.reason})" if isinstance(cell, OddCell) else str(cell)

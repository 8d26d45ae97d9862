"""XLSX: the cells as typed; a formula or an error is a fault of its cell, because nobody can say what it was meant to be."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from contact.storage.imports.cell_types import OddCell, Raw
from contact.storage.imports.readers import BATCH_ROWS, LOCKED, Batch, check_header, refuse
from strategies.counted import counted
from strategies.problems import Hint, ProblemsFound, Where

_MOST_UNPACKED = 2 << 30
"""Bytes of all parts of a workbook: a few kilobytes can unpack to more than any machine holds."""
_MOST_TEXTS = 256 << 20
"""Bytes of its texts, which are read whole."""
_MOST_ROWS = 1 << 20
"""Of a sheet, as spreadsheets have it; a row's number is told by the file, and every row up to it would be gone through."""
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})[\"']")
_PART_BYTES = 1 << 20
_BROKEN = (
    BadZipFile, SyntaxError, zlib.error, EOFError, OSError, KeyError, IndexError, ValueError, TypeError, AttributeError,
    AssertionError, RuntimeError,
)  # fmt: skip
"""In how many ways openpyxl, its readers of XML and zipfile say that a workbook is none, damaged or under a password."""
_FORMULA = OddCell("is a formula; deliver values")
_ERROR = OddCell("is a spreadsheet error")


class XlsxReader:
    """One sheet of a workbook; its first row is the header."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        self.path, self.sheet = path, sheet
        self._opened = self._rows()
        first = next(self._opened, None)
        if first is None or all(cell is None for cell in first[1]):
            raise refuse(
                "import.header",
                "the sheet has no header row",
                path,
                1,
                1,
                Hint("name the columns in the first row"),
            )
        names = [
            "" if cell is None or isinstance(cell, OddCell) else str(cell) for cell in _trimmed(first[1])
        ]
        self.header = check_header(names, Where(str(path), 1, 1))

    def batches(self) -> Iterator[Batch]:
        rows = self._behind_header()
        width, batch, blank = len(self.header), Batch([], []), 0
        for line, cells in rows:
            cells = _trimmed(cells)
            if not cells:
                blank = blank or line
                continue
            if blank:
                raise refuse(
                    "import.blank_row",
                    "an empty row stands between others",
                    self.path,
                    blank,
                    1,
                    Hint("remove it"),
                )
            if len(cells) > width:
                message = f"the row has {counted(len(cells), 'cell')}, the header {width}"
                raise refuse(
                    "import.fields",
                    message,
                    self.path,
                    line,
                    width + 1,
                    Hint("name every column in the first row"),
                )
            batch.lines.append(line)
            batch.rows.append((*cells, *(None,) * (width - len(cells))))
            if len(batch.rows) == BATCH_ROWS:
                yield batch
                batch = Batch([], [])
        if batch.rows:
            yield batch

    def _behind_header(self) -> Iterator[tuple[int, list[Raw]]]:
        """The first pass goes on where the header was read, because opening a large workbook takes long."""
        rows, self._opened = self._opened, iter(())
        first = next(rows, None)
        if first is None:
            rows = self._rows()
            next(rows)
            return rows
        return chain([first], rows)

    def _rows(self) -> Iterator[tuple[int, list[Raw]]]:
        import openpyxl  # Loaded for an XLSX file only: it is slow to load.

        try:
            self._check_size()
            book = openpyxl.load_workbook(self.path, read_only=True, data_only=False)
        except _BROKEN:
            raise self._no_workbook() from None
        try:
            sheet = self._chosen(book)
            self._check_merged(sheet)
            sheet.reset_dimensions()
            for line, cells in enumerate(sheet.iter_rows(), 1):
                if line > _MOST_ROWS:
                    message = f"more than {_MOST_ROWS:,} rows"
                    raise refuse(
                        "import.too_long", message, self.path, line, 1, Hint("deliver it as .csv or .parquet")
                    )
                yield line, [_value(cell) for cell in cells]
        except _BROKEN:
            raise refuse(
                "import.format", "the workbook is damaged", self.path, hint=Hint("save it again as .xlsx")
            ) from None
        finally:
            book.close()

    def _check_size(self) -> None:
        with ZipFile(self.path) as packed:
            parts = {info.filename: info.file_size for info in packed.infolist()}
        if sum(parts.values()) > _MOST_UNPACKED or parts.get("xl/sharedStrings.xml", 0) > _MOST_TEXTS:
            message = "the workbook unpacks to more than is read"
            raise refuse("import.too_long", message, self.path, hint=Hint("deliver it as .csv or .parquet"))

    def _no_workbook(self) -> ProblemsFound:
        with self.path.open("rb") as file:
            locked = file.read(len(LOCKED)) == LOCKED
        message = (
            "this is an old workbook (.xls), or one with a password"
            if locked
            else "this is no .xlsx workbook"
        )
        hint = Hint("save it as .xlsx, without a password") if locked else Hint("save it as .xlsx")
        return refuse("import.format", message, self.path, hint=hint)

    def _check_merged(self, sheet: Any) -> None:
        """Only the first of merged cells holds a value; which rows the others were meant for nobody can say."""
        from openpyxl.utils.cell import coordinate_to_tuple

        with ZipFile(self.path) as packed, packed.open(sheet._worksheet_path) as part:
            before = b""
            for read in iter(partial(part.read, _PART_BYTES), b""):
                if found := _MERGED.search(before + read):
                    cells = found.group(1).decode()
                    line, column = coordinate_to_tuple(cells.partition(":")[0])
                    hint = Hint("undo the merging and fill every cell in")
                    raise refuse(
                        "import.fields", f"the cells {cells} are merged", self.path, line, column, hint
                    )
                before = read[-256:]

    def _chosen(self, book: Any) -> Any:
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        if not sheets:
            raise self._no_workbook()
        if self.sheet is None and len(sheets) == 1:
            return next(iter(sheets.values()))
        if self.sheet in sheets:
            return sheets[self.sheet]
        message = (
            f"the workbook has {counted(len(sheets), 'sheet')}, hidden ones counted too"
            if self.sheet is None
            else f"the workbook has no sheet '{self.sheet}'"
        )
        hint = Hint("name the one to read by format: {sheet: …} in the mapping")
        raise refuse("import.sheet", message, self.path, hint=hint)


def _value(cell: Any) -> Raw:
    kind = cell.data_type
    if kind == "f":
        return _FORMULA
    return _ERROR if kind == "e" else cell.value


def _trimmed(cells: Sequence[Raw]) -> list[Raw]:
    """Without the empty cells behind the last that holds something."""
    last = len(cells)
    while last and cells[last - 1] is None:
        last -= 1
    return list(cells[:last])

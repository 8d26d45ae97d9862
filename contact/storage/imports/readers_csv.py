"""CSV read strictly (RFC 4180): what a lenient reader would guess at refuses the file, with line and column.

Lines end with LF or CRLF. A byte order mark of UTF-8 at the start is taken and dropped, as Excel writes one.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, cast

from contact.storage.imports.readers import BATCH_ROWS, LOCKED, Batch, check_header, refuse
from strategies.counted import counted
from strategies.problems import Hint, Problem, ProblemsFound, Where

_LONGEST_LINE = 1 << 20
"""Bytes; what has no end of line would else be read whole, and a packed file says nothing of its size."""
_MOST_UTF_16 = 1 << 29
"""Bytes of a file in UTF-16, which is read whole."""
_LONGEST_RECORD_LINES = 200
_OTHER_FORMATS = (
    (b"PK\x03\x04", "a workbook", Hint("name it .xlsx")),
    (LOCKED, "an old workbook (.xls), or one with a password", Hint("save it as .xlsx, without a password")),
    (b"\x1f\x8b", "packed by gzip", Hint("name it .csv.gz")),
    (b"PAR1", "a Parquet file", Hint("name it .parquet")),
    (b"%PDF-", "a PDF document", Hint("export its table as CSV")),
)
"""How files begin that are named .csv at times, what they are and what to do."""
_FIELD_PROBLEMS = 20


class CsvReader:
    """One CSV file."""

    def __init__(self, path: Path, delimiter: str, encoding: str) -> None:
        self.path, self.delimiter, self.encoding = path, delimiter, encoding
        first = next(self._records(), None)
        if first is None or not first[1]:
            raise refuse(
                "import.header",
                "the file has no header row",
                path,
                1,
                1,
                Hint("name the columns in the first row"),
            )
        self.header = check_header(first[1], Where(str(path), 1, 1))

    def batches(self) -> Iterator[Batch]:
        records = self._records()
        next(records)
        width, batch, short, blank = len(self.header), Batch([], []), list[Problem](), 0
        for line, fields in records:
            if not fields and width > 1:
                blank = blank or line
                continue
            fields = fields or [""]
            if blank:
                raise refuse(
                    "import.blank_row",
                    "an empty row stands between others",
                    self.path,
                    blank,
                    1,
                    Hint("remove it"),
                )
            if len(fields) != width:
                short.append(self._wrong_width(line, fields, width))
                if len(short) >= _FIELD_PROBLEMS:
                    break
                continue
            batch.lines.append(line)
            batch.rows.append(fields)
            if len(batch.rows) == BATCH_ROWS:
                yield batch
                batch = Batch([], [])
        if short:
            raise ProblemsFound(short)
        if batch.rows:
            yield batch

    def _wrong_width(self, line: int, fields: list[str], width: int) -> Problem:
        column = sum(len(field) + 1 for field in fields[:width]) + (len(fields) > width)
        message = f"the row has {counted(len(fields), 'field')}, the header {width}"
        hint = Hint(
            'quote fields that contain "%(delimiter)s", and end every row with all its fields',
            delimiter=self.delimiter,
        )
        return Problem("import.fields", message, Where(str(self.path), line, max(column, 1)), hint)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the line it begins on; an empty line has no fields."""
        delimiter, line = self.delimiter, 0
        lines = self._lines()
        for text in lines:
            line += 1
            if '"' not in text:
                bare = self._bare(text, line)
                yield line, bare.split(delimiter) if bare else []
                continue
            record = _QuotedRecord(self, text, line, lines)
            yield line, record.fields()
            line += record.further_lines

    def _bare(self, text: str, line: int) -> str:
        """The line without its end, if no other carriage return stands in it."""
        text = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
        if "\r" in text:
            at = text.index("\r") + 1
            raise refuse(
                "import.line_end",
                "a lone carriage return",
                self.path,
                line,
                at,
                Hint("end lines with LF or CRLF"),
            )
        return text

    def _lines(self) -> Iterator[str]:
        decode = self._whole if self.encoding == "utf-16" else self._by_line
        for number, text in enumerate(decode(), 1):
            if "\0" in text:
                raise refuse(
                    "import.nul",
                    "a NUL character",
                    self.path,
                    number,
                    text.index("\0") + 1,
                    Hint("export it again as UTF-8"),
                )
            yield text

    def _whole(self) -> Iterator[str]:
        try:
            with self._opened() as file:
                text = self._all_bytes(file).decode("utf-16")
        except UnicodeDecodeError:
            raise refuse(
                "import.encoding",
                "the bytes are not UTF-16",
                self.path,
                hint=Hint("set format: {encoding: …}"),
            ) from None
        start = 0
        while (end := text.find("\n", start)) >= 0:
            yield text[start : end + 1]
            start = end + 1
        if start < len(text):
            yield text[start:]

    def _all_bytes(self, file: IO[bytes]) -> bytes:
        parts, size = list[bytes](), 0
        for part in self._unpacked(file):
            parts.append(part)
            size += len(part)
            if size > _MOST_UTF_16:
                message = f"more than {_MOST_UTF_16:,} bytes of UTF-16"
                raise refuse("import.too_long", message, self.path, hint=Hint("save it as UTF-8"))
        return b"".join(parts)

    def _by_line(self) -> Iterator[str]:
        with self._opened() as file:
            for number, raw in enumerate(self._unpacked(file), 1):
                if number == 1:
                    raw = self._without_mark(raw)
                if len(raw) > _LONGEST_LINE:
                    message = f"a line of more than {_LONGEST_LINE:,} bytes"
                    hint = Hint("end lines with LF or CRLF")
                    raise refuse("import.too_long", message, self.path, number, 1, hint)
                try:
                    yield raw.decode(self.encoding)
                except UnicodeDecodeError as fault:
                    column = len(raw[: fault.start].decode(self.encoding, "replace")) + 1
                    message = f"the bytes are not text in {self.encoding}"
                    hint = Hint("save it as UTF-8, or set format: {encoding: …} in the mapping")
                    raise refuse("import.encoding", message, self.path, number, column, hint) from None

    def _opened(self) -> IO[bytes]:
        packed = self.path.suffix.lower() == ".gz"
        return cast(IO[bytes], gzip.open(self.path, "rb")) if packed else self.path.open("rb")

    def _unpacked(self, file: IO[bytes]) -> Iterator[bytes]:
        try:
            yield from iter(partial(file.readline, _LONGEST_LINE + 1), b"")
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise refuse(
                "import.format",
                "the file is damaged or was not packed by gzip",
                self.path,
                hint=Hint("pack it again"),
            ) from None

    def _without_mark(self, raw: bytes) -> bytes:
        for begins, what, hint in _OTHER_FORMATS:
            if raw.startswith(begins):
                raise refuse("import.format", f"this is {what}, not CSV", self.path, 1, 1, hint)
        if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            raise refuse(
                "import.encoding", "the file begins as UTF-32", self.path, 1, 1, Hint("save it as UTF-8")
            )
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            hint = Hint("set format: {encoding: utf-16} in the mapping")
            raise refuse("import.encoding", "the file begins as UTF-16", self.path, 1, 1, hint)
        return raw.removeprefix(codecs.BOM_UTF8) if self.encoding == "utf-8" else raw


class _QuotedRecord:
    """A record with quotes in it; it may run over several lines."""

    def __init__(self, reader: CsvReader, text: str, line: int, lines: Iterator[str]) -> None:
        self.reader, self.text, self.line, self.lines = reader, text, line, lines
        self.further_lines = 0
        self.line_starts = [0]

    def fields(self) -> list[str]:
        """All fields of the record."""
        found, at = list[str](), 0
        while True:
            field, at = self._quoted(at) if self.text.startswith('"', at) else self._plain(at)
            found.append(field)
            if at >= len(self.text) or self.text[at] != self.reader.delimiter:
                return found
            at += 1

    def _plain(self, start: int) -> tuple[str, int]:
        end = self.text.find(self.reader.delimiter, start)
        ending = self._end()
        end = ending if end < 0 else end
        field = self.text[start:end]
        for wrong, code in (('"', "import.quoting"), ("\r", "import.line_end")):
            if wrong in field:
                raise self._refuse(
                    code, start + field.index(wrong), "a quote inside a field that does not begin with one"
                )
        return field, len(self.text) if end == ending else end

    def _quoted(self, start: int) -> tuple[str, int]:
        at, parts = start + 1, list[str]()
        while True:
            end = self.text.find('"', at)
            if end < 0:
                self._read_on(start)
                continue
            parts.append(self.text[at:end])
            if self.text.startswith('"', end + 1):
                parts.append('"')
                at = end + 2
                continue
            after = end + 1
            if after >= self._end():
                return "".join(parts), len(self.text)
            if self.text[after] != self.reader.delimiter:
                raise self._refuse("import.quoting", after, "text after a closing quote")
            return "".join(parts), after

    def _read_on(self, start: int) -> None:
        more = next(self.lines, None)
        if more is None or self.further_lines >= _LONGEST_RECORD_LINES:
            raise self._refuse(
                "import.quoting",
                start,
                f"a quote that is opened here and not closed within {_LONGEST_RECORD_LINES} lines",
            )
        self.further_lines += 1
        self.line_starts.append(len(self.text))
        self.text += more

    def _end(self) -> int:
        """Where the record's last line ends, without LF or CRLF."""
        bare = self.text.removesuffix("\n")
        return len(bare.removesuffix("\r")) if len(bare) < len(self.text) else len(bare)

    def _refuse(self, code: str, at: int, message: str) -> ProblemsFound:
        index = max(number for number, start in enumerate(self.line_starts) if start <= at)
        message = "a lone carriage return" if code == "import.line_end" else message
        hint = (
            Hint('write a quote inside a quoted field twice: ""')
            if code == "import.quoting"
            else Hint("end lines with LF or CRLF")
        )
        return refuse(
            code, message, self.reader.path, self.line + index, at - self.line_starts[index] + 1, hint
        )

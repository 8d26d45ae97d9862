"""Our strict CSV reader against the standard library's writer and reader."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from contact.storage.imports.readers_csv import CsvReader
from strategies.problems import ProblemsFound

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6)


def _read(content: bytes) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        path.write_bytes(content)
        return [list(row) for batch in CsvReader(path, ",", "utf-8").batches() for row in batch.rows]


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n"]), everything=st.booleans())
def test_what_the_standard_writer_writes_is_read_back(
    rows: list[tuple[str, ...]], end: str, everything: bool
) -> None:
    """Any text, quoted as far as needed or everywhere, comes back cell by cell.

    A carriage return is left out where the standard writer would not quote it and so end the line with it.
    """
    if not everything:
        rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator=end, quoting=quoting).writerows([("a", "b", "c"), *rows])
    assert _read(text.getvalue().encode()) == [list(row) for row in rows]


@settings(max_examples=300, deadline=None)
@given(body=st.text(st.sampled_from('ab",\n\r '), max_size=30))
def test_what_we_accept_the_standard_reader_reads_the_same(body: str) -> None:
    """Any arrangement of quotes, commas and line ends is refused with its place, or read as everybody reads it."""
    try:
        found = _read(f"a,b\n{body}".encode())
    except ProblemsFound as refused:
        assert all(problem.where.line >= 1 for problem in refused.problems)
        return
    theirs = [row for row in csv.reader(io.StringIO(body, newline=""), strict=True) if row]
    assert found == theirs

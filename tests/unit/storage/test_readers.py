"""Readers: a fault of structure refuses the whole file, with line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.storage.delivered import HEADER, check, csv, problems_of


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        (b"", "import.header", 1, 1),
        (b"\n", "import.header", 1, 1),
        (b"cust,who,who,tel,fee\n", "import.header", 1, 1),
        (b"cust,,tel,fee\n", "import.header", 1, 1),
        (HEADER.encode() + b"\nC1,\xff\xfe,1,2\n", "import.encoding", 2, 4),
        ("cust,who,tel,fee\nC1,中文,1,2\n".encode("gbk"), "import.encoding", 2, 4),
        ("cust,who,tel,fee\n".encode("utf-16"), "import.encoding", 1, 1),
        (HEADER.encode() + b"\nC1,a\0b,1,2\n", "import.nul", 2, 5),
        (HEADER.encode() + b"\nC1,a,1,2\nC2,a,1,2,3\n", "import.fields", 3, 10),
        (HEADER.encode() + b"\nC1,a,1\n", "import.fields", 2, 7),
        (HEADER.encode() + b'\nC1,"a,1,2\nC2,b,1,2\n', "import.quoting", 2, 4),
        (HEADER.encode() + b'\nC1,"a"b,1,2\n', "import.quoting", 2, 7),
        (HEADER.encode() + b'\nC1,a "b",1,2\n', "import.quoting", 2, 6),
        (HEADER.encode() + b"\nC1,a,1,2\n\nC2,b,1,2\n", "import.blank_row", 3, 1),
        (HEADER.encode() + b"\rC1,a,1,2\r", "import.line_end", 1, 17),
        (b"PK\x03\x04 zip", "import.format", 1, 1),
    ],
)
def test_csv_of_a_faulty_structure_is_refused_at_its_place(
    tmp_path: Path, content: bytes, code: str, line: int, column: int
) -> None:
    """Encoding, header, quoting, NUL, field counts, blank rows and lone returns refuse the file where they stand."""
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    first = problems_of(path)[0]
    assert (first.code, first.where.line, first.where.column) == (code, line, column)
    assert first.where.path == str(path)


def test_every_row_of_a_wrong_width_is_told(tmp_path: Path) -> None:
    """Rows with too few or too many fields are listed together."""
    found = problems_of(csv(tmp_path, HEADER, "C1,a", "C2,a,1,2", "C3,a,1,2,5"))
    assert [problem.where.line for problem in found] == [2, 4]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes_hold_delimiters_quotes_and_lines(tmp_path: Path, end: str) -> None:
    """A quoted field may contain the delimiter, doubled quotes and line breaks, and lines are still counted right."""
    path = tmp_path / "f.csv"
    rows = [HEADER, 'C1,"Li, ""Lei""",,1', f'C2,"two{end}lines",,2', "C3,x,,oops"]
    path.write_bytes("".join(row + end for row in rows).encode())
    checked = check(path)
    assert checked.table["name"].to_pylist() == ['Li, "Lei"', f"two{end}lines"]
    assert list(checked.faults) == [5]


def test_a_utf8_mark_and_a_missing_last_line_end_are_taken(tmp_path: Path) -> None:
    """A byte order mark as Excel writes it is no part of the first name, and the last line needs no end."""
    path = tmp_path / "f.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\nC1,王,,3".encode())
    assert check(path).table["name"].to_pylist() == ["王"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_declared_encodings_and_delimiters_are_read(tmp_path: Path, encoding: str) -> None:
    """A file in another encoding with another delimiter is read as the mapping says."""
    path = tmp_path / "f.csv"
    path.write_text("cust;who\nC1;王芳\n", encoding=encoding)
    shape = f'format: {{delimiter: ";", encoding: {encoding}}}'
    mapping = f"kind: customers\nmode: upsert\n{shape}\ncolumns: {{id: cust, name: who}}\n"
    assert check(path, mapping).table["name"].to_pylist() == ["王芳"]


def test_a_column_that_is_not_there_is_told_at_the_mapping(tmp_path: Path) -> None:
    """The problem stands in the mapping and names the column probably meant."""
    found = problems_of(csv(tmp_path, "cust,whoo,tel,fee", "C1,a,,1"))
    assert str(found[0]).startswith("m.yaml:7:3: import.column: the file has no column 'who'")
    assert found[0].hint == "did you mean 'whoo'?"


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    """A missing file, an unknown suffix and bytes that are no workbook or Parquet each give one clear problem."""
    assert problems_of(tmp_path / "none.csv")[0].code == "import.file_missing"
    for name in ("f.xls", "f.xlsx", "f.parquet"):
        (tmp_path / name).write_bytes(b"not that")
        assert problems_of(tmp_path / name)[0].code == "import.format"


def _workbook(folder: Path, *rows: list[object], more: bool = False) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if more:
        book.create_sheet("second")
    book.save(folder / "f.xlsx")
    return folder / "f.xlsx"


def test_workbook_cells_that_are_no_values_are_set_aside(tmp_path: Path) -> None:
    """Formulas, errors and phone numbers that became rounded numbers are faults of their cells; whole numbers are taken."""
    path = _workbook(
        tmp_path,
        HEADER.split(","),
        ["C1", "王", 13800000001, 12.5],
        ["C2", "=A1", None, 1],
        ["C3", "#N/A", None, 1],
        ["C4", "李", 1.38e10 + 0.5, 1],
        [5, "吴", "13800000005", "12.50"],
    )
    checked = check(path)
    assert checked.table["id"].to_pylist() == ["C1", "5"]
    assert checked.table["number"].to_pylist() == ["+8613800000001", "+8613800000005"]
    assert checked.table["arpu"].to_pylist() == [1250, 1250]
    assert {line: faults[0][0] for line, faults in checked.faults.items()} == {3: "who", 4: "who", 5: "tel"}


def test_a_workbook_of_a_faulty_structure_is_refused(tmp_path: Path) -> None:
    """A cell beyond the header, a row left blank, a header with holes, and several sheets refuse the workbook."""
    head = HEADER.split(",")
    assert problems_of(_workbook(tmp_path, head, ["C1", "a", None, 1, "more"]))[0].code == "import.fields"
    assert problems_of(_workbook(tmp_path, head, [], ["C1", "a", None, 1]))[0].code == "import.blank_row"
    assert problems_of(_workbook(tmp_path, ["cust", None, "tel"], ["C1"]))[0].code == "import.header"
    assert problems_of(_workbook(tmp_path, head, ["C1"], more=True))[0].code == "import.sheet"


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    """A workbook whose sheet breaks off is no half import."""
    path = _workbook(tmp_path, HEADER.split(","), *[[f"C{number}", "a", None, 1] for number in range(50)])
    damaged = tmp_path / "d.xlsx"
    with ZipFile(path) as old, ZipFile(damaged, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[: len(content) // 2] if name.endswith("sheet1.xml") else content)
    assert problems_of(damaged)[0].code == "import.format"


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    """Numbers and dates of Parquet columns are taken as they are; NaN is a fault."""
    table = pa.table({"cust": ["C1", "C2"], "since": [date(2026, 1, 2), None], "gb": [1.5, float("nan")]})
    pq.write_table(table, tmp_path / "f.parquet")
    columns = "{id: cust, joined: {from: since, type: date}, gb: {from: gb, type: number}}"
    mapping = f"kind: customers\nmode: snapshot\ncolumns: {columns}\n"
    checked = check(tmp_path / "f.parquet", mapping)
    assert [str(day) for day in checked.table["joined"].to_pylist()] == ["2026-01-02"]
    assert checked.faults == {2: [("gb", "is not a finite number")]}

"""Values: what a cell may say, and the reason where it may not; the reason never repeats the cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contact.storage.imports.set_aside import defused, write_set_aside
from strategies.instants import parse_instant
from strategies.problems import ProblemsFound
from tests.unit.storage.delivered import HASHER, HEADER, check, csv, one_cell

PHONE = "{from: x, type: phone, region: CN}"


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("x", "NA", "NA"),
        ("x", "null", "null"),
        ("x", "", None),
        ('{from: x, empty: ["", "-"]}', "-", None),
        ("{from: x, type: number}", "-1.5", -1.5),
        ("{from: x, type: number}", "2.5e-4", 0.00025),
        ("{from: x, type: number, unit: GB}", "12.5 GB", 12.5),
        ("{from: x, type: number, trim: true}", " 7 ", 7.0),
        ("{from: x, type: money}", "29.85", 2985),
        ("{from: x, type: money}", "-0.5", -50),
        ("{from: x, type: money}", "1889.500", 188950),
        ("{from: x, type: money, round: true}", "0.125", 13),
        ("{from: x, type: boolean}", "Yes", True),
        ('{from: x, type: boolean, codes: {"1": false}}', "1", False),
        ("{from: x, type: date}", "2026-02-01", date(2026, 2, 1)),
        ('{from: x, type: date, format: "%d/%m/%Y"}', "01/02/2026", date(2026, 2, 1)),
        ("{from: x, type: instant}", "2026-01-02T10:00:00+08:00", parse_instant("2026-01-02T02:00:00Z")),
        ("{from: x, type: instant, zone: Asia/Shanghai}", "2026-01-02 10:00:00", parse_instant("2026-01-02T02:00:00Z")),
        ("{from: x, type: month}", "2026-03", 2026 * 12 + 2),
        ('{from: x, type: month, format: "%Y%m"}', "202603", 2026 * 12 + 2),
        ("{from: x, type: list, separator: '|'}", "a| b |", ["a", "b"]),
        (PHONE, "138 0000 0001", "+8613800000001"),
        (PHONE, "+12125550199", "+12125550199"),
        ("{from: x, type: zone}", "Asia/Urumqi", "Asia/Urumqi"),
    ],
)  # fmt: skip
def test_good_cells_become_values(tmp_path: Path, column: str, cell: str, value: Any) -> None:
    """Each type reads what people write of it; the name NA stays a name."""
    assert one_cell(tmp_path, column, cell).table["x"].to_pylist() == [value]


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("{from: x, type: number}", "1,234", "is not a number"),
        ("{from: x, type: number}", "٣", "is not a number"),
        ("{from: x, type: number}", "nan", "is not a number"),
        ("{from: x, type: number}", "1e999", "is not a finite number"),
        ("{from: x, type: number}", "12 GB", "is not a number"),
        ("{from: x, type: number, unit: GB}", "12 MB", "has a unit other than GB"),
        ("{from: x, type: number, range: [0, 10]}", "11", "is outside 0.0..10.0"),
        ("{from: x, type: money, range: [0, 10]}", "10.01", "is outside 0.0..10.0"),
        ("{from: x, type: money}", "3.8E+11", "is in scientific notation; digits are lost, export amounts as text"),
        ("{from: x, type: money}", "¥5", "is not an amount of money (digits, one point, no separators or currency sign)"),
        ("{from: x, type: money}", "0.125", "has more than 2 decimals; say `round: true` to round it"),
        ("{from: x, type: boolean}", "maybe", "is not true or false; give `codes:`"),
        ("{from: x, codes: {M: male}}", "X", "is a code the mapping does not list"),
        ("{from: x, type: date}", "01/02/2026", "is not a date like 2026-01-31; declare its `format:`"),
        ("{from: x, type: date}", "2026-02-30", "is not a day of the calendar in the declared format"),
        ("{from: x, type: instant}", "2026-01-02 10:00", "has no offset; declare its `zone:`"),
        ("{from: x, type: instant}", "0001-01-02T10:00Z", "lies outside the years 1970 to 2200"),
        ("{from: x, type: month}", "2099-13", "is not a month like 2026-01"),
        ("{from: x, type: id}", "3.8E+11", "is in scientific notation; digits are lost, export ids as text"),
        ("{from: x, type: id}", "a b", "is not an id (1 to 64 of A-Z a-z 0-9 . _ -)"),
        ("{from: x, type: id}", "C1\n", "is not an id (1 to 64 of A-Z a-z 0-9 . _ -)"),
        ("{from: x, type: zone}", "../../etc/passwd", "is not an IANA time zone like Asia/Shanghai"),
        ("{from: x, type: zone}", "localtime", "is not an IANA time zone like Asia/Shanghai"),
        ("{from: x, required: true}", "", "is empty"),
        (PHONE, "3.8E+11", "is in scientific notation; digits are lost, export phone numbers as text"),
        (PHONE, "١٣٨٠٠٠٠٠٠٠١", "is not a phone number of region CN"),
        (PHONE, "13800000001\n", "is not a phone number of region CN"),
        (PHONE, "12345", "is not a phone number of region CN"),
    ],
)  # fmt: skip
def test_faulty_cells_set_their_row_aside_with_the_reason(
    tmp_path: Path, column: str, cell: str, reason: str
) -> None:
    """A fault of value takes its row out, under the file's own column name, and the reason never quotes the cell."""
    checked = one_cell(tmp_path, column, cell)
    assert checked.table.num_rows == 0
    assert checked.faults == {2: [("x", reason)]}


def test_all_rows_of_a_key_that_is_there_twice_are_set_aside(tmp_path: Path) -> None:
    """Neither of two rows with one id is taken, not even where one of them is faulty for another reason."""
    rows = ["C1,a,,1", "C2,b,,2", "C1,c,,3", "C3,d,,oops", "C3,e,,5"]
    checked = check(csv(tmp_path, HEADER, *rows))
    assert checked.table["id"].to_pylist() == ["C2"]
    assert (
        checked.faults[2] == checked.faults[4] == checked.faults[6] == [("cust", "is there more than once")]
    )
    assert checked.faults[5][0][0] == "fee"


def test_more_faulty_rows_than_allowed_refuse_the_file(tmp_path: Path) -> None:
    """One faulty row in a hundred passes, two refuse; the problems count and show them."""
    mapping = "kind: customers\nmode: snapshot\ncolumns: {id: cust, x: {from: x, type: number}}\n"
    rows = [f"C{number},1" for number in range(100)]
    check(csv(tmp_path, "cust,x", *rows[:99], "C99,oops"), mapping).settle()
    with pytest.raises(ProblemsFound) as caught:
        check(csv(tmp_path, "cust,x", *rows[:98], "C98,no", "C99,oops"), mapping).settle()
    assert "2 of 100 rows are faulty, more than 1 % (x: is not a number: 2)" in str(caught.value)
    assert "f.csv:101:2: import.faulty_row: x is not a number" in str(caught.value)


def test_a_header_alone_clears_nothing(tmp_path: Path) -> None:
    """A file without rows is refused."""
    with pytest.raises(ProblemsFound, match="nothing was cleared"):
        check(csv(tmp_path, HEADER)).settle()


def test_a_phone_number_is_no_id(tmp_path: Path) -> None:
    """A row whose id is its own phone number is set aside; ``hash_of`` makes an id from the number's hash."""
    checked = check(csv(tmp_path, HEADER, "13800000001,a,13800000001,1"))
    assert checked.faults[2][0][1] == "is the phone number; write id: {hash_of: number}"
    mapping = (
        "kind: customers\nmode: upsert\ncolumns: {id: {hash_of: number}, number: {from: tel, region: CN}}\n"
    )
    made = check(csv(tmp_path, "tel", "13800000001"), mapping).table["id"].to_pylist()
    assert made == [f"n-{HASHER('+8613800000001')}"]


def test_rows_set_aside_are_written_defused_and_private(tmp_path: Path) -> None:
    """The file of rows set aside has line, column, reason and the row; no cell can run as a formula; only we read it."""
    checked = check(csv(tmp_path, HEADER, "C1,=HYPERLINK(1),+8613800000001,oops", "C2,b,,2"))
    path = write_set_aside(checked, tmp_path / "aside", "customers.csv")
    assert path is not None and path.stat().st_mode & 0o777 == 0o600
    head, row = path.read_text(encoding="utf-8").splitlines()
    assert head == "line,column,reason,cust,who,tel,fee"
    assert row.startswith('2,fee,"fee is not an amount')
    assert row.endswith("C1,'=HYPERLINK(1),'+8613800000001,oops")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1"])
def test_cells_that_a_spreadsheet_would_run_are_defused(text: str) -> None:
    """A leading = + - @ gets an apostrophe before it; other text is left alone."""
    assert defused(text) == f"'{text}"
    assert defused("NA") == "NA"

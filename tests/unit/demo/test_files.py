"""The files the demonstration operator delivers: their own column names, three formats, few faulty rows."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pyarrow.parquet
import pytest
from openpyxl import load_workbook

from contact.storage.imports.mapping import read_mapping
from demo.calendar import months_before
from demo.files import Delivery, deliver
from demo.history import Columns
from demo.intents import ring
from demo.menu import read_menu
from demo.past_calls import call_columns
from demo.population import Population, populate
from demo.truth import plant

START = date(2026, 3, 2)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Delivery]:
    """All files of three hundred customers."""
    people = populate(5, 300, START)
    found = deliver(people, plant(people), logged(people), tmp_path_factory.mktemp("files"))
    return {each.kind: each for each in found}


def logged(people: Population) -> Columns:
    """The telephone system's log of a year."""
    hotline = read_menu()
    return call_columns(people, hotline, ring(people, hotline, 0))


def test_a_seed_writes_the_same_files_again(deliveries: dict[str, Delivery], tmp_path: Path) -> None:
    """Text files are equal byte for byte."""
    people = populate(5, 300, START)
    for each in deliver(people, plant(people), logged(people), tmp_path):
        if each.path.suffix == ".csv":
            assert each.path.read_bytes() == deliveries[each.kind].path.read_bytes()


def test_the_three_formats_are_there(deliveries: dict[str, Delivery]) -> None:
    """CSV for most, XLSX for staff, Parquet for usage."""
    suffixes = {kind: each.path.suffix for kind, each in deliveries.items()}
    assert suffixes["usage"] == ".parquet" and suffixes["staff"] == ".xlsx"
    assert [suffixes[kind] for kind in ("customers", "lines", "bills", "products")] == [".csv"] * 4


def test_every_mapping_names_columns_that_are_in_its_file(deliveries: dict[str, Delivery]) -> None:
    """The product's own reader takes each mapping, and no column it asks for is missing."""
    for each in deliveries.values():
        mapping = read_mapping(each.mapping.read_text(encoding="utf-8"), str(each.mapping))
        wanted = {column.source for column in mapping.columns if column.source is not None}
        assert wanted <= set(_header(each, mapping.encoding, mapping.delimiter)), each.kind


def test_faulty_rows_stay_below_what_a_mapping_allows(deliveries: dict[str, Delivery]) -> None:
    """Some rows are faulty on purpose, never one in a hundred, and none among the consents."""
    assert deliveries["customers"].faulty >= 1 and deliveries["consents"].faulty == 0
    assert all(each.faulty / each.rows < 0.01 for each in deliveries.values())


def test_usage_covers_the_last_eight_months(deliveries: dict[str, Delivery]) -> None:
    """The months end before the day the demonstration starts, and the file has no others but a faulty one."""
    months = months_before(START)
    assert months == ["2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]
    there = pyarrow.parquet.read_table(deliveries["usage"].path, columns=["stat_month"])["stat_month"]
    assert set(there.to_pylist()) == {*months, "2099-13"}


def test_no_score_is_delivered(deliveries: dict[str, Delivery]) -> None:
    """The operator's files hold nothing that the service is to learn."""
    header = _header(deliveries["customers"], "utf-8", ",")
    assert not [name for name in header if "score" in name or name.startswith(("p_", "best_"))]


def test_former_customers_have_no_usage_after_they_left(deliveries: dict[str, Delivery]) -> None:
    """Rows of usage and bills end with the month before the one in which a customer left."""
    with deliveries["customers"].path.open(newline="") as file:
        left = {row["cust_id"]: row["off_date"][:7] for row in csv.DictReader(file) if row["off_date"]}
    assert len(left) > 10
    with deliveries["bills"].path.open(newline="") as file:
        rows = [(f"C{row['subs_id'][1:7]}", row["bill_month"]) for row in csv.DictReader(file)]
    assert all(month < left[customer] for customer, month in rows if customer in left)
    assert {month for customer, month in rows if customer not in left} == set(months_before(START))


def _header(delivery: Delivery, encoding: str, delimiter: str) -> list[str]:
    if delivery.path.suffix == ".parquet":
        return list(pyarrow.parquet.read_schema(delivery.path).names)
    if delivery.path.suffix == ".xlsx":
        sheet = load_workbook(delivery.path, read_only=True).worksheets[0]
        return [str(cell) for cell in next(sheet.iter_rows(values_only=True))]
    with delivery.path.open(encoding=encoding, newline="") as file:
        return next(csv.reader(file, delimiter=delimiter))

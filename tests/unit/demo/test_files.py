"""The files the demonstration operator delivers: their own column names, three formats, few faulty rows."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pyarrow.parquet
import pytest
from openpyxl import load_workbook

from contact.storage.mapping import read_mapping
from demo.files import Delivery, deliver
from demo.history import months_before
from demo.population import populate
from demo.truth import plant

START = date(2026, 3, 2)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Delivery]:
    """All files of three hundred customers."""
    people = populate(5, 300, START)
    return {each.kind: each for each in deliver(people, plant(people), tmp_path_factory.mktemp("files"))}


def test_a_seed_writes_the_same_files_again(deliveries: dict[str, Delivery], tmp_path: Path) -> None:
    """Text files are equal byte for byte."""
    people = populate(5, 300, START)
    for each in deliver(people, plant(people), tmp_path):
        if each.path.suffix == ".csv":
            assert each.path.read_bytes() == deliveries[each.kind].path.read_bytes()


def test_the_three_formats_are_there(deliveries: dict[str, Delivery]) -> None:
    """CSV for most, XLSX for staff and products, Parquet for usage."""
    suffixes = {kind: each.path.suffix for kind, each in deliveries.items()}
    assert suffixes["usage"] == ".parquet" and suffixes["staff"] == suffixes["products"] == ".xlsx"
    assert [suffixes[kind] for kind in ("customers", "lines", "bills", "complaints")] == [".csv"] * 4


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


def test_usage_covers_the_last_six_months() -> None:
    """The months end before the day the demonstration starts."""
    assert months_before(START) == ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]


def _header(delivery: Delivery, encoding: str, delimiter: str) -> list[str]:
    if delivery.path.suffix == ".parquet":
        return list(pyarrow.parquet.read_schema(delivery.path).names)
    if delivery.path.suffix == ".xlsx":
        sheet = load_workbook(delivery.path, read_only=True).worksheets[0]
        return [str(cell) for cell in next(sheet.iter_rows(values_only=True))]
    with delivery.path.open(encoding=encoding, newline="") as file:
        return next(csv.reader(file, delimiter=delimiter))

"""The files this operator delivers: CSV, XLSX, Parquet, under its own column names, with a few faulty rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow
import pyarrow.parquet
from openpyxl import Workbook

from demo.history import (
    Columns,
    bill_columns,
    complaint_columns,
    consent_columns,
    product_columns,
    usage_columns,
)
from demo.lives import day_text
from demo.past_contacts import contact_columns, last_orders
from demo.population import Population
from demo.staff import staff_columns
from demo.truth import Truth

MAPPINGS = Path(__file__).parent / "mappings"
_TIERS = ((250, "diamond"), (140, "gold"), (80, "silver"))
"""By mean spend in yuan; each includes its lower bound."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file, what it holds, and the mapping that names its columns."""

    kind: str
    path: Path
    mapping: Path
    rows: int
    faulty: int


def deliver(population: Population, truth: Truth, calls: Columns, folder: Path) -> list[Delivery]:
    """Write all files into a folder, in the order in which they are to be imported; ``calls`` is the voice menu's log."""
    folder.mkdir(parents=True, exist_ok=True)
    faulty = max(1, round(len(population.customers) * 0.004))
    contacts = contact_columns(population, truth)
    customers = customer_columns(population, last_orders(contacts, population))
    usage, bills = usage_columns(population), bill_columns(population)
    wrong_bills = [{**_row(bills, 0), "subs_id": f"X{place}", "amount": "n/a"} for place in range(faulty)]
    return [
        _xlsx(folder, "staff", staff_columns(population.seed)),
        _csv(folder, "customers", customers, faulty_customers(customers, faulty)),
        _csv(folder, "lines", line_columns(population)),
        _parquet(folder, "usage", usage, {**_row(usage, 0), "stat_month": "2099-13"}),
        _csv(folder, "bills", bills, wrong_bills),
        _csv(folder, "products", product_columns(population)),
        _csv(folder, "complaints", complaint_columns(population), delimiter=";", encoding="gb18030"),
        _csv(folder, "consents", consent_columns(population)),
        _csv(folder, "contacts", contacts),
        _csv(folder, "calls", calls),
    ]


def customer_columns(population: Population, ordered: Mapping[str, str]) -> Columns:
    """One row a customer, former ones included; no scores: those the service learns."""
    people, lives = population.customers, population.lives
    arpu = lives.arpu.tolist()
    return {
        "cust_id": [each.id for each in people],
        "acct_no": [each.account for each in people],
        "home_id": [each.household for each in people],
        "cust_name": [each.name for each in people],
        "msisdn": [each.lines[0].number.removeprefix("+86") for each in people],
        "lang": ["ZH" if each.language == "zh-CN" else "EN" for each in people],
        "tz": [each.zone or "" for each in people],
        "grid_cd": [each.grid for each in people],
        "mgr_no": [f"m-{each.grid}" for each in people],
        "open_months": [each.tenure_months for each in people],
        "arpu_yuan": [f"{each:.2f}" for each in arpu],
        "tier_cd": [next((name for low, name in _TIERS if each >= low), "standard") for each in arpu],
        "is_senior": ["Y" if each.senior else "N" for each in people],
        "is_5g": ["1" if each.device_5g else "0" for each in people],
        "app_user": ["1" if each.has_app else "0" for each in people],
        "packs_last_year": [each.bought_before for each in people],
        "birth": [each.birthday.strftime("%Y%m%d") for each in people],
        "off_date": ["" if day < 0 else day_text(day) for day in lives.left.tolist()],
        "roam_flag": ["0"] * len(people),
        "last_goods": [ordered.get(each.id, "") for each in people],
    }


def faulty_customers(customers: Columns, count: int) -> list[dict[str, object]]:
    """Rows as a hurried export spoils them: money in exponents, a date of another land, a short number."""
    good = _row(customers, 0)
    spoils: Sequence[dict[str, object]] = (
        {"arpu_yuan": "3.8E+11"},
        {"birth": "01/02/1980"},
        {"msisdn": "12345"},
        {"is_senior": "maybe"},
    )
    return [{**good, "cust_id": f"X{place:06}", **spoils[place % len(spoils)]} for place in range(count)]


def line_columns(population: Population) -> Columns:
    """One row a phone number."""
    lines = [(customer, line) for customer in population.customers for line in customer.lines]
    return {
        "subs_id": [line.id for _, line in lines],
        "cust_id": [customer.id for customer, _ in lines],
        "msisdn": [line.number.removeprefix("+86") for _, line in lines],
        "plan_cd": [line.plan for _, line in lines],
        "plan_gb": [line.plan_gb for _, line in lines],
        "vas": ["|".join(line.addons) for _, line in lines],
        "agreement_end": ["" if line.contract_end is None else line.contract_end.isoformat() for _, line in lines],
    }  # fmt: skip


def _row(columns: Columns, place: int) -> dict[str, object]:
    return {name: cells[place] for name, cells in columns.items()}


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def _csv(
    folder: Path,
    kind: str,
    columns: Columns,
    faulty: Sequence[Mapping[str, object]] = (),
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Delivery:
    path = folder / f"{kind}.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows(
            chain(zip(*columns.values(), strict=True), ([row[name] for name in columns] for row in faulty))
        )
    return _delivery(kind, path, _length(columns), len(faulty))


def _xlsx(folder: Path, kind: str, columns: Columns) -> Delivery:
    path = folder / f"{kind}.xlsx"
    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    sheet.append(list(columns))
    for row in zip(*columns.values(), strict=True):
        sheet.append(row)
    book.save(path)
    return _delivery(kind, path, _length(columns), 0)


def _parquet(folder: Path, kind: str, columns: Columns, faulty: Mapping[str, object]) -> Delivery:
    path = folder / f"{kind}.parquet"
    table = pyarrow.table({name: [*cells, faulty[name]] for name, cells in columns.items()})
    pyarrow.parquet.write_table(table, path)
    return _delivery(kind, path, _length(columns), 1)


def _delivery(kind: str, path: Path, rows: int, faulty: int) -> Delivery:
    return Delivery(kind, path, MAPPINGS / f"{kind}.yaml", rows + faulty, faulty)

"""The files this operator delivers: CSV, XLSX, Parquet, under its own column names, with a few faulty rows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow
import pyarrow.parquet
from openpyxl import Workbook

from demo.history import Row, bill_rows, complaint_rows, consent_rows, contact_rows, product_rows, usage_rows
from demo.population import Population
from demo.staff import staff_rows
from demo.truth import Truth, scores

MAPPINGS = Path(__file__).parent / "mappings"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file, what it holds, and the mapping that names its columns."""

    kind: str
    path: Path
    mapping: Path
    rows: int
    faulty: int


def deliver(population: Population, truth: Truth, folder: Path) -> list[Delivery]:
    """Write all files into a folder, in the order in which they are to be imported."""
    folder.mkdir(parents=True, exist_ok=True)
    faulty = max(1, round(len(population.customers) * 0.004))
    usage, bills = usage_rows(population), bill_rows(population)
    return [
        _xlsx(folder, "staff", staff_rows(population.seed)),
        _csv(
            folder, "customers", customer_rows(population, truth), faulty_customers(population, truth, faulty)
        ),
        _csv(folder, "lines", line_rows(population)),
        _parquet(folder, "usage", usage, [{**usage[0], "stat_month": "2099-13"}]),
        _csv(
            folder,
            "bills",
            bills,
            [{**bills[0], "cust_id": f"X{place}", "amount": "n/a"} for place in range(faulty)],
        ),
        _xlsx(folder, "products", product_rows(population)),
        _csv(folder, "complaints", complaint_rows(population), delimiter=";", encoding="gb18030"),
        _csv(folder, "consents", consent_rows(population)),
        _csv(folder, "contacts", contact_rows(population)),
    ]


def customer_rows(population: Population, truth: Truth) -> list[Row]:
    """One row a customer, with the scores its models computed."""
    return [
        {
            "cust_id": customer.id,
            "acct_no": customer.account,
            "home_id": customer.household,
            "cust_name": customer.name,
            "msisdn": customer.lines[0].number.removeprefix("+86"),
            "lang": "ZH" if customer.language == "zh-CN" else "EN",
            "tz": customer.zone or "",
            "grid_cd": customer.grid,
            "mgr_no": f"m-{customer.grid}",
            "open_months": customer.tenure_months,
            "arpu_yuan": f"{customer.arpu:.2f}",
            "tier_cd": customer.tier,
            "is_senior": "Y" if customer.senior else "N",
            "is_5g": "1" if customer.device_5g else "0",
            "app_user": "1" if customer.has_app else "0",
            "birth": customer.birthday.strftime("%Y%m%d"),
            "churn_score": customer.churn_risk,
            "roam_flag": "0",
            "last_goods": "",
            **scores(customer.id, truth),
        }
        for customer in population.customers
    ]


def faulty_customers(population: Population, truth: Truth, count: int) -> list[Row]:
    """Rows as a hurried export spoils them: money in exponents, a date of another land, a short number."""
    good = customer_rows(population, truth)[0]
    spoils: Sequence[Row] = (
        {"arpu_yuan": "3.8E+11"},
        {"birth": "01/02/1980"},
        {"msisdn": "12345"},
        {"is_senior": "maybe"},
    )
    return [{**good, "cust_id": f"X{place:06}", **spoils[place % len(spoils)]} for place in range(count)]


def line_rows(population: Population) -> list[Row]:
    """One row a phone number."""
    return [
        {
            "subs_id": line.id,
            "cust_id": customer.id,
            "msisdn": line.number.removeprefix("+86"),
            "plan_cd": line.plan,
            "plan_gb": line.plan_gb,
        }
        for customer in population.customers
        for line in customer.lines
    ]


def _csv(
    folder: Path,
    kind: str,
    rows: list[Row],
    faulty: Sequence[Row] = (),
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Delivery:
    path = folder / f"{kind}.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows([*rows, *faulty])
    return _delivery(kind, path, rows, faulty)


def _xlsx(folder: Path, kind: str, rows: list[Row]) -> Delivery:
    path = folder / f"{kind}.xlsx"
    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind)
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return _delivery(kind, path, rows, ())


def _parquet(folder: Path, kind: str, rows: list[Row], faulty: Sequence[Row]) -> Delivery:
    path = folder / f"{kind}.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([*rows, *faulty]), path)
    return _delivery(kind, path, rows, faulty)


def _delivery(kind: str, path: Path, rows: Sequence[Row], faulty: Sequence[Row]) -> Delivery:
    return Delivery(kind, path, MAPPINGS / f"{kind}.yaml", len(rows) + len(faulty), len(faulty))

"""What happened before the demonstration: usage, bills, products, complaints, consents, contacts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import numpy as np

from demo.population import Customer, Population

MONTHS = 6
Row = dict[str, object]
_LOCAL = timezone(timedelta(hours=8))
_PRODUCTS = ("caller-id", "cloud-drive", "video-pack", "music-pack", "insurance", "family-plan")
_COMPLAINTS = (("bill", "账单疑问"), ("network", "信号差"), ("roaming", "漫游费用"), ("sales", "营销骚扰"))


def months_before(start: date, count: int = MONTHS) -> list[str]:
    """The last full months before a day, oldest first: ``2025-09``."""
    index = start.year * 12 + start.month - 1
    return [f"{each // 12}-{each % 12 + 1:02}" for each in range(index - count, index)]


def usage_rows(population: Population) -> list[Row]:
    """Counters per line and month; a traveller roams a few days of some months."""
    random = np.random.default_rng([population.seed, 2])
    rows: list[Row] = []
    for customer in population.customers:
        for place, line in enumerate(customer.lines):
            share = 1.0 if place == 0 else 0.9
            for month in months_before(population.start):
                roams = customer.traveller and place == 0
                rows.append({
                    "subs_id": line.id,
                    "stat_month": month,
                    "flow_gb": round(customer.data_gb * share * float(random.uniform(0.85, 1.15)), 2),
                    "call_min": round(customer.voice_minutes * share * float(random.uniform(0.8, 1.2))),
                    "sms_cnt": int(random.poisson(6)),
                    "roam_days": int(random.integers(1, 4)) if roams else 0,
                })  # fmt: skip
    return rows


def bill_rows(population: Population) -> list[Row]:
    """One bill a customer and month, in yuan."""
    random = np.random.default_rng([population.seed, 3])
    return [
        {
            "cust_id": customer.id,
            "bill_month": month,
            "amount": f"{customer.arpu * random.uniform(0.9, 1.1):.2f}",
        }
        for customer in population.customers
        for month in months_before(population.start)
    ]


def product_rows(population: Population) -> list[Row]:
    """Zero to three value-added products a customer."""
    random = np.random.default_rng([population.seed, 4])
    rows: list[Row] = []
    for customer in population.customers:
        held = random.choice(_PRODUCTS, size=int(random.integers(0, 4)), replace=False)
        for product in held:
            since = population.start - timedelta(days=int(random.integers(30, 700)))
            rows.append({"cust": customer.id, "prod_code": str(product), "eff_date": since.isoformat()})
    return rows


def complaint_rows(population: Population) -> list[Row]:
    """One customer in eight has complained in the last half year; a third of those wait for an answer."""
    random = np.random.default_rng([population.seed, 5])
    rows: list[Row] = []
    for customer in population.customers:
        if random.random() > 0.12:
            continue
        opened = population.start - timedelta(days=int(random.integers(2, 170)))
        kind, words = _COMPLAINTS[int(random.integers(len(_COMPLAINTS)))]
        waiting = random.random() < 0.35
        rows.append({
            "ticket": f"T{len(rows) + 1:05}",
            "cust": customer.id,
            "opened_on": opened.isoformat(),
            "closed_on": "" if waiting else (opened + timedelta(days=1)).isoformat(),
            "topic": kind,
            "words": words,
            "status": "处理中" if waiting else "已办结",
        })  # fmt: skip
    return rows


def consent_rows(population: Population) -> list[Row]:
    """Most said yes to promotional messages, some took it back; few want no promotion at all."""
    random = np.random.default_rng([population.seed, 6])
    rows: list[Row] = []
    for customer in population.customers:
        given = population.start - timedelta(days=int(random.integers(200, 900)))
        if random.random() < 0.78:
            for category in ("marketing", "retention"):
                rows.append(_consent(customer, "Y", "sms", category, given, "shop"))
            if random.random() < 0.05:
                rows.append(_consent(customer, "N", "sms", "all", given + timedelta(days=120), "sms-reply"))
        if random.random() < 0.035:
            rows.append(_consent(customer, "N", "all", "all", given + timedelta(days=150), "hotline"))
    return rows


def _consent(customer: Customer, given: str, channel: str, category: str, day: date, source: str) -> Row:
    return {
        "cust_id": customer.id, "agree": given, "chan": channel, "purpose": category,
        "agreed_at": _moment(day, 10), "src": source, "proof": f"{source}/{customer.id}",
    }  # fmt: skip


def contact_rows(population: Population) -> list[Row]:
    """Contacts of the last month on record; a few are so recent that they still count."""
    random = np.random.default_rng([population.seed, 7])
    rows: list[Row] = []
    for customer in population.customers:
        if random.random() > 0.25:
            continue
        days = int(random.integers(1, 7)) if random.random() < 0.15 else int(random.integers(8, 40))
        call = random.random() < 0.5
        result = str(random.choice(("rejected", "accepted", "no_answer", "wants_time"))) if call else ""
        rows.append({
            "contact_no": f"H{len(rows) + 1:06}",
            "cust_id": customer.id,
            "subs_id": customer.lines[0].id,
            "chan": "CALL" if call else "SMS",
            "purpose": "marketing",
            "contact_time": _moment(population.start - timedelta(days=days), int(random.integers(9, 20))),
            "result": result,
            "activity": "autumn",
            "goods": "autumn-gift",
        })  # fmt: skip
    return rows


def _moment(day: date, hour: int) -> str:
    return datetime.combine(day, time(hour), _LOCAL).isoformat()

"""What happened before the demonstration, as columns of its files: usage, bills, products, complaints, consents."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import numpy as np

from demo.calendar import month_name
from demo.lives import Integers, day_text
from demo.population import Population

Columns = dict[str, list[object]]
"""Column of the operator's file → its cells, all of one length."""
LOCAL = timezone(timedelta(hours=8))
_PRODUCTS = ("caller-id", "cloud-drive", "video-pack", "music-pack", "insurance", "family-plan")
_COMPLAINTS = (("bill", "账单疑问"), ("network", "信号差"), ("roaming", "漫游费用"), ("sales", "营销骚扰"))
_USAGE = {
    "voice_on_net": "call_in_min", "voice_off_net": "call_out_min", "voice_international": "call_intl_min",
    "voice_roaming": "call_roam_min", "data_gb": "flow_gb", "data_roaming_mb": "flow_roam_mb", "sms": "sms_cnt",
    "mms": "mms_cnt", "wlan_hours": "wlan_h",
}  # fmt: skip
"""Counter → the operator's column."""


def _months_on_file(population: Population) -> tuple[Integers, Integers]:
    """Line and month of every row of usage and bills: until the customer left."""
    owner = np.repeat(
        np.arange(len(population.customers)), [len(each.lines) for each in population.customers]
    )
    return np.nonzero(population.lives.is_there(owner))  # type: ignore[return-value]


def usage_columns(population: Population) -> Columns:
    """Counters per line and month."""
    lives = population.lives
    lines = [line.id for customer in population.customers for line in customer.lines]
    line, month = _months_on_file(population)
    names = [month_name(each) for each in lives.months]
    found: Columns = {
        "subs_id": [lines[each] for each in line],
        "stat_month": [names[each] for each in month],
    }
    for counter, column in _USAGE.items():
        found[column] = lives.usage[counter][line, month].tolist()
    voice = sum(lives.usage[name] for name in _USAGE if name.startswith("voice"))
    found["call_min"] = np.asarray(voice)[line, month].tolist()
    found["roam_days"] = lives.roaming_days[line, month].tolist()
    return found


def bill_columns(population: Population) -> Columns:
    """A bill a line and month, in yuan; what is beyond the fees; on the first line how long the contract still runs."""
    lives = population.lives
    lines = [line.id for customer in population.customers for line in customer.lines]
    first = [line is customer.lines[0] for customer in population.customers for line in customer.lines]
    owner = np.repeat(
        np.arange(len(population.customers)), [len(each.lines) for each in population.customers]
    )
    line, month = _months_on_file(population)
    names = [month_name(each) for each in lives.months]
    left = lives.contract_left[owner[line], month].tolist()
    return {
        "subs_id": [lines[each] for each in line],
        "bill_month": [names[each] for each in month],
        "amount": yuan(lives.issued[line, month]),
        "beyond": yuan(lives.overage[line, month]),
        "agreement_left": [months if first[each] else "" for each, months in zip(line, left, strict=True)],
    }


def yuan(fen: Integers) -> list[object]:
    """Amounts as they stand in a file."""
    return [f"{each // 100}.{each % 100:02}" for each in fen.tolist()]


def product_columns(population: Population) -> Columns:
    """Zero to three value-added products a customer."""
    random = np.random.default_rng([population.seed, 4])
    count = len(population.customers)
    order = np.argsort(random.random((count, len(_PRODUCTS))), axis=1)
    held = np.arange(len(_PRODUCTS))[None, :] < random.integers(0, 4, count)[:, None]
    customer, place = np.nonzero(held)
    days = random.integers(30, 700, len(customer))
    return {
        "cust": [population.customers[each].id for each in customer],
        "prod_code": [_PRODUCTS[order[each, which]] for each, which in zip(customer, place, strict=True)],
        "eff_date": [(population.start - timedelta(days=int(each))).isoformat() for each in days],
    }


def complaint_columns(population: Population) -> Columns:
    """The complaints of two years."""
    found = population.lives.complaints
    return {
        "ticket": [f"T{place + 1:06}" for place in range(len(found["day"]))],
        "cust": [population.customers[each].id for each in found["customer"]],
        "opened_on": [day_text(each) for each in found["day"]],
        "closed_on": [
            "" if waiting else day_text(day + 1) for day, waiting in zip(found["day"], found["open"], strict=True)
        ],
        "topic": [_COMPLAINTS[each][0] for each in found["topic"]],
        "words": [_COMPLAINTS[each][1] for each in found["topic"]],
        "status": ["处理中" if waiting else "已办结" for waiting in found["open"]],
    }  # fmt: skip


def consent_columns(population: Population) -> Columns:
    """Most said yes to promotional messages, some took it back; few want no promotion at all."""
    random = np.random.default_rng([population.seed, 6])
    count = len(population.customers)
    days, agrees = random.integers(200, 900, count), random.random(count) < 0.78
    takes_back, wants_none = random.random(count) < 0.05, random.random(count) < 0.035
    found: Columns = {
        name: [] for name in ("cust_id", "agree", "chan", "purpose", "agreed_at", "src", "proof")
    }

    def add(customer: str, agree: str, channel: str, purpose: str, day: date, source: str) -> None:
        cells = (customer, agree, channel, purpose, moment(day, 10), source, f"{source}/{customer}")
        for column, cell in zip(found.values(), cells, strict=True):
            column.append(cell)

    for place, customer in enumerate(population.customers):
        given = population.start - timedelta(days=int(days[place]))
        if agrees[place]:
            add(customer.id, "Y", "sms", "marketing", given, "shop")
            add(customer.id, "Y", "sms", "retention", given, "shop")
            if takes_back[place]:
                add(customer.id, "N", "sms", "all", given + timedelta(days=120), "sms-reply")
        if wants_none[place]:
            add(customer.id, "N", "all", "all", given + timedelta(days=150), "hotline")
    return found


def moment(day: date, hour: int) -> str:
    """An instant on the operator's clock."""
    return datetime.combine(day, time(hour), LOCAL).isoformat()

"""The customers of the demonstration operator: who they are, what they have, where they live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from demo.names import chinese_name, english_name
from demo.territory import WESTERN_BRANCHES, units

MULTI_LINE_SHARE = 0.15
OTHER_PAYER_SHARE = 0.10
CHINESE_SHARE = 0.70
_NUMBER_START = 18_800_000_000
_PLANS = (("basic-5", 5), ("plus-10", 10), ("plus-15", 15), ("max-30", 30), ("max-60", 60))
_PLAN_SHARES = (0.25, 0.25, 0.2, 0.2, 0.1)


@dataclass(frozen=True, slots=True)
class Line:
    """One phone number of a customer; the number is E.164."""

    id: str
    number: str
    plan: str
    plan_gb: int


@dataclass(frozen=True, slots=True)
class Customer:
    """One person; money in yuan, ``zone`` None where the operator does not know it."""

    id: str
    account: str
    household: str
    name: str
    language: str
    zone: str | None
    grid: str
    tenure_months: int
    arpu: float
    senior: bool
    device_5g: bool
    has_app: bool
    birthday: date
    churn_risk: float
    data_gb: float
    voice_minutes: float
    traveller: bool
    lines: tuple[Line, ...]

    @property
    def tier(self) -> str:
        """Band by mean spend; each includes its lower bound."""
        bands = ((1500, "diamond"), (500, "gold"), (200, "silver"))
        return next((name for low, name in bands if self.arpu >= low), "standard")


@dataclass(frozen=True, slots=True)
class Population:
    """All customers of one seed."""

    seed: int
    start: date
    customers: tuple[Customer, ...]


def populate(seed: int, count: int, start: date) -> Population:
    """The same customers for the same seed and count; exactly 15 % have more lines, 10 % another payer."""
    random = np.random.default_rng([seed, 1])
    ids = [f"C{number:06}" for number in range(1, count + 1)]
    line_counts = _line_counts(random, count)
    payers = _payers(random, count)
    number = _NUMBER_START
    customers = []
    for index, id in enumerate(ids):
        lines = tuple(_line(random, id, place, number + place) for place in range(line_counts[index]))
        number += len(lines)
        customers.append(_customer(random, id, f"A{payers[index] + 1:06}", lines))
    return Population(seed, start, tuple(customers))


def _line_counts(random: np.random.Generator, count: int) -> list[int]:
    counts = np.ones(count, dtype=int)
    chosen = random.choice(count, size=round(count * MULTI_LINE_SHARE), replace=False)
    counts[chosen] = random.integers(2, 4, size=len(chosen))
    return [int(each) for each in counts]


def _payers(random: np.random.Generator, count: int) -> list[int]:
    """Whose account pays: one in ten customers is paid for by one of those who pay themselves."""
    order = random.permutation(count)
    guests = round(count * OTHER_PAYER_SHARE)
    payers = np.arange(count)
    payers[order[:guests]] = random.choice(order[guests:], size=guests)
    return [int(each) for each in payers]


def _line(random: np.random.Generator, customer: str, place: int, number: int) -> Line:
    plan, plan_gb = _PLANS[int(random.choice(len(_PLANS), p=_PLAN_SHARES))]
    return Line(f"L{customer[1:]}{place + 1}", f"+86{number}", plan, plan_gb)


_GRIDS = [unit for unit in units() if unit.kind == "grid"]


def _customer(random: np.random.Generator, id: str, account: str, lines: tuple[Line, ...]) -> Customer:
    chinese = random.random() < CHINESE_SHARE
    grid = _GRIDS[int(random.integers(len(_GRIDS)))]
    western = grid.parent in WESTERN_BRANCHES
    zone = "Asia/Urumqi" if western else "Asia/Shanghai"
    risk = random.beta(5, 2.2) if random.random() < 0.30 else random.beta(2, 6) * 0.98
    return Customer(
        id=id,
        account=account,
        household=f"H{account[1:]}",
        name=chinese_name(random) if chinese else english_name(random),
        language="zh-CN" if chinese else "en",
        zone=None if random.random() < 0.04 else zone,
        grid=grid.id,
        tenure_months=int(random.integers(1, 160)),
        arpu=round(float(random.lognormal(4.6, 0.75)), 2),
        senior=bool(random.random() < 0.14),
        device_5g=bool(random.random() < 0.6),
        has_app=bool(random.random() < 0.45),
        birthday=date(
            int(random.integers(1945, 2007)), int(random.integers(1, 13)), int(random.integers(1, 29))
        ),
        churn_risk=round(float(min(risk, 0.99)), 3),
        data_gb=round(float(random.gamma(3.2, 4.0)), 1),
        voice_minutes=round(float(random.gamma(2.0, 90.0))),
        traveller=bool(random.random() < 0.32),
        lines=lines,
    )

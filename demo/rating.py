"""The operator's own billing: what a month costs under a tariff, worked out apart from the product.

It reads the price list in ``config/tariffs`` as text and rates whole columns in integers: quantities in thousandths,
prices in millionths of a yuan, bills in fen. A quantity is rounded up to the rate's step, drawn from the allowances in
the order they are written (the tariff's first, then the add-ons'), the rest is charged tier by tier, and each counter's
charge is rounded half up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

CONFIG = Path(__file__).resolve().parent.parent / "config"
Integers = npt.NDArray[np.int64]
Quantities = Mapping[str, Integers]
"""Counter → thousandths of its unit, by row."""
_THOUSAND, _MILLION = 1_000, 1_000_000
_FEN_TO_ROUND = 10_000_000
"""Thousandths times millionths of a yuan in one fen."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a counter costs: the step in thousandths, and (width in thousandths or None, millionths of a yuan)."""

    step: int
    tiers: tuple[tuple[int | None, int], ...]


@dataclass(frozen=True, slots=True)
class Package:
    """One tariff or add-on as it is sold on the day of the price list; money in fen, quantities in thousandths."""

    id: str
    kind: str
    fee: int
    allowances: tuple[tuple[tuple[str, ...], int | None], ...]
    prices: Mapping[str, Price]
    addons: tuple[str, ...]
    excludes: frozenset[str]
    priority: Mapping[str, int]
    least_tenure: int
    penalty_fixed: int
    penalty_month: int


@dataclass(frozen=True, slots=True)
class PriceList:
    """Everything on sale on one day."""

    counters: tuple[str, ...]
    packages: Mapping[str, Package]

    @property
    def tariffs(self) -> list[Package]:
        """The base tariffs."""
        return [each for each in self.packages.values() if each.kind == "base"]

    def add_on_sets(self, tariff: str) -> list[tuple[str, ...]]:
        """Every set of add-ons that may be held with a tariff: one a service at most, none that excludes another."""
        by_kind: dict[str, list[tuple[str, ...]]] = {}
        for name in self.packages[tariff].addons:
            by_kind.setdefault(self.packages[name].kind, [()]).append((name,))
        chosen = [sum(each, ()) for each in product(*by_kind.values())]
        return [each for each in chosen if not any(self.packages[a].excludes & set(each) for a in each)]

    def fees(self, tariff: str, addons: Sequence[str]) -> int:
        """Fen a month."""
        return sum(self.packages[name].fee for name in (tariff, *addons))

    def bills(self, tariff: str, addons: Sequence[str], quantities: Quantities) -> Integers:
        """Fen by row."""
        return self.fees(tariff, addons) + self.charges(tariff, addons, quantities)

    def charges(
        self, tariff: str, addons: Sequence[str], quantities: Quantities, only: Sequence[str] | None = None
    ) -> Integers:
        """Fen by row, fees apart; ``only`` some counters."""
        held = [self.packages[name] for name in (tariff, *addons)]
        prices = {name: price for package in held for name, price in package.prices.items()}
        counters = self.counters if only is None else only
        left = {name: _stepped(quantities[name], prices[name].step) for name in counters}
        for shared, amount in (each for package in held for each in package.allowances):
            still: Integers | int | None = amount
            for name in (each for each in shared if each in left):
                used = left[name] if still is None else np.minimum(left[name], still)
                left[name] = left[name] - used
                still = None if still is None else still - used
        owed = np.zeros(len(quantities[counters[0]]), dtype=np.int64)
        for name in counters:
            owed += _charged(left[name], prices[name])
        return owed

    def cheapest(self, tariff: str, quantities: Quantities, months: Integers) -> tuple[Integers, Integers]:
        """By line the smallest sum of its months, and the place in ``add_on_sets`` of the add-ons that make it.

        Rows are months of one line after the other, as many for each; ``months`` says for how many fees are due, and
        the others have no usage. An add-on touches the counters of its service only, so each is weighed once, and what
        a set saves is the sum.
        """
        package, lines = self.packages[tariff], len(months)

        def summed(charges: Integers) -> Integers:
            return np.asarray(charges.reshape(lines, -1).sum(axis=1))

        plain = summed(self.charges(tariff, (), quantities)) + months * package.fee
        saved: dict[tuple[str, ...], Integers] = {(): np.zeros_like(plain)}
        for name in package.addons:
            touched = self._touched(package, self.packages[name])
            less = self.charges(tariff, (), quantities, touched)
            less = less - self.charges(tariff, (name,), quantities, touched)
            saved[name,] = summed(less) - months * self.packages[name].fee
        sets = self.add_on_sets(tariff)
        sums = np.stack([plain - sum((saved[name,] for name in each), saved[()]) for each in sets], axis=1)
        return np.min(sums, axis=1), np.argmin(sums, axis=1)

    def _touched(self, tariff: Package, addon: Package) -> list[str]:
        """The counters an add-on changes, with those that share an allowance of the tariff with them."""
        own = {*addon.prices, *(name for counters, _ in addon.allowances for name in counters)}
        shared = {name for counters, _ in tariff.allowances if own & set(counters) for name in counters}
        return [name for name in self.counters if name in own | shared]


def _stepped(quantity: Integers, step: int) -> Integers:
    return quantity if step == 1 else -(-quantity // step) * step


def _charged(quantity: Integers, price: Price) -> Integers:
    """Fen for thousandths beyond all allowances."""
    owed, left = np.zeros_like(quantity), quantity
    for width, each in price.tiers:
        part = left if width is None else np.minimum(left, width)
        owed, left = owed + part * each, left - part
    return np.asarray((owed + _FEN_TO_ROUND // 2) // _FEN_TO_ROUND, dtype=np.int64)


@cache
def read_prices(day: date, config: Path = CONFIG) -> PriceList:
    """The price list of a day, as the operator's price office wrote it."""
    counters = tuple(_read(config / "counters.yaml")["counters"])
    found = [_package(_read(path), day) for path in sorted((config / "tariffs").glob("*.yaml"))]
    return PriceList(counters, {each.id: each for each in found})


def _read(path: Path) -> dict[str, Any]:
    """All texts: what is a number is decided where it is used."""
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return document


def _package(text: Mapping[str, Any], day: date) -> Package:
    contract = text.get("contract", {}).get("penalty", {})
    tenure = re.fullmatch(r"tenure_months >= (\d+)", text.get("eligible", "tenure_months >= 0"))
    assert tenure is not None, "the price office asks for nothing but a time as a customer"
    return Package(
        id=text["tariff"],
        kind=text["kind"],
        fee=_whole(_dated(text["fee"], day), 100),
        allowances=tuple(
            (tuple(each["counters"]), None if each["amount"] == "unlimited" else _whole(each["amount"], _THOUSAND))
            for each in text.get("allowances", [])
        ),
        prices={name: _price(_dated(rate, day)) for name, rate in text.get("rates", {}).items()},
        addons=tuple(text.get("addons", [])),
        excludes=frozenset(text.get("excludes", [])),
        priority={unit: int(order) for unit, order in text.get("priority", {}).items()},
        least_tenure=int(tenure.group(1)),
        penalty_fixed=_whole(contract.get("fixed", "0"), 100),
        penalty_month=_whole(contract.get("per_month_left", "0"), 100),
    )  # fmt: skip


def _dated(value: Any, day: date) -> Any:
    """The last of several dated values that has begun."""
    if not isinstance(value, list):
        return value
    begun = [each for each in value if date.fromisoformat(each["from"]) <= day]
    return max(begun, key=lambda each: str(each["from"]))["is"]


def _price(rate: Any) -> Price:
    if isinstance(rate, str):
        rate = {"price": rate}
    step = _whole(rate["step"], _THOUSAND) if "step" in rate else 1
    tiers, start = [], 0
    for tier in rate.get("tiers", [rate]):
        end = _whole(tier["up_to"], _THOUSAND) if "up_to" in tier else None
        tiers.append((None if end is None else end - start, _whole(tier["price"], _MILLION)))
        start = end or start
    return Price(step, tuple(tiers))


def _whole(text: str, units: int) -> int:
    value = Fraction(text) * units
    assert value.denominator == 1, f"{text} is finer than the price list goes"
    return int(value)


def thousandths(quantities: npt.NDArray[np.float64]) -> Integers:
    """Usage as it is billed."""
    return np.floor(quantities * _THOUSAND + 0.5).astype(np.int64)

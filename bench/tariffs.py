"""Ratings a second: our bills by columns beside numpy and DuckDB, which rate the same months under the same tariffs.

    python -m bench.tariffs [--months 200000] [--tariffs 200]

The common task is the simplest there is: a fee, an allowance and a price for each of five counters, and the smallest
bill of each month. All three must find the same bills to the minor unit. Advice, with add-ons, tiers, shared allowances
and six months a line, is measured beside it; nobody else does that.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from time import perf_counter

import duckdb
import numpy as np
import numpy.typing as npt

from scoring.tariff_advice import advise_many
from scoring.tariff_bills import bills_many
from scoring.tariff_prices import PriceList, price_list
from strategies.declared.tariff import ALWAYS, Allowance, Counter, Rate, Tariff, Tier
from strategies.instants import Instant
from strategies.problems import Where

PLACE = Where("bench")
SERVICES = ("voice", "voice", "data", "sms", "data")
REACHES = ("on_net", "off_net", "home", "home", "roaming")
NAMES = ("on_net", "off_net", "gigabytes", "texts", "roaming")
COUNTERS = tuple(
    Counter(name, service, reach, "unit", f"usage.{name}", PLACE)
    for name, service, reach in zip(NAMES, SERVICES, REACHES, strict=True)
)
MEAN_USE = (120.0, 90.0, 9.0, 30.0, 15.0)
MONTHS_A_LINE = 6
TIMES = 3


@dataclass(frozen=True, slots=True)
class Simple:
    """A tariff of the common task: minor units, and whole units of each counter."""

    fee: int
    included: tuple[int, ...]
    prices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Lines by month, as advice reads them."""

    tariffs: list[str | None]
    addons: list[tuple[str, ...]]
    contract_ends: list[str | None]
    units: list[str | None]
    months: list[int]
    quantities: npt.NDArray[np.float64]
    there: npt.NDArray[np.bool_]
    issued: npt.NDArray[np.int64]


def simple_tariffs(count: int) -> list[Simple]:
    """So many different ones, always the same."""
    rng = np.random.default_rng(3)
    return [
        Simple(
            2000 + 50 * number,
            tuple(int(most) for most in rng.integers(0, (300, 200, 30, 100, 50))),
            tuple(int(price) for price in rng.integers(1, (40, 50, 900, 20, 30))),
        )
        for number in range(count)
    ]


def declared(simple: list[Simple]) -> dict[str, Tariff]:
    """The common task's tariffs as the product declares them."""
    found = {}
    for number, each in enumerate(simple):
        rates = [Rate((Tier(None, Decimal(price).scaleb(-2)),)) for price in each.prices]
        found[f"simple-{number:03}"] = Tariff(
            f"simple-{number:03}", "base", {}, PLACE, ((ALWAYS, each.fee),),
            tuple(
                Allowance((name,), Decimal(most)) for name, most in zip(NAMES, each.included, strict=True) if most
            ),
            {name: ((ALWAYS, rate),) for name, rate in zip(NAMES, rates, strict=True)},
        )  # fmt: skip
    return found


def with_addons(bases: int) -> dict[str, Tariff]:
    """Bases with a shared allowance, a step, tiers and six add-ons in three services: 18 plans each."""
    one = {name: ((ALWAYS, Rate((Tier(None, Decimal("0.1")),))),) for name in NAMES}
    one["gigabytes"] = ((ALWAYS, Rate((Tier(None, Decimal(5)),), Decimal(1))),)
    one["roaming"] = ((ALWAYS, Rate((Tier(Decimal(50), Decimal("1.5")), Tier(None, Decimal(1))))),)
    addons = {
        "talk-1": ("voice", 1000, Allowance(("on_net",), Decimal(100))),
        "talk-2": ("voice", 1900, Allowance(("on_net", "off_net"), Decimal(200))),
        "data-1": ("data", 1000, Allowance(("gigabytes",), Decimal(5))),
        "data-2": ("data", 4000, Allowance(("gigabytes",), None)),
        "texts-1": ("sms", 500, Allowance(("texts",), Decimal(50))),
    }
    found = {
        name: Tariff(name, kind, {}, PLACE, ((ALWAYS, fee),), (allowance,))
        for name, (kind, fee, allowance) in addons.items()
    }
    for number in range(bases):
        allowances = (
            Allowance(("on_net", "off_net"), Decimal(60 + 20 * number)),
            Allowance(("gigabytes",), Decimal(1 + 2 * number)),
        )
        name = f"base-{number:02}"
        fees = ((ALWAYS, 2500 + 700 * number),)
        found[name] = Tariff(name, "base", {}, PLACE, fees, allowances, one, addons=tuple(addons))
    return found


def listed(tariffs: dict[str, Tariff]) -> PriceList:
    """Their price list."""
    return price_list(tariffs, COUNTERS, Instant(0), 100)


def use(months: int) -> npt.NDArray[np.float64]:
    """Usage in units, to the thousandth."""
    return np.round(np.random.default_rng(5).gamma(1.2, MEAN_USE, (months, len(NAMES))), 3)


def by_numpy(simple: list[Simple], thousandths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """One tariff after the other over all months, in whole numbers, half up."""
    found = np.empty((len(thousandths), len(simple)), dtype=np.int64)
    for number, each in enumerate(simple):
        left = np.maximum(thousandths - 1000 * np.array(each.included), 0)
        found[:, number] = each.fee + ((left * np.array(each.prices) + 500) // 1000).sum(axis=1)
    return found


def by_duckdb(database: duckdb.DuckDBPyConnection) -> npt.NDArray[np.int64]:
    """The smallest bill of each month: every month joined with every tariff, in whole numbers, half up."""
    parts = " + ".join(
        f"(greatest({name} - 1000 * included_{name}, 0) * price_{name} + 500) // 1000" for name in NAMES
    )
    query = f"SELECT min(fee + {parts}) AS least FROM used, tariffs GROUP BY month ORDER BY month"
    return np.asarray(database.execute(query).fetchnumpy()["least"], dtype=np.int64)


def filled(simple: list[Simple], thousandths: npt.NDArray[np.int64]) -> duckdb.DuckDBPyConnection:
    """A database in memory with both tables."""
    database = duckdb.connect(config={"threads": os.cpu_count() or 1})
    columns = ", ".join(f"included_{name} BIGINT, price_{name} BIGINT" for name in NAMES)
    database.execute(f"CREATE TABLE tariffs (fee BIGINT, {columns})")
    marks = ", ".join("?" * (1 + 2 * len(NAMES)))
    for each in simple:
        pairs = [value for pair in zip(each.included, each.prices, strict=True) for value in pair]
        database.execute(f"INSERT INTO tariffs VALUES ({marks})", [each.fee, *pairs])
    arrays = {name: np.ascontiguousarray(thousandths[:, place]) for place, name in enumerate(NAMES)}
    database.register("given", arrays | {"month": np.arange(len(thousandths))})
    database.execute("CREATE TABLE used AS SELECT * FROM given")
    return database


def fastest(run: Callable[[], npt.NDArray[np.int64]]) -> tuple[float, npt.NDArray[np.int64]]:
    """Seconds of the best of three runs, and what it found."""
    best, found = float("inf"), None
    for _ in range(TIMES):
        began = perf_counter()
        found = run()
        best = min(best, perf_counter() - began)
    assert found is not None
    return best, found


def compare(months: int, tariffs: int) -> bool:
    """The common task by all three; whether they agree."""
    simple, units = simple_tariffs(tariffs), use(months)
    thousandths = np.rint(units * 1000).astype(np.int64)
    prices, database = listed(declared(simple)), filled(simple, thousandths)
    bills_many(prices, units[:10])
    ours, found = fastest(lambda: bills_many(prices, units))
    theirs, expected = fastest(lambda: by_numpy(simple, thousandths))
    joined, least = fastest(lambda: by_duckdb(database))
    ratings = months * tariffs
    for name, seconds in (
        ("ours, every bill", ours),
        ("numpy, every bill", theirs),
        ("DuckDB, least bill", joined),
    ):
        rate = ratings / seconds / 1e6
        print(f"{name:20} {seconds:8.3f} s {rate:8.0f} M ratings/s {seconds / ours:7.1f} × our time")
    return bool((found == expected).all() and (expected.min(axis=1) == least).all())


def advise(months: int) -> None:
    """Advice with everything tariffs know, for lines with six months each."""
    tariffs = with_addons(12)
    prices, lines = listed(tariffs), months // MONTHS_A_LINE
    rng = np.random.default_rng(7)
    usage = Usage(
        tariffs=[f"base-{number:02}" for number in rng.integers(0, 12, lines)],
        addons=[()] * lines,
        contract_ends=[None] * lines,
        units=[None] * lines,
        months=list(range(24_312, 24_312 + MONTHS_A_LINE)),
        quantities=use(lines * MONTHS_A_LINE).reshape(lines, MONTHS_A_LINE, len(NAMES)),
        there=np.ones((lines, MONTHS_A_LINE), dtype=np.bool_),
        issued=np.full((lines, MONTHS_A_LINE), -1),
    )

    def run() -> npt.NDArray[np.int64]:
        columns = advise_many(prices, usage, eligible={}, above={}, today=date(2026, 1, 1))
        return columns["worth"].astype(np.int64)

    seconds, _ = fastest(run)
    ratings = lines * MONTHS_A_LINE * len(prices.plans)
    print(
        f"{'ours, advice':20} {seconds:8.3f} s {ratings / seconds / 1e6:8.0f} M ratings/s: {lines:,} lines × "
        f"{MONTHS_A_LINE} months × {len(prices.plans)} plans"
    )


def main() -> int:
    """Print seconds, ratings a second and ratios; 0 if all three found the same bills."""
    parser = argparse.ArgumentParser(prog="python -m bench.tariffs", description=main.__doc__)
    parser.add_argument("--months", type=int, default=200_000)
    parser.add_argument("--tariffs", type=int, default=200)
    options = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    )
    print(f"{options.months:,} months × {options.tariffs} tariffs, five counters; best of {TIMES}")
    agreed = compare(options.months, options.tariffs)
    advise(options.months)
    print("the same bills by all three" if agreed else "THE BILLS DIFFER")
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())

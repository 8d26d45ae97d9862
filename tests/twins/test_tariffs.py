"""Bills have one meaning: fractions, whole numbers and columns agree to the last minor unit, and so does the advice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.tariff_advice import COLUMNS, advise_many, case_of, compare_line
from scoring.tariff_bills import bill_one, bills_many, thousandths
from scoring.tariff_prices import PriceList, price_list
from strategies.declared.tariff import Tariff
from strategies.instants import Instant
from tests.tariff_worlds import COUNTERS, NAMES, UNITS, oracle_bill, oracle_sets, quantities, tariffs

TODAY = date(2026, 7, 15)
NOW = Instant(1_784_073_600_000_000)
ABOVE = {"A": ("A",), "A1": ("A1", "A"), "A11": ("A11", "A1", "A")}
WELL = settings(deadline=None, suppress_health_check=list(HealthCheck))


def compiled(drawn: dict[str, Tariff]) -> PriceList:
    """Their price list of today."""
    return price_list(drawn, COUNTERS, NOW, 100)


@settings(WELL, max_examples=60)
@given(drawn=tariffs(), months=st.lists(quantities(), min_size=1, max_size=4))
def test_every_bill_is_the_oracles(drawn: dict[str, Tariff], months: list[list[Decimal]]) -> None:
    """Tiers, steps, shared allowances and add-ons that replace rates: the same totals and components, by all three."""
    prices = compiled(drawn)
    used = np.array(months, dtype=np.float64)
    many = bills_many(prices, used)
    for month, counted, row in zip(months, thousandths(used).tolist(), many.tolist(), strict=True):
        for plan, total in zip(prices.plans, row, strict=True):
            held = [drawn[plan.base], *(drawn[name] for name in plan.addons)]
            expected, parts = oracle_bill(held, dict(zip(NAMES, month, strict=True)))
            bill = bill_one(prices, plan, counted)
            assert (bill.total_minor, total) == (expected, expected)
            assert {name: part for name, part in bill.components.items() if part} == {
                name: part for name, part in parts.items() if part
            }


@settings(WELL, max_examples=40)
@given(drawn=tariffs())
def test_the_plans_are_every_lawful_set(drawn: dict[str, Tariff]) -> None:
    """Each base comes with every set of listed add-ons that is lawful, once, whatever is on sale."""
    prices = compiled(drawn)
    for base in drawn.values():
        sets = [frozenset(plan.addons) for plan in prices.plans if plan.base == base.id]
        assert len(sets) == len(set(sets))
        assert set(sets) == (oracle_sets(base, drawn) if base.is_base else set())


@dataclass(repr=False)
class Usage:
    """Lines as columns."""

    tariffs: list[str | None]
    addons: list[tuple[str, ...]]
    contract_ends: list[str | None]
    units: list[str | None]
    months: list[int]
    quantities: npt.NDArray[np.float64]
    there: npt.NDArray[np.bool_]
    issued: npt.NDArray[np.int64]


@st.composite
def usages(draw: st.DrawFn, drawn: dict[str, Tariff]) -> tuple[Usage, dict[str, npt.NDArray[np.bool_]]]:
    """Up to 90 lines with what they hold, lawful or not, and who is eligible for what."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, months = int(rng.integers(1, 90)), int(rng.integers(1, 8))
    bases = [name for name in drawn if drawn[name].is_base]
    addons = [name for name in drawn if not drawn[name].is_base]
    scale = rng.gamma(0.7, [[[40.0, 30.0, 8.0, 20.0, 15.0]]], (count, months, len(NAMES)))
    large = rng.random(scale.shape) < draw(st.sampled_from([0.0, 0.0, 0.002]))
    usage = Usage(
        tariffs=[_pick(rng, [*bases, *bases, *bases, None, "gone"]) for _ in range(count)],
        addons=[tuple(name for name in addons if rng.random() < 0.2) for _ in range(count)],
        contract_ends=[
            _pick(rng, [None, "2026-07-14", "2026-07-15", "2026-12-31", "2027-06-15"]) for _ in range(count)
        ],
        units=[_pick(rng, [None, "elsewhere", *UNITS]) for _ in range(count)],
        months=[24312 + month for month in range(months)],
        quantities=np.where(large, 1e12, np.round(scale, 4)),
        there=rng.random((count, months)) < 0.9,
        issued=rng.integers(-1, 20_000, (count, months)),
    )
    asked = [name for name, tariff in drawn.items() if tariff.eligible is not None and rng.random() < 0.9]
    return usage, {name: rng.random(count) < 0.7 for name in asked}


def _pick(rng: np.random.Generator, among: list[Any]) -> Any:
    return among[int(rng.integers(len(among)))]


@settings(WELL, max_examples=50)
@given(data=st.data())
def test_every_column_is_what_a_line_of_its_own_is_told(data: st.DataObject) -> None:
    """Advice by columns equals the comparison line by line, for every column, with quantities beyond the fast way too."""
    drawn = data.draw(tariffs())
    usage, eligible = data.draw(usages(drawn))
    prices = compiled(drawn)
    columns = advise_many(prices, usage, eligible=eligible, above=ABOVE, today=TODAY)
    assert set(columns) == set(COLUMNS)
    for line in range(len(usage.tariffs)):
        mine = {name: bool(column[line]) for name, column in eligible.items()}
        told = compare_line(prices, case_of(usage, line, eligible=mine, above=ABOVE), TODAY)
        expected: dict[str, Any] = dict.fromkeys(COLUMNS)
        expected |= {"verdict": told.verdict, "months": int(usage.there[line].sum())}
        penalised = [each for each in told.options if each.verdict == "penalty"]
        advised = told.best or (penalised[0] if told.verdict == "penalty" else told.current)
        if advised is not None and told.current is not None:
            expected |= {
                "tariff": advised.tariff,
                "addons": advised.addons,
                "saving": advised.saving_minor,
                "worth": advised.worth_minor,
                "spread": advised.spread_minor,
                "dearer_months": advised.dearer_months,
                "before": told.current.mean_minor,
                "after": advised.mean_minor,
                "penalty": advised.penalty_minor,
                "unexplained": told.unexplained_minor,
            }
        found = {name: columns[name][line] for name in COLUMNS}
        assert {name: _plain(value) for name, value in found.items()} == expected


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value

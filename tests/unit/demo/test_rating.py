"""The operator's own billing: what it charges, by hand and beside the product's tariff engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from demo.rating import CONFIG, PriceList, Quantities, read_prices, thousandths
from scoring.tariff_bills import bill_one
from scoring.tariff_prices import price_list
from strategies.compiling.compile import compile_playbook
from strategies.instants import Instant

DAY = date(2026, 3, 2)
DAY_US = Instant((DAY - date(1970, 1, 1)).days * 86_400_000_000)


@pytest.fixture(scope="module")
def prices() -> PriceList:
    """The demonstration's own price list."""
    return read_prices(DAY)


def usage(prices: PriceList, **amounts: float) -> Quantities:
    """One month: nothing but what is said."""
    return {name: thousandths(np.array([amounts.get(name, 0.0)])) for name in prices.counters}


@pytest.mark.parametrize(
    ("tariff", "addons", "amounts", "fen"),
    [
        ("basic-5", (), {}, 1900),
        ("basic-5", (), {"data_gb": 5.0}, 1900),
        ("basic-5", (), {"data_gb": 5.01}, 1900 + 250),
        ("basic-5", ("data-5",), {"data_gb": 10.2}, 1900 + 1400 + 250),
        ("basic-5", (), {"voice_on_net": 80, "voice_off_net": 40}, 1900 + 20 * 19),
        ("basic-5", (), {"voice_international": 70}, 1900 + 60 * 150 + 10 * 120),
        ("basic-5", ("talk-world",), {"voice_international": 70}, 1900 + 2500 + 10 * 55),
        ("max-60", (), {"wlan_hours": 700}, 14900),
        ("plus-15", (), {"sms": 101, "mms": 1}, 5900 + 10 + 25),
    ],
)
def test_a_month_costs_what_the_price_list_says(
    prices: PriceList, tariff: str, addons: tuple[str, ...], amounts: dict[str, float], fen: int
) -> None:
    """Fees, allowances drawn in the order written, steps, tiers and an add-on's own price, worked out by hand."""
    assert prices.bills(tariff, addons, usage(prices, **amounts)).tolist() == [fen]


def test_dated_prices_change_on_their_day() -> None:
    """Plus 15 became cheaper with 2025, and a message under Basic 5 in July of that year."""
    before, after = read_prices(date(2024, 12, 31)), read_prices(date(2025, 1, 1))
    assert (before.fees("plus-15", ()), after.fees("plus-15", ())) == (6200, 5900)
    june, july = read_prices(date(2025, 6, 30)), read_prices(date(2025, 7, 1))
    charged = [each.charges("basic-5", (), usage(each, sms=40)).tolist() for each in (june, july)]
    assert charged == [[120], [100]]


def test_the_cheapest_add_ons_are_those_of_all_sets(prices: PriceList) -> None:
    """Weighing add-ons one by one finds what trying every lawful set finds."""
    random = np.random.default_rng(1)
    rows = {name: thousandths(random.gamma(1.5, 12, 60).round(1)) for name in prices.counters}
    months = np.full(20, 3)
    for tariff in prices.tariffs:
        every = [
            prices.bills(tariff.id, chosen, rows).reshape(20, 3).sum(axis=1)
            for chosen in prices.add_on_sets(tariff.id)
        ]
        assert prices.cheapest(tariff.id, rows, months)[0].tolist() == np.min(every, axis=0).tolist()


def test_the_products_engine_makes_the_same_bills(prices: PriceList) -> None:
    """Two readings of one price list, written apart, agree to the fen under every plan."""
    texts = {
        each.relative_to(CONFIG).as_posix(): each.read_text("utf-8") for each in Path(CONFIG).rglob("*.yaml")
    }
    playbook = compile_playbook(texts)
    theirs = price_list(playbook.tariffs, list(playbook.counters.values()), DAY_US, 100)
    random = np.random.default_rng(2)
    months = {name: thousandths(random.gamma(1.2, 20, 8).round(2)) for name in prices.counters}
    assert [counter.id for counter in theirs.counters] == list(prices.counters)
    for plan in theirs.plans:
        own = prices.bills(plan.base, plan.addons, months).tolist()
        for month in range(8):
            row = [int(months[name][month]) for name in prices.counters]
            assert bill_one(theirs, plan, row).total_minor == own[month]

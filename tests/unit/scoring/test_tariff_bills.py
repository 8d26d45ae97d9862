"""Bills worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.tariff_bills import bill_one, bills_many, thousandths
from strategies.declared.tariff import Tariff
from tests.servers import ROOT
from tests.unit.scoring.tariff_samples import includes, price, prices, tariff, tiers


def total(base: Tariff, *used: float) -> int:
    """One month's bill, which both ways must agree on."""
    listed = prices(base)
    one = bill_one(listed, listed.plans[0], thousandths(used).tolist()).total_minor
    (row,) = bills_many(listed, np.array([used]))
    assert row.tolist() == [one]
    return one


def test_an_allowance_is_drawn_before_anything_costs() -> None:
    """59.00, 300 minutes included and 0.10 beyond: 412.5 minutes cost 11.25 more; 15 GB included, 15.001 are 16."""
    plus = tariff("plus", 5900, includes("300", "minutes"), includes("15", "gigabytes"))
    assert total(plus, 300, 15, 0) == 5900
    assert total(plus, 412.5, 15, 0) == 5900 + 1125
    assert total(plus, 0, 15.001, 0) == 5900 + 500


def test_a_shared_allowance_is_drawn_in_the_order_written() -> None:
    """10 shared: 8 of the first counter leave 2 for the second, so 3 of 5 are charged."""
    assert total(tariff("a", 0, includes("10", "minutes", "roaming")), 8, 0, 5) == 6
    assert total(tariff("b", 0, includes("10", "roaming", "minutes")), 8, 0, 5) == 30


def test_tiers_count_from_what_the_allowance_left() -> None:
    """100 included, then 50 at 1.50, then 1.00: 160 cost 75.00 + 10.00."""
    base = tariff("a", 0, includes("100", "minutes"), rates={"minutes": tiers(("50", "1.5"), (None, "1"))})
    assert total(base, 150, 0, 0) == 7500
    assert total(base, 160, 0, 0) == 8500


def test_each_counter_is_rounded_half_up_by_itself() -> None:
    """0.005 and 0.005 are 0.01 and 0.01, not 0.01 together."""
    rates = {"minutes": price("0.005"), "roaming": price("0.005")}
    assert total(tariff("a", 0, rates=rates), 1, 0, 1) == 2
    assert total(tariff("a", 0, rates=rates), 0.999, 0, 0) == 0


def test_without_end_costs_nothing_more() -> None:
    """An unlimited allowance takes all, also what shares it."""
    assert total(tariff("a", 900, includes(None, "minutes", "roaming")), 1e9, 0, 1e9) == 900


def test_usage_beyond_the_fast_way_is_billed_all_the_same() -> None:
    """A thousand million gigabytes at 5.00 make 500,000,000,000 minor units, by columns too."""
    assert total(tariff("a", 0), 0, 1e9, 0) == 500_000_000_000
    assert total(tariff("a", 0), 1e12, 1e12, 1e12) == 10**13 + 5 * 10**14 + 2 * 10**12


def test_components_add_up_to_the_total() -> None:
    """Roaming stands apart from home data, an add-on's fee from the base's."""
    base = tariff("a", 1000, addons=("pack",))
    listed = prices(base, tariff("pack", 300, includes("2", "gigabytes"), kind="data"))
    bill = bill_one(listed, listed.plans[1], thousandths([10, 3, 50]).tolist())
    charged = {name: part for name, part in bill.components.items() if part}
    assert charged == {"fee": 1000, "addons": 300, "voice": 100, "data": 500, "roaming": 100}
    assert bill.total_minor == sum(bill.parts)


@given(written=st.integers(0, 10**14).map(lambda whole: Decimal(whole).scaleb(-6)))
def test_usage_is_read_in_thousandths_half_up(written: Decimal) -> None:
    """What is written with up to six decimals is rounded as written, not as its nearest float would be."""
    expected = int((written * 1000).to_integral_value(ROUND_HALF_UP))
    assert thousandths([float(written)]).tolist() == [expected]


def test_what_is_no_quantity_is_nothing() -> None:
    """Less than nothing and not a number are nothing; without end is the most that is counted."""
    assert thousandths([-1.0, float("nan"), 0.0004, 0.0005, float("inf")]).tolist() == [0, 0, 0, 1, 10**15]


def test_one_line_needs_no_compiler() -> None:
    """Comparing a single line, as the portal and the agent's card do, does not load numba."""
    code = "import sys, scoring.tariff_advice, scoring.tariff_bills; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

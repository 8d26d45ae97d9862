"""A day's price list: what exists that day, what may be advised, and every lawful set of add-ons."""

from __future__ import annotations

import pytest

from strategies.declared.tariff import ALWAYS
from strategies.instants import DAY, Instant
from strategies.problems import ProblemsFound
from tests.unit.scoring.tariff_samples import TODAY, price, prices, tariff

BEFORE, AFTER = Instant(TODAY - DAY), Instant(TODAY + DAY)


def test_a_dated_fee_changes_on_its_day() -> None:
    """The fee of a day is the last that began by then; before the first the tariff does not exist."""
    dated = tariff("plus", 0, fees=((TODAY, 5900), (AFTER, 6200)))
    assert prices(dated, day=BEFORE).plans == ()
    assert [plan.fee_minor for plan in prices(dated).plans] == [5900]
    assert [plan.fee_minor for plan in prices(dated, day=AFTER).plans] == [6200]


def test_a_dated_rate_changes_on_its_day() -> None:
    """A base whose rate of a counter begins later does not exist before; an add-on's leaves the base's in place."""
    base = tariff(
        "plus", 0, dated={"minutes": ((TODAY, price("0.3")), (AFTER, price("0.2")))}, addons=("talk",)
    )
    talk = tariff("talk", 0, kind="voice", dated={"minutes": ((AFTER, price("0.01")),)})
    assert prices(base, talk, day=BEFORE).plans == ()
    assert [plan.charges[0].tiers[0][1] / plan.charges[0].per for plan in prices(base, talk).plans] == [
        pytest.approx(0.03),
        pytest.approx(0.03),
    ]
    alone, with_talk = prices(base, talk, day=AFTER).plans
    assert [plan.charges[0].tiers[0][1] / plan.charges[0].per for plan in (alone, with_talk)] == [
        pytest.approx(0.02),
        pytest.approx(0.001),
    ]


def test_what_is_no_longer_sold_is_still_rated() -> None:
    """Days of sale say only whether a tariff may be advised: until its first day and from its last on it may not."""
    listed = prices(
        tariff("now", 0, valid_from=TODAY, valid_until=AFTER),
        tariff("over", 0, valid_until=TODAY),
        tariff("soon", 0, valid_from=AFTER),
    )
    assert [plan.base for plan in listed.plans] == ["now", "over", "soon"]
    assert [listed.on_sale(name) for name in ("now", "over", "soon")] == [True, False, False]


def test_sets_of_addons_hold_one_a_service_and_none_that_exclude_each_other() -> None:
    """An exclusion counts from either side, and an add-on that the base does not list is in none of its sets."""
    listed = prices(
        tariff("plus", 0, addons=("talk", "small", "large")),
        tariff("talk", 0, kind="voice"),
        tariff("small", 0, kind="data", excludes=frozenset({"talk"})),
        tariff("large", 0, kind="data"),
        tariff("texts", 0, kind="sms"),
    )
    assert [plan.addons for plan in listed.plans] == [
        (),
        ("small",),
        ("large",),
        ("talk",),
        ("talk", "large"),
    ]


def test_a_line_may_hold_what_is_no_longer_lawful() -> None:
    """The plan held is rated as it is: not listed, excluded, two of a service; unknown parts make it unknown."""
    small = tariff("small", 100, kind="data", excludes=frozenset({"large"}))
    listed = prices(tariff("plus", 0), small, tariff("large", 300, kind="data"))
    held = listed.held("plus", ("small", "large"))
    assert held is not None and (held.addons, held.addons_minor) == (("large", "small"), 400)
    assert listed.held("plus", ("gone",)) is None
    assert listed.held("gone", ()) is None
    assert listed.held("small", ()) is None
    assert listed.held(None, ()) is None


def test_too_many_plans_name_the_base() -> None:
    """Beyond the limit the base that goes over it is named, without counting to the end."""
    services = ("voice", "data", "sms", "mms", "wlan")
    addons = [tariff(f"{kind}{number}", 0, kind=kind) for kind in services for number in range(40)]
    names = tuple(each.id for each in addons)
    with pytest.raises(ProblemsFound) as found:
        prices(tariff("a-small", 0), tariff("b-large", 0, addons=names), *addons)
    (problem,) = found.value.problems
    assert (problem.code, problem.where.path) == ("tariff.too_many_plans", "tariffs/b-large.yaml")
    assert "b-large" in problem.message


def test_a_price_is_a_fraction_in_lowest_terms() -> None:
    """Nothing is lost of a price with many decimals: 10 / 1024 a megabyte is 1 / 1024 minor unit a thousandth."""
    (plan,) = prices(tariff("plus", 0, rates={"minutes": price("0.009765625")})).plans
    assert (plan.charges[0].tiers, plan.charges[0].per) == (((None, 1),), 1024)


def test_an_amount_finer_than_usage_is_refused() -> None:
    """Steps and allowances are whole thousandths; the language says so first, the engine does not round in silence."""
    with pytest.raises(ValueError, match="finer than a thousandth"):
        prices(tariff("plus", 0, rates={"minutes": price("1", "0.0005")}))


def test_always_is_before_every_day() -> None:
    """A fee without a date has always been in force."""
    assert prices(tariff("plus", 100), day=Instant(ALWAYS + 1)).plans != ()

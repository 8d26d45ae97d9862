"""One line against every tariff: verdicts, figures and order, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from scoring.tariff_changes import Change
from scoring.tariff_comparison import ComparedLine, LineCase, compare_line, months_left, penalty_minor
from strategies.declared.playbook import Condition
from strategies.declared.tariff import Penalty, Tariff
from strategies.problems import Where
from tests.unit.scoring.tariff_samples import TODAY, includes, prices, tariff

DAY = date(2026, 7, 15)
ASKED = Condition(
    "tenure_months >= 6", frozenset(), lambda facts, at: None, lambda facts, at: (None, ()), Where("")
)


def line(*used: tuple[float, float, float], tariff: str | None = "old", **more: object) -> LineCase:
    """A line with these months of minutes, gigabytes and roaming."""
    case = LineCase(tariff, (), None, (), range(24312, 24312 + len(used)), np.array(used), [None] * len(used))
    return replace(case, **more)  # type: ignore[arg-type]  # names of its fields


def compared(case: LineCase, *tariffs: Tariff) -> ComparedLine:
    """By their price list."""
    return compare_line(prices(*tariffs), case, DAY)


def verdicts(found: ComparedLine) -> Mapping[str, str]:
    """Tariff → verdict."""
    return {option.tariff: option.verdict for option in found.options}


def test_figures_of_a_cheaper_tariff() -> None:
    """20.00 with minutes at 0.10 against 30.00 with 200 minutes: bills of 40, 60, 20 against 30, 40, 30."""
    months = ((200, 0, 0), (400, 0, 0), (0, 0, 0))
    found = compared(line(*months), tariff("old", 2000), tariff("talk", 3000, includes("300", "minutes")))
    assert (found.verdict, found.best) == ("cheaper", found.options[0])
    best = found.options[0]
    assert (best.tariff, best.verdict, best.mean_minor) == ("talk", "cheaper", 3333)
    assert [(bill.before_minor, bill.after_minor) for bill in best.bills] == [
        (4000, 3000), (6000, 4000), (2000, 3000),
    ]  # fmt: skip
    assert best.saving_minor == 4000 - 3333
    assert best.spread_minor == 1247  # of 1000, 2000 and -1000: the root of 2,000,000 - 444,444
    assert (best.dearest_month, best.dearest_before_minor, best.dearest_after_minor) == (24313, 6000, 4000)
    assert (best.dearer_months, best.worth_minor, best.penalty_minor) == (1, 12 * 667, 0)
    assert best.components == (("fee", 2000, 3000), ("voice", 2000, 333))


def test_the_cheapest_is_kept() -> None:
    """Where nothing saves money that is the finding; a tariff that costs the same is no reason to change."""
    found = compared(line(*[(10, 0, 0)] * 3), tariff("old", 2000), tariff("same", 2000), tariff("more", 2500))
    assert (found.verdict, found.best, found.current) == ("cheapest", None, found.options[0])
    assert verdicts(found) == {"old": "current", "same": "dearer", "more": "dearer"}


def test_a_penalty_can_outweigh_a_year() -> None:
    """5.00 a month saved is 60.00 a year: not worth 60.00, worth 59.00."""
    old = tariff("old", 2500, penalty=Penalty(fixed_minor=5000, per_month_left_minor=500))
    case = line(*[(0, 0, 0)] * 3, contract_end="2026-09-14")
    found = compared(case, old, tariff("new", 2000))
    assert (found.verdict, found.best, verdicts(found)["new"]) == ("penalty", None, "penalty")
    assert found.options[0].worth_minor == 0
    assert compared(replace(case, contract_end="2026-08-14"), old, tariff("new", 2000)).verdict == "cheaper"


@pytest.mark.parametrize(
    ("end", "months"),
    [
        (None, 0), ("2026-07-14", 0), ("2026-07-15", 1), ("2026-08-14", 1), ("2026-08-15", 2), ("2027-07-14", 12),
    ],
)  # fmt: skip
def test_months_left_are_those_begun(end: str | None, months: int) -> None:
    """The last day under contract counts; from a day to the same day of the next month a second month has begun."""
    assert months_left(end, DAY) == months
    listed = prices(tariff("old", 0, penalty=Penalty(700, 30)))
    assert penalty_minor(listed, "old", end, DAY) == (700 + 30 * months if months else 0)


def test_local_priority_goes_before_saving() -> None:
    """Among those worth it the nearest unit's order counts first; without an order the larger saving leads."""
    tariffs = (
        tariff("old", 5000),
        tariff("local", 4000, priority={"B": 2, "B1": 1}),
        tariff("other", 4500, priority={"B": 1, "B1": 3}),
        tariff("third", 3000),
    )
    case = line(*[(0, 0, 0)] * 3)
    assert [each.tariff for each in compared(case, *tariffs).options] == ["third", "local", "other", "old"]
    in_grid = replace(case, units=("B11", "B1", "B"))
    assert [each.tariff for each in compared(in_grid, *tariffs).options] == ["other", "local", "third", "old"]
    in_branch = replace(case, units=("B",))
    assert [each.tariff for each in compared(in_branch, *tariffs).options][:2] == ["local", "other"]


def test_who_may_not_have_it_is_told_so() -> None:
    """A condition that is not known to be true keeps a tariff out of advice, but not out of sight; what is not on
    sale is neither."""
    tariffs = (
        tariff("old", 5000),
        tariff("long", 1000, eligible=ASKED),
        tariff("gone", 500, valid_until=TODAY),
    )
    case = line(*[(0, 0, 0)] * 3)
    assert verdicts(compared(case, *tariffs)) == {"long": "not_eligible", "old": "current"}
    allowed = compared(replace(case, eligible={"long": True}), *tariffs)
    assert (allowed.verdict, verdicts(allowed)["long"]) == ("cheaper", "cheaper")


def test_addons_are_the_cheapest_set_one_may_have() -> None:
    """With the base kept, an add-on may save money; one that is not on sale or not for this line is not offered."""
    pack = tariff("pack", 800, includes("4", "gigabytes"), kind="data")
    old = tariff("old", 1000, addons=("pack",), penalty=Penalty(99_999))
    case = line(*[(0, 4, 0)] * 3, contract_end="2030-01-01")
    found = compared(case, old, pack)
    assert (found.verdict, found.options[0].addons, found.options[0].penalty_minor) == (
        "cheaper",
        ("pack",),
        0,
    )
    assert found.options[0].saving_minor == 2000 - 800
    assert compared(case, old, replace(pack, eligible=ASKED)).verdict == "cheapest"
    over = replace(pack, valid_until=TODAY)
    assert compared(case, old, over).verdict == "cheapest"
    kept = compared(replace(case, addons=("pack",)), old, over)
    assert (kept.verdict, kept.current and kept.current.addons) == ("cheapest", ("pack",))


def test_too_little_to_go_by() -> None:
    """Two months are too few, and a tariff that is not declared is unknown; neither is compared."""
    old = tariff("old", 1000)
    assert compared(line((0, 0, 0), (0, 0, 0)), old) == ComparedLine("too_few_months", None, None, (), None)
    for unknown in (line(*[(0, 0, 0)] * 3, tariff=None), line(*[(0, 0, 0)] * 3, addons=("lost",))):
        assert compared(unknown, old).verdict == "unknown_tariff"


def test_what_the_tariffs_do_not_explain() -> None:
    """Issued bills of 11.00 and 8.99 against 10.00: on average 0.00 (half up of −0.005); months without one count not."""
    found = compared(line(*[(0, 0, 0)] * 3, issued=[1100, None, 899]), tariff("old", 1000))
    assert found.unexplained_minor == 0
    assert found.current is not None
    assert [bill.unexplained_minor for bill in found.current.bills] == [100, None, -101]
    assert compared(line(*[(0, 0, 0)] * 3), tariff("old", 1000)).unexplained_minor is None


def test_what_changes_besides_price() -> None:
    """Contract, what is included by component, and add-ons, as facts."""
    old = tariff("old", 5000, includes("100", "minutes"), includes(None, "roaming"), addons=("pack",))
    pack = tariff("pack", 0, includes("2", "gigabytes"), kind="data")
    new = tariff("new", 1000, includes("0.5", "gigabytes"), includes("300", "minutes"), contract_months=24)
    found = compared(line(*[(0, 0, 0)] * 3, addons=("pack",)), old, pack, new)
    assert found.best is not None
    assert found.best.changes == (
        Change("contract", "new", "month", Decimal(0), Decimal(24)),
        Change("allowance", "voice", "min", Decimal(100), Decimal(300)),
        Change("allowance", "data", "GB", Decimal(2), Decimal("0.5")),
        Change("allowance", "roaming", "MB", None, Decimal(0)),
        Change("addon_dropped", "pack"),
    )

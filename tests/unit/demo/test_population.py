"""The demonstration operator's customers: the same for the same seed, in the promised proportions."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import phonenumbers
import pytest

from demo.population import Population, populate
from demo.territory import BRANCHES, GRIDS, as_yaml, units

START = date(2026, 3, 2)
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def people() -> Population:
    """Two thousand customers of seed 1."""
    return populate(1, 2000, START)


def test_a_seed_makes_the_same_customers_again(people: Population) -> None:
    """Everything but the seed's own draws is fixed, so a run can be repeated."""
    assert populate(1, 2000, START) == people
    assert populate(2, 2000, START) != people


def test_fifteen_percent_have_two_or_three_lines(people: Population) -> None:
    """Exactly 15 % of the customers have more than one line, none more than three."""
    counts = Counter(len(each.lines) for each in people.customers)
    assert counts[2] + counts[3] == 300
    assert counts[2] > 0 and counts[3] > 0 and set(counts) == {1, 2, 3}


def test_for_ten_percent_somebody_else_pays(people: Population) -> None:
    """Exactly 10 % of the customers belong to the account of another, who pays for themselves."""
    own = {each.id: f"A{each.id[1:]}" for each in people.customers}
    guests = [each for each in people.customers if each.account != own[each.id]]
    hosts = {each.account for each in people.customers if each.account == own[each.id]}
    assert len(guests) == 200
    assert all(each.account in hosts for each in guests)


def test_the_territory_has_18_branches_and_182_grids() -> None:
    """Every grid belongs to a branch, every branch to the province."""
    kinds = Counter(unit.kind for unit in units())
    assert kinds == {"head_office": 1, "province": 1, "branch": BRANCHES, "grid": GRIDS}
    branches = {unit.id for unit in units() if unit.kind == "branch"}
    assert {unit.parent for unit in units() if unit.kind == "grid"} == branches
    assert len({unit.id for unit in units()}) == len(units())


def test_the_published_territory_is_the_generated_one() -> None:
    """config/units.yaml and the generator's grids are one and the same."""
    assert (ROOT / "config" / "units.yaml").read_text(encoding="utf-8") == as_yaml()


def test_every_number_is_a_valid_mobile_number_and_used_once(people: Population) -> None:
    """Numbers pass the same library the importer asks, and no two lines share one."""
    numbers = [line.number for each in people.customers for line in each.lines]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


def test_about_seven_in_ten_names_are_chinese(people: Population) -> None:
    """Names and languages go together, about 70 to 30."""
    chinese = [each for each in people.customers if each.language == "zh-CN"]
    assert 0.66 < len(chinese) / 2000 < 0.74
    assert all(not each.name.isascii() for each in chinese)


def test_some_customers_live_by_another_clock_and_some_by_an_unknown_one(people: Population) -> None:
    """Most live by Shanghai time, some by Urumqi's, a few zones are unknown."""
    zones = Counter(each.zone for each in people.customers)
    assert zones["Asia/Shanghai"] > 1500 > zones["Asia/Urumqi"] > 100 > zones[None] > 20


def test_the_demonstration_imports_nothing_of_the_product() -> None:
    """Loading every module of demo/ loads none of contact, strategies, scoring, ivr."""
    code = (
        "import importlib, pkgutil, sys, demo\n"
        "names = [m.name for m in pkgutil.iter_modules(demo.__path__, 'demo.') if m.name != 'demo.__main__']\n"
        "for name in [*names, 'demo.__main__']: importlib.import_module(name)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('contact', 'strategies', 'scoring', 'ivr')])\n"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

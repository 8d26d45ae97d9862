"""What would really be cheapest for each line, by the operator's own billing: the truth that advice is held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from demo.calendar import month_of
from demo.population import Line, Population
from demo.rating import Integers, Quantities, read_prices, thousandths
from demo.territory import branch_of

COMPARED = 6
"""Months of usage that the advice rests on."""
LEAST_MONTHS = 3
_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Advice:
    """Columns by line, in fen; savings are differences of mean bills rounded half up."""

    lines: list[str]
    months: Integers
    """How many of the months compared are on file."""
    best: list[str]
    """The tariff to be advised; the present one where no other plan is worth it."""
    before: Integers
    after: Integers
    """The mean bill now, and under what is advised with the add-ons that suit it."""
    advised: npt.NDArray[np.bool_]
    """Whether another plan is worth it: a year's saving is more than leaving the contract costs."""

    @property
    def saving(self) -> Integers:
        """Fen a month, 0 where nothing is advised."""
        return np.asarray(np.where(self.advised, self.before - self.after, 0))


def advise(population: Population) -> Advice:
    """Every line under every tariff with its cheapest add-ons, over the last months on file.

    Of the tariffs worth it, the branch's order of priority decides, then what is saved.
    """
    prices, lives = read_prices(population.start), population.lives
    people = [(customer, line) for customer in population.customers for line in customer.lines]
    owner = np.repeat(
        np.arange(len(population.customers)), [len(each.lines) for each in population.customers]
    )
    there = lives.is_there(owner)[:, -COMPARED:]
    months = there.sum(axis=1)
    used = {name: thousandths(lives.usage[name][:, -COMPARED:]) * there for name in prices.counters}
    rows = {name: each.reshape(-1) for name, each in used.items()}
    before = _half_up(_present(population, used, there), months)
    on_plan = np.array([line.plan for _, line in people])
    branch = np.array([branch_of(customer.grid) for customer, _ in people])
    tenure = np.array([customer.tenure_months for customer, _ in people])
    leaving = np.array([penalty(population, line) for _, line in people])
    best, after = on_plan.astype(object), before.copy()
    order, advised = np.full(len(people), -(1 << 40)), np.zeros(len(people), dtype=np.bool_)
    for tariff in prices.tariffs:
        mean = _half_up(prices.cheapest(tariff.id, rows, months)[0], months)
        stays = on_plan == tariff.id
        worth = _A_YEAR * (before - mean) - np.where(stays, 0, leaving)
        may = (months >= LEAST_MONTHS) & (stays | (tenure >= tariff.least_tenure)) & (before > mean)
        first = np.array([tariff.priority.get(each, 0) for each in branch])
        better = may & (worth > 0) & ((first > order) | ((first == order) & (mean < after)))
        best[better], after, order = tariff.id, np.where(better, mean, after), np.where(better, first, order)
        advised |= better
    return Advice([line.id for _, line in people], months, list(best), before, after, advised)


def penalty(population: Population, line: Line) -> int:
    """Fen for leaving the line's contract on the day the demonstration starts: each month begun counts."""
    package = read_prices(population.start).packages[line.plan]
    if line.contract_end is None or line.contract_end < population.start:
        return 0
    left = month_of(line.contract_end) - month_of(population.start) + 1
    return package.penalty_fixed + package.penalty_month * left


def _half_up(total: Integers, count: Integers) -> Integers:
    """The mean of a sum."""
    count = np.maximum(count, 1)
    return np.asarray((2 * total + count) // (2 * count))


def _present(population: Population, used: Quantities, there: npt.NDArray[np.bool_]) -> Integers:
    """Fen of all months compared under what each line has."""
    prices = read_prices(population.start)
    by_plan: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    lines = [line for customer in population.customers for line in customer.lines]
    for place, line in enumerate(lines):
        by_plan.setdefault((line.plan, line.addons), []).append(place)
    total = np.zeros(len(lines), dtype=np.int64)
    for (plan, addons), places in by_plan.items():
        rows = {name: each[places].reshape(-1) for name, each in used.items()}
        bills = prices.bills(plan, addons, rows).reshape(len(places), COMPARED)
        total[places] = (bills * there[places]).sum(axis=1)
    return total

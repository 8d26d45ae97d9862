"""One line's bills under every tariff, and which of them is worth leaving the present one for.

Means and savings are rounded half up to a minor unit, and savings are the difference of the rounded means, so that what
is shown adds up. A tariff saves money only where that difference is above zero. The spread is the standard deviation of
these months' savings (divided by their number: it describes them, it estimates nothing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isqrt

import numpy as np
import numpy.typing as npt

from scoring.tariff_bills import Bill, bill_one, thousandths
from scoring.tariff_changes import Change, changes
from scoring.tariff_prices import COMPONENTS, Plan, PriceList

FEWEST_MONTHS = 3
MONTHS_OF_WORTH = 12


@dataclass(frozen=True, slots=True)
class LineCase:
    """One line as it stands. ``months`` are those on file (year × 12 + month − 1), ascending."""

    tariff: str | None
    addons: Sequence[str]
    contract_end: str | None
    """The last day under contract, as 2026-12-31."""
    units: Sequence[str]
    """Its own first, then those above."""
    months: Sequence[int]
    quantities: npt.NDArray[np.float64] = field(repr=False)
    """[month, counter of the price list], in units."""
    issued: Sequence[int | None] = field(repr=False)
    """By month, minor units."""
    eligible: Mapping[str, bool] = field(default_factory=dict)
    """Of tariffs with a condition: whether it is true. One that is not named here may not be had."""


@dataclass(frozen=True, slots=True)
class ComparedMonth:
    """One month's bills in minor units."""

    month: int
    issued_minor: int | None
    before_minor: int
    after_minor: int

    @property
    def unexplained_minor(self) -> int | None:
        """Issued minus re-rated."""
        return None if self.issued_minor is None else self.issued_minor - self.before_minor


@dataclass(frozen=True, slots=True)
class ComparedOption:
    """One tariff with its best add-ons against the present plan; amounts are minor units a month unless said."""

    tariff: str
    addons: tuple[str, ...]
    verdict: str
    """``cheaper, dearer, penalty, not_eligible, current``; ``dearer`` is also what costs the same."""
    mean_minor: int
    saving_minor: int
    spread_minor: int
    dearest_month: int
    dearest_before_minor: int
    dearest_after_minor: int
    dearer_months: int
    penalty_minor: int
    """Once, for leaving the present base."""
    contract_months: int
    worth_minor: int
    """Saving of twelve months less the penalty."""
    priority: int
    changes: tuple[Change, ...]
    bills: tuple[ComparedMonth, ...]
    components: tuple[tuple[str, int, int], ...]
    """(component, mean before, mean after), those that are 0 on both sides left out."""


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """``verdict``: ``cheaper, cheapest, penalty, too_few_months, unknown_tariff``; options are empty for the last two."""

    verdict: str
    current: ComparedOption | None
    best: ComparedOption | None
    """What is advised: the first of ``options``, where it is worth it."""
    options: tuple[ComparedOption, ...]
    """What is worth it by priority and saving, then all else by saving; the present plan among them."""
    unexplained_minor: int | None
    """Mean of issued minus re-rated, over the months with a bill on file."""


def compare_line(prices: PriceList, case: LineCase, today: date) -> ComparedLine:
    """The line's months under the present plan and under each base that it may have, with its cheapest lawful add-ons.

    A base or add-on comes into question if it is on sale and the line is eligible; those the line holds always do, as
    long as the base stays. The present base is offered with other add-ons where these save money.
    """
    present = prices.held(case.tariff, case.addons)
    if present is None:
        return ComparedLine("unknown_tariff", None, None, (), None)
    if len(case.months) < FEWEST_MONTHS:
        return ComparedLine("too_few_months", None, None, (), None)
    months = thousandths(case.quantities).tolist()
    before = _bills(prices, present, months)
    compared = _Compared(prices, case, present, before, leaving_minor(prices, case, today))
    current = compared.option(present, before)
    options = [current]
    for base in prices.bases:
        found = compared.best_of(base, months)
        if found is not None:
            options.append(found)
    options.sort(key=_order)
    best = options[0] if options[0].verdict == "cheaper" else None
    penalised = any(each.verdict == "penalty" for each in options)
    verdict = "cheaper" if best else "penalty" if penalised else "cheapest"
    return ComparedLine(verdict, current, best, tuple(options), _unexplained(case, before))


def _order(option: ComparedOption) -> tuple[bool, int, int, str]:
    worth_it = option.verdict == "cheaper"
    return not worth_it, -option.priority if worth_it else 0, -option.saving_minor, option.tariff


@dataclass(frozen=True, slots=True)
class _Compared:
    prices: PriceList
    case: LineCase
    present: Plan
    before: list[Bill]
    leaving_minor: int

    def best_of(self, base: str, months: Sequence[Sequence[int]]) -> ComparedOption | None:
        """The base with its cheapest add-ons; None for one that may not be advised here, eligible or not."""
        stays = base == self.present.base
        if not stays and not self.prices.on_sale(base):
            return None
        plans = [self.prices.plans[place] for place in self.prices.bases[base]]
        plans = [plan for plan in plans if all(self._may_add(addon, stays) for addon in plan.addons)]
        rated = [_bills(self.prices, plan, months) for plan in plans]
        place = min(range(len(plans)), key=lambda place: _total(rated[place]))
        option = self.option(plans[place], rated[place])
        return option if not stays or option.verdict == "cheaper" else None

    def _may_add(self, addon: str, stays: bool) -> bool:
        held = stays and addon in self.present.addons
        return held or (self.prices.on_sale(addon) and self._eligible(addon))

    def _eligible(self, tariff: str) -> bool:
        return self.prices.tariffs[tariff].eligible is None or self.case.eligible.get(tariff, False)

    def option(self, plan: Plan, after: list[Bill]) -> ComparedOption:
        """A plan's figures; ``after`` are its bills by month."""
        count = len(after)
        saved = [was.total_minor - now.total_minor for was, now in zip(self.before, after, strict=True)]
        mean = half_up(_total(after), count)
        saving = half_up(_total(self.before), count) - mean
        penalty = 0 if plan.base == self.present.base else self.leaving_minor
        dearest = max(range(count), key=lambda month: (after[month].total_minor, -month))
        return ComparedOption(
            tariff=plan.base,
            addons=plan.addons,
            verdict=self._verdict(plan, saving, MONTHS_OF_WORTH * saving - penalty),
            mean_minor=mean,
            saving_minor=saving,
            spread_minor=_spread(saved),
            dearest_month=self.case.months[dearest],
            dearest_before_minor=self.before[dearest].total_minor,
            dearest_after_minor=after[dearest].total_minor,
            dearer_months=sum(each < 0 for each in saved),
            penalty_minor=penalty,
            contract_months=self.prices.tariffs[plan.base].contract_months,
            worth_minor=MONTHS_OF_WORTH * saving - penalty,
            priority=priority_at(self.prices, plan.base, self.case.units),
            changes=changes(self.prices, self.present, plan),
            bills=tuple(
                ComparedMonth(month, issued, was.total_minor, now.total_minor)
                for month, issued, was, now in zip(
                    self.case.months, self.case.issued, self.before, after, strict=True
                )
            ),
            components=_components(self.before, after),
        )

    def _verdict(self, plan: Plan, saving: int, worth: int) -> str:
        if plan == self.present:
            return "current"
        if plan.base != self.present.base and not self._eligible(plan.base):
            return "not_eligible"
        if saving <= 0:
            return "dearer"
        return "cheaper" if worth > 0 else "penalty"


def half_up(total: int, count: int) -> int:
    """The mean of a sum, rounded half up."""
    return (2 * total + count) // (2 * count)


def priority_at(prices: PriceList, base: str, units: Sequence[str]) -> int:
    """The local order of a base: of the nearest unit that sets one, else 0."""
    priority = prices.tariffs[base].priority
    return next((priority[unit] for unit in units if unit in priority), 0)


def leaving_minor(prices: PriceList, case: LineCase, today: date) -> int:
    """What leaving the line's present base costs today."""
    return penalty_minor(prices, case.tariff, case.contract_end, today)


def penalty_minor(prices: PriceList, tariff: str | None, contract_end: str | None, today: date) -> int:
    """The fixed sum and one for each month begun until the contract's last day; nothing after it."""
    left = months_left(contract_end, today)
    if tariff is None or left == 0:
        return 0
    penalty = prices.tariffs[tariff].penalty
    return penalty.fixed_minor + left * penalty.per_month_left_minor


def months_left(contract_end: str | None, today: date) -> int:
    """Months begun from today to the last day under contract, both included."""
    if not contract_end:
        return 0
    end = date.fromisoformat(contract_end[:10])
    if end < today:
        return 0
    return (end.year - today.year) * 12 + end.month - today.month + (end.day >= today.day)


def _bills(prices: PriceList, plan: Plan, months: Sequence[Sequence[int]]) -> list[Bill]:
    return [bill_one(prices, plan, month) for month in months]


def _total(bills: Sequence[Bill]) -> int:
    return sum(bill.total_minor for bill in bills)


def _spread(saved: Sequence[int]) -> int:
    count = len(saved)
    variance = count * sum(each * each for each in saved) - sum(saved) ** 2
    return (isqrt(4 * variance) + count) // (2 * count)


def _components(before: Sequence[Bill], after: Sequence[Bill]) -> tuple[tuple[str, int, int], ...]:
    count = len(before)
    found = []
    for place, component in enumerate(COMPONENTS):
        was = half_up(sum(bill.parts[place] for bill in before), count)
        now = half_up(sum(bill.parts[place] for bill in after), count)
        if was or now:
            found.append((component, was, now))
    return tuple(found)


def _unexplained(case: LineCase, before: Sequence[Bill]) -> int | None:
    differences = [
        issued - bill.total_minor
        for issued, bill in zip(case.issued, before, strict=True)
        if issued is not None
    ]
    return half_up(sum(differences), len(differences)) if differences else None

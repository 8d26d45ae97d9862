"""Advice for every line at once: the columns that conditions, strategies and cards read.

``compare_line`` says the same of one line, with every option and every month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from scoring.tariff_bills import thousandths
from scoring.tariff_choices import Blocks, Found, Groups, Lines, blocks, conditional, groups
from scoring.tariff_comparison import (
    FEWEST_MONTHS,
    MONTHS_OF_WORTH,
    ComparedLine,
    ComparedOption,
    LineCase,
    compare_line,
    penalty_minor,
    priority_at,
)
from scoring.tariff_prices import Plan, PriceList
from scoring.tariff_program import Places, Program, program

__all__ = ["COLUMNS", "LineCase", "LineUsage", "advise_many", "case_of", "compare_line"]

COLUMNS: Mapping[str, str] = {
    "tariff": "text", "addons": "list", "verdict": "text", "saving": "money", "worth": "money", "spread": "money",
    "dearer_months": "number", "months": "number", "before": "money", "after": "money", "penalty": "money",
    "unexplained": "money",
}  # fmt: skip
"""Column → type. Money is minor units in float64, NaN where unknown; text is None where unknown, lists are tuples."""

BLOCK_LINES = 128
_MOST_MINOR = 10**8
"""Bills up to this keep the spread's squares within 64 bits."""

Columns = dict[str, npt.NDArray[Any]]


class LineUsage(Protocol):
    """Usage of lines by month, as ``contact.ports.learning.LineMonths`` holds it."""

    @property
    def tariffs(self) -> Sequence[str | None]: ...
    @property
    def addons(self) -> Sequence[tuple[str, ...]]: ...
    @property
    def contract_ends(self) -> Sequence[str | None]: ...
    @property
    def units(self) -> Sequence[str | None]: ...
    @property
    def months(self) -> Sequence[int]: ...
    @property
    def quantities(self) -> npt.NDArray[np.float64]: ...
    @property
    def there(self) -> npt.NDArray[np.bool_]: ...
    @property
    def issued(self) -> npt.NDArray[np.int64]: ...


def case_of(
    usage: LineUsage,
    line: int,
    *,
    eligible: Mapping[str, bool],
    above: Mapping[str, Sequence[str]],
) -> LineCase:
    """One line of the columns; ``above`` gives each unit's way up, itself first."""
    there = np.flatnonzero(usage.there[line]).tolist()
    unit = usage.units[line]
    return LineCase(
        tariff=usage.tariffs[line],
        addons=usage.addons[line],
        contract_end=usage.contract_ends[line],
        units=above.get(unit, (unit,)) if unit is not None else (),
        months=[usage.months[month] for month in there],
        quantities=usage.quantities[line][there],
        issued=[None if bill < 0 else bill for bill in usage.issued[line][there].tolist()],
        eligible=eligible,
    )


def advise_many(
    prices: PriceList,
    usage: LineUsage,
    *,
    eligible: Mapping[str, npt.NDArray[np.bool_]],
    above: Mapping[str, Sequence[str]],
    today: date,
) -> Columns:
    """What ``compare_line`` advises each line, as the columns of ``COLUMNS``.

    ``eligible`` says, for each tariff with a condition, of which lines it is true; one that is not named may be had by
    nobody. Counters of ``usage`` are those of ``prices``. The tariff advised is the present one where none is cheaper,
    and the cheapest of those that are not worth the penalty where the penalty alone stands against it.
    """
    held = _Held(prices, usage)
    columns = _empty(len(held.place), usage)
    _say(columns, held.place < 0, "unknown_tariff")
    short = (held.place >= 0) & (columns["months"] < FEWEST_MONTHS)
    _say(columns, short, "too_few_months")
    compiled = program([*prices.plans, *held.plans], len(prices.counters))
    large = (thousandths(usage.quantities.max(axis=(0, 1), initial=0.0)) > compiled.safe).any()
    slow = _beyond(usage, compiled) if large else np.zeros(len(held.place), dtype=np.bool_)
    rated = (held.place >= 0) & ~short & ~slow
    lines = _lines(prices, usage, eligible, above, held, today)
    found = _search(prices, compiled, held, lines, np.where(rated, held.place, -1))
    slow |= rated & (np.maximum(found.before, found.after).max(axis=1, initial=0) > _MOST_MINOR)
    rated &= ~slow
    _write(columns, np.flatnonzero(rated), prices, held, lines, found)
    _write_unexplained(columns, np.flatnonzero(rated), usage, found)
    for line in np.flatnonzero(slow & (held.place >= 0) & ~short).tolist():
        mine = {name: bool(column[line]) for name, column in eligible.items()}
        case = case_of(usage, line, eligible=mine, above=above)
        _write_one(columns, line, compare_line(prices, case, today))
    return columns


class _Held:
    """The plans that lines hold: each distinct one once, and each line's place among them, −1 where it is unknown."""

    def __init__(self, prices: PriceList, usage: LineUsage) -> None:
        known: dict[tuple[str | None, tuple[str, ...]], int] = {}
        places: dict[Plan, int] = {}
        self.place = np.empty(len(usage.tariffs), dtype=np.int64)
        for line, key in enumerate(zip(usage.tariffs, usage.addons, strict=True)):
            if key not in known:
                plan = prices.held(*key)
                known[key] = -1 if plan is None else places.setdefault(plan, len(places))
            self.place[line] = known[key]
        self.plans = list(places)
        order = {base: place for place, base in enumerate(prices.bases)}
        self.bases = np.array([order[plan.base] for plan in self.plans], dtype=np.int64)


def _empty(count: int, usage: LineUsage) -> Columns:
    columns: Columns = {name: np.full(count, np.nan) for name in COLUMNS}
    columns |= {name: np.full(count, None, dtype=object) for name in ("tariff", "addons", "verdict")}
    columns["months"] = usage.there.sum(axis=1).astype(np.float64)
    return columns


def _say(columns: Columns, which: npt.NDArray[np.bool_], verdict: str) -> None:
    columns["verdict"][which] = verdict


def _beyond(usage: LineUsage, compiled: Program) -> npt.NDArray[np.bool_]:
    """Lines with quantities for which the fast way is not exact."""
    counted = thousandths(np.where(usage.there[:, :, None], usage.quantities, 0.0))
    return np.asarray((counted > compiled.safe).any(axis=(1, 2)), dtype=np.bool_)


def _lines(
    prices: PriceList,
    usage: LineUsage,
    eligible: Mapping[str, npt.NDArray[np.bool_]],
    above: Mapping[str, Sequence[str]],
    held: _Held,
    today: date,
) -> Lines:
    count = len(held.place)
    columns = [np.zeros(count, dtype=np.bool_)]
    columns += [eligible.get(name, columns[0]) for name in conditional(prices)]
    penalties: dict[tuple[int, str | None], int] = {}
    penalty = np.zeros(count)
    for line, (place, end) in enumerate(zip(held.place.tolist(), usage.contract_ends, strict=True)):
        if place >= 0 and end:
            if (place, end) not in penalties:
                penalties[place, end] = penalty_minor(prices, held.plans[place].base, end, today)
            penalty[line] = penalties[place, end]
    units = {unit: place for place, unit in enumerate(dict.fromkeys(usage.units))}
    ways = [above.get(unit, (unit,)) if unit is not None else () for unit in units]
    return Lines(
        quantities=np.ascontiguousarray(usage.quantities, dtype=np.float64),
        there=usage.there,
        eligible=np.array(columns),
        penalty=penalty,
        unit=np.array([units[unit] for unit in usage.units], dtype=np.int64),
        priority=np.array(
            [[priority_at(prices, base, way) for base in prices.bases] for way in ways], dtype=np.float64
        ).reshape(len(ways), len(prices.bases)),
    )


def _search(prices: PriceList, compiled: Program, held: _Held, lines: Lines, holding: Places) -> Found:
    shape = lines.there.shape
    found = Found(
        plan=np.zeros(shape[0], dtype=np.int64),
        worth=np.full(shape[0], -1, dtype=np.int64),
        before=np.zeros(shape, dtype=np.int64),
        after=np.zeros(shape, dtype=np.int64),
    )
    if (holding >= 0).any():
        from scoring import tariff_kernel

        in_program = np.arange(len(held.plans), dtype=np.int64) + len(prices.plans)
        searched: Blocks = blocks(holding, in_program, held.bases, len(prices.bases), BLOCK_LINES)
        among: Groups = groups(prices, held.plans)
        tariff_kernel.advise(lines, searched, compiled.arrays, among, found)
    return found


def _write(
    columns: Columns, rated: Places, prices: PriceList, held: _Held, lines: Lines, found: Found
) -> None:
    plans = [*prices.plans, *held.plans]
    chosen, worth = found.plan[rated], found.worth[rated]
    there = lines.there[rated]
    before, after = (np.where(there, bills[rated], 0) for bills in (found.before, found.after))
    months = there.sum(axis=1)
    was, now = (_half_up(bills.sum(axis=1), months) for bills in (before, after))
    bases = {base: place for place, base in enumerate(prices.bases)}
    of_plan = np.array([bases[plan.base] for plan in plans], dtype=np.int64)
    leaves = of_plan[chosen] != held.bases[held.place[rated]]
    penalty = np.where(leaves, lines.penalty[rated], 0.0)
    columns["tariff"][rated] = np.array([plan.base for plan in plans], dtype=object)[chosen]
    columns["addons"][rated] = _tuples([plan.addons for plan in plans])[chosen]
    columns["verdict"][rated] = np.array(["cheapest", "penalty", "cheaper"], dtype=object)[worth + 1]
    columns["saving"][rated] = was - now
    columns["worth"][rated] = MONTHS_OF_WORTH * (was - now) - penalty
    columns["spread"][rated] = _spread(before - after, months)
    columns["dearer_months"][rated] = (after > before).sum(axis=1)
    columns["before"][rated] = was
    columns["after"][rated] = now
    columns["penalty"][rated] = penalty


def _tuples(values: Sequence[tuple[str, ...]]) -> npt.NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        found[place] = value
    return found


def _half_up(total: Places, count: Places) -> Places:
    return (2 * total + count) // (2 * count)


def _spread(saved: Places, months: Places) -> Places:
    """As ``scoring.tariff_comparison``: the root is taken in floats and put right in whole numbers."""
    inside = 4 * (months * (saved * saved).sum(axis=1) - saved.sum(axis=1) ** 2)
    root = np.floor(np.sqrt(inside.astype(np.float64))).astype(np.int64)
    root -= root * root > inside
    root += (root + 1) * (root + 1) <= inside
    spread: Places = (root + months) // (2 * months)
    return spread


def _write_unexplained(columns: Columns, rated: Places, usage: LineUsage, found: Found) -> None:
    known = (usage.issued[rated] >= 0) & usage.there[rated]
    count = known.sum(axis=1)
    total = np.where(known, usage.issued[rated] - found.before[rated], 0).sum(axis=1)
    some = count > 0
    columns["unexplained"][rated[some]] = _half_up(total[some], count[some])


def _write_one(columns: Columns, line: int, compared: ComparedLine) -> None:
    assert compared.current is not None
    chosen: ComparedOption = compared.best or next(
        (each for each in compared.options if each.verdict == "penalty"), compared.current
    )
    columns["tariff"][line] = chosen.tariff
    columns["addons"][line] = chosen.addons
    columns["verdict"][line] = compared.verdict
    columns["saving"][line] = chosen.saving_minor
    columns["worth"][line] = chosen.worth_minor
    columns["spread"][line] = chosen.spread_minor
    columns["dearer_months"][line] = chosen.dearer_months
    columns["before"][line] = compared.current.mean_minor
    columns["after"][line] = chosen.mean_minor
    columns["penalty"][line] = chosen.penalty_minor
    if compared.unexplained_minor is not None:
        columns["unexplained"][line] = compared.unexplained_minor

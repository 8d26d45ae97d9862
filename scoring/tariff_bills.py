"""What a month costs under a plan: one bill in plain numbers, or many bills at once with the same results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.tariff_prices import COMPONENTS, MOST_THOUSANDTHS, THOUSAND, Charge, Plan, PriceList
from scoring.tariff_program import program

_MICRO = 1e6


@dataclass(frozen=True, slots=True)
class Bill:
    """A month's bill in minor units, and its parts in the order of ``COMPONENTS``."""

    total_minor: int
    parts: tuple[int, ...]

    @property
    def components(self) -> Mapping[str, int]:
        return dict(zip(COMPONENTS, self.parts, strict=True))


def thousandths(quantities: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Quantities in units as whole thousandths, rounded half up.

    What was written with up to six decimals is read as written. Less than nothing, and not a number, is nothing; more
    than a million million units is read as that.
    """
    units = np.nan_to_num(np.asarray(quantities, dtype=np.float64), nan=0.0)
    micro = np.rint(np.clip(units, 0.0, MOST_THOUSANDTHS / THOUSAND) * _MICRO)
    return np.floor((micro + 500.0) / 1000.0).astype(np.int64)


def bill_one(prices: PriceList, plan: Plan, quantities: Sequence[int]) -> Bill:
    """The bill of one month; ``quantities`` are thousandths by counter of ``prices``."""
    left = [
        -(-max(0, int(each)) // charge.step) * charge.step
        for each, charge in zip(quantities, plan.charges, strict=True)
    ]
    for counters, amount in plan.allowances:
        room = amount
        for counter in counters:
            taken = left[counter] if room is None else min(left[counter], room)
            left[counter] -= taken
            room = None if room is None else room - taken
    parts = dict.fromkeys(COMPONENTS, 0)
    parts["fee"], parts["addons"] = plan.fee_minor, plan.addons_minor
    for component, charge, rest in zip(prices.components, plan.charges, left, strict=True):
        parts[component] += charged(charge, rest)
    return Bill(sum(parts.values()), tuple(parts.values()))


def charged(charge: Charge, rest: int) -> int:
    """Minor units, half up, for what the allowances left of a counter."""
    owed = 0
    for width, price in charge.tiers:
        part = rest if width is None else min(rest, width)
        owed += part * price
        rest -= part
    return (2 * owed + charge.per) // (2 * charge.per)


def bills_many(prices: PriceList, quantities: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Every month under every plan of ``prices``: minor units by row of ``quantities`` (units by counter) and plan.

    The same as ``bill_one`` to the last unit: rows too large for the fast way are billed one by one.
    """
    from scoring import tariff_kernel

    compiled = program(prices.plans, len(prices.counters))
    counted = thousandths(quantities)
    found = np.empty((len(counted), len(prices.plans)), dtype=np.int64)
    tariff_kernel.rate(np.ascontiguousarray(quantities, dtype=np.float64), compiled.arrays, found)
    for row in np.flatnonzero((counted > compiled.safe).any(axis=1)):
        found[row] = [bill_one(prices, plan, counted[row].tolist()).total_minor for plan in prices.plans]
    return found

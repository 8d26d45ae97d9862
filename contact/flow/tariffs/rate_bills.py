"""Every bill of every line under every tariff, month by month: what an operator checks prices with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contact.flow.tariffs.tariff_cases import complete_usage, prices_of
from contact.ports import LineMonths, Ports
from strategies.declared.playbook import Playbook
from strategies.instants import Instant

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from scoring.tariff_prices import PriceList


@dataclass(frozen=True, slots=True)
class RatedBill:
    """One month of one line under one tariff, in minor units; ``issued_minor`` None where no bill is on file."""

    customer: str
    line: str
    month: str
    tariff: str
    addons: tuple[str, ...]
    present: bool
    """Whether it is what the line has; else the tariff with the add-ons that are cheapest over all its months."""
    bill_minor: int
    issued_minor: int | None


async def rate_bills(ports: Ports, months: int) -> Iterator[RatedBill]:
    """All bills of the last so many months at today's prices; of each line and month the present plan's comes first.

    Raises NotFound without a playbook, ProblemsFound for a counter that usage does not have.
    """
    playbook = await ports.playbooks.current()
    now = await ports.clock.now()
    usage = await complete_usage(ports, playbook, now.at, months=months)
    return await asyncio.to_thread(_rated, playbook, usage, now.at)


def _rated(playbook: Playbook, usage: LineMonths, today: Instant) -> Iterator[RatedBill]:
    from scoring.tariff_bills import bills_many

    prices = prices_of(playbook, today)
    bills = bills_many(prices, usage.quantities[usage.there])
    return _rows(prices, usage, bills)


def _rows(prices: PriceList, usage: LineMonths, bills: npt.NDArray[np.int64]) -> Iterator[RatedBill]:
    first = 0
    for line, there in enumerate(usage.there):
        months = [month for month, is_there in enumerate(there) if is_there]
        of_line = bills[first : first + len(months)]
        first += len(months)
        if months:
            yield from _of_line(prices, usage, line, months, of_line)


def _of_line(
    prices: PriceList, usage: LineMonths, line: int, months: Sequence[int], bills: npt.NDArray[np.int64]
) -> Iterator[RatedBill]:
    best = _cheapest(prices, bills)
    present = _present(prices, usage, line, months)
    for row, month in enumerate(months):
        issued = int(usage.issued[line, month])

        def bill(
            base: str,
            addons: tuple[str, ...],
            minor: int,
            *,
            present: bool,
            month: int = month,
            issued: int = issued,
        ) -> RatedBill:
            year, number = divmod(usage.months[month], 12)
            return RatedBill(
                usage.customers[line], usage.lines[line], f"{year:04d}-{number + 1:02d}", base, addons, present, minor,
                None if issued < 0 else issued,
            )  # fmt: skip

        if present is not None:
            held, totals = present
            yield bill(held[0], held[1], totals[row], present=True)
        for base, place in best.items():
            addons = prices.plans[place].addons
            if present is None or (base, addons) != present[0]:
                yield bill(base, addons, int(bills[row, place]), present=False)


def _cheapest(prices: PriceList, bills: npt.NDArray[np.int64]) -> Mapping[str, int]:
    """Base → its plan with the smallest sum over the months, the one with fewer add-ons where two are equal."""
    sums = bills.sum(axis=0)
    return {
        base: min(places, key=lambda place: (int(sums[place]), place))
        for base, places in prices.bases.items()
    }


def _present(
    prices: PriceList, usage: LineMonths, line: int, months: Sequence[int]
) -> tuple[tuple[str, tuple[str, ...]], list[int]] | None:
    """What the line has, and its bills; None where that is not declared."""
    from scoring.tariff_bills import bill_one, thousandths

    plan = prices.held(usage.tariffs[line], usage.addons[line])
    if plan is None:
        return None
    counted = thousandths(usage.quantities[line])
    return (plan.base, plan.addons), [
        bill_one(prices, plan, counted[month].tolist()).total_minor for month in months
    ]

"""The prices of one day: every base tariff with every lawful set of its add-ons, in whole numbers.

Money is whole minor units, quantities are thousandths of a counter's unit. A price is a fraction: what a thousandth
costs is ``price / per`` minor units, in lowest terms, so nothing is lost before a charge is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import islice, product
from math import lcm
from typing import TypeVar

from strategies.declared.tariff import SERVICES, Counter, Rate, Tariff
from strategies.instants import Instant
from strategies.problems import Hint, Problem, ProblemsFound

MOST_PLANS = 4096
COMPONENTS = ("fee", "addons", *SERVICES, "international", "roaming")
THOUSAND = 1000
MOST_THOUSANDTHS = 10**15
"""More usage of a counter in a month is read as this."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Charge:
    """A rate compiled: thousandths are rounded up to whole ``step``, each tier is (width or None, price)."""

    step: int
    tiers: tuple[tuple[int | None, int], ...]
    per: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A base tariff with a set of add-ons: what a month costs under it."""

    base: str
    addons: tuple[str, ...]
    fee_minor: int
    addons_minor: int
    charges: tuple[Charge, ...]
    """By counter."""
    allowances: tuple[tuple[tuple[int, ...], int | None], ...]
    """(counters in the order written, thousandths or None for unlimited); the base's first, then the add-ons'."""


@dataclass(frozen=True)
class PriceList:
    """What can be rated on a day: the lawful plans, ordered by base and then by how few add-ons they have."""

    day: Instant
    counters: tuple[Counter, ...]
    minor_per_major: int
    tariffs: Mapping[str, Tariff]
    """Those that exist that day, on sale or not."""
    plans: tuple[Plan, ...]

    @cached_property
    def components(self) -> tuple[str, ...]:
        """Of each counter: the component of a bill its charge belongs to."""
        return tuple(
            counter.reach if counter.reach in ("international", "roaming") else counter.service
            for counter in self.counters
        )

    @cached_property
    def bases(self) -> Mapping[str, tuple[int, ...]]:
        """Base tariff → places of its plans in ``plans``."""
        found: dict[str, list[int]] = {}
        for place, plan in enumerate(self.plans):
            found.setdefault(plan.base, []).append(place)
        return {base: tuple(places) for base, places in found.items()}

    def on_sale(self, tariff: str) -> bool:
        """Whether it may be advised that day to a line that does not have it."""
        each = self.tariffs[tariff]
        return (each.valid_from is None or each.valid_from <= self.day) and (
            each.valid_until is None or self.day < each.valid_until
        )

    def held(self, base: str | None, addons: Sequence[str]) -> Plan | None:
        """The plan of a line as it stands, lawful or not; None where one of its tariffs does not exist that day."""
        if base is None or base not in self.tariffs or not self.tariffs[base].is_base:
            return None
        if any(each not in self.tariffs or self.tariffs[each].is_base for each in addons):
            return None
        order = {name: place for place, name in enumerate(self.tariffs[base].addons)}
        kept = sorted(set(addons), key=lambda name: _place(self.tariffs[name], order))
        return _plan(self, self.tariffs[base], [self.tariffs[name] for name in kept])


def price_list(
    tariffs: Mapping[str, Tariff], counters: Sequence[Counter], day: Instant, minor_per_major: int
) -> PriceList:
    """The prices in force on a day, compiled.

    Dated fees and rates are read as of ``day``; a tariff whose first fee comes later does not exist yet, nor does a
    base that does not price every counter that day. Those no longer on sale are there for the lines that hold them.
    Raises ProblemsFound (``tariff.too_many_plans``) where bases and add-ons make more than ``MOST_PLANS`` plans.
    """
    there = {name: tariff for name, tariff in sorted(tariffs.items()) if _exists(tariff, counters, int(day))}
    empty = PriceList(day, tuple(counters), minor_per_major, there, ())
    plans: list[Plan] = []
    for base in there.values():
        if not base.is_base:
            continue
        sets = list(islice(_lawful_sets(base, there), MOST_PLANS - len(plans) + 1))
        if len(plans) + len(sets) > MOST_PLANS:
            raise ProblemsFound([_too_many(base, len(plans))])
        sets.sort(key=len)
        plans += [_plan(empty, base, chosen) for chosen in sets]
    return PriceList(day, tuple(counters), minor_per_major, there, tuple(plans))


def _too_many(base: Tariff, before: int) -> Problem:
    return Problem(
        "tariff.too_many_plans",
        f"with `{base.id}` and its add-ons there are more than {MOST_PLANS:,} plans to compare "
        f"({before:,} before it)",
        base.place,
        Hint("list fewer add-ons under `addons`, or let add-ons exclude each other"),
    )


def _exists(tariff: Tariff, counters: Sequence[Counter], day: int) -> bool:
    if _in_force(tariff.fees, day) is None:
        return False
    return not tariff.is_base or all(
        _in_force(tariff.rates.get(counter.id, ()), day) is not None for counter in counters
    )


def _in_force(dated: Sequence[tuple[Instant, _Value]], day: int) -> _Value | None:
    current = None
    for start, value in dated:
        if start <= day:
            current = value
    return current


def _lawful_sets(base: Tariff, tariffs: Mapping[str, Tariff]) -> Iterator[tuple[Tariff, ...]]:
    """Every set with at most one add-on a service and none that excludes another, in the order of services."""
    by_service: dict[str, list[Tariff | None]] = {}
    for name in dict.fromkeys(base.addons):
        if name in tariffs and not tariffs[name].is_base:
            by_service.setdefault(tariffs[name].kind, [None]).append(tariffs[name])
    choices = [by_service[service] for service in SERVICES if service in by_service]
    for chosen in product(*choices):
        held = tuple(each for each in chosen if each is not None)
        names = {each.id for each in held}
        if not any(each.excludes & names for each in held):
            yield held


def _place(addon: Tariff, order: Mapping[str, int]) -> tuple[int, int, str]:
    return SERVICES.index(addon.kind), order.get(addon.id, len(order)), addon.id


def _plan(prices: PriceList, base: Tariff, addons: Sequence[Tariff]) -> Plan:
    day = int(prices.day)
    number = {counter.id: place for place, counter in enumerate(prices.counters)}
    rates = {name: _in_force(dated, day) for name, dated in base.rates.items()}
    for addon in addons:
        own = {name: _in_force(dated, day) for name, dated in addon.rates.items()}
        rates |= {name: rate for name, rate in own.items() if rate is not None}
    charges = [_charge(rates[counter.id], prices.minor_per_major) for counter in prices.counters]
    allowances = [
        (tuple(number[name] for name in each.counters), _thousandths(each.amount))
        for tariff in (base, *addons)
        for each in tariff.allowances
    ]
    return Plan(
        base=base.id,
        addons=tuple(each.id for each in addons),
        fee_minor=_in_force(base.fees, day) or 0,
        addons_minor=sum(_in_force(each.fees, day) or 0 for each in addons),
        charges=tuple(charges),
        allowances=tuple(allowances),
    )


def _charge(rate: Rate | None, minor_per_major: int) -> Charge:
    assert rate is not None, "a base that does not price every counter does not exist"
    prices = [Fraction(tier.price) * minor_per_major / THOUSAND for tier in rate.tiers]
    per = lcm(*(price.denominator for price in prices))
    tiers = []
    start = 0
    for tier, price in zip(rate.tiers, prices, strict=True):
        end = _thousandths(tier.up_to)
        tiers.append((None if end is None else end - start, int(price * per)))
        start = end if end is not None else start
    return Charge(_thousandths(rate.step) or 1, tuple(tiers), per)


def _thousandths(amount: Decimal | None) -> int | None:
    """Raises ValueError for an amount finer than usage is counted."""
    if amount is None:
        return None
    above, below = (amount * THOUSAND).as_integer_ratio()
    if below != 1:
        raise ValueError(f"{amount} is finer than a thousandth")
    return above

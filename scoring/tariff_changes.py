"""What changes besides price when a line goes from one plan to another, as facts that can be put into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from scoring.tariff_prices import THOUSAND, Plan, PriceList

_Amounts = dict[tuple[str, str], int | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``kind`` and what the other fields then hold:

    ``contract``: months bound, before and after. ``allowance``: what is included of ``subject`` (a component of a bill,
    such as ``voice`` or ``roaming``) in ``unit``, before and after; 0 is nothing, None is unlimited. Counters that share
    an allowance each have all of it. ``addon_added``, ``addon_dropped``: the add-on is ``subject``.
    """

    kind: str
    subject: str
    unit: str = ""
    before: Decimal | None = None
    after: Decimal | None = None


def changes(prices: PriceList, before: Plan, after: Plan) -> tuple[Change, ...]:
    """Contract first, then what is included by component, then add-ons."""
    return (*_contract(prices, before, after), *_allowances(prices, before, after), *_addons(before, after))


def _contract(prices: PriceList, before: Plan, after: Plan) -> Iterator[Change]:
    bound = [prices.tariffs[plan.base].contract_months for plan in (before, after)]
    if before.base != after.base and bound != [0, 0]:
        yield Change("contract", after.base, "month", Decimal(bound[0]), Decimal(bound[1]))


def _allowances(prices: PriceList, before: Plan, after: Plan) -> Iterator[Change]:
    had, gets = _included(prices, before), _included(prices, after)
    for key in had:
        if had[key] != gets[key]:
            component, unit = key
            yield Change("allowance", component, unit, _units(had[key]), _units(gets[key]))


def _units(amount: int | None) -> Decimal | None:
    return None if amount is None else Decimal(amount) / THOUSAND


def _included(prices: PriceList, plan: Plan) -> _Amounts:
    keys = [
        (component, counter.unit)
        for component, counter in zip(prices.components, prices.counters, strict=True)
    ]
    found: _Amounts = dict.fromkeys(keys, 0)
    for counters, amount in plan.allowances:
        for key in dict.fromkeys(keys[counter] for counter in counters):
            so_far = found[key]
            found[key] = None if so_far is None or amount is None else so_far + amount
    return found


def _addons(before: Plan, after: Plan) -> Iterator[Change]:
    for addon in before.addons:
        if addon not in after.addons:
            yield Change("addon_dropped", addon)
    for addon in after.addons:
        if addon not in before.addons:
            yield Change("addon_added", addon)

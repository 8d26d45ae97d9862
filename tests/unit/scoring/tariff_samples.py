"""Small tariffs written in a line each, for tests with numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scoring.tariff_prices import PriceList, price_list
from strategies.declared.tariff import ALWAYS, Allowance, Counter, Rate, Tariff, Tier
from strategies.instants import DAY, Instant
from strategies.problems import Where

MINUTES = Counter("minutes", "voice", "home", "min", "usage.minutes", Where("counters.yaml"))
GIGABYTES = Counter("gigabytes", "data", "home", "GB", "usage.gigabytes", Where("counters.yaml"))
ROAMING = Counter("roaming", "data", "roaming", "MB", "usage.roaming", Where("counters.yaml"))
COUNTERS = (MINUTES, GIGABYTES, ROAMING)
TODAY = Instant(20_000 * DAY)


def price(amount: str, step: str | None = None) -> Rate:
    """One price for any quantity."""
    return Rate((Tier(None, Decimal(amount)),), None if step is None else Decimal(step))


def tiers(*tiers: tuple[str | None, str]) -> Rate:
    """(up to, price), the last without an end."""
    return Rate(tuple(Tier(None if end is None else Decimal(end), Decimal(amount)) for end, amount in tiers))


def includes(amount: str | None, *counters: str) -> Allowance:
    """So much of the counters together; None is unlimited."""
    return Allowance(counters, None if amount is None else Decimal(amount))


def tariff(
    id: str, fee: int, *allowances: Allowance, rates: Mapping[str, Rate] | None = None, **more: Any
) -> Tariff:
    """A base at 0.10 a minute, 5 a gigabyte begun and 0.02 a roaming megabyte, unless ``rates`` says otherwise."""
    usual = {"minutes": price("0.10"), "gigabytes": price("5", "1"), "roaming": price("0.02")}
    kind = more.pop("kind", "base")
    own = usual | dict(rates or {}) if kind == "base" else dict(rates or {})
    dated = {name: ((ALWAYS, rate),) for name, rate in own.items()} | more.pop("dated", {})
    fees = more.pop("fees", ((ALWAYS, fee),))
    return Tariff(id, kind, {}, Where(f"tariffs/{id}.yaml", 1), fees, allowances, dated, **more)


def prices(*tariffs: Tariff, day: Instant = TODAY) -> PriceList:
    """Their price list, in hundredths."""
    return price_list({each.id: each for each in tariffs}, COUNTERS, day, 100)

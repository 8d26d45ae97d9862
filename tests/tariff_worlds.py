"""Tariffs drawn at random, and an oracle that bills them by fractions, written from the promise alone.

The oracle knows nothing of the engine: it reads ``strategies.declared.tariff`` as its docstring says and does one step at
a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from hypothesis import strategies as st

from strategies.declared.playbook import Condition
from strategies.declared.tariff import ALWAYS, SERVICES, Allowance, Counter, Penalty, Rate, Tariff, Tier
from strategies.instants import Instant
from strategies.problems import Where

PLACE = Where("tariffs/drawn.yaml", 1, 1)
COUNTERS = (
    Counter("on_net", "voice", "on_net", "min", "usage.on_net", PLACE),
    Counter("off_net", "voice", "off_net", "min", "usage.off_net", PLACE),
    Counter("data", "data", "home", "GB", "usage.data", PLACE),
    Counter("texts", "sms", "home", "piece", "usage.texts", PLACE),
    Counter("abroad", "data", "roaming", "MB", "usage.abroad", PLACE),
)
NAMES = tuple(counter.id for counter in COUNTERS)
UNITS = ("A", "A1", "A11")
CONDITION = Condition("TRUE", frozenset(), lambda facts, at: True, lambda facts, at: (True, ()), PLACE)


def decimals(most: int, places: int) -> st.SearchStrategy[Decimal]:
    """Numbers from nothing on, with so many decimals."""
    return st.integers(0, most * 10**places).map(lambda whole: Decimal(whole).scaleb(-places))


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    """One to three tiers, with a step or without."""
    ends = sorted(draw(st.sets(decimals(60, 1).filter(bool), max_size=2)))
    tiers = [Tier(end, draw(decimals(3, 6))) for end in ends] + [Tier(None, draw(decimals(3, 6)))]
    return Rate(tuple(tiers), draw(st.none() | st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(7)])))


def allowances() -> st.SearchStrategy[tuple[Allowance, ...]]:
    """Up to three, each of some counters, some without end."""
    counters = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple)
    amount = st.none() | decimals(80, 3).filter(bool)
    return st.lists(st.builds(Allowance, counters, amount), max_size=3).map(tuple)


@st.composite
def tariffs(draw: st.DrawFn) -> dict[str, Tariff]:
    """One to three bases and up to four add-ons that some of them list and that may exclude each other."""
    names = [f"add{number}" for number in range(draw(st.integers(0, 4)))]
    found: dict[str, Tariff] = {}
    for name in names:
        rate = st.dictionaries(
            st.sampled_from(NAMES), rates().map(lambda each: ((ALWAYS, each),)), max_size=2
        )
        found[name] = replace(
            draw(_any(name, draw(st.sampled_from(SERVICES)))),
            rates=draw(rate),
            excludes=frozenset(draw(st.sets(st.sampled_from(names), max_size=1))) - {name},
        )
    for number in range(draw(st.integers(1, 3))):
        name = f"base{number}"
        listed = tuple(draw(st.permutations(names)))[: draw(st.integers(0, 4))]
        found[name] = replace(
            draw(_any(name, "base")),
            rates={counter: ((ALWAYS, draw(rates())),) for counter in NAMES},
            addons=listed,
            contract_months=draw(st.sampled_from([0, 12])),
            penalty=Penalty(draw(st.sampled_from([0, 5000])), draw(st.sampled_from([0, 900]))),
            priority=draw(st.dictionaries(st.sampled_from(UNITS), st.integers(-1, 2))),
        )
    return found


def _any(name: str, kind: str) -> st.SearchStrategy[Tariff]:
    return st.builds(
        Tariff,
        id=st.just(name),
        kind=st.just(kind),
        title=st.just({}),
        place=st.just(PLACE),
        fees=st.integers(0, 9000).map(lambda fee: ((ALWAYS, fee),)),
        allowances=allowances(),
        valid_until=st.sampled_from([None, None, None, Instant(0)]),
        eligible=st.sampled_from([None, None, CONDITION]),
    )


def quantities() -> st.SearchStrategy[list[Decimal]]:
    """A month's usage by counter, with more decimals than thousandths."""
    return st.lists(st.just(Decimal(0)) | decimals(150, 4), min_size=len(NAMES), max_size=len(NAMES))


def oracle_bill(
    held: Sequence[Tariff], used: Mapping[str, Decimal], minor_per_major: int = 100
) -> tuple[int, dict[str, int]]:
    """The bill of a base and its add-ons, and its components, with undated prices."""
    rate = {name: dated[-1][1] for tariff in held for name, dated in tariff.rates.items()}
    left = {}
    for name in NAMES:
        amount = Fraction(floor(Fraction(used[name]) * 1000 + Fraction(1, 2)), 1000)
        step = rate[name].step
        left[name] = ceil(amount / Fraction(step)) * Fraction(step) if step else amount
    for allowance in (each for tariff in held for each in tariff.allowances):
        remaining = None if allowance.amount is None else Fraction(allowance.amount)
        for name in allowance.counters:
            taken = left[name] if remaining is None else min(left[name], remaining)
            left[name] -= taken
            remaining = remaining if remaining is None else remaining - taken
    parts = {"fee": held[0].fees[-1][1], "addons": sum(each.fees[-1][1] for each in held[1:])}
    for counter in COUNTERS:
        part = counter.reach if counter.reach in ("roaming", "international") else counter.service
        parts[part] = parts.get(part, 0) + _oracle_charge(rate[counter.id], left[counter.id], minor_per_major)
    return sum(parts.values()), parts


def _oracle_charge(rate: Rate, left: Fraction, minor_per_major: int) -> int:
    owed, begun = Fraction(0), Fraction(0)
    for tier in rate.tiers:
        end = left if tier.up_to is None else min(left, Fraction(tier.up_to))
        owed += max(Fraction(0), end - begun) * Fraction(tier.price) * minor_per_major
        begun = max(begun, end)
    return floor(owed + Fraction(1, 2))


def oracle_sets(base: Tariff, tariffs: Mapping[str, Tariff]) -> set[frozenset[str]]:
    """Every subset of the listed add-ons that is lawful."""
    found = set()
    for count in range(len(base.addons) + 1):
        for chosen in combinations(base.addons, count):
            services = [tariffs[name].kind for name in chosen]
            excluded = {other for name in chosen for other in tariffs[name].excludes}
            if len(set(services)) == len(services) and not excluded & set(chosen):
                found.add(frozenset(chosen))
    return found

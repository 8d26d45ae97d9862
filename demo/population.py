"""The customers of the demonstration operator: who they are, what they have, where they live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from demo.calendar import last_day, month_of
from demo.lives import Floats, Lives, Traits, live
from demo.names import names
from demo.rating import read_prices, thousandths
from demo.territory import WESTERN_BRANCHES, units

MULTI_LINE_SHARE = 0.15
OTHER_PAYER_SHARE = 0.10
CHINESE_SHARE = 0.70
CONTRACT_SHARE = 0.60
_NUMBER_START = 18_800_000_000
PLAN_GB = {"basic-5": 5, "plus-10": 10, "plus-15": 15, "max-30": 30, "max-60": 60}
_PLAN_SHARES = (0.25, 0.25, 0.2, 0.2, 0.1)
_FITTING_SHARE = 0.62
"""Lines on the plan and add-ons that are cheapest for their usual month; the others took what they took."""
_ADDON_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Line:
    """One phone number of a customer; the number is E.164."""

    id: str
    number: str
    plan: str
    plan_gb: int
    addons: tuple[str, ...]
    contract_end: date | None


@dataclass(frozen=True, slots=True)
class Customer:
    """One person; ``zone`` None where the operator does not know it."""

    id: str
    account: str
    household: str
    name: str
    language: str
    zone: str | None
    grid: str
    tenure_months: int
    senior: bool
    device_5g: bool
    has_app: bool
    bought_before: int
    """Packs ordered in the year before last."""
    birthday: date
    data_gb: float
    voice_minutes: float
    traveller: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Population:
    """All customers of one seed."""

    seed: int
    start: date
    customers: tuple[Customer, ...]

    @cached_property
    def lives(self) -> Lives:
        """What the customers did in the months before the demonstration, and what they would do in those after."""
        return live(self.seed, self.start, _traits(self.customers))


def populate(seed: int, count: int, start: date) -> Population:
    """The same customers for the same seed and count; exactly 15 % have more lines, 10 % another payer."""
    random = np.random.default_rng([seed, 1])
    line_counts, payers = _line_counts(random, count), _payers(random, count)
    data_gb = random.gamma(3.2, 4.0, count).round(1)
    grids = [unit for unit in units() if unit.kind == "grid"]
    grid, unknown_zone = random.integers(len(grids), size=count), random.random(count) < 0.04
    chinese = random.random(count) < CHINESE_SHARE
    tenure, voice = random.integers(1, 160, count), random.gamma(2.0, 90.0, count).round()
    lines = _lines(random, line_counts, data_gb, voice, start)
    senior = random.random(count) < 0.14
    device_5g, has_app = random.random(count) < 0.6, random.random(count) < np.where(senior, 0.15, 0.52)
    bought, traveller = random.poisson(0.9, count), random.random(count) < 0.32
    year = np.where(senior, random.integers(1940, 1960, count), random.integers(1960, 2007, count))
    month, day = random.integers(1, 13, count), random.integers(1, 29, count)
    called = names(random, chinese)
    customers = []
    for place in range(count):
        unit = grids[grid[place]]
        zone = "Asia/Urumqi" if unit.parent in WESTERN_BRANCHES else "Asia/Shanghai"
        customers.append(
            Customer(
                id=f"C{place + 1:06}",
                account=f"A{payers[place] + 1:06}",
                household=f"H{payers[place] + 1:06}",
                name=called[place],
                language="zh-CN" if chinese[place] else "en",
                zone=None if unknown_zone[place] else zone,
                grid=unit.id,
                tenure_months=int(tenure[place]),
                senior=bool(senior[place]),
                device_5g=bool(device_5g[place]),
                has_app=bool(has_app[place]),
                bought_before=int(bought[place]),
                birthday=date(int(year[place]), int(month[place]), int(day[place])),
                data_gb=float(data_gb[place]),
                voice_minutes=float(voice[place]),
                traveller=bool(traveller[place]),
                lines=lines[place],
            )
        )
    return Population(seed, start, tuple(customers))


def _line_counts(random: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    counts = np.ones(count, dtype=np.int64)
    chosen = random.choice(count, size=round(count * MULTI_LINE_SHARE), replace=False)
    counts[chosen] = random.integers(2, 4, size=len(chosen))
    return counts


def _payers(random: np.random.Generator, count: int) -> list[int]:
    """Whose account pays: one in ten customers is paid for by one of those who pay themselves."""
    order = random.permutation(count)
    guests = round(count * OTHER_PAYER_SHARE)
    payers = np.arange(count)
    payers[order[:guests]] = random.choice(order[guests:], size=guests)
    return [int(each) for each in payers]


def _lines(
    random: np.random.Generator, counts: npt.NDArray[np.int64], data_gb: Floats, voice: Floats, start: date
) -> list[tuple[Line, ...]]:
    """Each customer's lines with plan, add-ons and, mostly, a contract."""
    owners = np.repeat(np.arange(len(counts)), counts)
    total = len(owners)
    held = _held(random, data_gb[owners], voice[owners], start)
    under_contract, ends_in = random.random(total) < CONTRACT_SHARE, random.integers(-7, 24, total)
    first = month_of(start)
    found: list[list[Line]] = [[] for _ in counts]
    for number, owner in enumerate(owners):
        plan, addons = held[number]
        found[owner].append(
            Line(
                id=f"L{owner + 1:06}{len(found[owner]) + 1}",
                number=f"+86{_NUMBER_START + number}",
                plan=plan,
                plan_gb=PLAN_GB[plan],
                addons=addons,
                contract_end=last_day(first + int(ends_in[number])) if under_contract[number] else None,
            )
        )
    return [tuple(each) for each in found]


def _held(
    random: np.random.Generator, data_gb: Floats, voice: Floats, start: date
) -> list[tuple[str, tuple[str, ...]]]:
    """Plan and add-ons of each line: most have what is cheapest for a usual month, the others something else."""
    prices, total = read_prices(start), len(data_gb)
    usual = {name: np.zeros(total, dtype=np.int64) for name in prices.counters}
    usual |= {"voice_on_net": thousandths(voice * 0.55), "voice_off_net": thousandths(voice * 0.45)}
    usual |= {"data_gb": thousandths(data_gb * 1.03), "sms": np.full(total, 35_000)}
    plans = list(PLAN_GB)
    weighed = [prices.cheapest(plan, usual, np.ones(total, dtype=np.int64)) for plan in plans]
    cheapest = np.argmin(np.stack([sums for sums, _ in weighed], axis=1), axis=1)
    fits, other = random.random(total) < _FITTING_SHARE, random.choice(len(plans), size=total, p=_PLAN_SHARES)
    holds, which = random.random(total) < _ADDON_SHARE, random.random(total)
    sets = [prices.add_on_sets(plan) for plan in plans]
    found = []
    for line in range(total):
        plan = int(cheapest[line] if fits[line] else other[line])
        if fits[line]:
            addons = sets[plan][int(weighed[plan][1][line])]
        else:
            choice = prices.packages[plans[plan]].addons
            addons = (choice[int(which[line] * len(choice))],) if holds[line] else ()
        found.append((plans[plan], addons))
    return found


def _traits(customers: tuple[Customer, ...]) -> Traits:
    """The same as columns."""
    lines = [line for customer in customers for line in customer.lines]

    def column(name: str) -> Floats:
        return np.array([getattr(customer, name) for customer in customers], dtype=np.float64)

    return Traits(
        tenure=column("tenure_months"),
        senior=column("senior") > 0,
        has_app=column("has_app") > 0,
        traveller=column("traveller") > 0,
        data_gb=column("data_gb"),
        voice_minutes=column("voice_minutes"),
        owner=np.repeat(np.arange(len(customers)), [len(each.lines) for each in customers]),
        held=[(line.plan, line.addons) for line in lines],
        contract_month=np.array(
            [-1 if line.contract_end is None else month_of(line.contract_end) for line in lines]
        ),
    )

"""Why customers ring the voice menu: planted circumstances, habits, and the chance of each goal at each moment.

A caller's goals are weighed by what everybody calls about and by a habit of their own; what happens to them multiplies the
weights: the bill of their branch was issued, data is used up, the line is suspended, the network fails in their grid, a
complaint is open, they are abroad, their contract ends, or they have just searched for something on the web. The same
circumstances make them call at all. How much each of them weighs is written here, not in ``config``: what is declared
there differs, so that learning has something to find.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from demo.lives import Booleans, Floats, Integers
from demo.menu import Hotline
from demo.population import Population
from demo.territory import branch_of

YEAR = 365
MOST_CALLERS, CALLER_SHARE = 450, 0.3
"""Who rings the voice menu often: this share of customers, and no more than so many."""
CALLS_A_YEAR = 28.0
"""As the rates have it; about half of them happen, because a caller rings once a day at most."""
BUSY = 4.0
"""How much likelier calls are in the days lived through than in the year before them, so that there is something to see."""
BILL_DAYS, DATA_DAYS, SUSPENDED_DAYS = 7, 5, 30
"""How long a circumstance lasts; as in ``config/events.yaml``."""
LONGEST_CONTRACT = 24
_OWN = 0.97
"""The part of a caller's weights that is their own habit; the rest is everybody's shares."""
_FEW_GOALS = 0.25
"""Concentration of habits: the smaller, the fewer goals one caller has."""
_FLAT = 0.3
"""Power of the shares that the operator reckons with: callers want more kinds of things than it believes."""
TIMES: Mapping[str, Mapping[str, float]] = {
    "bill_issued": {"bill": 30, "dispute": 5, "pay": 4, "invoice": 3},
    "data_exhausted": {"data_pack": 60, "data_left": 10, "data_slow": 3},
    "suspended": {"pay": 120, "balance": 8},
    "outage": {"outage": 400, "broadband": 30, "data_slow": 5},
    "complaint_open": {"complaint_state": 300, "agent": 4},
    "roaming_now": {"roaming_price": 120, "data_left": 3},
    "contract_ends": {"plan_change": 15, "contract": 40, "advice": 2},
    "senior": {"agent": 4, "balance": 2},
    "searched bill": {"bill": 120, "dispute": 12},
    "searched data": {"data_pack": 200, "data_left": 15},
    "searched plan": {"plan_change": 250, "plan_now": 15},
    "searched roaming": {"roaming_on": 300, "roaming_price": 30},
    "searched broadband": {"broadband": 300},
}
"""Circumstance → goal → times its weight."""
_RATES = {
    "bill_issued": 3.0, "data_exhausted": 6.0, "suspended": 15.0, "outage": 120.0, "complaint_open": 30.0,
    "roaming_now": 30.0, "contract_ends": 4.0, "searched": 300.0,
}  # fmt: skip
"""Circumstance → how many times as likely a call is on such a day."""
TOPICS = ("bill", "data", "plan", "roaming", "broadband")
_TOPIC_SHARES = (0.3, 0.25, 0.2, 0.15, 0.1)
Facts = dict[str, bool | int | str | None]
"""Field of ``config`` → what it says."""


@dataclass(frozen=True, slots=True)
class Ring:
    """One call: who, when, what for, and what was so when it began."""

    id: str
    customer: int
    """Place in the population."""
    day: int
    """Days from the demonstration's start; before it they are negative."""
    minute: int
    """Of the operator's day."""
    goal: str
    facts: Facts
    """As the fields of ``config`` name them."""
    chance: Mapping[str, float]
    """Goal → the planted chance that this call is about it."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is so for each caller on each day, [caller, day], from a year before the start."""

    callers: Integers
    """Places in the population."""
    flags: Mapping[str, Booleans]
    topic: Integers
    """[caller, day]: place in ``TOPICS`` of what was searched for, −1 for nothing."""
    contract_left: Integers
    """[caller, day]: months, −1 where there is no contract."""
    senior: Booleans
    """[caller]."""


@dataclass(frozen=True, slots=True)
class Calls:
    """All calls, oldest first, and what they come from."""

    circumstances: Circumstances
    rings: tuple[Ring, ...]

    @property
    def past(self) -> tuple[Ring, ...]:
        return tuple(each for each in self.rings if each.day < 0)

    @property
    def ahead(self) -> tuple[Ring, ...]:
        return tuple(each for each in self.rings if each.day >= 0)


def ring(
    population: Population, hotline: Hotline, days: int, *, callers: int | None = None, each: float = CALLS_A_YEAR
) -> Calls:  # fmt: skip
    """The calls of a year, and of so many days after it; the same for the same population and menu."""
    random = np.random.default_rng([population.seed, 31])
    there = np.flatnonzero(population.lives.left < 0)
    wanted = min(len(there), callers or min(MOST_CALLERS, round(CALLER_SHARE * len(population.customers))))
    chosen = np.sort(random.choice(there, size=wanted, replace=False))
    found = _circumstances(random, population, chosen, days)
    goals = [goal for goal in hotline.shares if goal in hotline.serving()]
    habits = _habits(random, hotline, goals, len(chosen))
    caller, day = _moments(random, found, each)
    rings = [
        _ring(random, found, goals, habits, int(caller[place]), int(day[place]), place)
        for place in range(len(caller))
    ]
    return Calls(found, tuple(sorted(rings, key=lambda one: (one.day, one.minute, one.id))))


def _habits(random: np.random.Generator, hotline: Hotline, goals: list[str], count: int) -> Floats:
    """[caller, goal]: weights before anything happens."""
    shares = np.array([hotline.shares[goal] for goal in goals]) ** _FLAT
    shares = shares / shares.sum()
    own = random.gamma(_FEW_GOALS * shares, size=(count, len(goals))) + 1e-12
    own /= own.sum(axis=1, keepdims=True)
    return np.asarray(_OWN * own + (1 - _OWN) * shares)


def _circumstances(
    random: np.random.Generator, population: Population, chosen: Integers, days: int
) -> Circumstances:
    shape = (len(chosen), YEAR + days)
    people = [population.customers[place] for place in chosen]
    dates = [population.start + timedelta(days=each - YEAR) for each in range(YEAR + days)]
    branch, grid = [branch_of(each.grid) for each in people], [each.grid for each in people]
    issued = {each: _just_issued(each, dates) for each in sorted(set(branch))}
    topic = np.where(
        random.random(shape) < 0.004, random.choice(len(TOPICS), shape, p=list(_TOPIC_SHARES)), -1
    )
    left = _contract_left(population, chosen, dates)
    flags = {
        "bill_issued": np.stack([issued[each] for each in branch]),
        "data_exhausted": _exhausted(random, population, chosen, dates),
        "suspended": _lasting(random, shape, 0.0006, SUSPENDED_DAYS // 3),
        "outage": _outages(random, grid, shape),
        "complaint_open": _complaining(population, chosen, shape),
        "roaming_now": _abroad(random, population, chosen, shape),
        "contract_ends": (left >= 0) & (left <= 1),
        "searched": topic >= 0,
    }
    senior = np.array([each.senior for each in people])
    return Circumstances(chosen, flags, topic, left, senior)


def bill_day(branch: str) -> int:
    """The day of the month on which a branch issues its bills."""
    return 1 + (int(branch[1:]) - 1) * 28 // 18


def _just_issued(branch: str, dates: list[date]) -> Booleans:
    """Whether the branch issued its bills on the day or in those before it."""
    mine = bill_day(branch)
    lately = [timedelta(days=ago) for ago in range(BILL_DAYS)]
    return np.array([any((each - ago).day == mine for ago in lately) for each in dates])


def _exhausted(
    random: np.random.Generator, population: Population, chosen: Integers, dates: list[date]
) -> Booleans:
    """Whoever uses more than the plan has is without data from the day it is used up, for some days."""
    ratio = np.array(
        [population.customers[each].data_gb / population.customers[each].lines[0].plan_gb for each in chosen]
    )
    months = np.array([each.year * 12 + each.month for each in dates])
    months -= months[0]
    level = random.uniform(0.7, 1.2, (len(chosen), months[-1] + 1)) * ratio[:, None]
    used_up = np.where(level > 1, np.ceil(30 / np.maximum(level, 1e-9)), 99)[:, months]
    day = np.array([each.day for each in dates])[None, :]
    return np.asarray((day >= used_up) & (day < used_up + DATA_DAYS))


def _lasting(random: np.random.Generator, shape: tuple[int, int], chance: float, days: int) -> Booleans:
    """What begins on a day with this chance and then lasts."""
    begins = random.random(shape) < chance
    counted = np.cumsum(begins, axis=1)
    before = np.concatenate([np.zeros((shape[0], days), dtype=counted.dtype), counted[:, :-days]], axis=1)
    return np.asarray(counted > before)


def _outages(random: np.random.Generator, grids: list[str], shape: tuple[int, int]) -> Booleans:
    """Days on which the network fails, the same for everybody in a grid."""
    names = sorted(set(grids))
    fails = dict(zip(names, random.random((len(names), shape[1])) < 0.012, strict=True))
    return np.stack([fails[each] for each in grids])


def _complaining(population: Population, chosen: Integers, shape: tuple[int, int]) -> Booleans:
    """From the day of a complaint until it was answered, two weeks later; what still waits is open to the end."""
    complaints, today = population.lives.complaints, (population.start - date(1970, 1, 1)).days
    place_of = {int(place): number for number, place in enumerate(chosen)}
    found = np.zeros(shape, dtype=np.bool_)
    for customer, day, open in zip(
        complaints["customer"].tolist(), complaints["day"].tolist(), complaints["open"].tolist(), strict=True
    ):
        place, begins = place_of.get(customer), day - today + YEAR
        if place is not None and (open or begins + 14 > 0):
            ends = shape[1] if open else min(begins + 14, YEAR)
            found[place, max(0, begins) : ends] = True
    return found


def _abroad(
    random: np.random.Generator, population: Population, chosen: Integers, shape: tuple[int, int]
) -> Booleans:
    travels = np.array([population.customers[each].traveller for each in chosen])
    return np.asarray(_lasting(random, shape, 0.006, 4) & travels[:, None])


def _contract_left(population: Population, chosen: Integers, dates: list[date]) -> Integers:
    """Months until the first line's contract ends, −1 where there is none."""
    months = np.array([each.year * 12 + each.month for each in dates])
    ends = [population.customers[each].lines[0].contract_end for each in chosen]
    last = np.array([-1 if end is None else end.year * 12 + end.month for end in ends])
    left = np.maximum(last[:, None] - months[None, :], 0)
    return np.asarray(np.where((last[:, None] < 0) | (left > LONGEST_CONTRACT), -1, left))


def _moments(
    random: np.random.Generator, found: Circumstances, each: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Caller and day of every call."""
    rate = np.ones(found.topic.shape)
    for name, times in _RATES.items():
        rate = rate * np.where(found.flags[name], times, 1.0)
    eager = random.gamma(2.0, 0.5, len(rate))[:, None]
    rate = np.minimum(rate, 400.0) * eager
    rate *= each / YEAR / rate[:, :YEAR].mean()
    rate[:, YEAR:] *= BUSY
    return np.nonzero(random.random(rate.shape) < 1 - np.exp(-rate))  # type: ignore[return-value]


def _ring(
    random: np.random.Generator, found: Circumstances, goals: list[str], habits: Floats,
    caller: int, day: int, number: int,
) -> Ring:  # fmt: skip
    holding, facts = _holding(found, caller, day)
    weights = dict(zip(goals, habits[caller].tolist(), strict=True))
    for name in holding:
        for goal, times in TIMES.get(name, {}).items():
            if goal in weights:
                weights[goal] *= times
    if not facts["complaint_open"]:
        weights.pop("complaint_state", None)
    if found.contract_left[caller, day] < 0:
        weights.pop("contract", None)
    total = sum(weights.values())
    chance = {goal: weight / total for goal, weight in weights.items()}
    goal = list(chance)[int(np.searchsorted(np.cumsum(list(chance.values())), random.random() * 0.999999))]
    minute = int(random.integers(9 * 60, 19 * 60))
    return Ring(f"call-{number:06}", int(found.callers[caller]), day - YEAR, minute, goal, facts, chance)


def _holding(found: Circumstances, caller: int, day: int) -> tuple[list[str], Facts]:
    """The circumstances of a call, and the same as fields."""
    holding = [name for name, flags in found.flags.items() if flags[caller, day]]
    topic, left = int(found.topic[caller, day]), int(found.contract_left[caller, day])
    holding += ["senior"] if found.senior[caller] else []
    holding += [f"searched {TOPICS[topic]}"] if topic >= 0 else []
    facts: Facts = {
        name: bool(found.flags[name][caller, day])
        for name in ("bill_issued", "data_exhausted", "suspended", "outage", "complaint_open", "roaming_now")
    }
    facts["searched"] = TOPICS[topic] if topic >= 0 else None
    facts["contract_left"] = max(left, 0)  # as bills say it of lines without a contract too
    facts["senior"] = bool(found.senior[caller])
    return holding, facts

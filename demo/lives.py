"""What customers did in the months on file, and the planted chance that they leave.

Every month each customer leaves with a probability that is a logistic function of what the operator knows of them at
the end of the month before: how data fell against the last three months, how near the contract's end is, complaints
(heavy for those who are new), what is charged beyond the plan, age, and whether they use the app. Bills are what the
tariff makes of the usage; a few carry something no tariff explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from demo.calendar import MONTHS, first_day, month_of
from demo.rating import read_prices, thousandths

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

LEAVING_FROM = 4
"""The first of the months on file in which somebody leaves; whoever left before is not on file any more."""
_DECLINES, _DECLINE = 0.034, 0.60
"""A customer's usage begins to fall with this chance a month, to this share of the month before, three times."""
_EXTRA_SHARE = 0.02
_COMPLAINT_DAYS = 730


@dataclass(frozen=True, slots=True)
class Traits:
    """Customers and their lines as columns; ``owner`` and what follows are by line."""

    tenure: Floats
    senior: Booleans
    has_app: Booleans
    traveller: Booleans
    data_gb: Floats
    voice_minutes: Floats
    owner: Integers
    held: list[tuple[str, tuple[str, ...]]]
    contract_month: Integers
    """-1 where there is no contract."""


@dataclass(frozen=True, slots=True)
class Lives:
    """Columns by customer, or by line where it is said; ``[…, month]`` are the months on file, oldest first."""

    months: list[int]
    usage: dict[str, Floats]
    """Counter → [line, month], as delivered."""
    roaming_days: Integers
    """[line, month]."""
    issued: Integers
    """Fen, [line, month], as on the bill."""
    overage: Integers
    """Fen beyond all fees, [line, month]."""
    extra: Integers
    """Fen that no tariff explains, [line, month]; part of ``issued``."""
    contract_left: Integers
    """Months until the first line's contract ends, [customer, month]."""
    complaints: dict[str, Integers]
    """One row a complaint: ``customer``, ``day`` (since 1970), ``topic``, ``open``."""
    arpu: Floats
    """Yuan a month, mean of the last three bills."""
    leaving: Floats
    """The planted chance of leaving in the month after, [customer, month]."""
    left: Integers
    """Day since 1970 on which a former customer left, -1 for all others."""
    risk: Floats
    """The planted chance that a customer leaves within the two months after those on file."""
    will_leave: Booleans
    """Whether they do."""

    def is_there(self, owner: Integers) -> Booleans:
        """[line, month]: whether the line still had a customer at the end of the month."""
        ends = np.array([(first_day(month + 1) - date(1970, 1, 1)).days for month in self.months])
        gone = np.where(self.left < 0, 1 << 40, self.left)
        return np.asarray(gone[owner][:, None] >= ends[None, :])


def live(seed: int, start: date, traits: Traits) -> Lives:
    """The same lives for the same seed and traits."""
    random = np.random.default_rng([seed, 2])
    customers, lines = len(traits.tenure), len(traits.owner)
    months = list(range(month_of(start) - MONTHS, month_of(start)))
    usage, roaming_days = _usage(random, traits, _levels(random, customers))
    issued, overage = _bills(start, traits, usage)
    extra = np.where(
        random.random((lines, MONTHS)) < _EXTRA_SHARE, random.integers(5, 31, (lines, MONTHS)) * 100, 0
    )
    first_line = np.searchsorted(traits.owner, np.arange(customers))
    ends = traits.contract_month[first_line]
    contract_left = np.maximum(ends[:, None] - np.array([*months, months[-1] + 1])[None, :], 0)
    complaints = _complaints(random, customers, start)
    known = _known(traits, usage["data_gb"], overage, complaints, months)
    leaving = chance_of_leaving(contract_left=contract_left[:, :MONTHS], **known)
    following = chance_of_leaving(
        contract_left=contract_left[:, -1:], **{name: each[:, -1:] for name, each in known.items()}
    )
    risk = 1 - (1 - leaving[:, -1]) * (1 - following[:, 0])
    left = _left(random, leaving, months)
    will_leave = (random.random(customers) < risk) & (left < 0)
    arpu = np.zeros(customers)
    np.add.at(arpu, traits.owner, (issued + extra)[:, -3:].mean(axis=1) / 100)
    return Lives(
        months, usage, roaming_days, issued + extra, overage, extra, contract_left[:, :MONTHS], complaints,
        arpu.round(2), leaving, left, risk, will_leave,
    )  # fmt: skip


def chance_of_leaving(
    *, fall: Floats, contract_left: Integers, complaints: Floats, overage: Floats, tenure: Floats,
    senior: Floats, has_app: Floats,
) -> Floats:  # fmt: skip
    """The planted chance a month; ``fall`` is the last month's data over the mean of three, ``overage`` yuan."""
    falling = 1 / (1 + np.exp(-(0.80 - fall) * 18))
    ending = np.where(
        (contract_left == 1) | (contract_left == 2), 2.9, np.where(contract_left > 2, -1.4, 0.0)
    )
    complaining = np.minimum(complaints, 3) * np.where(tenure < 36, 1.2, 0.1)
    paying_more = 1.5 * np.tanh(overage / 40) * np.where(has_app > 0, 0.3, 1.0)
    logit = (
        -4.1
        + 3.8 * falling
        + ending
        + complaining
        + paying_more
        - 0.6 * senior
        - 0.008 * np.minimum(tenure, 100)
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


def _levels(random: np.random.Generator, customers: int) -> Floats:
    """[customer, month]: usage against what is usual for the customer."""
    begins = random.geometric(_DECLINES, customers) - 4
    steps = np.clip(np.arange(MONTHS)[None, :] - begins[:, None] + 1, 0, 3)
    return np.asarray(_DECLINE**steps * random.uniform(0.93, 1.07, (customers, MONTHS)))


def _usage(random: np.random.Generator, traits: Traits, levels: Floats) -> tuple[dict[str, Floats], Integers]:
    """Counters of each line and month; a traveller roams a few days of every month."""
    lines, owner = len(traits.owner), traits.owner
    shape = (lines, MONTHS)
    first = np.r_[True, owner[1:] != owner[:-1]]
    level = levels[owner] * np.where(first, 1.0, 0.9)[:, None]
    voice = traits.voice_minutes[owner][:, None] * level * random.uniform(0.9, 1.1, shape)
    on_net = random.beta(5, 4, lines)[:, None]
    roams = (traits.traveller[owner] & first)[:, None]
    abroad = (random.random(lines) < 0.06)[:, None]
    days = np.where(roams, random.integers(1, 4, shape), 0)
    pictures, hotspots = (random.random(lines) < 0.2)[:, None], (random.random(lines) < 0.25)[:, None]
    usage = {
        "voice_on_net": (voice * on_net).round(),
        "voice_off_net": (voice * (1 - on_net)).round(),
        "voice_international": np.where(abroad, random.gamma(2, 20, lines)[:, None] * level, 0).round(),
        "voice_roaming": (days * random.gamma(2, 3, shape)).round(),
        "data_gb": (traits.data_gb[owner][:, None] * level).round(2),
        "data_roaming_mb": (days * random.gamma(2, 40, shape)).round(1),
        "sms": random.poisson(random.gamma(1.5, 20, lines)[:, None] * level).astype(np.float64),
        "mms": np.where(pictures, random.poisson(8, shape), 0).astype(np.float64),
        "wlan_hours": np.where(hotspots, random.gamma(2, 6, lines)[:, None] * level, 0).round(1),
    }
    return usage, days


def _bills(start: date, traits: Traits, usage: dict[str, Floats]) -> tuple[Integers, Integers]:
    """Bills and what of them lies beyond the fees, in fen, [line, month]."""
    prices = read_prices(start)
    quantities = {name: thousandths(usage[name]) for name in prices.counters}
    issued = np.zeros((len(traits.owner), MONTHS), dtype=np.int64)
    overage = np.zeros_like(issued)
    of_plan: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for line, held in enumerate(traits.held):
        of_plan.setdefault(held, []).append(line)
    for (tariff, addons), lines in of_plan.items():
        rows = {name: each[lines].reshape(-1) for name, each in quantities.items()}
        charged = prices.charges(tariff, addons, rows).reshape(len(lines), MONTHS)
        overage[lines] = charged
        issued[lines] = charged + prices.fees(tariff, addons)
    return issued, overage


def _complaints(random: np.random.Generator, customers: int, start: date) -> dict[str, Integers]:
    """Complaints of two years; some people complain often. Of the last two months half wait for an answer."""
    often = random.random(customers) < 0.06
    counts = random.poisson(np.where(often, 1.6, 0.2))
    customer = np.repeat(np.arange(customers), counts)
    total, today = len(customer), (start - date(1970, 1, 1)).days
    age = random.integers(2, _COMPLAINT_DAYS, total)
    waiting = (age < 60) & (random.random(total) < 0.5)
    return {
        "customer": customer,
        "day": today - age,
        "topic": random.integers(4, size=total),
        "open": waiting.astype(np.int64),
    }


def _known(
    traits: Traits, data: Floats, overage: Integers, complaints: dict[str, Integers], months: list[int]
) -> dict[str, Any]:
    """What the operator knows at the end of each month, [customer, month], as its fields are defined."""
    customers = len(traits.tenure)
    used, beyond = np.zeros((customers, MONTHS)), np.zeros((customers, MONTHS))
    np.add.at(used, traits.owner, data)
    np.add.at(beyond, traits.owner, overage / 100)
    ends = np.array([(first_day(month + 1) - date(1970, 1, 1)).days for month in months])
    counted = np.zeros((customers, MONTHS))
    np.add.at(
        counted, complaints["customer"], (complaints["day"][:, None] < ends[None, :]).astype(np.float64)
    )
    wide = np.ones((1, MONTHS))
    return {
        "fall": used / np.maximum(_mean_of_three(used), 1e-9),
        "complaints": counted,
        "overage": _mean_of_three(beyond),
        "tenure": traits.tenure[:, None] * wide,
        "senior": traits.senior[:, None] * wide,
        "has_app": traits.has_app[:, None] * wide,
    }


def _mean_of_three(values: Floats) -> Floats:
    """The mean of each month and the two before it, as far as they are on file."""
    summed = np.cumsum(values, axis=1)
    before = np.concatenate([np.zeros((len(values), 3)), summed[:, :-3]], axis=1)
    return np.asarray((summed - before) / np.minimum(np.arange(1, MONTHS + 1), 3)[None, :])


def _left(random: np.random.Generator, leaving: Floats, months: list[int]) -> Integers:
    """The day on which each former customer left; -1 for who is still there."""
    left = np.full(len(leaving), -1, dtype=np.int64)
    for place in range(LEAVING_FROM, MONTHS):
        goes = (left < 0) & (random.random(len(left)) < leaving[:, place - 1])
        begins = (first_day(months[place]) - date(1970, 1, 1)).days
        left = np.where(goes, begins + random.integers(28, size=len(left)), left)
    return left


def day_text(day: int) -> str:
    """A day since 1970 as it stands in a file."""
    return (date(1970, 1, 1) + timedelta(days=int(day))).isoformat()

"""How often a topic will be asked about on coming days: weekday, day of the month (bill days) and launches.

A Poisson regression:
Counts a day are Poisson with a logarithmic mean that adds an effect of the weekday, of the day of the month and of the weeks
after a launch to a level (McCullagh and Nelder, Generalized Linear Models, 1989, ch. 6). Effects have a normal prior around
zero, so that few days say little and many say what they say; older days weigh less. It is held against the seasonal naive
forecast, the mean of the same weekday in the last four weeks (Hyndman and Athanasopoulos, Forecasting: Principles and
Practice, 3rd ed., 5.2), by the absolute error as a share of all calls.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WEEK, MONTH_DAYS = 7, 31
LAUNCH_WEEKS = 2
PRIOR_DEVIATION = 0.5
"""Of an effect on the logarithmic scale: most lie between × 0.4 and × 2.7."""
HALF_LIFE = 180.0
"""Days after which a day counts half."""
ROUNDS = 40
FEWEST_DAYS = 28
TRIED_MONTHS = 3
_ENOUGH = 1e-8


@dataclass(frozen=True, slots=True)
class Season:
    """A topic's level and what multiplies it."""

    effects: Floats
    """Level, weekdays from Monday, days of the month from 1, weeks after a launch; logarithms."""

    @property
    def level(self) -> float:
        return float(np.exp(self.effects[0]))

    def foretold(self, days: Sequence[int], launches: Collection[int]) -> Floats:
        """Expected calls of each day (``date.toordinal``)."""
        expected: Floats = np.exp(_design(days, launches) @ self.effects)
        return expected


@dataclass(frozen=True, slots=True)
class Tried:
    """How forecasts of months that are over came out: absolute error as a share of all calls."""

    days: int
    error: float
    naive_error: float


def fitted(days: Sequence[int], counts: Sequence[int], launches: Collection[int]) -> Season:
    """The season of one topic from its calls a day; days without calls must be there with 0."""
    design, found = _design(days, launches), np.asarray(counts, dtype=np.float64)
    weights = 0.5 ** ((max(days) - np.asarray(days, dtype=np.float64)) / HALF_LIFE)
    pull = np.full(design.shape[1], 1 / PRIOR_DEVIATION**2)
    pull[0] = 1e-6
    effects = np.zeros(design.shape[1])
    effects[0] = np.log(max(float(np.average(found, weights=weights)), 0.01))
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(design @ effects, -20.0, 20.0))
        slope = design.T @ (weights * (found - mean)) - pull * effects
        curve = (design * (weights * mean)[:, None]).T @ design + np.diag(pull)
        step = np.clip(np.linalg.solve(curve, slope), -1.0, 1.0)
        effects = effects + step
        if float(np.abs(step).max()) < _ENOUGH:
            break
    return Season(effects)


def naive(days: Sequence[int], counts: Sequence[int], ahead: Sequence[int]) -> Floats:
    """For each coming day the mean of its weekday in the last four weeks."""
    last = max(days)
    by_weekday: dict[int, list[int]] = {}
    for day, count in zip(days, counts, strict=True):
        if day > last - 4 * WEEK:
            by_weekday.setdefault(day % WEEK, []).append(count)
    return np.array([float(np.mean(by_weekday.get(day % WEEK, [0]))) for day in ahead], dtype=np.float64)


def tried(days: Sequence[int], counts: Sequence[int], launches: Collection[int]) -> Tried | None:
    """The last months foretold from what was before each; None where too little is before.

    Every launch up to a day foretold counts as known: launches are planned.
    """
    known = dict(zip(days, counts, strict=True))
    wrong, naive_wrong, total, seen = 0.0, 0.0, 0, 0
    for month in _last_months(days):
        before = [day for day in days if day < month[0]]
        if len(before) < FEWEST_DAYS:
            continue
        past, actual = (
            [known[day] for day in before],
            np.array([known[day] for day in month], dtype=np.float64),
        )
        wrong += float(np.abs(fitted(before, past, launches).foretold(month, launches) - actual).sum())
        naive_wrong += float(np.abs(naive(before, past, month) - actual).sum())
        total, seen = total + int(actual.sum()), seen + len(month)
    return Tried(seen, wrong / total, naive_wrong / total) if total else None


def _last_months(days: Sequence[int]) -> list[list[int]]:
    """The days of the last calendar months, the running one included, oldest first."""
    by_month: dict[tuple[int, int], list[int]] = {}
    for day in days:
        at = date.fromordinal(day)
        by_month.setdefault((at.year, at.month), []).append(day)
    return [by_month[month] for month in sorted(by_month)[-TRIED_MONTHS:]]


def _design(days: Sequence[int], launches: Collection[int]) -> Floats:
    """A row a day: 1, its weekday, its day of the month, its week after a launch."""
    rows = np.zeros((len(days), 1 + WEEK + MONTH_DAYS + LAUNCH_WEEKS))
    for number, day in enumerate(days):
        at = date.fromordinal(day)
        rows[number, 0] = rows[number, at.isoweekday()] = rows[number, WEEK + at.day] = 1.0
        since = min((day - launch for launch in launches if launch <= day), default=LAUNCH_WEEKS * WEEK)
        if since < LAUNCH_WEEKS * WEEK:
            rows[number, 1 + WEEK + MONTH_DAYS + since // WEEK] = 1.0
    return rows


def peaks(expected: Mapping[int, float], times: float = 1.3) -> list[int]:
    """Days on which clearly more is expected than on the mean of all."""
    usual = sum(expected.values()) / len(expected) if expected else 0.0
    return [day for day, calls in expected.items() if usual and calls >= times * usual]

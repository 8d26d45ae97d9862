"""Forecasts of topics: planted seasons are found again, and months that are over are foretold better than by weekday."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ivr.topic_forecast import fitted, naive, peaks, tried

START = date(2025, 3, 1).toordinal()
DAYS = list(range(START, START + 365))
LAUNCHES = [date(2025, month, day).toordinal() for month, day in ((6, 10), (9, 20), (12, 8))]


def planted(day: int) -> float:
    """Twenty calls a day, half of them at weekends, thrice on bill days, twice in the week after a launch."""
    at = date.fromordinal(day)
    usual = 20 * (0.5 if at.isoweekday() > 5 else 1.0) * (3.0 if at.day in (1, 2) else 1.0)
    return usual * (2.0 if any(0 <= day - launch < 7 for launch in LAUNCHES) else 1.0)


def drawn(seed: int) -> list[int]:
    counts: list[int] = np.random.default_rng(seed).poisson([planted(day) for day in DAYS]).tolist()
    return counts


def test_a_planted_season_is_found_again() -> None:
    """Weekends, bill days and the week after a launch come out within a fifth of what was planted."""
    season = fitted(DAYS, drawn(7), LAUNCHES)
    ahead = list(range(DAYS[-1] + 1, DAYS[-1] + 15))
    launch = [ahead[6]]
    foretold = season.foretold(ahead, launch)
    truth = [planted(day) * (2.0 if day >= launch[0] and day < launch[0] + 7 else 1.0) for day in ahead]
    assert float(np.abs(foretold - truth).sum()) < 0.2 * sum(truth)
    without = dict(zip(ahead, season.foretold(ahead, []).tolist(), strict=True))
    assert peaks(without, times=2.0) == peaks({day: planted(day) for day in ahead}, times=2.0) == [ahead[1]]


def test_months_that_are_over_are_foretold_better_than_by_their_weekdays() -> None:
    """The error is near what chance alone makes, and far below that of the mean of each weekday."""
    counts = drawn(8)
    found = tried(DAYS, counts, LAUNCHES)
    assert found is not None and found.days == 31 + 31 + 28
    chance = sum(abs(count - planted(day)) for day, count in zip(DAYS, counts, strict=True)) / sum(counts)
    assert found.error < 1.25 * chance
    assert found.naive_error > 1.5 * found.error


def test_few_days_say_little() -> None:
    """Below four weeks before a month nothing is tried; a topic never asked about is not foretold to be."""
    assert tried(DAYS[:31], [1] * 31, []) is None
    assert float(fitted(DAYS[:60], [0] * 60, []).foretold(DAYS[60:70], []).max()) < 0.05


def test_the_naive_forecast_is_the_mean_of_the_weekday() -> None:
    """Of the last four weeks only."""
    counts = [100] * 28 + [day % 7 for day in DAYS[28:56]]
    ahead = DAYS[56:63]
    assert naive(DAYS[:56], counts, ahead).tolist() == pytest.approx([day % 7 for day in ahead])

"""Local days of many instants are those of each, over every change of clock and date line."""

from __future__ import annotations

import random

import numpy as np
import pytest

from strategies.conditions.columns_days import EPOCH, local_days
from strategies.conditions.meaning import local_day
from strategies.instants import DAY, HOUR, parse_instant

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia",
         "Asia/Kathmandu", "Europe/Dublin", "Antarctica/Troll", "America/Sao_Paulo")  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_local_days_by_columns_are_those_of_each_instant(zone: str) -> None:
    """Two thousand instants of seventy years, and every hour around the turns of Samoa and of Sydney's island."""
    chance = random.Random(zone)
    first, last = parse_instant("1965-01-01T00:00Z"), parse_instant("2035-01-01T00:00Z")
    instants = [chance.randrange(first, last) for _ in range(2_000)]
    for turn in ("2011-12-30T10:00Z", "2026-04-04T15:00Z", "1972-01-07T00:44:30Z"):
        instants += [
            parse_instant(turn) + hour * HOUR + shift for hour in range(-30, 31) for shift in (-1, 0)
        ]
    found = local_days(np.array(instants, dtype=np.int64), zone)
    assert found.tolist() == [local_day(zone, each) - EPOCH for each in instants]


def test_no_instant_is_too_early_or_late() -> None:
    """Rubbish where nothing is known is read without a fault; a day's length from the edge nothing is certain."""
    found = local_days(np.array([-(2**62), 2**62, -DAY], dtype=np.int64), "Asia/Shanghai")
    assert found[2] == -1

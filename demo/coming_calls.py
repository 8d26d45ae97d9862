"""The calls of the days lived through and what happens in them, written for the callers; planted chances for the judges."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from pathlib import Path

from demo.callers import Coming, UnitNews
from demo.history import LOCAL
from demo.intents import BILL_DAYS, Calls, Ring, bill_day
from demo.population import Population
from demo.territory import units

BILLS_AT, FAULTS_AT = 6 * 60, 5 * 60
"""Minutes of the day at which bills are issued and networks fail."""


def write_coming(population: Population, calls: Calls, hours: Sequence[int], days: int, path: Path) -> None:
    """Who calls in which step and why, and what is told of units; steps are the ``hours`` of each day in turn."""
    coming = [
        asdict(
            Coming(
                id=each.id,
                customer=population.customers[each.customer].id,
                number=population.customers[each.customer].lines[0].number,
                language=population.customers[each.customer].language,
                step=each.day * len(hours) + _step_of(each, hours),
                goal=each.goal,
                facts=each.facts,
            )
        )
        for each in calls.ahead
    ]
    told = [*_bills(population, days, len(hours)), *_faults(population, calls, len(hours))]
    news = [asdict(each) for each in told]
    path.write_text(json.dumps({"calls": coming, "news": news}), encoding="utf-8")


def write_chances(calls: Calls, path: Path) -> None:
    """What each call of the past was about by the planted truth, as chances of every goal."""
    with path.open("w", encoding="utf-8") as file:
        for each in calls.past:
            chance = {goal: round(value, 6) for goal, value in each.chance.items()}
            file.write(json.dumps({"call": each.id, "chance": chance}) + "\n")


def _step_of(ring: Ring, hours: Sequence[int]) -> int:
    """The last step of the day that has begun; those who call before the first wait for it."""
    return max([place for place, hour in enumerate(hours) if hour * 60 <= ring.minute] or [0])


def _bills(population: Population, days: int, steps: int) -> list[UnitNews]:
    """Bills of every branch: those issued in the week before are told in the first step, the others on their day."""
    found = []
    for branch in (unit.id for unit in units() if unit.kind == "branch"):
        for day in range(1 - BILL_DAYS, days):
            if (population.start + timedelta(days=day)).day == bill_day(branch):
                at = _at(population, day, BILLS_AT)
                found.append(UnitNews(max(day, 0) * steps, "bill_issued", branch, at))
    return found


def _faults(population: Population, calls: Calls, steps: int) -> list[UnitNews]:
    """Faults of the grids from which somebody calls about anything that day."""
    failed = {
        (each.day, population.customers[each.customer].grid) for each in calls.ahead if each.facts["outage"]
    }
    return [
        UnitNews(day * steps, "outage", grid, _at(population, day, FAULTS_AT)) for day, grid in sorted(failed)
    ]


def _at(population: Population, day: int, minutes: int) -> str:
    begins = datetime.combine(population.start, time(), LOCAL)
    return (begins + timedelta(days=day, minutes=minutes)).isoformat()

"""When answers are fetched by themselves: in the operator's evening, once for each day, those first who call most."""

from __future__ import annotations

import pytest

from contact.flow.calls.prefetch_answers import KIND, due_day, how_often
from contact.ports import Job
from ivr.call import Journey
from strategies.compiling.compile import compile_playbook
from strategies.instants import DAY, Instant, parse_instant
from tests.unit.strategies.small import small_texts

PLAYBOOK = compile_playbook(small_texts())


def job(day: str, kind: str = KIND) -> Job:
    """A fetching that was written down."""
    return Job("j", kind, {"day": day}, "done", 0, None, "", Instant(0), None, None, ())


@pytest.mark.parametrize(
    ("at", "jobs", "day"),
    [
        ("2030-03-04T19:59+08:00", [], None),
        ("2030-03-04T20:00+08:00", [], "2030-03-05"),
        ("2030-03-04T23:59+08:00", [job("2030-03-04"), job("2030-03-05", "plan")], "2030-03-05"),
        ("2030-03-04T23:59+08:00", [job("2030-03-05")], None),
    ],
)
def test_the_evening_brings_the_next_day_once(at: str, jobs: list[Job], day: str | None) -> None:
    """By the operator's clock, whichever worker looks."""
    assert due_day(PLAYBOOK, parse_instant(at), jobs) == day


def test_who_calls_often_and_lately_comes_first() -> None:
    """An older call counts less; callers not known have no answers."""
    now = Instant(1_900_000_000_000_000)
    calls = [
        Journey(
            f"{who}{age}", who, Instant(now - age * DAY), "main", "", "static", "own", (), "reached", "bill"
        )
        for who, age in (("old", 80), ("old", 85), ("new", 1), (None, 1))
    ]
    assert [who for who, _ in how_often(calls, now)] == ["new", "old"]
    assert dict(how_often(calls, now))["new"] == pytest.approx(0.5 ** (1 / 30))

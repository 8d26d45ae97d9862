"""Held-out calls are played in order of time, each menu with its own memory; intervals are those of callers."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import pytest

from ivr.call import Entry, Journey, Known, Step
from ivr.ordering import Arranged, seconds_to
from ivr.replaying import levels_heard, mean_by_caller, play, ratio_by_caller, split_by_time, with_known
from strategies.declared.menu import Personal
from strategies.instants import DAY, Instant
from tests.unit.ivr.small_menu import STATIC, small_menu

AT = Instant(1_790_000_000_000_000)
MAIN = STATIC.levels["main"]


def call(number: int, goal: str = "bill", customer: str | None = "c1", day: int | None = None) -> Journey:
    """A call of a day."""
    at = Instant(AT + (number if day is None else day) * DAY)
    return Journey(
        f"{number}", customer, at, "main", "", "static", "log", (Step(1, "main", "1", 1.0),), "reached", goal
    )


def turned(times: int) -> Arranged:
    """Everybody's menu with the meanings of its first keys moved on so many places."""
    free = [entry for entry in MAIN if entry.key != "0"]
    targets = [entry.to for entry in free]
    moved = [*targets[times % len(targets) :], *targets[: times % len(targets)]]
    level = (*(Entry(entry.key, to) for entry, to in zip(free, moved, strict=True)), MAIN[-1])
    return replace(STATIC, levels={**STATIC.levels, "main": level})


def played(order, held_out, past=(), menu=None):  # type: ignore[no-untyped-def]
    """What one order costs on these calls."""
    menu = small_menu() if menu is None else menu
    return play(menu, past, held_out, {"one": order}, STATIC, lambda each: "en")


def test_the_older_calls_are_learnt_from_and_calls_of_one_instant_stay_together() -> None:
    """Whatever their order in the log, none that is played is older than one that was learnt from."""
    calls = [call(number, day=day) for number, day in enumerate([5, 1, 4, 2, 2, 2, 3, 6, 7, 8])]
    past, later = split_by_time(calls, 0.3)
    assert [each.at for each in past] == sorted(each.at for each in calls)[:4]
    assert len(past) + len(later) == 10 and past[-1].at < later[0].at


def test_a_call_costs_what_a_caller_listens_and_presses_until_the_goal_speaks() -> None:
    """Seconds and keys are those of the arrangement, call by call, and calls of nobody known are left out."""
    found = played(lambda each, known: STATIC, [call(1), call(2, "outage"), call(3, customer=None)])
    costs = [seconds_to(small_menu(), STATIC, goal, "en") for goal in ("bill", "outage")]
    assert list(zip(found.played["one"].seconds, found.played["one"].keys, strict=True)) == costs
    assert found.callers == ("c1", "c1") and found.unreachable == 0


def test_each_menu_remembers_what_it_said_itself() -> None:
    """What a caller heard last is what this menu announced, the static one before it announced anything."""
    seen: list[Known] = []

    def order(each: Journey, known: Known) -> Arranged:
        seen.append(known)
        return turned(len(seen))

    played(order, [call(2), call(3)], past=[call(1)])
    keys = [{entry.key: entry.to for entry in turned(times).levels["main"]} for times in (0, 1)]
    assert [dict(known.heard["main"].keys) for known in seen] == keys
    assert [len(known.goals) for known in seen] == [1, 2]


def test_a_layout_changed_beyond_its_limits_is_counted() -> None:
    """More changed keys than allowed on a level, and keys that move again too soon, whoever ordered them."""
    menu = small_menu(personal=Personal(changes=2, moves=1, moves_within=30 * DAY))
    turns = iter([turned(0), turned(1), turned(2)])
    calls = [call(1), call(2), call(3)]
    stability = played(lambda each, known: next(turns), calls, menu=menu).played["one"].stability
    assert (stability.hearings, stability.changed, stability.most_changed) == (4, 2, 4)
    assert (stability.over_limit, stability.moved_too_often) == (2, 4)
    assert not stability.kept


def test_a_key_whose_meaning_is_offered_no_longer_had_to_change() -> None:
    """It is not counted against the menu; one that is forgotten is not either."""
    gone = tuple(entry for entry in MAIN if entry.to != "faults")
    level = (*(Entry(key, entry.to) for key, entry in zip("123", gone, strict=False)), MAIN[-1])
    without = Arranged({"main": level, "bills": STATIC.levels["bills"]})
    turns = iter([STATIC, without])
    stability = played(lambda each, known: next(turns), [call(1), call(2)]).played["one"].stability
    assert stability.most_changed == 1, "key 3 leads elsewhere without need, key 2 had to"
    late = iter([turned(0), turned(1)])
    calls = [call(1), call(2, day=400)]
    assert played(lambda each, known: next(late), calls).played["one"].stability.hearings == 0


def test_whoever_answers_the_question_with_yes_hears_no_level() -> None:
    """Others hear every level on their way."""
    asked = replace(STATIC, ask="bill")
    assert levels_heard(small_menu(), asked, "bill") == {}
    assert set(levels_heard(small_menu(), asked, "outage")) == {"main", "faults"}


def test_what_is_known_of_a_caller_is_known_from_earlier_calls_only() -> None:
    """Each call comes with the goals of those before it, of the same caller."""
    calls = [call(1, "bill"), call(2, "outage", "c2"), call(3, "outage")]
    assert [[goal for goal, _ in known.goals] for _, known in with_known(calls)] == [[], [], ["bill"]]


def test_intervals_are_those_of_callers_not_of_calls() -> None:
    """By hand: the ratio of caller totals; the same calls all over again narrow nothing."""
    values, callers = [10.0, 12.0, 20.0, 8.0], ["a", "a", "b", "c"]
    found = mean_by_caller(values, callers)
    squares = (22 - 2 * 12.5) ** 2 + (20 - 12.5) ** 2 + (8 - 12.5) ** 2
    half = 1.959963984540054 * sqrt(squares * 3 / 2) / 4
    assert found.value == 12.5
    assert found.low == pytest.approx(12.5 - half) and found.high == pytest.approx(12.5 + half)
    again = mean_by_caller(values * 2, callers * 2)
    assert (again.low, again.high) == (pytest.approx(found.low), pytest.approx(found.high))
    assert mean_by_caller([1.0, 3.0], ["a", "a"]).low is None


def test_a_ratio_is_that_of_the_sums() -> None:
    """Calls that take long weigh more than short ones; equal seconds are a ratio of one without doubt."""
    assert ratio_by_caller([10.0, 1.0], [20.0, 1.0], ["a", "b"]).value == pytest.approx(11 / 21)
    same = ratio_by_caller([10.0, 1.0, 4.0], [10.0, 1.0, 4.0], ["a", "b", "a"])
    assert (same.value, same.low, same.high) == (1.0, 1.0, 1.0)

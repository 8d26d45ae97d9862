"""Two groups of calls side by side: differences, intervals of callers, and arms that were not drawn as declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.call import Journey
from ivr.journeys_compared import against_static, before_after
from scoring.effects import Arm, clustered_effect, effect
from strategies.instants import HOUR, Instant
from tests.unit.ivr.journeys_made import START, call, readings


def calls_of(arm: str, callers: int, reached: int, calls: int = 1) -> list[Journey]:
    """Callers of one arm, the first of whom reach their goal in all their calls."""
    return [
        call(f"{arm}{number}", f"main:1:{5 + number % 3} amount:-:9", "reached", hours=each, arm=arm)
        if number < reached
        else call(f"{arm}{number}", "main:1:8 bills:-:4", "abandoned", hours=each, arm=arm)
        for number in range(callers)
        for each in range(calls)
    ]


def compared(calls: list[Journey], static_percent: float = 50.0):  # type: ignore[no-untyped-def]
    """The personal menu against the static one."""
    return against_static(readings(calls, calls), {"v1": static_percent})


def test_one_call_a_caller_has_the_interval_of_newcombe() -> None:
    """Where nobody called twice the design effect changes nothing."""
    found = compared(calls_of("personal", 70, 56) + calls_of("static", 80, 48)).comparison.reached
    plain = effect(Arm(70, 56), Arm(80, 48))
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, plain.low, plain.high), abs=2e-3)


def test_calling_ten_times_makes_no_caller_ten_callers() -> None:
    """Calls that always end as the caller's first say nothing new, and the interval stays as wide."""
    once = compared(calls_of("personal", 70, 56) + calls_of("static", 80, 48)).comparison.reached
    often = compared(calls_of("personal", 70, 56, 10) + calls_of("static", 80, 48, 10)).comparison.reached
    assert often.rate.of == 700 and often.difference == pytest.approx(once.difference)
    assert (often.low, often.high) == pytest.approx((once.low, once.high), abs=5e-3)


def test_the_design_effect_lies_between_one_call_and_all_calls() -> None:
    """Clusters that differ among themselves as chance would have it cost nothing."""
    mixed = {Arm(4, 2): 50}
    assert clustered_effect(mixed, mixed).low == pytest.approx(effect(Arm(200, 100), Arm(200, 100)).low)
    alike = {Arm(4, 4): 25, Arm(4, 0): 25}
    assert clustered_effect(alike, alike).low == pytest.approx(effect(Arm(50, 25), Arm(50, 25)).low, abs=4e-3)
    assert clustered_effect({}, alike).difference is None


def test_seconds_are_compared_over_callers_each_counted_once() -> None:
    """One caller with many slow calls weighs as much as any other."""
    quick = [call(f"p{number}", f"main:1:{number} amount:-:9", arm="personal") for number in range(4)]
    slow = [call("p9", "main:1:60 amount:-:9", hours=each, arm="personal") for each in range(50)]
    static = [call(f"s{number}", f"main:1:{10 + number} amount:-:9", arm="static") for number in range(3)]
    found = compared(quick + slow + static).comparison
    assert found.seconds is not None
    assert (found.seconds.mean, found.seconds.control_mean) == pytest.approx(((0 + 1 + 2 + 3 + 60) / 5, 11.0))
    assert found.control_calls == 3 and found.callers == 5


def test_arms_that_no_honest_draw_makes_raise_the_alarm() -> None:
    """A tenth should hear the static menu; a half does."""
    calls = calls_of("personal", 60, 30) + calls_of("static", 60, 30)
    assert not compared(calls, 50.0).alarm
    found = compared(calls, 10.0)
    assert found.alarm and found.sample_ratio_p is not None and found.sample_ratio_p < 1e-9


def test_many_calls_of_few_callers_raise_no_alarm() -> None:
    """Callers are drawn, so callers are counted."""
    calls = calls_of("personal", 9, 5, 2) + calls_of("static", 1, 1, 60)
    assert not compared(calls, 10.0).alarm


def test_who_was_not_drawn_is_in_no_arm_and_who_heard_both_stays_where_they_began() -> None:
    """Unknown callers and logs without an arm are left out; a fall-back menu moves nobody to the control."""
    both = [
        call("x", "main:1:5 amount:-:9", arm="personal"),
        call("x", "main:1:9 amount:-:9", hours=1, arm="static"),
    ]
    strangers = [
        call("n", "main:1:5 amount:-:9", customer=None, arm="static"),
        call("u", "main:1:5", arm="unknown"),
    ]
    found = compared(both + strangers)
    assert (found.comparison.calls, found.comparison.control_calls, found.crossed) == (2, 0, 1)
    assert found.comparison.reached.difference is None and found.comparison.seconds is None


def test_before_and_after_part_at_the_instant_itself() -> None:
    """A call at the instant is after it; strangers count, each call as a caller of its own."""
    calls = [call("a", "main:-:9", "abandoned"), call("b", "main:1:5 amount:-:9", hours=1, customer=None)]
    found = before_after(readings(calls, calls), Instant(START + HOUR))
    assert (found.calls, found.control_calls, found.callers) == (1, 1, 1)
    assert found.reached.difference == 1.0


def test_a_call_that_does_not_say_its_menu_takes_nobody_out_of_their_arm() -> None:
    """Whoever first called through a log of unknown arm is still drawn."""
    calls = [call("u", "main:1:5", arm="unknown"), call("u", "main:1:5 amount:-:9", hours=1, arm="personal")]
    assert compared(calls).comparison.calls == 1


def test_strangers_are_each_a_caller_and_only_calls_long_enough_ago_can_be_repeated() -> None:
    """Two calls of nobody known are two; their repeats are unknown, and so are those of who called just now."""
    calls = [call("n", "main:-:9", "abandoned", customer=None, hours=each) for each in (1, 2)]
    young = call("y", "main:-:9", "abandoned", hours=30 * 24 - 1)
    found = before_after(readings([*calls, young]), START)
    assert (found.calls, found.callers, found.repeated_day.rate.of) == (3, 3, 0)


def test_each_caller_is_held_against_the_share_that_was_drawn_when_they_first_called() -> None:
    """A draw of a half that became a tenth is honest; under today's share alone it would look broken."""
    then = [replace(each, version="v0") for each in calls_of("personal", 30, 20) + calls_of("static", 30, 20)]
    now = [
        replace(each, id=f"later-{each.id}", customer=f"later-{each.customer}")
        for each in calls_of("personal", 54, 20) + calls_of("static", 6, 2)
    ]
    told = readings([*then, *now])
    assert not against_static(told, {"v0": 50.0, "v1": 10.0}).alarm
    assert against_static(told, {"v0": 10.0, "v1": 10.0}).alarm
    assert against_static(told, {}).sample_ratio_p is None

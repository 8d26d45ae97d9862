"""What a caller likely wants: shares, circumstances and own calls multiply; what is learnt follows the calls."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from contact.flow.calls.learn_menus import judged
from ivr.call import NOTHING_KNOWN, Journey, Known
from ivr.fitting import OWN_CALLS, Example, Learnt, declared, fit, learnt_of
from ivr.intent import fields_read, likely, loss_of
from ivr.personal import arm_of, personal_menu, static_menu
from strategies.declared.menu import Goal, Item, Likelier, Menu, MenuLimits, MenuNode, Personal, Prompt
from strategies.declared.playbook import Condition
from strategies.instants import DAY, HOUR, Instant
from strategies.problems import Where
from strategies.profile import FieldValue

NOW = Instant(1_790_000_000_000_000)


def is_true(name: str) -> Condition:
    """The condition that a field is true; unknown where the field is."""
    return Condition(
        name, frozenset({name}), lambda facts, at: facts[name] if facts[name] is None else facts[name] is True,
        lambda facts, at: (None, ()), Where("m"),
    )  # fmt: skip


def made(**personal: float) -> Menu:
    """Three goals, one of them offered only in an outage, and one circumstance: the bill was issued."""

    def says(text: str) -> dict[str, Prompt]:
        return {"en": Prompt(text, 2.0)}

    goals = (
        Goal("bill", {"en": "Bill"}, 2.0, (Likelier(is_true("issued"), 4.0),)),
        Goal("data", {"en": "Data"}, 1.0),
        Goal("fault", {"en": "Fault"}, 1.0),
    )
    items = (
        Item("bill", says("bill")),
        Item("data", says("data")),
        Item("fault", says("fault"), when=is_true("outage")),
    )
    answers = (MenuNode(goal.id, "answer", says(goal.id), goal=goal.id) for goal in goals)
    nodes = (MenuNode("main", "menu", says("main"), items), *answers)
    return Menu(
        "main", {"en": "M"}, "main", {goal.id: goal for goal in goals}, {node.id: node for node in nodes},
        MenuLimits(), replace(Personal(), **personal),
    )  # fmt: skip


OUTAGE: dict[str, FieldValue] = {"issued": False, "outage": True}


def test_shares_and_circumstances_multiply() -> None:
    """As declared: 2 : 1 : 1, the bill four times as likely once it was issued; the factors say why."""
    menu = made()
    plain = likely(menu, None, OUTAGE, None, NOTHING_KNOWN, NOW)
    assert plain.probability == pytest.approx({"bill": 0.5, "data": 0.25, "fault": 0.25})
    issued = likely(menu, None, OUTAGE | {"issued": True}, None, NOTHING_KNOWN, NOW)
    assert issued.probability == pytest.approx({"bill": 0.8, "data": 0.1, "fault": 0.1})
    assert [(each.name, round(each.times, 6)) for each in issued.factors["bill"]] == [
        ("share", 0.5),
        ("issued", 4.0),
    ]


def test_the_factors_of_a_goal_multiply_to_its_probability() -> None:
    """Over the sum of all offered goals, whatever is learnt and known."""
    menu = made()
    learnt = of_every_kind(menu)
    known = Known((("data", Instant(NOW - HOUR)), ("bill", Instant(NOW - 3 * DAY))))
    found = likely(menu, learnt, OUTAGE | {"issued": True}, "gold", known, NOW)
    weights = {goal: math.prod(each.times for each in factors) for goal, factors in found.factors.items()}
    total = sum(weights.values())
    assert found.probability == pytest.approx({goal: weight / total for goal, weight in weights.items()})
    assert {each.name for each in found.factors["data"]} == {
        "share", "segment gold", "own calls", "again within a day",
    }  # fmt: skip


def of_every_kind(menu: Menu) -> Learnt:
    """Weights of every kind."""
    return structs.replace(
        declared(menu), segments={"gold": {"data": 0.7}}, own_calls={"data": 3.0}, again={"day": -0.4, "week": 0.2}
    )  # fmt: skip


def test_nothing_known_of_a_caller_is_no_error() -> None:
    """Missing fields, no segment, no calls: shares remain, of what everybody is offered."""
    found = likely(made(), None, {}, None, NOTHING_KNOWN, NOW)
    assert found.probability == pytest.approx({"bill": 2 / 3, "data": 1 / 3, "fault": 0.0})
    assert static_menu(made(), "en").likely.factors == {}


def test_own_calls_count_beside_the_share_and_half_after_a_half_life() -> None:
    """One own call of today and two as old as the half-life weigh the same."""
    menu = made()
    half = menu.personal.half_life
    fresh = likely(menu, None, {}, None, Known((("data", NOW),)), NOW)
    old = likely(menu, None, {}, None, Known((("data", Instant(NOW - half)),) * 2), NOW)
    assert fresh.probability == pytest.approx(old.probability)
    share = 0.25 + 1 / OWN_CALLS
    assert fresh.probability["data"] == pytest.approx(share / (share + 0.5))


def test_few_calls_leave_what_is_declared_and_many_speak_for_themselves() -> None:
    """A handful of calls hardly moves the declared times; thousands lead to the times they were drawn with."""
    menu = made()
    few, many = fit(menu, drawn(menu, 4, 12.0)), fit(menu, drawn(menu, 1500, 12.0))
    assert 3.0 < math.exp(few.circumstances["issued"]["bill"]) < 7.0
    assert math.exp(many.circumstances["issued"]["bill"]) == pytest.approx(12.0, rel=0.25)
    assert math.exp(many.shares["bill"]) == pytest.approx(0.5, abs=0.05)
    assert fit(menu, []) == declared(menu)


def drawn(menu: Menu, count: int, times: float) -> list[Example]:
    """Calls with the declared shares, in which the bill, once issued, is so many times as likely; every second it is."""
    random = np.random.default_rng(7)
    found = []
    for number in range(count):
        issued = number % 2 == 1
        weights = np.array([2.0 * (times if issued else 1.0), 1.0, 1.0])
        goal = list(menu.goals)[int(random.choice(3, p=weights / weights.sum()))]
        facts: dict[str, FieldValue] = {"issued": issued, "outage": True}
        found.append(Example(Instant(NOW + number * HOUR), goal, facts))
    return found


def test_what_was_learnt_comes_back_as_it_was_kept() -> None:
    """Through JSON and back; what another version kept is taken for nothing."""
    menu = made()
    learnt = fit(menu, drawn(menu, 50, 4.0))
    assert learnt_of(learnt.as_json()) == learnt
    assert learnt_of({"shares": 3}) is None
    assert learnt_of(None) is None


def test_calls_of_which_no_fact_was_kept_say_nothing_where_others_have_facts() -> None:
    """Their circumstances are not known, so they must not be taken for calls without any."""
    menu = made()
    told = drawn(menu, 200, 4.0)
    silent = [Example(NOW, "fault", {}) for _ in range(400)]
    assert fit(menu, told + silent) == fit(menu, told)


def test_a_few_calls_with_facts_do_not_silence_a_log_without_any() -> None:
    """A log may hold no facts; the first calls of our own menus, which do, teach beside it and not in its place."""
    menu = made()
    log = [Example(Instant(NOW + number * HOUR), "fault", {}) for number in range(400)]
    learnt = fit(menu, log + drawn(menu, 5, 4.0))
    assert learnt.examples == 405
    assert learnt.shares["fault"] > declared(menu).shares["fault"]


def journeys(menu: Menu, count: int, times: float) -> list[Journey]:
    """Calls as they are on file."""
    return [
        Journey(
            f"c{number}", f"C{number % 50}", each.at, menu.id, "", "static", "log", (), "reached", each.goal,
            facts=each.facts,
        )
        for number, each in enumerate(drawn(menu, count, times))
    ]  # fmt: skip


def test_weights_come_in_force_only_if_later_calls_bear_them_out() -> None:
    """Learnt of what holds: in force. Learnt again of calls that fit what is in force worse: it stays."""
    menu = made()
    answer, learnt = judged(menu, journeys(menu, 600, 12.0), None)
    assert answer.promoted
    assert learnt is not None
    assert answer.loss is not None
    assert answer.declared_loss is not None
    assert answer.loss < answer.declared_loss
    calls = journeys(menu, 600, 12.0)
    turned = [replace(each, goal="fault") if number < 480 else each for number, each in enumerate(calls)]
    again, other = judged(menu, turned, learnt)
    assert not again.promoted
    assert other is None
    assert loss_of(menu, learnt, drawn(menu, 100, 12.0)) < loss_of(
        menu, declared(menu), drawn(menu, 100, 12.0)
    )


def test_too_few_calls_change_nothing() -> None:
    """It says how many were held back and how many are needed."""
    menu = made()
    answer, learnt = judged(menu, journeys(menu, 30, 4.0), None)
    assert learnt is None
    assert not answer.promoted
    assert answer.verdict == "too few calls: 6 could be held back, 20 are needed"


def test_a_slot_keeps_everybodys_menu_and_strangers_belong_to_no_arm() -> None:
    """About as many as declared, always the same ones, and they hear the order as written."""
    menu = made(static_percent=25.0)
    arms = [arm_of(menu, f"C{number}") for number in range(2000)]
    assert arms == [arm_of(menu, f"C{number}") for number in range(2000)]
    assert 0.2 < arms.count("static") / len(arms) < 0.3
    held = f"C{arms.index('static')}"
    facts: dict[str, FieldValue] = {"issued": False, "outage": True}
    known = Known((("fault", NOW),) * 20)
    own = personal_menu(menu, None, facts, None, known, f"C{arms.index('personal')}", "en", NOW)
    usual = personal_menu(menu, None, facts, None, known, held, "en", NOW)
    stranger = personal_menu(menu, None, facts, None, NOTHING_KNOWN, None, "en", NOW)
    assert own.arranged.levels["main"][0].to == "fault"
    assert usual.arranged.levels["main"][0].to == stranger.arranged.levels["main"][0].to == "bill"
    assert (own.arm, usual.arm, stranger.arm) == ("personal", "static", "unknown")
    assert usual.arranged.seconds == usual.arranged.static_seconds > own.arranged.seconds


def test_a_menu_says_which_fields_it_reads() -> None:
    """Those of circumstances and of items that are not for everybody."""
    assert fields_read(made()) == {"issued", "outage"}

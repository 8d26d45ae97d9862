"""Why customers ring the voice menu, the menu as they know it, and the log of a year's calls."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from math import fsum
from pathlib import Path

import pytest

from demo.callers import planned
from demo.coming_calls import write_coming
from demo.intents import Calls, bill_day, ring
from demo.menu import Hotline, read_menu
from demo.past_calls import call_columns
from demo.population import Population, populate
from demo.territory import branch_of
from ivr.ordering import static_level
from strategies.compiling.compile import compile_playbook

START = date(2026, 3, 2)
HOURS = (9, 11, 15, 18)
CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def people() -> Population:
    """Four hundred customers of seed 3."""
    return populate(3, 400, START)


@pytest.fixture(scope="module")
def hotline() -> Hotline:
    """The menu of the demonstration."""
    return read_menu()


@pytest.fixture(scope="module")
def calls(people: Population, hotline: Hotline) -> Calls:
    """Their calls of a year, and of three days."""
    return ring(people, hotline, 3)


def test_callers_know_the_menu_as_the_product_says_it(hotline: Hotline) -> None:
    """Read apart from the product, every prompt takes as long and every key leads to the same place."""
    texts = {str(each.relative_to(CONFIG)): each.read_text("utf-8") for each in CONFIG.rglob("*.yaml")}
    menu = compile_playbook(texts).menus["main"]
    assert set(hotline.places) == set(menu.nodes) and hotline.root == menu.root
    for name, node in menu.nodes.items():
        place = hotline.places[name]
        assert place.seconds == {language: each.seconds for language, each in node.prompt.items()}, name
        everything = {name: tuple(item.to for item in node.items)}
        level = static_level(menu, node, everything) if node.kind == "menu" else ()
        assert [(each.key, each.to) for each in place.choices] == [(each.key, each.to) for each in level]
    assert hotline.serving() == {goal: menu.serving(goal) for goal in menu.goals}


def test_the_same_seed_makes_the_same_calls(people: Population, hotline: Hotline, calls: Calls) -> None:
    """Another seed other ones; those who left do not call."""
    assert ring(people, hotline, 3).rings == calls.rings
    assert ring(populate(4, 400, START), hotline, 3).rings != calls.rings
    assert all(people.lives.left[each.customer] < 0 for each in calls.rings)
    assert all(-365 <= each.day < 0 for each in calls.past) and all(0 <= each.day < 3 for each in calls.ahead)


def test_goals_are_drawn_by_the_planted_chances(calls: Calls) -> None:
    """Chances sum to one, and as many calls are about what is likeliest as the chances say."""
    for each in calls.rings:
        assert fsum(each.chance.values()) == pytest.approx(1)
    expected = fsum(max(each.chance.values()) for each in calls.past)
    hits = sum(each.chance[each.goal] == max(each.chance.values()) for each in calls.past)
    assert abs(hits - expected) < 4 * (len(calls.past) / 4) ** 0.5


@pytest.mark.parametrize(
    ("field", "value", "goal"),
    [("outage", True, "outage"), ("searched", "broadband", "broadband"), ("bill_issued", True, "bill")],
)  # fmt: skip
def test_what_happens_makes_its_goal_likelier(calls: Calls, field: str, value: object, goal: str) -> None:
    """The mean chance is at least twice that of calls without it."""
    chances = defaultdict[bool, list[float]](list)
    for each in calls.past:
        chances[each.facts[field] == value].append(each.chance[goal])
    mean = {holds: fsum(found) / len(found) for holds, found in chances.items()}
    assert mean[True] > 2 * mean[False]


def test_goals_that_are_not_offered_are_not_called_about(calls: Calls) -> None:
    """Nobody asks how a complaint stands who has none open."""
    for each in calls.rings:
        assert each.facts["complaint_open"] or each.chance.get("complaint_state", 0) == 0


def test_bills_are_issued_by_branch(people: Population, calls: Calls) -> None:
    """A call says so within a week of the bill day of the caller's branch."""
    for each in calls.past[:500]:
        day = date.fromordinal(START.toordinal() + each.day)
        mine = bill_day(branch_of(people.customers[each.customer].grid))
        ago = [date.fromordinal(day.toordinal() - back).day for back in range(7)]
        assert each.facts["bill_issued"] == (mine in ago)


def test_the_log_follows_the_menu(people: Population, hotline: Hotline, calls: Calls) -> None:
    """Every key of a call leads to the node of its next row, and served goals are those of the last node."""
    log = call_columns(people, hotline, calls)
    rows = defaultdict[str, list[tuple[str, str, str, str]]](list)
    for call, *rest in zip(
        *(log[name] for name in ("call_no", "node_cd", "dtmf", "service", "result")), strict=True
    ):
        rows[str(call)].append(tuple(map(str, rest)))  # type: ignore[arg-type]
    assert set(rows) == {each.id for each in calls.past}
    for stays in rows.values():
        level = [hotline.root]
        for (node, key, _, _), (following, *_) in pairwise(stays):
            place = hotline.places[node]
            leads = {each.key: each.to for each in place.choices} | {"": place.then, "*": level[-1]}
            assert following == leads[key]
            level.append(node)
        last, _, service, result = stays[-1]
        assert (hotline.places[last].goal == service) if result != "HANGUP" else service == ""


def test_callers_are_told_when_to_call_and_what_happened(
    people: Population, calls: Calls, tmp_path: Path
) -> None:
    """Every call has a step of its day; bills of the week before are told in the first step, others on their day."""
    write_coming(people, calls, HOURS, 3, tmp_path / "calls.json")
    found = planned(tmp_path / "calls.json")
    assert [each["id"] for each in found["calls"]] == [each.id for each in calls.ahead]
    assert all(0 <= each["step"] < 12 for each in found["calls"])
    bills = [each for each in found["news"] if each["type"] == "bill_issued"]
    assert {each["step"] for each in bills} <= {0, 4, 8} and any(
        each["at"][:10] < "2026-03-02" for each in bills
    )

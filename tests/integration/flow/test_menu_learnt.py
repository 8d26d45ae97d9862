"""Why people call is learnt from their journeys, and a caller's order is explained by what was learnt."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.faults import NotFound
from contact.flow.calls.explain_menu import explain_menu
from contact.flow.calls.learn_menus import learn_menus, queue_learn_menus
from contact.flow.jobs.run_job import run_job
from contact.wiring import House
from ivr.call import Journey, Step
from strategies.instants import DAY, HOUR, Instant
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import customer, open_for_business, texts

MENU = """
title: {en: Hotline, zh-CN: 客服热线}
root: main
goals:
  plan: {title: {en: Plan, zh-CN: 套餐}, share: 3}
  bill: {title: {en: Bill, zh-CN: 账单}, share: 2}
  roam: {title: {en: Roaming, zh-CN: 漫游}, share: 1, likelier: [{when: roaming_now, times: 2}]}
nodes:
  main:
    prompt: {en: Welcome., zh-CN: 您好。}
    items:
      - {to: plan, say: {en: For your plan, zh-CN: 套餐}}
      - {to: bill, say: {en: For your bill, zh-CN: 账单}}
      - {to: roam, say: {en: For roaming, zh-CN: 漫游}}
      - {to: operator, key: "0", say: {en: For an agent, zh-CN: 人工}}
  plan: {goal: plan, prompt: {en: Your plan., zh-CN: 您的套餐。}, then: main}
  bill: {goal: bill, prompt: {en: Your bill., zh-CN: 您的账单。}, then: main}
  roam: {goal: roam, prompt: {en: Roaming., zh-CN: 漫游。}, then: main}
  operator: {transfer: hotline, prompt: {en: One moment., zh-CN: 请稍候。}}
personal: {static: 0, ask_from: 2, changes: 1}
press: {en: "press {key}.", zh-CN: "请按{key}。"}
wrong: {en: No such key., zh-CN: 有误。}
silent: {en: We heard no key., zh-CN: 未按键。}
"""
TEXTS = texts() | {"ivr/main.yaml": MENU}


async def called(house: House, caller: str, number: int, at: int, goal: str, roaming: bool) -> None:
    """One call on file, in everybody's menu."""
    heard = {"main": {"1": "plan", "2": "bill", "3": "roam", "0": "operator"}}
    await house.ports.calls.record(
        Journey(
            id=f"call-{number}", customer=caller, at=Instant(at), menu="main", version="v", arm="static",
            source="own", steps=(Step(1, "main", "3", 6.0),), outcome="reached", goal=goal, heard=heard,
            facts={"roaming_now": roaming},
        )
    )  # fmt: skip


async def test_an_order_follows_what_journeys_say_and_is_explained(house: House, tmp_path: Path) -> None:
    """Whoever roams calls about roaming: learnt by a job, in force at once, and named as the reason with what held back."""
    people = [customer(1, roaming_now="1"), customer(2)]
    now = await open_for_business(house, tmp_path, people, TEXTS)
    for number in range(200):
        roaming = number % 2 == 0
        goal = "roam" if roaming and number % 20 else "plan"
        await called(house, f"C{1 + number % 2}", number, now - 200 * DAY + number * 20 * HOUR, goal, roaming)
    await house.ports.calls.flush()

    before = await explain_menu(house.ports, "C1")
    job = await queue_learn_menus(house.ports)
    assert await run_job(house.ports, job.id)
    result = (await house.ports.jobs.get(job.id)).result or {}
    assert result["menus"][0]["promoted"], result
    after = await explain_menu(house.ports, "C1")

    assert (before.learnt_from, after.learnt_from) == (0, 200)
    assert after.goals[0].goal == "roam"
    assert after.goals[0].probability > 0.8
    assert "roaming_now" in [each.name for each in after.goals[0].factors]
    assert (after.levels[0].entries[0].key, after.levels[0].entries[0].to) == ("1", "plan")
    assert after.levels[0].held_back == "no more than 1 keys may change"
    assert after.unfamiliar_seconds < after.seconds == pytest.approx(after.static_seconds)
    early = await explain_menu(house.ports, "C1", at=Instant(now - 300 * DAY))
    assert early.levels[0].heard_at is None
    assert early.seconds == pytest.approx(early.unfamiliar_seconds)


async def test_who_asks_for_what_is_not_there_is_told(house: House, tmp_path: Path) -> None:
    """An unknown caller, an unknown menu; and too few calls leave everything as declared."""
    await open_for_business(house, tmp_path, [customer(1)], TEXTS)
    with pytest.raises(NotFound):
        await explain_menu(house.ports, "C9")
    with pytest.raises(ProblemsFound):
        await queue_learn_menus(house.ports, "other")
    answer = await learn_menus(house.ports)
    assert [each.promoted for each in answer.menus] == [False]
    assert await house.ports.calls.learnt("main") is None

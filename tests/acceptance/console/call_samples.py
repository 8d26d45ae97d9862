"""Rehearsed calls by the product's own dialogue, without a store, for the keypad in every state."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from contact.domain.answers import FactorsAnswer, OptionAnswer
from contact.domain.call_answers import (
    CallAnswer,
    HeardStepAnswer,
    LikelyGoalAnswer,
    SaidAnswer,
    ScreenPopAnswer,
)
from contact.flow.calls.menu_for import CallerMenu, static_for
from contact.flow.calls.rehearse_call import Rehearsal
from ivr.call import NOTHING_KNOWN, Known
from ivr.dialogue import Turn, begin, hang_up, press
from ivr.personal import arm_of, personal_menu
from ivr.phrases import phrases_of
from strategies.declared.menu import Menu
from strategies.instants import DAY, Instant, to_instant
from strategies.profile import CustomerId, FieldValue
from tests.acceptance.console.samples import NOW, demo_playbook

NOW_THERE = to_instant(NOW)


def rehearsal(state: str, language: str = "en") -> Rehearsal:
    """``nobody``: everybody's menu; ``personal``: own order two keys deep; ``asked``: the question; ``ended``, ``agent``."""
    found = _nobody(language) if state == "nobody" else _known(language, asked=state == "asked")
    stands, turn = begin(found.menu, found.personal.arranged, language)
    if state == "personal":
        for key in (None, "9"):
            stands, turn = press(found.menu, stands, key, 12.5)
    elif state == "agent":
        stands, turn = press(found.menu, stands, "0", 9.0)
    elif state == "ended":
        stands = hang_up(found.menu, stands, 21.0)
        turn = Turn(stands.at, ends="hang_up")
    say = [SaidAnswer(**msgspec.structs.asdict(each)) for each in turn.say]
    answer = CallAnswer(
        call="rehearsed", state="token", step=len(stands.steps), node=turn.node, say=say, keys=list(turn.keys),
        wait_seconds=turn.wait_seconds, ends=turn.ends, queue=turn.queue, arm=found.personal.arm,
    )  # fmt: skip
    return Rehearsal(answer, stands, found)


def _nobody(language: str) -> CallerMenu:
    playbook = demo_playbook()
    return static_for(playbook, playbook.menus["main"], language)


def _known(language: str, *, asked: bool) -> CallerMenu:
    """A caller with a bill of yesterday and calls about it, or with an open complaint and an outage."""
    playbook = demo_playbook()
    menu = playbook.menus["main"]
    facts: dict[str, FieldValue] = {"outage": True} if asked else {"bill_issued": True, "contract_left": 2.0}
    known = NOTHING_KNOWN if asked else Known((("bill", Instant(NOW_THERE - 20 * DAY)),))
    customer = next(f"C{place:05d}" for place in range(42, 99) if _personal(f"C{place:05d}"))
    personal = personal_menu(menu, None, facts, None, known, customer, language, NOW_THERE)
    if asked:
        personal = replace(personal, arranged=replace(personal.arranged, ask="outage"))
    return CallerMenu(personal, playbook, NOW_THERE, CustomerId(customer), facts)


def _personal(customer: str) -> bool:
    return arm_of(demo_playbook().menus["main"], customer) == "personal"


def texts_of(menu: Menu) -> list[str]:
    """Whatever the menu has somebody say."""
    words = phrases_of("en")
    prompts = [menu.wrong, menu.silent, *menu.ask.values()]
    for node in menu.nodes.values():
        prompts += [node.prompt, *(item.say for item in node.items)]
    asked = [text.format(key=key) for text in (words.yes, words.no) for key in "12"]
    return [*asked, *(prompt.text for each in prompts for prompt in each.values())]


def screen_pop(language: str = "en") -> ScreenPopAnswer:
    """A caller who was put through three minutes ago."""
    chinese = language == "zh-CN"
    way = [
        ("main", "主菜单" if chinese else "Main menu", "1"),
        ("bills", "话费" if chinese else "For bills and payments", "4"),
    ]
    wanted = [
        ("dispute", "扣费争议" if chinese else "Charges not understood", 0.62),
        ("bill", "账单查询" if chinese else "What the bill is", 0.2),
    ]
    return ScreenPopAnswer(
        call="c1", customer="C00042", at=NOW, menu="main", outcome="agent", queue="billing", goal=None, goal_title=None,
        seconds=21.4, keys=1,
        path=[HeardStepAnswer(node=node, title=title, key=key, seconds=10.7) for node, title, key in way],
        likely=[LikelyGoalAnswer(goal=goal, title=title, probability=chance) for goal, title, chance in wanted],
        decision="d1", next=_option(language),
    )  # fmt: skip


def _option(language: str) -> OptionAnswer:
    chinese = language == "zh-CN"
    return OptionAnswer(
        rank=1, strategy="retention", offer="best_tariff", family="tariff", channel="agent", category="retention",
        title="最省套餐" if chinese else "Tariff that costs least",
        text=["您换用此套餐每月可省 21 元。"] if chinese else ["With this tariff you save 21 yuan a month."],
        why=["过去六个月账单高于套餐" if chinese else "Bills were above the tariff in six months"], allowed=True,
        priority=FactorsAnswer(total=3.1, propensity=0.2, context=1.0, value=15.5, lever=1.0),
    )  # fmt: skip

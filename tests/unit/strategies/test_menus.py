"""Voice menus as files: what is read, what is estimated, what deserves a second look, and how a change is told."""

from __future__ import annotations

import pytest

from contact.flow.publishing.check_texts import checked
from strategies.changes.texts import changes
from strategies.checking.passes import warnings_of
from strategies.compiling.compile import compile_playbook
from strategies.declared.menu import Menu
from strategies.texts.speaking import spoken_seconds
from tests.unit.strategies.small import small_texts

MENU = """title: {en: Hotline, zh-CN: 热线}
root: welcome
goals:
  bill: {title: {en: Bill, zh-CN: 账单}, share: 3, likelier: [{when: complaint_open, times: 20}]}
  plan: {title: {en: Plan, zh-CN: 套餐}, share: 4}
  agent: {title: {en: Agent, zh-CN: 人工}, share: 1}
nodes:
  welcome: {notice: {en: Welcome., zh-CN: 您好。}, then: main}
  main:
    prompt:
      en: {text: Please choose., ssml: "Please <emphasis>choose</emphasis>.", file: choose, seconds: 1.2}
      zh-CN: 请选择。
    items:
      - {to: plan_now, say: {en: For your plan, zh-CN: 查询套餐}}
      - {to: amount, say: {en: For your bill, zh-CN: 查询账单}, when: arpu > 0.50}
      - {to: operator, key: "0", say: {en: For an agent, zh-CN: 人工服务}}
  amount: {goal: bill, prompt: {en: Your bill is on its way., zh-CN: 账单已发送。}, then: main}
  plan_now: {goal: plan, prompt: {en: Your plan is on its way., zh-CN: 套餐已发送。}, then: main}
  operator: {transfer: hotline, goal: agent, prompt: {en: One moment., zh-CN: 请稍候。}}
limits: {items: 5, seconds: 30, wait: PT4S}
personal: {changes: 1, moves: {times: 2, within: P7D}, static: 25, salt: pilot}
press: {en: "press {key}.", zh-CN: "请按{key}。"}
wrong: {en: That key leads nowhere., zh-CN: 输入有误。}
silent: {en: We heard no key., zh-CN: 未收到按键。}
examples:
  - {name: a complaint is open, customer: {complaint_open: true, arpu: 1.50}, at: 2026-03-02T10:00+08:00,
     expect: {first: amount}}
"""


def texts(*replaced: tuple[str, str]) -> dict[str, str]:
    """The small playbook with the menu, parts of it written in another way."""
    text = MENU
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    return small_texts() | {"ivr/hotline.yaml": text}


def menu(*replaced: tuple[str, str]) -> Menu:
    return compile_playbook(texts(*replaced)).menus["hotline"]


def told(*replaced: tuple[str, str]) -> list[str]:
    return [change.words for change in changes(texts(), texts(*replaced))]


def test_a_menu_is_named_after_its_file_and_holds_what_it_says() -> None:
    """Kinds, keys, limits and prompts come out as they were written; what was not said has its usual value."""
    found = menu()
    kinds = {node.id: node.kind for node in found.nodes.values()}
    assert (found.id, found.root, found.top) == ("hotline", "welcome", "main")
    assert kinds == {
        "welcome": "notice", "main": "menu", "amount": "answer", "plan_now": "answer", "operator": "transfer",
    }  # fmt: skip
    assert [(item.to, item.key) for item in found.nodes["main"].items][-1] == ("operator", "0")
    assert (found.nodes["operator"].queue, found.serving("bill")) == ("hotline", "amount")
    assert (found.limits.items, found.limits.wait, found.limits.tries) == (5, 4_000_000, 3)
    assert (found.personal.moves, found.personal.static_percent, found.static_salt) == (2, 25.0, "pilot")
    prompt = found.nodes["main"].prompt["en"]
    assert (prompt.seconds, prompt.file, prompt.ssml) == (
        1.2,
        "choose",
        "Please <emphasis>choose</emphasis>.",
    )
    assert found.examples[0].customer == {"complaint_open": True, "arpu": 150}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("查询账单", 1.0), ("For your bill", 1.2), ("Your bill is {last_bill}.", 2.95), ("", 0.0)],
)
def test_speech_is_estimated_by_its_script(text: str, seconds: float) -> None:
    """Four characters or two and a half words a second, a pause at each stop, a second and a half for what is filled in."""
    assert spoken_seconds(text) == pytest.approx(seconds, abs=0.06)


def test_a_condition_of_a_menu_is_checked_against_ranges() -> None:
    """What always holds is a warning, as everywhere else."""
    found = warnings_of(compile_playbook(texts(("arpu > 0.50", "p_data_sms >= 0 OR p_data_sms IS NULL"))))
    assert "condition.always" in {problem.code.removeprefix("warning.") for problem in found}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("{en: Press 2 for your plan, zh-CN: 查询套餐}", ["2 in en"]),
        ("{en: For your plan, zh-CN: 查询套餐按 3 键}", ["3 in zh-CN"]),
        ("{en: {text: For your plan, ssml: press <emphasis>7</emphasis>}, zh-CN: 查询套餐}", ["7 in en"]),
        ("{en: For express 5 and press 5G, zh-CN: 按月查询2个套餐}", []),
        ("{en: For your plan, zh-CN: 流量请按七}", ["7 in zh-CN"]),
        ("{en: For your plan, zh-CN: 按零号键查套餐}", ["0 in zh-CN"]),
        ("{en: For your plan, zh-CN: 套餐拨三转人工}", ["3 in zh-CN"]),
        ("{en: For your plan, zh-CN: 查套餐请按 十。}", ["10 in zh-CN"]),
        ("{en: For your plan, zh-CN: 按星号键查套餐}", ["* in zh-CN"]),
        ("{en: For your plan, zh-CN: 查套餐按井号}", ["# in zh-CN"]),
        ("{en: For your plan, zh-CN: 按一定比例、按九折、按三个月、按一二线、按星级查套餐}", []),
        ("{en: For your plan, zh-CN: 查套餐按７}", ["7 in zh-CN"]),
        ("{en: For your plan, zh-CN: 查套餐按＃号键}", ["# in zh-CN"]),
        ("{en: For your plan, zh-CN: 查套餐请按七或井号}", ["7 in zh-CN"]),
        ("{en: For your plan, zh-CN: 查套餐按七或者按零}", ["7 in zh-CN"]),
        ("{en: For your plan, zh-CN: 按一或二类、按3个月、按 ２ 档、按1、2类、按一开始说的查套餐}", []),
        ("{en: For your plan, zh-CN: 按一、二类查套餐，一号套餐七}", []),
    ],
)
def test_words_that_name_another_key_are_a_problem(said: str, named: list[str]) -> None:
    """As 'press' names keys, in each language; a figure that is no key is none."""
    found = checked(texts(("{en: For your plan, zh-CN: 查询套餐}", said))).problems
    assert [
        each.message.partition(" name key ")[2] for each in found if each.code == "menu.second_key"
    ] == named


def test_words_may_name_the_key_that_an_item_always_has() -> None:
    """It is said twice then, and both times it is right."""
    assert (
        menu(("say: {en: For an agent,", "say: {en: Press 0 for an agent,")).nodes["main"].items[2].key == "0"
    )
    found = checked(texts(("zh-CN: 人工服务}", "zh-CN: 人工服务按零或按七}"))).problems
    assert [each.message.partition(" name ")[2] for each in found] == ["key 7 in zh-CN"]


def test_what_leaves_a_caller_alone_is_a_warning() -> None:
    """No agent anywhere, or an answer after which the call ends."""
    answer = "operator: {goal: agent,"
    found = warnings_of(compile_playbook(texts(("operator: {transfer: hotline, goal: agent,", answer))))
    assert {each.code for each in found if each.where.path.startswith("ivr/")} == {
        "warning.menu_agent", "warning.menu_ends",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("share: 3", "share: 5", ["goal bill of menu hotline: share 3 → 5"]),
        ("items: 5", "items: 4", ["menu hotline: limits.items 5 → 4"]),
        ("arpu > 0.50", "arpu > 1", ["item amount of node main of menu hotline: condition arpu > 0.50 → arpu > 1"]),
        ("zh-CN: 套餐已发送。", "zh-CN: 已发送。", ["node plan_now of menu hotline: prompt.zh-CN 套餐已发送。 → 已发送。"]),
        (", then: main}\n  plan_now", "}\n  plan_now", ["node amount of menu hotline: then main → not said"]),
    ],
)  # fmt: skip
def test_a_change_is_told_by_goal_node_and_item(old: str, new: str, words: list[str]) -> None:
    """In the words in which the file says it."""
    assert told((old, new)) == words


def test_items_in_another_order_are_told_as_that() -> None:
    """And nothing else seems changed."""
    plan, bill = (
        line for line in MENU.splitlines(keepends=True) if "to: plan_now" in line or "to: amount" in line
    )
    swapped = told((plan + bill, bill + plan))
    assert swapped == ["node main of menu hotline: items in another order: [amount, plan_now, operator]"]


def test_an_item_that_is_new_is_told_with_what_it_says() -> None:
    """Beside the order of its level, which it changes."""
    again = '      - {to: operator, key: "9", say: {en: For help, zh-CN: 帮助}}\n'
    found = told(("  amount: {goal", again.replace("operator", "amount") + "  amount: {goal"))
    assert found[0].startswith("node main of menu hotline: items [plan_now, amount, operator] → ")
    assert any("item amount of node main of menu hotline (2) added" in words for words in found)


def test_examples_are_run_with_the_others() -> None:
    """One that holds passes; one that does not stops the publication and says what came."""
    assert [(each.id, each.passed) for each in checked(texts()).examples if each.id == "hotline-1"] == [
        ("hotline-1", True)
    ]
    wrong = checked(texts(("expect: {first: amount}", "expect: {order: {main: [plan_now, amount]}}")))
    assert wrong.playbook is None
    said = [str(problem) for problem in wrong.errors]
    assert said == [
        "ivr/hotline.yaml:26:6: example.failed: hotline-1 a complaint is open:"
        " order of main: expected [plan_now, amount]; got [amount, plan_now]"
    ]

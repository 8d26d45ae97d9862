"""The keypad: a call heard by mouse and keyboard on a real service, in both languages, and nothing comes of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from contact.faces.console.journeys.keypad_view import Caller, keypad_view
from contact.faces.console.shared.pages import look_for
from contact.faces.console.shared.words import words_in
from contact.ports import Moment
from strategies.instants import parse_instant
from tests.acceptance.console import call_samples, samples
from tests.acceptance.console.conftest import Operator, log_in
from tests.acceptance.console.test_pages import drawn

pytestmark = [pytest.mark.browser, pytest.mark.processes]
TABLES = ("call", "caller", "task", "contact", "consent", "decision")


def rows(operator: Operator) -> list[int]:
    """How much is on file of everything that a real call would add to."""
    return [operator.ask(f"SELECT COUNT(*) FROM {table}")[0][0] for table in TABLES]


def place(page: Page) -> str:
    return page.inner_text("#kp-said")


def press(page: Page, key: str) -> None:
    """One key of the keyboard, and the turn it leads to."""
    with page.expect_response("**/ivr/keypad/keys"):
        page.keyboard.press(key)
    page.wait_for_function("document.getElementById('main').getAttribute('aria-busy') !== 'true'")


def key_of(page: Page, leads: str) -> str:
    """The key that leads there, as the telephone shows it."""
    return page.locator(".pad button", has_text=leads).locator(".digit").inner_text()


def test_a_call_is_heard_by_keyboard_and_mouse_and_leaves_nothing_behind(
    operator: Operator, context: BrowserContext
) -> None:
    """A number in the form, digits of the keyboard, buttons by mouse; an opt-out is told and not done."""
    before = rows(operator)
    page = log_in(context, operator, "strategist")
    page.goto(f"{operator.url}/ivr/keypad")
    page.fill("#kp-sought", min(operator.canaries.numbers))
    page.keyboard.press("Enter")
    if page.locator("[name=sought][value^=C]").count():  # several customers share this number
        page.locator("button[name=sought]").first.click()
    page.wait_for_selector(".pad button.live")
    assert place(page) in ("Main menu", "Question: Bill") or place(page).startswith("Question: ")
    assert page.evaluate("document.activeElement.classList.contains('said-now')")
    if place(page).startswith("Question: "):
        press(page, "2")
    assert page.locator(".likely tbody tr").count() == 10
    press(page, key_of(page, "For complaints and advertising"))
    assert place(page) == "For complaints and advertising"
    with page.expect_response("**/ivr/keypad/keys"):
        page.locator(".pad button", has_text="If you want no more advertising").click()
    page.wait_for_selector("text=A real call withdraws consent here: all channels, all marketing.")
    press(page, "*")
    press(page, "s")
    press(page, "h")
    page.wait_for_selector("text=The call has ended: Opted out.")
    assert page.locator(".pad button:disabled").count() == 12
    assert page.locator(".way tbody tr").count() >= 5
    assert min(operator.canaries.numbers) not in page.url
    assert rows(operator) == before


def test_a_call_goes_to_an_agent_in_chinese_without_a_script(browser: Browser, operator: Operator) -> None:
    """Every step is a plain form; everybody's menu for nobody in particular."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = log_in_plain(context.new_page(), operator)
    page.goto(f"{operator.url}/ivr/keypad")
    page.select_option("#kp-language", "zh-CN")
    page.get_by_role("button", name="呼叫").click()
    assert "欢迎致电" in page.inner_text(".said-now") and place(page) == "主菜单"
    page.locator(".pad button", has_text="流量查询与办理").click()
    page.get_by_role("button", name="不按键").click()
    assert "未收到您的按键" in page.inner_text(".said-now")
    page.locator(".pad button[value='0']").click()
    assert "已转接人工：队列 hotline。" in page.inner_text(".said-now")
    assert page.locator(".way tbody tr").count() == 5
    page.goto(f"{operator.url}/ivr/keypad")
    page.fill("#kp-sought", "nobody-here")
    page.get_by_role("button", name="呼叫").click()
    assert "没有客户使用该号码或编号" in page.inner_text("[role=alert]")
    context.close()


def log_in_plain(page: Page, operator: Operator) -> Page:
    page.goto(operator.link("supervisor"))
    page.locator("form[action='/session'] button").click()
    return page


def test_a_key_of_no_call_is_told_to_call_again(operator: Operator, context: BrowserContext) -> None:
    """A token that is not ours begins nothing and is no error page."""
    page = log_in(context, operator, "analyst")
    page.goto(f"{operator.url}/ivr/keypad")
    page.click("text=Dial")
    page.wait_for_selector(".pad button.live")
    page.eval_on_selector("[name=call]", "e => { e.value = 'x' + e.value; }")
    page.keyboard.press("1")
    page.wait_for_selector("text=This call is not known any more")


def test_the_page_says_why_this_order(browser: Browser) -> None:
    """Factors with figures and conditions, what it saves, who keeps everybody's menu, a moved clock; both languages."""
    for language, saved, why in (("en", "Saved", "of all calls"), ("zh-CN", "节省", "占全部来电")):
        look = look_for(words_in(language), samples.demo_playbook())
        page = drawn(
            look, "keypad.html", keypad_view(look, call_samples.rehearsal("personal", language), Caller())
        )
        assert saved in page and why in page and "<code>bill_issued</code>" in page
        assert re.search(r"×\d", page)
    moved = Moment(parse_instant("2026-03-02T10:05+08:00"), simulated=True)
    assert "模拟时间 10:05" in drawn(look, "keypad.html", keypad_view(look, None, Caller(), moment=moved))
    assert "模拟时间" not in page
    nobody = drawn(
        look, "keypad.html", keypad_view(look, call_samples.rehearsal("nobody", "zh-CN"), Caller())
    )
    assert "统一菜单：主叫未识别。" in nobody and "节省" not in nobody

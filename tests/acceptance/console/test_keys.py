"""A5: keys act only when they are meant for the desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route

pytestmark = pytest.mark.browser

BOUND = ["n", "c", "1", "2", "3", "4", "5", "6", "7", "d", "/", "g", "j", "k", "?"]
WATCH = """() => {
  window.acted = 0;
  const count = () => { window.acted += 1; };
  document.addEventListener('click', count, true);
  document.addEventListener('change', count, true);
  document.addEventListener('submit', event => { event.preventDefault(); count(); }, true);
  document.addEventListener('focusin', count, true);
  new MutationObserver(found => { window.acted += found.length; })
    .observe(document.querySelector('.script') ?? document.body,
             {attributes: true, subtree: true, attributeFilter: ['aria-current']});
}"""
SEND = """([keys, given, where]) => { for (const key of keys) {
  const target = where ? document.querySelector(where) : document.body;
  target.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...given}));
} return window.acted; }"""


def opened(context: BrowserContext, stage: str, state: str) -> Page:
    page = context.new_page()
    page.goto(f"{stage}/desk/{state}")
    page.evaluate(WATCH)
    return page


@pytest.mark.parametrize("state", ["ready", "open", "calling"])
@pytest.mark.parametrize(
    "given",
    [
        {"isComposing": True},
        {"keyCode": 229},
        {"repeat": True},
        {"ctrlKey": True},
        {"altKey": True},
        {"metaKey": True},
    ],
    ids=lambda given: next(iter(given)),
)
def test_no_key_acts_while_composing_repeating_or_with_a_modifier(
    context: BrowserContext, stage: str, state: str, given: dict[str, object]
) -> None:
    """0 actions from every bound key in each state of the desk."""
    assert opened(context, stage, state).evaluate(SEND, [BOUND, given, None]) == 0


def test_no_key_acts_in_a_text_field(context: BrowserContext, stage: str) -> None:
    """Every bound key typed into the note is text and nothing else."""
    page = opened(context, stage, "calling")
    page.focus("#note")
    page.evaluate("window.acted = 0")
    for key in BOUND:
        page.keyboard.press(key)
    assert page.input_value("#note") == "".join(BOUND)
    assert page.evaluate("window.acted") == 0
    page.goto(f"{stage}/desk/open")
    page.evaluate(WATCH)
    page.click("summary[data-key=g]")
    page.focus("#reason")
    page.evaluate("window.acted = 0")
    assert page.evaluate(SEND, [BOUND, {}, "#reason"]) == 0


def test_choosing_a_chinese_word_does_nothing_else(context: BrowserContext, stage: str) -> None:
    """Pinyin by an input method: the word is written, no key of it acts, and Enter that ends it stores nothing."""
    page = opened(context, stage, "calling")
    page.focus("#note")
    page.evaluate("window.acted = 0")
    session = context.new_cdp_session(page)
    for typed in ("n", "ni", "nih", "niha", "nihao"):
        session.send(
            "Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"}
        )
        session.send(
            "Input.imeSetComposition",
            {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)},
        )
    session.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Enter"}
    )
    session.send("Input.insertText", {"text": "你好"})
    assert page.input_value("#note") == "你好"
    assert page.evaluate("window.acted") == 0


def test_the_keys_do_act_otherwise_and_can_be_switched_off(context: BrowserContext, stage: str) -> None:
    """The same keys without a reason to be still do act; with the setting off none does."""
    assert opened(context, stage, "calling").evaluate(SEND, [BOUND, {}, None]) >= len(BOUND) - 3
    page = context.new_page()
    page.goto(f"{stage}/desk/calling?keys=off")
    page.evaluate(WATCH)
    assert page.evaluate(SEND, [BOUND, {}, None]) == 0
    assert page.locator(".choice kbd").first.is_hidden()


def test_without_its_guard_this_suite_would_see_it(context: BrowserContext, stage: str) -> None:
    """Mutant: the guard against input methods removed from the script is noticed by the test above."""

    def without_guard(route: Route) -> None:
        text = route.fetch().text()
        assert text.count("isComposing") >= 2 and "229" in text
        route.fulfill(
            body=text.replace(".isComposing", ".neverSet").replace("===229", "===-1"),
            content_type="text/javascript",
        )

    page = context.new_page()
    page.route("**/assets/console.*.js", without_guard)
    page.goto(f"{stage}/desk/calling")
    page.evaluate(WATCH)
    assert page.evaluate(SEND, [BOUND, {"isComposing": True}, None]) > 0
    assert page.evaluate(SEND, [BOUND, {"keyCode": 229}, None]) > 0

"""X1, X5, X6, X7: everybody can read and use every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from contact.flow.present import job_answer
from tests.acceptance.console import (
    call_samples,
    journey_samples,
    model_samples,
    samples,
    status_samples,
    tariff_samples,
    topic_samples,
    workbench_samples,
)
from tests.acceptance.console.stage import STATES
from tests.servers import ROOT

pytestmark = pytest.mark.browser

EVERY = [(page, state) for page, states in STATES.items() for state in states]
LOOKS = [(language, theme) for language in ("en", "zh-CN") for theme in ("light", "dark")]
LESSER = {each for each in EVERY if each[0] == "entrance"} | {
    ("models", "untrained"), ("models", "error"), ("model", "small"), ("tariffs", "cheapest"), ("tariffs", "penalty"),
    ("tariffs", "error"),
}  # fmt: skip
"""States that differ from another one in a few words."""
WIDTHS = (1440, 360)
OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What axe-core has in its category of colours, but for the strictest level, which no page promises."""
AXE = """async (only) => (await axe.run(document,
    {runOnly: only ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
     resultTypes: ['violations']}))
  .violations.map(each => each.id + ': ' + each.nodes.map(node => node.target.join(' ')).slice(0, 3).join(' | '))"""
OVERFLOW = """() => { const found = [];
  const width = document.documentElement.clientWidth;
  for (const element of document.querySelectorAll('body *')) {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!box.width || style.visibility === 'hidden' || element.closest('.unseen, .skip, .scrolls, [popover], svg')) continue;
    const name = element.tagName + '.' + element.className;
    if (box.right > width + 1 || box.left < -1) found.push(name + ' leaves the page');
    if (element.matches('textarea, input, select') || style.overflowX === 'visible') continue;
    if (element.scrollWidth > element.clientWidth + 1) found.push(name + ' is clipped');
  } return [...new Set(found)]; }"""


def opened(browser: Browser, address: str, width: int = 1440, height: int = 900, **given: Any) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, **given).new_page()
    page.goto(address)
    return page


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """One tab for every page that is only looked at: to open another costs more than all that is looked for in it."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def calm_tab(browser: Browser) -> Iterator[Page]:
    """One tab of somebody who wants nothing to move."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def shown(tab: Page, address: str, width: int = 1440) -> Page:
    """The tab at this address, as if nothing had been in it before."""
    tab.context.clear_cookies()
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(address)
    return tab


@pytest.mark.parametrize(("name", "state"), EVERY, ids=lambda each: str(each))
def test_axe_finds_nothing(tab: Page, stage: str, axe: str, name: str, state: str) -> None:
    """X1: 0 violations in both languages, light and dark, on a desk and a phone; lesser pages in half of them.

    Dark differs from light in colours alone, as the test below holds: the rules of other things are asked once a language.
    """
    for language, theme in LOOKS if (name, state) not in LESSER else (LOOKS[0], LOOKS[-1]):
        page = shown(tab, f"{stage}/{name}/{state}?lang={language}&theme={theme}")
        page.evaluate(axe)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            only = OF_COLOUR if theme == "dark" and (name, state) not in LESSER else None
            assert page.evaluate(AXE, only) == [], f"{language} {theme} {width}"


def test_dark_differs_from_light_in_colours_alone(tab: Page, stage: str, axe: str) -> None:
    """``light-dark()``, which takes nothing but colours, tells the themes apart; no other style sheet asks for the theme."""
    page = shown(tab, f"{stage}/overview/full")
    page.evaluate(axe)
    found = page.evaluate("axe.getRules(['cat.color']).map(each => each.ruleId)")
    assert set(found) - {"color-contrast-enhanced"} == set(OF_COLOUR["values"])
    told = re.compile(r"color-scheme|data-theme|dataset\.theme")
    files = [
        path for path in (ROOT / "contact/faces/console/assets").rglob("*") if path.suffix in (".css", ".mjs")
    ]
    lines = {
        (path.name, line.strip()) for path in files for line in path.read_text("utf-8").splitlines() if told.search(line)
    }  # fmt: skip
    assert {line for name, line in lines if name == "tokens.css"} == {
        "color-scheme: light dark;",
        ':root[data-theme="light"] { color-scheme: light; }',
        ':root[data-theme="dark"] { color-scheme: dark; }',
    }
    assert {name for name, _ in lines} == {"tokens.css", "print.css", "charts.mjs"}, (
        "charts are painted again in their colours"
    )


def test_axe_reads_the_staged_outcome_and_the_open_sheets_too(browser: Browser, stage: str, axe: str) -> None:
    """X1 for what a key opens: staged outcome, scopes, reasons to give back, all keys, settings."""
    for theme in ("light", "dark"):
        page = opened(browser, f"{stage}/desk/calling?theme={theme}")
        page.evaluate(axe)
        for key in ("1", "d", "?"):
            page.keyboard.press(key)
            assert page.evaluate(AXE) == [], f"{theme} after {key}"
        page.keyboard.press("Escape")
        page.click("[popovertarget=settings]")
        assert page.evaluate(AXE) == [], f"{theme} settings"
        page.goto(f"{stage}/desk/open?theme={theme}")
        page.evaluate(axe)
        page.keyboard.press("g")
        assert page.evaluate(AXE) == [], f"{theme} give back"
        page.context.close()


def test_axe_would_see_a_pale_token(browser: Browser, stage: str, axe: str) -> None:
    """Mutant: with one text colour set to #9aa4b2 on white the suite above fails."""

    def pale(route: Route) -> None:
        text = route.fetch().text()
        assert "#5a6675" in text
        route.fulfill(body=text.replace("#5a6675", "#9aa4b2"), content_type="text/css")

    page = browser.new_context().new_page()
    page.route("**/assets/style.*.css", pale)
    page.goto(f"{stage}/overview/full?theme=light")
    page.evaluate(axe)
    assert any("color-contrast" in each for each in page.evaluate(AXE))
    page.context.close()


@pytest.mark.parametrize(("name", "state"), EVERY, ids=lambda each: str(each))
def test_nothing_is_lost_when_enlarged(tab: Page, stage: str, name: str, state: str) -> None:
    """X5: at 320 CSS pixels (400 % zoom) and with text at 200 %, nothing leaves the page or is clipped."""
    page = shown(tab, f"{stage}/{name}/{state}", 320)
    for width, percent in ((320, 100), (1280, 200)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
        assert page.evaluate(OVERFLOW) == [], f"{width} px, text {percent} %"


@cache
def said_by_data() -> set[str]:
    """Every text that comes from answers and the playbook, not from the console."""
    playbook = samples.demo_playbook()
    answers = [
        samples.found(started=True),
        samples.card(allowed=False),
        samples.overview(),
        samples.nothing(),
        samples.advice(),
        model_samples.listed(),
        [job_answer(job) for job in model_samples.trainings()],
        *workbench_samples.everything(),
        tariff_samples.found("cheaper", "cheapest", "penalty", "too_few_months", "unknown_tariff"),
    ]
    texts: set[str] = {
        "Contact",
        "English",
        "中文",
        "AUC [95%]",
        "PSI",
        "SHA-256",
        "CSV",
        "JSON",
        samples.NAME,
        samples.NUMBER,
    }

    def gather(value: Any) -> None:
        if isinstance(value, str):
            texts.add(value)
        elif isinstance(value, dict):
            for each in value.values():
                gather(each)
        elif isinstance(value, list):
            for each in value:
                gather(each)

    gather(msgspec.to_builtins(answers))
    gather(msgspec.to_builtins(samples.refusals()))
    titled = (
        *playbook.strategies, *playbook.rules, *playbook.channels.values(), *playbook.fields.values(),
        *playbook.models.values(),
    )  # fmt: skip
    gather([text for each in titled for text in each.title.values()])
    gather([each.id for each in titled if hasattr(each, "id")])
    gather(list(playbook.fields))
    gather([title for unit in playbook.units.values() for title in unit.title.values()])
    gather([text for segment in playbook.segments.values() for text in segment.title.values()])
    gather(list(playbook.segments))
    gather(msgspec.to_builtins(topic_samples.answer()))
    gather([topic.title for topic in journey_samples.answer().topics])
    for menu in playbook.menus.values():
        gather(
            [*menu.title.values(), *(text for goal in menu.goals.values() for text in goal.title.values())]
        )
        gather(call_samples.texts_of(menu))
    gather(msgspec.to_builtins(call_samples.screen_pop()))
    failed = status_samples.in_store(full=True).failed
    gather([problem["message"] for job in failed for problem in job.problems])
    return texts


def without_translated(text: str) -> str:
    """What remains of a text when everything that went through the catalogue is taken out, innermost first."""
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    return text.strip(" ·:,;()/✕●")


FORMATTED = re.compile(r"[\d.,]+ (GB|KB|MB|km)|\d{1,2} [A-Z][a-z]{2} \d{4}")
"""Amounts and days, which a locale writes and no catalogue; the pseudo-language has that of English."""
TEXTS = """() => { const found = []; const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) { const node = walker.currentNode;
    if (node.parentElement.closest('kbd, code, time, script, .plot, .dial, [data-clock]')) continue;
    if (node.parentElement.closest('textarea, .cm-editor, .wb-hunks, .wb-three')) continue;
    const beside = [...node.parentElement.childNodes];
    if (beside.some(each => each.nodeName === 'CODE') && /⟦/.test(node.parentElement.textContent)) {
      found.push(beside.filter(each => each.nodeName === '#text').map(each => each.textContent).join(' ').trim());
      continue;  // a sentence with commands in it is one text
    }
    found.push(node.textContent.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    for (const name of ['aria-label', 'placeholder', 'alt']) found.push(element.getAttribute(name) ?? '');
  return found.filter(text => /[A-Za-z]{2,}/.test(text)); }"""


@pytest.mark.parametrize(("name", "state"), EVERY, ids=lambda each: str(each))
def test_a_longer_language_fits_and_leaves_no_english(tab: Page, stage: str, name: str, state: str) -> None:
    """X6: in a pseudo-language two fifths longer every text is translated and nothing overflows."""
    data = said_by_data()
    page = shown(tab, f"{stage}/{name}/{state}?lang=qps")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        left = {without_translated(text) for text in page.evaluate(TEXTS)}
        ours = {
            text for text in left
            if re.search(r"[A-Za-z]{2,}", text) and not any(text in each or each in text for each in data if len(each) > 2)
        }  # fmt: skip
        assert {text for text in ours if not FORMATTED.fullmatch(text)} == set()
        assert page.evaluate(OVERFLOW) == [], f"{width} px"


@pytest.mark.parametrize(("name", "state"), EVERY, ids=lambda each: str(each))
def test_nothing_moves_where_motion_is_unwanted(calm_tab: Page, stage: str, name: str, state: str) -> None:
    """X7: with prefers-reduced-motion there is no animation."""
    page = shown(calm_tab, f"{stage}/{name}/{state}")
    assert page.evaluate("document.getAnimations().length") == 0


def test_focus_and_states_are_seen_in_forced_colours(browser: Browser, stage: str) -> None:
    """X7: in a high-contrast scheme every stop of the Tab key has an outline, and chips and choices keep a border."""
    page = opened(browser, f"{stage}/desk/calling", forced_colors="active")
    for _ in range(14):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const e = document.activeElement.closest('.choice') ?? document.activeElement;
               const s = getComputedStyle(e); return e === document.body || s.outlineStyle !== 'none'; }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")
    for part in (".chip", ".choice", "button"):
        assert page.eval_on_selector(part, "e => getComputedStyle(e).borderTopStyle") == "solid"
    page.context.close()


def test_targets_are_large_enough_for_a_finger(context: BrowserContext, stage: str) -> None:
    """Every control is at least 24 by 24 px, or a link within a sentence."""
    page = context.new_page()
    for name, state in EVERY:
        page.goto(f"{stage}/{name}/{state}")
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, a.button, nav a, summary, select, .choice, .scopes label')]
              .filter(e => !e.closest('.unseen, [popover]')).map(e => [e, e.getBoundingClientRect()])
              .filter(([e, b]) => b.width && (b.height < 24 || b.width < 24))
              .map(([e, b]) => e.outerHTML.slice(0, 60) + b.height)"""
        )
        assert small == [], f"{name}/{state}"

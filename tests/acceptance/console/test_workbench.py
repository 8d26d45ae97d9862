"""S1–S8: the strategist's day at the workbench, on a real service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Route

from contact.flow.publishing.check_texts import check_texts
from tests.acceptance.console.conftest import Operator, log_in
from tests.acceptance.console.operator import CONFIG
from tests.acceptance.console.workbench_page import CAPS, Workbench

pytestmark = [pytest.mark.browser, pytest.mark.processes]
FOUR_CALLS = 29
"""The line of ``max: 4`` in the file of caps."""
VIOLATIONS = """window.violations = []; addEventListener('securitypolicyviolation',
  event => violations.push(event.violatedDirective + ' ' + event.blockedURI));"""


@pytest.fixture
def bench(operator: Operator, context: BrowserContext) -> Iterator[Workbench]:
    """The file of caps, open on the live version; every violation of the content policy is noted."""
    context.add_init_script(VIOLATIONS)
    bench = Workbench(context, operator)
    bench.open(CAPS)
    yield bench


def test_an_error_is_seen_and_mended_then_simulated_published_and_rolled_back(bench: Workbench) -> None:
    """S5, S7: underlined at its line, gone when mended; published in two actions and rolled back in two."""
    page, before = bench.page, bench.live
    bench.type("x", line=FOUR_CALLS)
    page.wait_for_selector(".cm-lintRange-error")
    assert page.locator(".cm-line:has(.cm-lintRange-error)").inner_text() == "    max: 4x"
    bench.saved()
    texts = {each.relative_to(CONFIG).as_posix(): each.read_text("utf-8") for each in CONFIG.rglob("*.yaml")}
    texts[CAPS] = bench.stored(CAPS)
    assert bench.problems == [said(each) for each in check_texts(texts).problems]
    assert page.is_disabled("#wb-publish") and page.inner_text("#wb-blocked") == "Mend the problems first."
    page.keyboard.press("Backspace")
    page.keyboard.type("0")
    page.wait_for_selector(".cm-lintRange-error", state="detached")
    bench.saved()
    page.wait_for_function("() => document.getElementById('wb-blocked').textContent === ''")
    assert bench.stored(CAPS) == texts[CAPS].replace("4x", "40")

    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector("#wb-simulate [data-poll] progress")
    page.wait_for_selector("#wb-simulate .figures", timeout=120_000)
    assert page.locator("#wb-simulate figure").count() >= 2
    page.wait_for_selector("#wb-simulate figure canvas")
    assert "over 30 days" in page.inner_text("#wb-radius")
    csv = page.locator("#wb-simulate .files a").first.get_attribute("href")
    assert page.request.get(f"{bench.operator.url}{csv}").text().startswith("rule,before,after")

    bench.tab("changes")
    assert "40" in page.inner_text("#wb-changes .wb-changes")
    assert page.locator("#wb-changes tr.plus").inner_text().endswith("max: 40")
    page.fill("#wb-why", "calls that nobody answers may be tried again")
    page.click("#wb-publish")
    page.wait_for_selector(".wb-told >> text=Published")
    assert bench.live != before
    history = page.locator("#wb-history .wb-history > li")
    assert "calls that nobody answers may be tried again" in history.first.inner_text()
    assert "Predicted" in history.first.inner_text()

    page.locator("#wb-history a.button").first.click()
    page.wait_for_selector("#wb-history form button.primary")
    assert "40" in page.inner_text("#wb-history .wb-changes")
    page.click("#wb-history form button.primary")
    page.wait_for_selector(".wb-told >> text=Rolled back")
    assert bench.live == before
    assert page.evaluate("window.violations") == []


def said(problem: dict[str, object]) -> str:
    """A problem as the command line prints it."""
    hint = f" ({problem['hint']})" if problem["hint"] else ""
    place = f"{problem['path']}:{problem['line']}:{problem['column']}"
    return f"{place}: {problem['code']}: {problem['message']}{hint}"


def test_a_simulation_can_be_cancelled(bench: Workbench) -> None:
    """S5: the button stays under the hand while progress moves, says at once that it was heard, once, and focus stays."""
    page = bench.page
    bench.type("0", line=FOUR_CALLS)
    bench.saved()
    bench.tab("simulate")
    page.fill("#wb-simulate [name=days]", "300")
    page.click("#wb-simulate form[data-run] button")
    page.focus("#wb-simulate [data-poll] form button")
    page.evaluate("() => { window.cancel = document.activeElement; }")
    page.wait_for_function("() => document.querySelector('#wb-simulate progress').value > 0", timeout=60_000)
    assert page.evaluate("() => window.cancel === document.activeElement")
    held: list[Route] = []
    page.route("**/cancel", lambda route: held.append(route))
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.cancel.textContent === 'Cancelling'")
    page.keyboard.press("Enter")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_selector("#wb-simulate .refusal")
    assert len(held) == 1
    assert "cancelled" in page.inner_text("#wb-simulate .refusal")
    assert page.evaluate("() => document.activeElement.closest('#wb-simulate') !== null")


def test_what_is_saved_is_what_was_typed(bench: Workbench) -> None:
    """S2: comments, blank lines, carriage returns, Chinese and a missing last line end come back byte for byte."""
    bench.type(" ", line=1)
    bench.saved()
    text = '# 注释 🙂\r\n\r\npolicy: contact-caps   \r\n# tab\there and "quotes"\r\nrules: []'
    assert bench.post("file", path=CAPS, text=text, seen_hash=bench.hash(CAPS)) == 200
    bench.page.reload()
    assert bench.page.get_attribute('input[name="lines"]', "value") == "crlf", (
        "what a form without a script sends back"
    )
    bench.checked()
    bench.type("，再写一句", line=1)
    bench.saved()
    assert bench.stored(CAPS) == text.replace("🙂", "🙂，再写一句")
    assert bench.page.get_attribute("#wb-hash", "title") == bench.hash(CAPS)


def test_two_people_in_one_file_do_not_overwrite_each_other(bench: Workbench) -> None:
    """Who comes second is told, keeps what was typed, and the first one's text stays."""
    bench.type(" # mine", line=1)
    bench.saved()
    theirs = bench.stored(CAPS).replace("# mine", "# theirs")
    assert bench.post("file", path=CAPS, text=theirs, seen_hash=bench.hash(CAPS)) == 200
    bench.page.keyboard.type(" and more")
    bench.page.wait_for_selector("main.clash")
    assert "somebody else wrote" in bench.page.inner_text("#wb-saved")
    assert "# mine and more" in bench.page.inner_text(".cm-content")
    assert bench.stored(CAPS) == theirs


def test_a_checker_that_cannot_be_reached_is_said_and_nothing_is_published(bench: Workbench) -> None:
    """ "Not checked since" with a time; publishing is off until it answers again; the last result stays."""
    bench.type("0", line=FOUR_CALLS)
    bench.saved()
    assert bench.page.is_enabled("#wb-publish")
    last = bench.page.inner_text("#wb-problems")
    bench.page.route("**/check", lambda route: route.abort())
    bench.page.keyboard.type("0")
    bench.page.wait_for_selector("main.unchecked")
    assert "not checked since" in bench.page.inner_text("#wb-unchecked")
    assert bench.page.is_disabled("#wb-publish")
    assert last and bench.page.inner_text("#wb-problems") == last
    bench.page.unroute("**/check")
    bench.page.wait_for_selector("main:not(.unchecked):not(.checking)")
    assert bench.page.is_enabled("#wb-publish")


def test_while_it_is_checked_the_last_result_stays_dimmed(bench: Workbench) -> None:
    """An empty list would look like success, so the old one stays with the word beside it."""
    bench.type("x", line=FOUR_CALLS)
    bench.page.wait_for_selector(".cm-lintRange-error")
    bench.checked()
    held: list[Route] = []
    bench.page.route("**/check", lambda route: held.append(route))
    bench.page.keyboard.press("Backspace")
    bench.page.wait_for_selector("main.checking .when-checking", state="visible")
    assert len(bench.problems) == 1
    while not held:
        bench.page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    bench.page.unroute("**/check")
    bench.checked()
    assert not any("value.type" in each for each in bench.problems)


def test_an_audience_that_reaches_nobody_today_is_said(bench: Workbench) -> None:
    """As one types: nothing is wrong with the texts, so publishing stays open, and the line that nobody meets is named."""
    bench.open("fields.yaml")
    path = "segments/nobody.yaml"
    bench.type(" ", line=1)
    bench.saved()
    text = "segment: nobody\ntitle: {en: Nobody, zh-CN: 无人}\nowner: marketing\nwhen: tenure_months > 590\n"
    assert bench.post("file", path=path, text=text, seen_hash=None) == 200
    bench.page.reload()
    bench.checked()
    said = [each for each in bench.problems if each.startswith(f"{path}:4:7: warning.nobody")]
    assert len(said) == 1 and "590" in said[0], bench.problems
    assert bench.page.is_enabled("#wb-publish")


def test_a_cell_of_the_explanation_leads_to_its_rule(bench: Workbench) -> None:
    """S4: the field keeps the focus; one click lights the line in the editor and shows the rule with its values."""
    bench.page.keyboard.press("Control+e")
    bench.page.wait_for_selector("#wb-explain [name=customer]:focus")
    customer = bench.operator.ask("SELECT min(customer_id) FROM task")[0][0]
    bench.page.keyboard.type(str(customer))
    bench.page.keyboard.press("Enter")
    bench.page.wait_for_selector("#wb-explain .wb-grid tbody tr")
    assert bench.page.evaluate("() => document.activeElement.name") == "customer"
    cell = bench.page.locator("#wb-explain td.failed a[data-place]").first
    path, line, _ = str(cell.get_attribute("data-place")).split(":")
    cell.click()
    bench.page.wait_for_selector(".cm-lit")
    assert bench.page.inner_text("#wb-path") == path
    assert bench.page.locator(".cm-lineNumbers .cm-activeLineGutter").inner_text() == line
    shown = bench.page.locator("#wb-explain .wb-cell:target")
    assert f"{path}:{line}" in shown.inner_text()


def test_keys_find_problems_files_and_declarations(bench: Workbench) -> None:
    """F8 goes to the next problem, F2 finds a file, F4 leads to a declaration, Ctrl+S saves and publishes nothing."""
    page, before = bench.page, bench.live
    bench.type("x", line=FOUR_CALLS)
    page.wait_for_selector(".cm-lintRange-error")
    bench.checked()
    page.keyboard.press("Control+Home")
    page.keyboard.press("F8")
    page.wait_for_selector(".cm-lit")
    assert page.locator(".cm-lit").inner_text() == "    max: 4x"
    page.keyboard.press("Control+s")
    bench.saved()
    assert bench.live == before
    page.keyboard.press("F2")
    page.keyboard.type("data-upgrade")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.getElementById('wb-path').textContent === 'strategies/data-upgrade.yaml'"
    )
    bench.checked()
    bench.type("", line=7, at="Home")
    for _ in range(len("audience: da")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("F4")
    page.wait_for_function("() => document.getElementById('wb-path').textContent === 'fields.yaml'")
    assert (
        page.locator(".cm-lit")
        .inner_text()
        .strip()
        .startswith(("data_gb", "- field: data_gb", "- {field: data_gb"))
    )


def test_completion_knows_fields_and_how_they_are_spread(bench: Workbench) -> None:
    """Ctrl+Space offers the field with its title; beside it stand how many customers have it and its spread."""
    bench.open("strategies/data-upgrade.yaml")
    bench.type(" AND tenure", line=7)
    bench.page.keyboard.press("Control+Space")
    bench.page.wait_for_selector(".cm-tooltip-autocomplete li[aria-selected]")
    assert "tenure_months" in bench.page.inner_text(".cm-tooltip-autocomplete li[aria-selected]")
    bench.page.wait_for_selector(".cm-completionInfo td")
    assert "220 of 220 customers have it" in bench.page.inner_text(".cm-completionInfo")


def test_analysts_look_on(operator: Operator, context: BrowserContext) -> None:
    """An analyst reads files, checks and explanations, and can neither save nor publish."""
    bench = Workbench(context, operator, "analyst")
    bench.open(CAPS)
    assert bench.page.locator("#wb-publish").count() == 0
    bench.type("x", line=1)
    assert bench.page.inner_text(".cm-line >> nth=0").startswith("# How often")
    assert bench.post("/workbench/drafts") == 403
    assert bench.post("check", path=CAPS) == 200
    agent = log_in(context, operator, "agent", "a01")
    assert agent.request.get(f"{operator.url}/workbench").status == 403

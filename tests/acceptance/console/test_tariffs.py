# ruff: noqa: E501
"""Bills before and after: what the page and the desk's pane say, and that the pane never disturbs the card."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from contact.domain.tariff_answers import TariffsAnswer
from contact.faces.console.desk.tariff_view import bill_view, line_view, tariffs_view
from contact.faces.console.shared import labels
from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.pages import Look, look_for
from contact.faces.console.shared.words import words_in
from tests.acceptance.console import samples, tariff_samples
from tests.acceptance.console.conftest import Desk, Operator, log_in
from tests.acceptance.console.test_desk import SHIFTS, let_go
from tests.acceptance.console.test_pages import drawn


@pytest.fixture
def look() -> Look:
    return look_for(words_in("en"), samples.demo_playbook())


def page(look: Look, *verdicts: str) -> str:
    return drawn(look, "tariffs.html", tariffs_view(look, tariff_samples.found(*verdicts)))


def pane(look: Look, found: TariffsAnswer, line: str = "") -> str:
    return drawn(look, "bill.html", bill_view(look, found, line))


def test_a_cheaper_tariff_stands_with_its_risk_and_not_only_its_saving(look: Look) -> None:
    """Saving with spread, dearer months, the dearest month before and after, penalty, what else changes, and the data's end."""
    text = page(look, "cheaper")
    for part in ("−¥22.18", "± ¥11.30", "1 of 6 months", "¥136.50", "now ¥133.10", "+¥266.16", "30 GB instead of 10 GB", "binds for 12 months",
                 "¥89.90 to ¥136.50 a month then, ¥113.90 to ¥133.10 now; dearer in 1 of 6 months.", "Usage on file until Feb 2026"):  # fmt: skip
        assert part in text
    assert (
        view_finding(look, [5900] * 6) == "¥59.00 a month then, ¥113.90 to ¥133.10 now; in no month dearer."
    )
    assert "+¥3.40" in text and "+¥2.10" in text, "the dearer month, and what the price list does not explain"


def view_finding(look: Look, after: list[int]) -> str:
    best = tariff_samples.option("Flat", "cheaper", after, ["Fee"] * 5, [])
    return line_view(look, msgspec.structs.replace(tariff_samples.line("cheaper"), best=best)).finding


def test_rejected_tariffs_are_explained_and_not_hidden(look: Look) -> None:
    """Each other tariff has the same figures and a word on why it is not advised."""
    text = page(look, "cheaper")
    for part in (
        "All-in 199",
        "+¥78.79",
        "dearer</span>",
        "Student 39",
        "not open to this line",
        "what the line has now",
    ):
        assert part in text


def test_having_the_cheapest_is_an_answer_of_its_own(look: Look) -> None:
    """It is said first with what comes nearest, and the desk's pane shows no bars that sell."""
    text = page(look, "cheapest")
    assert "is already the cheapest for this line" in text and "What comes nearest: All-in 199" in text
    assert "Penalty for leaving now" in text
    told = pane(look, tariff_samples.found("cheapest"))
    assert "is already the cheapest for this line" in told and 'class="pair"' not in told


@pytest.mark.parametrize("verdict", ["too_few_months", "unknown_tariff"])
def test_a_line_without_a_comparison_says_why(look: Look, verdict: str) -> None:
    """One sentence, no empty table, on page and pane."""
    text = page(look, verdict)
    words = {"too_few_months": "a comparison needs 3", "unknown_tariff": "is not in the price list"}[verdict]
    assert words in text and "<table" not in text
    assert words in pane(look, tariff_samples.found(verdict))


def test_a_contract_that_costs_more_than_a_year_saves_is_not_hidden(look: Look) -> None:
    """The cheaper tariff stands there with its penalty and a year's loss."""
    text = page(look, "penalty")
    for part in ("Contract until 30 Sep", "¥420.00", "−¥153.84", "leaving Global 59 before"):
        assert part in text
    assert "penalty ¥420.00" in pane(look, tariff_samples.found("penalty"))


def test_bars_share_one_scale(look: Look) -> None:
    """The longest bill of the line is the whole width; no bar is longer, none negative."""
    view = line_view(look, tariff_samples.line("cheaper"))
    shares = [share for bar in view.bars for share in (bar.before, bar.after)]
    assert max(shares) == 1.0 and min(shares) > 0
    bills = [msgspec.structs.replace(each, after_minor=-500) for each in view.shown.bills]  # type: ignore[union-attr]
    best = msgspec.structs.replace(view.shown, bills=bills)  # type: ignore[type-var]
    below = line_view(look, msgspec.structs.replace(view.line, best=best))
    assert min(bar.after for bar in below.bars) == 0


def test_the_pane_shows_the_tasks_line_else_the_one_worth_most(look: Look) -> None:
    """A line that is named is shown even where another one would save."""
    found = tariff_samples.found("cheapest", "cheaper")
    chosen = bill_view(look, found)["line"], bill_view(look, found, "L1")["line"]
    assert [each.line.line for each in chosen] == ["L2", "L1"]
    assert bill_view(look, tariff_samples.found())["line"] is None


def test_words_of_verdicts_are_those_of_the_engine() -> None:
    """A verdict that is added needs its words."""
    assert labels.OPTION_VERDICTS.keys() == {
        "cheaper",
        "dearer",
        "penalty",
        "not_eligible",
        "current",
    }


@pytest.fixture
def desk(operator: Operator, context: BrowserContext) -> Iterator[Desk]:
    """Agent a04 at an empty desk."""
    page = log_in(context, operator, "agent", "a04")
    yield Desk(page, operator.url)
    let_go(page, operator)


def pull(desk: Desk, operator: Operator, advice: bool) -> None:
    """Pull until a task does, or does not, tell of a better tariff; the others are called and left unanswered."""
    for _ in range(40):
        if desk.page.locator("main.ready").count():
            desk.press("n")
            desk.until("open")
        offer = operator.ask("SELECT offer FROM task WHERE id = ?", desk.task)[0][0]
        if (offer == "best_tariff") == advice:
            return
        task = desk.task
        desk.press("c")
        desk.until("calling")
        desk.press("7")
        desk.press("Enter")
        desk.until("open", other_than=f"/desk/tasks/{task}")
    raise AssertionError("no such task among forty")


def api(operator: Operator, path: str) -> dict[str, object]:
    request = urllib.request.Request(operator.url + path, headers={"Authorization": f"Bearer {operator.service.key('analyst')}"})  # fmt: skip
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


@pytest.mark.browser
@pytest.mark.processes
def test_the_bill_comes_after_the_card_and_moves_nothing(desk: Desk, operator: Operator) -> None:
    """A task about the best tariff opens the pane by itself; focus stays on the name, shift at most 0.02, even when it comes late."""

    def late(route: Route) -> None:
        time.sleep(0.8)
        route.continue_()

    pull(desk, operator, advice=False)
    desk.page.route("**/tariffs/bill**", late)
    desk.page.evaluate(SHIFTS)
    task = desk.task
    desk.press("c")
    desk.until("calling")
    desk.press("7")
    desk.press("Enter")
    desk.until("open", other_than=f"/desk/tasks/{task}")
    pull(desk, operator, advice=True)
    assert desk.page.locator("details.bill[open]").count() == 1
    desk.page.wait_for_selector(".bill .number, .bill .sentence, .bill table")
    assert desk.focus == "who"
    assert desk.page.get_attribute("main", "aria-busy") == "false" and desk.page.is_hidden("#banner")
    assert desk.page.evaluate("window.shifted") <= 0.02


@pytest.mark.browser
@pytest.mark.processes
def test_the_pane_says_what_the_service_says(desk: Desk, operator: Operator) -> None:
    """The saving beside the script is that of GET /v1/customers/…/tariffs for the task's line, and so is the page's."""
    pull(desk, operator, advice=True)
    customer, line = operator.ask("SELECT customer_id, line_id FROM task WHERE id = ?", desk.task)[0]
    found = msgspec.convert(api(operator, f"/v1/customers/{customer}/tariffs?language=en"), TariffsAnswer)
    best = next(each.best for each in found.lines if each.line == line)
    assert best is not None and best.saving_minor > 0
    saving = Formats(words_in("en"), "CNY", 100, "Asia/Shanghai").change(-best.saving_minor)
    assert desk.page.locator(".bill .number").inner_text() == saving
    desk.page.click(".bill a")
    desk.page.wait_for_url("**/tariffs")
    assert saving in desk.page.inner_text("main") and best.title in desk.page.inner_text("main")


@pytest.mark.browser
@pytest.mark.processes
def test_t_opens_the_bill_of_any_customer_and_typing_does_not(desk: Desk, operator: Operator) -> None:
    """Closed and not asked for until ``T``; in the note a t is a t; what was typed survives the pane's coming."""
    asked: list[str] = []
    desk.page.on(
        "request", lambda request: asked.append(request.url) if "/tariffs/bill" in request.url else None
    )
    pull(desk, operator, advice=False)
    asked.clear()
    desk.press("c")
    desk.until("calling")
    desk.press("/")
    desk.page.keyboard.type("talks about tariffs")
    assert desk.page.input_value("#note") == "talks about tariffs" and asked == []
    desk.press("Escape")
    desk.press("t")
    desk.page.wait_for_selector(".bill .more")
    assert len(asked) == 1 and desk.page.input_value("#note") == "talks about tariffs"
    desk.press("t")
    assert desk.page.locator("details.bill[open]").count() == 0
    desk.page.evaluate("document.getElementById('note').value = ''")


@pytest.mark.browser
@pytest.mark.processes
def test_a_pane_that_does_not_come_leaves_its_link(desk: Desk, operator: Operator) -> None:
    """Network gone: the link stays; opened again, it is asked for again."""
    pull(desk, operator, advice=False)
    desk.page.route("**/tariffs/bill**", lambda route: route.abort())
    desk.press("t")
    desk.page.wait_for_timeout(200)
    assert desk.page.locator(".bill a").inner_text() == "All lines and tariffs"
    desk.page.unroute("**/tariffs/bill**")
    desk.press("t")
    desk.press("t")
    desk.page.wait_for_selector(".bill .more")


@pytest.mark.browser
@pytest.mark.processes
def test_tariffs_are_read_without_a_script(browser: Browser, operator: Operator) -> None:
    """X8: from the customer's card to every line's comparison by a link; names stay with those who may read them."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page: Page = context.new_page()
    page.goto(operator.link("analyst"))
    page.locator("main button").click()
    customer = operator.ask("SELECT customer_id FROM task WHERE offer = 'best_tariff' LIMIT 1")[0][0]
    page.goto(f"{operator.url}/customers/{customer}")
    page.get_by_role("link", name="账单前后对比").click()
    answer = page.goto(page.url)
    assert answer is not None and answer.status == 200
    assert page.locator("svg.pair").count() >= 3 and "计算方法" in page.inner_text("main")
    print(f"tariff page {len(answer.body())} bytes")
    assert not [name for name in operator.canaries.names if name in page.inner_text("main")]
    assert page.request.get(f"{operator.url}/customers/nobody/tariffs").status == 404
    context.close()

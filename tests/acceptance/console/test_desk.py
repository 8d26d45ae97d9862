"""The agent's shift by keyboard, on a real service."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.acceptance.console.conftest import Desk, Operator, log_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def desk(operator: Operator, context: BrowserContext) -> Iterator[Desk]:
    """A person at an empty desk; whatever they still hold afterwards goes back."""
    page = log_in(context, operator, "agent", "a01")
    desk = Desk(page, operator.url)
    yield desk
    let_go(page, operator)


def let_go(page: Page, operator: Operator) -> None:
    """End what the person still holds: a call in hand gets an outcome, a task not started goes back."""
    page.unroute_all()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{operator.url}/desk")
    page.click("#main button[data-key=n]") if page.locator("main.ready").count() else None
    page.wait_for_selector("main.open, main.calling")
    if page.locator("main.calling").count():
        page.keyboard.press("7")
        page.click("[name=then][value=stop]")
    else:
        page.keyboard.press("g")
        page.click("details[open] form button")
    page.wait_for_selector("main.ready")


def begin_call(desk: Desk) -> str:
    """Pull if need be, and start; the task in hand."""
    if desk.page.evaluate("document.getElementById('main').classList.contains('ready')"):
        desk.press("n")
        desk.until("open")
    desk.press("c")
    desk.until("calling")
    return desk.task


def test_keys_needed_for_each_step_of_a_call(desk: Desk, operator: Operator) -> None:
    """A1: pull 1 key; outcome and next customer 2 keys; do-not-call with any scope at most 3 keys."""
    desk.press("n")
    desk.until("open")
    assert desk.presses == 1
    task = begin_call(desk)
    desk.presses = 0
    desk.press("3")
    desk.press("Enter")
    desk.until("open", other_than=f"/desk/tasks/{task}")
    assert desk.presses == 2
    assert operator.ask("SELECT state FROM task WHERE id = ?", task) == [("done",)]
    assert operator.ask("SELECT result, person FROM contact WHERE task_id = ?", task) == [("rejected", "a01")]
    for moves, scope in (
        ([], "this number, any channel"),
        (["ArrowDown"], "marketing by phone"),
        (["ArrowUp"], "all marketing"),
    ):
        task = begin_call(desk)
        desk.presses = 0
        for key in ("d", *moves, "Enter"):
            desk.press(key)
        desk.until("open", other_than=f"/desk/tasks/{task}")
        assert desk.presses <= 3
        assert desk.page.inner_text(".said") == f"●Stored: Do not contact: {scope}"
        assert operator.ask("SELECT given, source FROM consent WHERE evidence LIKE ?", f"task {task}%") == [
            (0, "agent")
        ]


def test_a_staged_outcome_says_what_it_will_do_and_can_be_taken_back(desk: Desk, operator: Operator) -> None:
    """A key only stages: the consequence stands there in words, Escape takes it back, nothing is stored."""
    task = begin_call(desk)
    desk.press("4")
    assert desk.focus == "commit"
    assert "Comes back in 1 hour" in desk.page.locator("#of-no_answer:visible").inner_text()
    desk.press("Escape")
    assert desk.page.locator(".outcomes [name=result]:checked").count() == 0
    assert operator.ask("SELECT state FROM task WHERE id = ?", task) == [("started",)]


def test_focus_stands_where_the_next_key_is_expected(desk: Desk) -> None:
    """A6: on the customer's name after a pull, on Next after a stop, never on the body, through a whole shift."""
    assert desk.focus == "key n"
    desk.press("n")
    desk.until("open")
    assert desk.focus == "who"
    for outcome in ("4", "2"):
        task = begin_call(desk)
        assert desk.focus == "who"
        desk.press(outcome)
        assert desk.focus == "commit"
        desk.press("Enter")
        desk.until("open", other_than=f"/desk/tasks/{task}")
        assert desk.focus == "who"
    begin_call(desk)
    desk.press("/")
    assert desk.focus == "note"
    desk.page.keyboard.type("back at 7, no c or n")
    desk.press("Escape")
    assert desk.focus != "BODY"
    desk.press("1")
    desk.press("Tab")
    desk.press("Enter")
    desk.until("ready")
    assert desk.focus == "key n"


def test_the_note_is_stored_with_its_outcome_from_the_note_itself(desk: Desk, operator: Operator) -> None:
    """Slash, text, Ctrl+Enter: letters in the note do nothing else."""
    task = begin_call(desk)
    desk.press("2")
    desk.press("/")
    desk.page.keyboard.type("Ruft nach 19 Uhr an 请晚上联系")
    desk.press("Control+Enter")
    desk.until("open", other_than=f"/desk/tasks/{task}")
    assert operator.ask("SELECT result, note FROM contact WHERE task_id = ?", task) == [
        ("wants_time", "Ruft nach 19 Uhr an 请晚上联系")
    ]


def test_a_task_goes_back_before_the_call_with_a_reason(desk: Desk, operator: Operator) -> None:
    """G opens the reasons; the task waits again and no attempt is counted."""
    desk.press("n")
    desk.until("open")
    task = desk.task
    desk.press("g")
    desk.page.select_option("#reason", "language")
    desk.page.click("details[open] form button")
    desk.until("ready")
    assert operator.ask("SELECT state, attempts FROM task WHERE id = ?", task) == [("waiting", 0)]
    assert desk.page.inner_text(".said") == "●Stored: given back"


def test_a_page_loaded_again_shows_the_customer_that_is_open(desk: Desk) -> None:
    """The desk finds the held task again by its address, and from the menu too."""
    task = begin_call(desk)
    number = desk.page.inner_text(".dial")
    desk.page.reload()
    assert desk.task == task and desk.page.inner_text(".dial") == number
    desk.page.goto(f"{desk.url}/desk")
    assert desk.task == task


def test_an_outcome_that_is_missing_is_asked_for_where_the_focus_goes(desk: Desk) -> None:
    """422: the problem stands above the form in its own words, the focus is on it, the note is still there."""
    begin_call(desk)
    desk.page.fill("#note", "kept")
    desk.page.click("#commit")
    desk.page.wait_for_selector(".problems")
    assert "Choose what came of the call." in desk.page.inner_text(".problems")
    assert desk.page.evaluate("document.activeElement.classList.contains('problems')")
    assert desk.page.input_value("#note") == "kept"


def test_a_lost_task_is_said_and_the_note_stays(
    desk: Desk, operator: Operator, context: BrowserContext
) -> None:
    """Ended in another tab: the second outcome is not stored, the page says so and keeps the note."""
    task = begin_call(desk)
    other = context.new_page()
    other.goto(f"{operator.url}/desk/tasks/{task}")
    other.keyboard.press("5")
    other.click("[name=then][value=stop]")
    other.wait_for_selector("main.ready")
    desk.press("1")
    desk.page.fill("#note", "wants fibre")
    desk.page.click("#commit")
    desk.page.wait_for_selector("main.lost")
    assert "no longer yours" in desk.page.inner_text("h1")
    assert "went back to the queue. The outcome was not stored." in desk.page.inner_text("#main")
    assert desk.page.input_value("#kept") == "wants fibre"
    assert desk.focus == "lost"
    results = operator.ask("SELECT result FROM contact WHERE task_id = ? AND result IS NOT NULL", task)
    assert results == [("busy",)]


SHIFTS = """() => { window.shifted = 0; new PerformanceObserver(list => {
   for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({type: 'layout-shift', buffered: true}); }"""


def pass_cards(desk: Desk, cards: int) -> float:
    """Call and store so many times; what moved meanwhile, shifts after keys counted too."""
    desk.page.evaluate(SHIFTS)
    for _ in range(cards):
        task = begin_call(desk)
        desk.press("4")
        desk.press("Enter")
        desk.until("open", other_than=f"/desk/tasks/{task}")
    shifted: float = desk.page.evaluate("window.shifted")
    print(f"layout shift over {cards} cards: {shifted:.4f}")
    return shifted


def test_cards_do_not_jump(desk: Desk) -> None:
    """A7: layout shift at most 0.02 over ten cards."""
    assert pass_cards(desk, 10) <= 0.02


def test_cards_do_not_jump_while_a_slow_answer_is_waited_for(desk: Desk) -> None:
    """The word that an answer takes long comes and goes without moving what the agent reads."""

    def slowly(route: Route) -> None:
        time.sleep(0.8)
        route.continue_()

    desk.page.route("**/desk/**", slowly)
    assert pass_cards(desk, 2) <= 0.02

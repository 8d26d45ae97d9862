"""A4: one outcome, whatever the network, the fingers and the browser do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.acceptance.console.conftest import Desk, Operator, log_in
from tests.acceptance.console.test_desk import begin_call, let_go

pytestmark = [pytest.mark.browser, pytest.mark.processes]
COMPLETE = "**/desk/tasks/*/complete"


@pytest.fixture
def desk(operator: Operator, context: BrowserContext) -> Iterator[Desk]:
    """Another agent than in the other tests, with an outcome staged and a note written."""
    page = log_in(context, operator, "agent", "a02")
    yield Desk(page, operator.url)
    if not page.is_closed():
        let_go(page, operator)


def stored(operator: Operator, task: str) -> list[tuple[object, ...]]:
    return operator.ask("SELECT result, note FROM contact WHERE task_id = ? AND result IS NOT NULL", task)


def stage_outcome(desk: Desk, note: str) -> str:
    task = begin_call(desk)
    desk.page.fill("#note", note)
    desk.page.focus("#who")
    desk.press("2")
    return task


def test_a_dropped_reply_and_three_enters_leave_one_outcome_and_the_tab_may_close(
    desk: Desk, operator: Operator
) -> None:
    """The service got the form, the reply is swallowed, Enter comes three times, the tab is closed."""
    task = stage_outcome(desk, "wants the small one")
    sent: list[str] = []

    def swallow(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fetch()
        route.abort()

    desk.page.route(COMPLETE, swallow)
    for _ in range(3):
        desk.press("Enter")
    desk.page.wait_for_selector("#banner:not([hidden])")
    assert "sent again" in desk.page.inner_text("#banner")
    assert desk.page.input_value("#note") == "wants the small one"
    desk.page.close(run_before_unload=False)
    assert sent
    assert stored(operator, task) == [("wants_time", "wants the small one")]


def test_a_form_sent_again_after_its_reply_was_lost_is_answered_as_if_nothing_had_been(
    desk: Desk, operator: Operator
) -> None:
    """The second sending carries the same key, changes nothing and brings the next customer."""
    task = stage_outcome(desk, "reply lost")
    keys: list[str] = []

    def swallow_first(route: Route) -> None:
        keys.append((route.request.post_data or "").partition("idempotency_key=")[2].partition("&")[0])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    desk.page.route(COMPLETE, swallow_first)
    desk.press("Enter")
    desk.until("open", other_than=f"/desk/tasks/{task}")
    assert len(keys) == 2 and len(set(keys)) == 1
    assert desk.page.is_hidden("#banner")
    assert stored(operator, task) == [("wants_time", "reply lost")]


def test_what_was_entered_offline_is_sent_when_the_network_is_back(desk: Desk, operator: Operator) -> None:
    """Offline the entry stays on the page with a warning; back online it is stored once, without a key press."""
    task = stage_outcome(desk, "from the tunnel")
    desk.page.context.set_offline(True)
    desk.press("Enter")
    desk.page.wait_for_selector("#banner:not([hidden])")
    assert stored(operator, task) == []
    desk.page.context.set_offline(False)
    desk.until("open", other_than=f"/desk/tasks/{task}")
    assert stored(operator, task) == [("wants_time", "from the tunnel")]


def test_a_service_that_cannot_answer_does_not_take_the_entry_away(desk: Desk, operator: Operator) -> None:
    """A 503 leaves the form as it is and it is sent again."""
    task = stage_outcome(desk, "kept over a 503")
    answers = iter([503, 503])

    def fail_twice(route: Route) -> None:
        status = next(answers, None)
        route.fulfill(
            status=status, body="<p>no</p>", content_type="text/html"
        ) if status else route.continue_()

    desk.page.route(COMPLETE, fail_twice)
    desk.press("Enter")
    desk.page.wait_for_selector("#banner:not([hidden])")
    assert desk.page.input_value("#note") == "kept over a 503"
    desk.page.wait_for_timeout(100)
    desk.until("open", other_than=f"/desk/tasks/{task}")
    assert stored(operator, task) == [("wants_time", "kept over a 503")]


def test_closing_a_tab_with_something_entered_asks_first(desk: Desk) -> None:
    """The browser's own question stands before a note that was not stored."""
    stage_outcome(desk, "do not lose me")
    asked: list[str] = []
    desk.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.page.close(run_before_unload=True)
    desk.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert desk.page.input_value("#note") == "do not lose me"


def test_a_session_that_ended_in_mid_call_costs_nothing_that_was_entered(
    desk: Desk, operator: Operator
) -> None:
    """The entry stays; after a login in another tab the same button stores it under the new session."""
    task = stage_outcome(desk, "typed before the session ended")
    desk.page.context.clear_cookies()
    desk.press("Enter")
    desk.page.wait_for_selector("#banner:not([hidden])")
    desk.page.wait_for_function(
        "() => document.getElementById('banner').textContent.startsWith('Your session')"
    )
    assert desk.page.input_value("#note") == "typed before the session ended"
    log_in(desk.page.context, operator, "agent", "a02").close()
    desk.page.click("#commit")
    desk.until("open", other_than=f"/desk/tasks/{task}")
    assert stored(operator, task) == [("wants_time", "typed before the session ended")]


def test_another_outcome_after_a_lost_reply_does_not_overwrite_the_first(
    desk: Desk, operator: Operator
) -> None:
    """The first is stored; a changed form with its key is refused, and the note stays to be copied."""
    task = stage_outcome(desk, "first")

    sent: list[str] = []
    changed: list[bool] = []

    def swallow(route: Route) -> None:
        if changed:
            return route.continue_()
        if not sent:
            sent.append(route.request.post_data or "")
            route.fetch()
        return route.abort()

    desk.page.route(COMPLETE, swallow)
    desk.press("Enter")
    desk.page.wait_for_function(
        "() => document.getElementById('banner').textContent.startsWith('No connection')"
    )
    desk.page.fill("#note", "second thoughts")
    changed.append(True)
    desk.page.click("#commit")
    desk.page.wait_for_selector("main.lost")
    assert desk.page.input_value("#kept") == "second thoughts"
    assert stored(operator, task) == [("wants_time", "first")]

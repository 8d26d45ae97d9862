"""Whole walks through the console on a real service: policy, leaks, many tabs, no script, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.acceptance.console.conftest import Desk, Operator, log_in
from tests.acceptance.console.test_desk import begin_call, let_go

pytestmark = [pytest.mark.browser, pytest.mark.processes]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@pytest.fixture
def page(operator: Operator, context: BrowserContext) -> Iterator[Page]:
    """A session that may see all three pages, of agent a03; every policy violation is noted."""
    context.add_init_script(
        """window.violations = []; addEventListener('securitypolicyviolation',
           event => violations.push(event.violatedDirective + ' ' + event.blockedURI));"""
    )
    page = log_in(context, operator, "admin", "a03")
    yield page
    let_go(page, operator)


def walk(page: Page, operator: Operator) -> Iterator[None]:
    """Every page and every kind of form once; a stop after each step."""
    page.goto(f"{operator.url}/overview")
    yield
    page.goto(f"{operator.url}/desk")
    desk = Desk(page, operator.url)
    yield
    task = begin_call(desk)
    yield
    desk.page.fill("#note", "walks by")
    desk.page.focus("#who")
    desk.press("4")
    desk.press("Enter")
    desk.until("open", other_than=f"/desk/tasks/{task}")
    yield
    page.goto(f"{operator.url}/customers")
    page.fill("#sought", min(operator.canaries.numbers))
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*")
    yield
    page.fill("#why", "asked which number we call")
    page.click(".reveal button")
    page.wait_for_url("**/reveal")
    yield
    page.select_option("#channel", "sms")
    page.click(".consent button")
    page.wait_for_url("**cancelled=*")
    yield
    page.goto(f"{page.url.partition('?')[0]}/tariffs")
    yield
    page.goto(f"{operator.url}/models")
    yield
    page.goto(f"{operator.url}/models/churn-2")
    yield
    page.goto(f"{operator.url}/customers/nobody-here")
    yield


def test_no_page_breaks_the_content_policy(page: Page, operator: Operator) -> None:
    """X2: every page carries exactly the policy, and nothing on it or swapped into it violates it."""
    policies: list[str] = []
    page.on(
        "response",
        lambda answer: (
            policies.append(answer.headers.get("content-security-policy", "none"))
            if answer.request.resource_type == "document" and answer.status != 303
            else None
        ),
    )
    for _ in walk(page, operator):
        assert page.evaluate("window.violations") == []
    assert len(policies) >= 5
    for policy in policies:
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert nonce and policy == POLICY.format(nonce)


def test_no_name_and_no_number_leaks_out_of_the_page(page: Page, operator: Operator) -> None:
    """X3: after a whole walk no address, title, storage, cache, cookie or log line holds a customer's name or number."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(unquote(request.url)))
    for _ in walk(page, operator):
        seen.append(page.title())
        seen.append(page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])"))
        seen.append(str(page.evaluate("caches.keys()")))
    seen += [str(each) for each in page.context.cookies()]
    seen.append(operator.service.log.read_text("utf-8"))
    text = "\n".join(seen)
    leaked = {each for each in operator.canaries.names | operator.canaries.numbers if each in text}
    leaked |= {each for each in operator.canaries.numbers if each.removeprefix("+86") in text}
    assert leaked == set()
    assert "walks by" not in text


def test_eight_tabs_stay_alive(page: Page, operator: Operator) -> None:
    """X4: with eight live pages open each still navigates and still gets fresh data."""
    tabs = [page, *(page.context.new_page() for _ in range(7))]
    for tab in tabs:
        tab.goto(f"{operator.url}/overview")
    for tab in tabs:
        tab.goto(f"{operator.url}/customers")
        tab.goto(f"{operator.url}/overview")
        tab.bring_to_front()
        with tab.expect_response(
            lambda answer: answer.url.endswith("/overview") and answer.status in (200, 304)
        ):
            pass
    for tab in tabs[1:]:
        tab.close()


def test_a_live_page_that_did_not_change_is_not_sent_again(page: Page, operator: Operator) -> None:
    """Polls carry an entity tag and are answered 304 while nothing changes; a hidden page does not ask."""
    statuses: list[int] = []
    page.goto(f"{operator.url}/overview")
    page.on(
        "response",
        lambda answer: statuses.append(answer.status) if answer.url.endswith("/overview") else None,
    )
    page.wait_for_timeout(3500)
    assert len(statuses) >= 2 and set(statuses[1:]) == {304}
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    page.wait_for_timeout(1200)
    statuses.clear()
    page.wait_for_timeout(2500)
    assert statuses == []


def test_everything_works_without_javascript(browser: Browser, operator: Operator) -> None:
    """X8: log in by the button, pull, start, store with a note, find a customer, record consent, read, log out."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(operator.link("admin", "a03"))
    page.get_by_role("button", name="Open").click()
    page.wait_for_url("**/overview")
    assert page.locator(".funnel tbody tr").count() == 5
    page.goto(f"{operator.url}/desk")
    page.get_by_role("button", name="Next customer").click()
    page.wait_for_url("**/desk/tasks/*")
    task = page.url.rsplit("/", 1)[-1].partition("?")[0]
    page.get_by_role("button", name="Start the call").click()
    page.get_by_role("button", name="Store, next customer").click()
    assert "Choose what came of the call." in page.inner_text(".problems")
    page.get_by_label("Busy").check()
    assert page.locator("#of-busy").is_visible()
    page.get_by_label("Note").fill("no script here")
    page.get_by_role("button", name="Store, then stop").click()
    assert page.inner_text(".said") == "●Stored: Busy"
    assert operator.ask(
        "SELECT result, note FROM contact WHERE task_id = ? AND result IS NOT NULL", task
    ) == [("busy", "no script here")]
    page.get_by_role("button", name="Next customer").click()
    page.wait_for_url("**/desk/tasks/*")
    page.locator("summary", has_text="Give back").click()
    page.locator("details[open] form button").click()
    assert page.inner_text(".said") == "●Stored: given back"
    customer = operator.ask("SELECT customer_id FROM task WHERE id = ?", task)[0][0]
    page.goto(f"{operator.url}/customers")
    page.get_by_label("Customer id or phone number").fill(customer)
    page.get_by_role("button", name="Find").click()
    assert page.locator(".timeline tbody tr").count() >= 1 and page.locator(".permissions > div").count() == 3
    page.get_by_role("button", name="Store", exact=True).click()
    assert "waiting task" in page.inner_text(".consents .said")
    page.get_by_role("button", name="Log out").click()
    assert "contact console link" in page.inner_text("main")
    context.close()


def test_pages_are_small(operator: Operator, context: BrowserContext) -> None:
    """A3: the desk's first load at most 40 kB, a card at most 3 kB, the style sheet at most 12 kB, compressed."""
    page = context.new_page()
    sizes: dict[str, int] = {}
    addresses: dict[str, str] = {}
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on(
        "Network.requestWillBeSent",
        lambda e: addresses.update({e["requestId"]: e["request"]["url"].rsplit("/", 1)[-1]}),
    )

    def received(event: dict[str, Any]) -> None:
        name = addresses[event["requestId"]]
        sizes[name] = sizes.get(name, 0) + event["encodedDataLength"]

    def document_came(request: Request) -> None:
        if request.resource_type == "document":
            sizes[request.url.rsplit("/", 1)[-1].partition("?")[0]] = max(
                0, request.sizes()["responseBodySize"]
            )

    network.on("Network.dataReceived", received)
    page.on("requestfinished", document_came)
    page.goto(operator.link("agent", "a04"))
    page.wait_for_url("**/desk")
    page.wait_for_load_state("networkidle")
    first, parts = sum(sizes.values()), dict(sizes)
    assert 0 < first <= 40_000
    desk = Desk(page, operator.url)
    for language in ("en", "zh-CN"):
        page.goto(f"{operator.url}/desk?lang={language}")
        desk.press("n") if page.locator("main.ready").count() else None
        desk.until("open")
        page.wait_for_load_state("networkidle")
        sizes.clear()
        task = begin_call(desk)
        desk.press("4")
        desk.press("Enter")
        desk.until("open", other_than=f"/desk/tasks/{task}")
        bills = [size for name, size in sizes.items() if name.startswith("bill")]
        cards = [size for name, size in sizes.items() if not name.startswith("bill")]
        print(f"first load {first} bytes {parts}; {language} cards {cards}; bills {bills}")
        assert len(cards) == 2 and max([*cards, *bills]) <= 3_000
    assert next(size for name, size in parts.items() if name.startswith("style")) <= 12_000
    let_go(page, operator)

"""How people come in and go out, and what the door says to everybody else."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from playwright.sync_api import BrowserContext

from tests.acceptance.console.conftest import Operator, log_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def ask(url: str, body: bytes | None = None, **headers: str) -> tuple[int, str, dict[str, str]]:
    """One request without a browser, no redirect followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    request = urllib.request.Request(url, data=body, headers={"Accept": "text/html", **headers})
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), dict(refused.headers)


def test_looking_at_a_link_does_not_use_it_up(operator: Operator, context: BrowserContext) -> None:
    """A preview's GETs leave the link alone; the person's browser then opens the session with it."""
    link = operator.link("admin")
    for _ in range(3):
        status, text, _ = ask(link)
        assert status == 200 and "Open the console" in text
    page = context.new_page()
    page.goto(link)
    page.wait_for_url("**/overview")


def test_a_link_works_once_and_then_says_how_to_print_another(operator: Operator) -> None:
    """The second use is refused with the command that makes a new link."""
    link = operator.link("admin")
    body = urllib.parse.urlencode({"token": link.partition("token=")[2]}).encode()
    status, _, headers = ask(f"{operator.url}/session", body)
    assert status == 303
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    status, text, _ = ask(f"{operator.url}/session", body)
    assert status == 410 and "contact console link" in text


@pytest.mark.parametrize("place", ["/", "/desk", "/overview", "/customers/C000001", "/session"])
def test_without_a_session_every_page_says_how_to_get_one(operator: Operator, place: str) -> None:
    """401 with the command, in the browser's language."""
    status, text, _ = ask(operator.url + place, **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert status == 401 and "contact console link" in text and "此处无人登录" in text


def test_a_form_that_does_not_come_from_our_page_changes_nothing(
    operator: Operator, context: BrowserContext
) -> None:
    """Without the hidden token of the session a post is refused, cookie or not."""
    page = log_in(context, operator, "agent", "a04")
    refused = page.request.post(f"{operator.url}/desk/next", form={"form_token": "x.y"})
    assert refused.status == 403
    assert operator.ask("SELECT count(*) FROM task WHERE leased_to = 'a04'") == [(0,)]
    foreign = page.request.post(
        f"{operator.url}/desk/next",
        form={"form_token": page.get_attribute("[name=form_token]", "value") or ""},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert foreign.status == 403


def test_logging_out_closes_the_session_itself(operator: Operator, context: BrowserContext) -> None:
    """The cookie of a session that was logged out opens nothing any more."""
    page = log_in(context, operator, "admin")
    kept = next(each for each in context.cookies() if each["name"] == "contact_session")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/session")
    status, _, _ = ask(f"{operator.url}/overview", Cookie=f"contact_session={kept['value']}")
    assert status == 401


def test_each_role_lands_on_its_page_and_is_kept_out_of_the_others(
    operator: Operator, context: BrowserContext
) -> None:
    """Agents on the desk, analysts on the overview; the desk of a session without a person says what to do."""
    page = log_in(context, operator, "agent", "a04")
    assert page.url == f"{operator.url}/desk"
    assert page.goto(f"{operator.url}/overview").status == 403  # type: ignore[union-attr]
    context.clear_cookies()
    page = log_in(context, operator, "analyst")
    assert page.url == f"{operator.url}/overview"
    assert page.goto(f"{operator.url}/desk").status == 403  # type: ignore[union-attr]
    customer = operator.ask("SELECT customer_id FROM task LIMIT 1")[0][0]
    page.goto(f"{operator.url}/customers/{customer}")
    assert not [name for name in operator.canaries.names if name in page.inner_text("main")]
    assert re.search(r"\+86", page.inner_text("main")) is None


def test_language_and_colours_are_remembered_without_personal_data(
    operator: Operator, context: BrowserContext
) -> None:
    """A choice in the address becomes a cookie and leaves the address."""
    page = log_in(context, operator, "admin")
    page.goto(f"{operator.url}/overview?lang=zh-CN&theme=dark")
    assert page.url == f"{operator.url}/overview"
    assert (
        page.get_attribute("html", "lang") == "zh-CN" and page.get_attribute("html", "data-theme") == "dark"
    )
    kept = {each["name"]: each["value"] for each in context.cookies()}
    assert kept["contact_lang"] == "zh-CN" and kept["contact_theme"] == "dark"

"""The selection: a condition as one types, the funnel it leaves, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.acceptance.console.conftest import Operator, log_in
from tests.acceptance.console.workbench_page import CAPS

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def figures(texts: list[str]) -> list[int]:
    """Numbers as shown, as numbers."""
    return [int(each.replace(",", "").replace("−", "-")) for each in texts if each != "–"]


def test_a_condition_is_checked_as_typed_counted_and_saved_as_a_segment(
    operator: Operator, context: BrowserContext
) -> None:
    """A wrong field is named at once; the funnel's steps add up; the segment's file stands in the draft."""
    page = log_in(context, operator, "strategist")
    page.goto(f"{operator.url}/selection")
    page.click(".sel-editor .cm-content")
    page.keyboard.type("data_gbb > 5")
    page.wait_for_selector("#sel-problems li")
    assert "data_gb" in page.inner_text("#sel-problems li")
    page.wait_for_selector(".sel-editor .cm-lintRange-error")
    page.keyboard.press("Control+A")
    page.keyboard.type("data_gb > 5")
    page.wait_for_selector("#sel-problems li", state="detached")
    page.select_option("[name=channel]", "sms")
    page.select_option("[name=category]", "marketing")
    page.fill("#sel-without", "tenure_months < 3")
    page.click("text=Count them")
    page.wait_for_selector(".fixed-funnel")
    rows = page.locator(".fixed-funnel tbody tr")
    left = figures(rows.locator("td:nth-child(2)").all_inner_texts())
    lost = figures(rows.locator("td:nth-child(4)").all_inner_texts())
    assert left[0] == 220 and 0 < left[1] < 220
    assert [before + change for before, change in zip(left, lost, strict=False)] == left[1:]
    assert "tenure_months < 3" in rows.last.inner_text()
    page.fill("[name=name]", "heavy-users")
    page.click(".sel-found button")
    page.wait_for_function(
        "() => document.getElementById('wb-path')?.textContent === 'segments/heavy-users.yaml'"
    )
    assert "data_gb > 5" in page.inner_text(".cm-content")
    page.wait_for_selector("main.scripted:not(.checking)")
    assert "0 problems" in page.inner_text("#wb-found")


def test_a_list_is_taken_in_and_clusters_have_portraits(
    operator: Operator, context: BrowserContext, tmp_path: Path
) -> None:
    """Faulty rows are set aside and counted; a cluster's condition can be counted."""
    customers = [
        row[0] for row in operator.ask("SELECT DISTINCT customer_id FROM task ORDER BY customer_id LIMIT 5")
    ]
    file = tmp_path / "vip.csv"
    file.write_text("\n".join(["customer", *customers, "nobody-here"]) + "\n", "utf-8")
    page = log_in(context, operator, "strategist")
    page.goto(f"{operator.url}/selection")
    page.fill("[name=list]", "vip")
    page.set_input_files("[name=file]", str(file))
    page.click("text=Take in")
    page.wait_for_selector(".chip.ok")
    assert page.inner_text(".chip.ok") == "● List vip: 5 rows taken, 1 set aside."
    page.check("[name=measure][value=data_gb]")
    page.check("[name=measure][value=tenure_months]")
    page.fill("[name=many]", "2")
    page.click("text=Cluster >> nth=-1")
    page.wait_for_selector(".sel-cluster")
    assert page.locator(".sel-cluster").count() == 2
    assert page.locator(".sel-cluster >> nth=0 >> tbody tr").count() == 2
    page.click(".sel-cluster >> nth=0 >> button")
    page.wait_for_selector(".fixed-funnel")


def test_workbench_and_selection_work_without_javascript(browser: Browser, operator: Operator) -> None:
    """X8: save an edit by the plain form, read its problems, see the changes; count a condition."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(operator.link("strategist"))
    page.get_by_role("button", name="Open").click()
    page.wait_for_url("**/workbench/live")
    page.get_by_role("link", name="contact-caps.yaml").click()
    text = page.input_value("#wb-plain")
    page.fill("#wb-plain", text.replace("max: 4\n", "max: 4x\n", 1))
    page.get_by_role("button", name="Save and check").click()
    assert page.locator(".wb-problems li").inner_text().startswith(f"{CAPS}:29:10: ")
    page.fill("#wb-plain", text.replace("max: 4\n", "max: 40\n", 1))
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Changes").click()
    assert "40" in page.inner_text(".wb-changes")
    draft = page.url.partition("/workbench/")[2].partition("?")[0]
    stored = operator.ask("SELECT text FROM draft_file WHERE draft = ? AND path = ?", draft, CAPS)[0][0]
    assert "\\r" not in stored and "max: 40" in stored
    page.goto(f"{operator.url}/selection")
    page.fill("#sel-condition", "data_gb > 5")
    page.get_by_role("button", name="Count them").click()
    assert page.locator(".fixed-funnel tbody tr").count() >= 5
    context.close()

"""How fast the workbench is under the hand: ``python -m bench.workbench`` (needs Chromium and the built bundle).

S1: from a key in a file of 1,000 lines to its underline, and from the mending key to its end, p95 at most 300 ms.
S4: from the click on a cell of an explanation to its lit line, at most 300 ms. S6: a diff of 2 MB is there within 1 s, and
no task of the page lasts longer than 200 ms meanwhile. S5: progress of a simulation within 1 s of its click, its end within
1 s of the click that ends it, no task longer than 200 ms. S7: from the last click to "published" and to "rolled back", and
how many actions each took.
On a real service with 220 customers in SQLite, browser and service on one machine.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.console import link, p95
from tests.acceptance.console.conftest import ARGUMENTS
from tests.servers import ROOT, Service, chromium_path

REPEATS, CELLS = 30, 8
LONG = "policies/company/long.yaml"
UNDERLINED = """() => { window.seen = []; window.gone = []; let pressed = 0;
  addEventListener('keydown', () => { pressed = performance.now(); }, true);
  let there = false;
  new MutationObserver(() => { const now = document.querySelector('.cm-lintRange-error') !== null;
    if (now !== there) { there = now; (now ? window.seen : window.gone).push(performance.now() - pressed); }
  }).observe(document.querySelector('.cm-content'), {subtree: true, childList: true, attributes: true}); }"""
LIT = """() => { window.lit = []; let clicked = 0;
  addEventListener('click', () => { clicked = performance.now(); }, true);
  new MutationObserver(() => { if (clicked && document.querySelector('.cm-lit')) {
    window.lit.push(performance.now() - clicked); clicked = 0; } })
    .observe(document.getElementById('wb-editor'), {subtree: true, childList: true, attributes: true}); }"""
TASKS = """() => { window.tasks = [];
  new PerformanceObserver(found => window.tasks.push(...found.getEntries().map(each => each.duration)))
    .observe({type: 'longtask', buffered: false}); }"""


def long_file(lines: int) -> str:
    """A policy of so many lines, each rule for one offer of its own."""
    rules = "".join(
        f"  - rule: rest-{number}\n    effect: cap\n    subject: customer\n    match: {{families: [data]}}\n"
        f"    window: {{sliding: P{number % 30 + 1}D}}\n    max: {number % 9 + 1}\n"
        for number in range(lines // 6)
    )
    return f"policy: long\nlayer: company\nowner: bench\nrules:\n{rules}"


def send(page: Page, verb: str, fields: dict[str, str | None]) -> None:
    """What the page's script would send."""
    page.evaluate(
        """([verb, fields]) => { const main = document.getElementById('main');
           return fetch(`/workbench/${main.dataset.draft}/${verb}`, {method: 'POST', headers: {'Content-Type':
           'application/json'}, body: JSON.stringify({form_token: main.dataset.token, ...fields})})
           .then(answer => { if (!answer.ok) throw new Error(answer.status); }); }""",
        [verb, fields],
    )


def begin(page: Page, address: str) -> None:
    """A draft of its own with the long file in it, open in the editor."""
    page.goto(address)
    page.wait_for_selector("main.scripted:not(.checking)")
    page.click("text=New file")
    page.fill("#wb-new-path", LONG)
    page.click(".wb-new button")
    page.wait_for_selector("main.scripted:not(.checking)")
    send(
        page,
        "file",
        {"path": LONG, "text": long_file(1000), "seen_hash": page.get_attribute("#wb-hash", "title")},
    )
    page.reload()
    page.wait_for_selector("main.scripted:not(.checking)")


def typed(page: Page) -> tuple[list[float], list[float]]:
    """Milliseconds until an error is underlined, and until a mended one is no longer; no text is one seen lately."""
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("0")
    page.evaluate(UNDERLINED)
    for number in range(REPEATS):
        page.keyboard.press("Backspace")
        page.keyboard.press(str(number % 10))
        page.keyboard.press("x")
        page.wait_for_selector(".cm-lintRange-error")
        page.keyboard.press("Backspace")
        page.wait_for_selector(".cm-lintRange-error", state="detached")
    return page.evaluate("window.seen"), page.evaluate("window.gone")


def lit(page: Page, customer: str) -> list[float]:
    """Milliseconds from clicks on cells to the lit line."""
    page.keyboard.press("Control+e")
    page.wait_for_selector("#wb-explain [name=customer]:focus")
    page.keyboard.type(customer)
    page.keyboard.press("Enter")
    page.wait_for_selector("#wb-explain .wb-grid a[data-place]")
    page.evaluate(LIT)
    cells = page.locator("#wb-explain .wb-grid a[data-place]")
    for number in range(min(CELLS, cells.count())):
        cells.nth(number).click()
        page.wait_for_timeout(500)
    return [float(each) for each in page.evaluate("window.lit")]


def read_diff(page: Page) -> tuple[float, float]:
    """Seconds until a diff of 2 MB is there, and the longest task of the page meanwhile, in milliseconds."""
    for number in range(3):
        text = (
            f"segment: big-{number}\nwhen: data_gb > 5\n"
            + "# a comment of forty characters or more\n" * 17_000
        )
        send(page, "file", {"path": f"segments/big-{number}.yaml", "text": text, "seen_hash": None})
    page.evaluate(TASKS)
    began = time.perf_counter()
    page.click("#wb-tabs a[data-tab=changes]")
    page.wait_for_selector("#wb-changes .wb-diff")
    seconds = time.perf_counter() - began
    page.wait_for_timeout(300)
    return seconds, max([0.0, *page.evaluate("window.tasks")])


def simulated(page: Page) -> tuple[float, float, float]:
    """Seconds from the click to a simulation's progress and from another to its end; the longest task, in milliseconds."""
    page.click("#wb-tabs a[data-tab=simulate]")
    page.wait_for_selector("#wb-simulate form[data-run] button")
    page.fill("#wb-simulate [name=days]", "300")
    page.evaluate(TASKS)
    begun = time.perf_counter()
    page.click("#wb-simulate form[data-run] button")
    page.wait_for_selector("#wb-simulate [data-poll] progress")
    progress = time.perf_counter() - begun
    page.wait_for_timeout(3000)
    ended = time.perf_counter()
    page.click("#wb-simulate [data-poll] form button")
    page.wait_for_selector("#wb-simulate .refusal")
    cancelled = time.perf_counter() - ended
    return progress, cancelled, max([0.0, *page.evaluate("window.tasks")])


def published(page: Page, address: str) -> tuple[float, float]:
    """Seconds until a draft of one character is said to be published, and until that is rolled back: two actions each."""
    page.goto(address)
    page.wait_for_selector("main.scripted:not(.checking)")
    page.click('#wb-files a[data-file="policies/company/contact-caps.yaml"]')
    page.wait_for_function(
        "() => document.getElementById('wb-path').textContent.endsWith('contact-caps.yaml')"
    )
    page.click(".cm-content")
    page.keyboard.press("Control+Home")
    page.keyboard.type("# ")
    page.keyboard.press("Control+s")
    page.wait_for_selector("main:not(.unsaved):not(.checking)")
    page.wait_for_function("() => document.getElementById('wb-blocked').textContent === ''")
    page.fill("#wb-why", "measured")
    begun = time.perf_counter()
    page.click("#wb-publish")
    page.wait_for_selector(".wb-told >> text=Published")
    live = time.perf_counter() - begun
    page.locator("#wb-history a.button").first.click()
    page.wait_for_selector("#wb-history form button.primary")
    begun = time.perf_counter()
    page.click("#wb-history form button.primary")
    page.wait_for_selector(".wb-told >> text=Rolled back")
    return live, time.perf_counter() - begun


def main() -> None:
    """Measure and print one JSON document."""
    with tempfile.TemporaryDirectory(prefix="contact-bench-") as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        home.mkdir()
        command = [sys.executable, "-m", "tests.acceptance.console.operator", str(home), f"{folder}/files"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        service = Service(home)
        try:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            begin(page, link(service, "--role", "strategist"))
            seen, gone = typed(page)
            cells = lit(page, "C000001")
            progress, cancelled, busiest = simulated(page)
            seconds, longest = read_diff(page)
            other = browser.new_page(viewport={"width": 1440, "height": 900})
            live, back = published(other, link(service, "--role", "strategist"))
        finally:
            service.stop()
    print(json.dumps({
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
        "S1_underlined_ms": spread(seen, 300),
        "S1_mended_ms": spread(gone, 300),
        "S4_line_lit_ms": spread(cells, 300),
        "S5_simulation": {
            "progress_s": round(progress, 2), "cancelled_s": round(cancelled, 2), "goal": 1,
            "longest_task_ms": round(busiest), "goal_task": 200,
        },
        "S7_in_force": {"published_s": round(live, 2), "rolled_back_s": round(back, 2), "goal": 2, "actions": [2, 2]},
        "S6_diff_of_2_mb": {"seconds": round(seconds, 2), "goal": 1, "longest_task_ms": round(longest), "goal_task": 200},
    }, indent=1))  # fmt: skip


def spread(values: list[float], goal: float) -> dict[str, float]:
    """Median, p95 and how many, beside the goal."""
    return {
        "p50": round(statistics.median(values), 1),
        "p95": round(p95(values), 1),
        "n": len(values),
        "goal_p95": goal,
    }


if __name__ == "__main__":
    main()

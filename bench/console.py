"""How fast the console is under the hand: ``python -m bench.console`` (needs Chromium and the built bundle).

A2: from the key press to the painted card, p95 at most 120 ms. X4: with eight live tabs each navigation within 1 s.
On a real service with 220 customers in SQLite, browser and service on one machine.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.console.conftest import ARGUMENTS
from tests.servers import ROOT, Service, chromium_path

CARDS = 30
PAINTED = """() => { window.times = []; let pressed = 0;
  addEventListener('keydown', () => { pressed = performance.now(); }, true);
  addEventListener('htmx:after:swap', () => { const from = pressed; requestAnimationFrame(() => requestAnimationFrame(
    () => window.times.push(performance.now() - from))); }); }"""


def link(service: Service, *words: str) -> str:
    """A fresh console link."""
    found = re.search(r"token=(\S+)", service.contact("console", "link", *words).stdout)
    assert found is not None
    return f"{service.url}/session?token={found[1]}"


def p95(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def cards(page: Page) -> list[float]:
    """Milliseconds from key press to painted card, over pulls, starts and stored outcomes."""
    page.evaluate(PAINTED)
    page.keyboard.press("n")
    page.wait_for_selector("main.open")
    while len(times := page.evaluate("window.times")) < CARDS:
        page.keyboard.press("c")
        page.wait_for_selector("main.calling")
        page.keyboard.press("4")
        page.keyboard.press("Enter")
        page.wait_for_selector("main.open, main.ready")
        page.wait_for_timeout(60)
    return [float(each) for each in times]


def tabs(browser: Browser, service: Service) -> list[float]:
    """Milliseconds of each navigation with eight live pages open."""
    context = browser.new_context()
    first = context.new_page()
    first.goto(link(service, "--role", "admin"))
    pages = [first, *(context.new_page() for _ in range(7))]
    for page in pages:
        page.goto(f"{service.url}/overview")
    taken = []
    for page in pages * 4:
        began = time.perf_counter()
        page.goto(f"{service.url}/overview")
        taken.append(1000 * (time.perf_counter() - began))
    return taken


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
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(link(service, "--role", "agent", "--person", "a01"))
            page.wait_for_selector("main.ready")
            painted, navigated = cards(page), tabs(browser, service)
        finally:
            service.stop()
    print(json.dumps({
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
        "card_painted_ms": {
            "p50": round(statistics.median(painted), 1), "p95": round(p95(painted), 1), "n": len(painted), "goal_p95": 120,
        },
        "navigation_ms_with_8_tabs": {
            "p95": round(p95(navigated), 1), "max": round(max(navigated), 1), "n": len(navigated), "goal_max": 1000,
        },
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()

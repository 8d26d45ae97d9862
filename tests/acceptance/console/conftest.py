"""A browser, the stage (every page in every state) and a small operator behind a real service."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from contact.faces.console.shared.bundle import DIST
from tests.acceptance.console.operator import Canaries
from tests.servers import ROOT, Service, end, free_port, missing, wait_until

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic",
    "--no-first-run", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def assets() -> Path:
    """The built bundle; built here where it is older than its sources."""
    sources = [each for each in (ROOT / "contact/faces/console/assets").rglob("*") if each.is_file()]
    manifest = DIST / "manifest.json"
    if not manifest.exists() or manifest.stat().st_mtime < max(each.stat().st_mtime for each in sources):
        if not (ROOT / "node_modules" / "esbuild").is_dir():
            missing("the console's bundle (make assets)")
        subprocess.run(
            ["node", str(ROOT / "contact/faces/console/assets/build.mjs")], check=True, capture_output=True
        )
    return DIST


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's source, from the lock file."""
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        missing("axe-core (npm ci --ignore-scripts)")
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def browser(chromium: str, assets: Path) -> Iterator[Browser]:
    """Chromium, one a module, so that no event loop of its driver outlives the module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stage(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the stage, in a process of its own."""
    port = free_port()
    log = tmp_path_factory.mktemp("stage") / "stage.log"
    command = [sys.executable, "-m", "tests.acceptance.console.stage", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    wait_until(lambda: b"Running on" in log.read_bytes(), process, log, "the stage")
    yield f"http://127.0.0.1:{port}/stage"
    end(process)


@dataclass(frozen=True)
class Operator:
    """The small operator's running service."""

    service: Service
    canaries: Canaries

    @property
    def url(self) -> str:
        return self.service.url

    def link(self, role: str, person: str | None = None) -> str:
        """A fresh console link."""
        words = ["console", "link", "--role", role, *(["--person", person] if person else [])]
        found = re.search(r"token=(\S+)", self.service.contact(*words).stdout)
        assert found is not None
        return f"{self.url}/session?token={found[1]}"

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the service's database, as it stands."""
        with sqlite3.connect(
            f"file:{self.service.home}/contact.db?mode=ro", uri=True, timeout=10
        ) as database:
            return database.execute(sql, values).fetchall()


@pytest.fixture(scope="session")
def operator(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """220 customers, a planned day, half past six in the evening of it."""
    folder = tmp_path_factory.mktemp("operator")
    (folder / "home").mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
    command = [
        sys.executable,
        "-m",
        "tests.acceptance.console.operator",
        str(folder / "home"),
        str(folder / "files"),
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    service = Service(folder / "home")
    yield Operator(service, Canaries(frozenset(found["names"]), frozenset(found["numbers"])))
    service.stop()


class Desk:
    """A person at the desk, with a keyboard."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.presses = 0

    def press(self, key: str) -> None:
        """One key, counted."""
        self.presses += 1
        self.page.keyboard.press(key)

    def until(self, state: str, other_than: str = "") -> None:
        """Wait until the desk stands in this state, on another customer than before."""
        self.page.wait_for_function(
            """([state, old]) => { const main = document.getElementById('main');
               return main.classList.contains(state) && main.dataset.url !== old
                 && main.getAttribute('aria-busy') === 'false'; }""",
            arg=[state, other_than],
        )  # fmt: skip

    @property
    def place(self) -> str:
        """The address the desk gives itself: of the task, or of the desk."""
        return str(self.page.evaluate("document.getElementById('main').dataset.url"))

    @property
    def task(self) -> str:
        return self.place.rsplit("/", 1)[-1]

    @property
    def focus(self) -> str:
        """What has the focus: its id, else its key, else its tag."""
        return str(self.page.evaluate(
            "(e => e.id || (e.dataset.key ? 'key ' + e.dataset.key : e.name || e.tagName))(document.activeElement)"
        ))  # fmt: skip


def log_in(context: BrowserContext, operator: Operator, role: str, person: str | None = None) -> Page:
    """A page with a session of that role."""
    page = context.new_page()
    page.goto(operator.link(role, person))
    page.wait_for_url(lambda url: "/session" not in url)
    return page


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile in English on the desk's smallest screen."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    context.set_default_timeout(20_000)
    yield context
    context.close()

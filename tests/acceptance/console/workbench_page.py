"""A strategist at the workbench, with a keyboard."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.acceptance.console.conftest import Operator, log_in

CAPS = "policies/company/contact-caps.yaml"


class Workbench:
    """The workbench of one session, which has no draft of its own yet."""

    def __init__(self, context: BrowserContext, operator: Operator, role: str = "strategist") -> None:
        self.operator = operator
        self.page: Page = log_in(context, operator, role)
        self.page.goto(f"{operator.url}/workbench")
        self.checked()

    def open(self, path: str) -> None:
        """Show a file of the list."""
        self.page.click(f'#wb-files a[data-file="{path}"]')
        self.page.wait_for_function(
            "path => document.getElementById('wb-path').textContent === path", arg=path
        )
        self.checked()

    def checked(self) -> None:
        """Wait until the newest text has been checked."""
        self.page.wait_for_selector("main.scripted:not(.checking)")

    def saved(self) -> None:
        """Wait until the draft holds what stands in the editor, and that was checked."""
        self.page.wait_for_selector("main:not(.unsaved)")
        self.checked()

    def type(self, text: str, *, line: int, at: str = "End") -> None:
        """Write at one end of a line, as a person does."""
        self.page.click(".cm-content")
        self.page.keyboard.press("Control+Home")
        for _ in range(line - 1):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press(at)
        self.page.keyboard.type(text)

    def tab(self, name: str) -> None:
        """Open a tab of the inspector and wait for what it shows."""
        self.page.click(f"#wb-tabs a[data-tab={name}]")
        self.page.wait_for_selector(f"#wb-{name}:not([hidden])[data-loaded]:not([aria-busy=true])")

    def post(self, verb: str, **fields: Any) -> int:
        """What the page's script would send; the status of the answer."""
        return int(self.page.evaluate(
            """([verb, fields]) => { const main = document.getElementById('main');
               return fetch(verb.startsWith('/') ? verb : `/workbench/${main.dataset.draft}/${verb}`, {method: 'POST',
                 headers: {'Content-Type': 'application/json'},
                 body: JSON.stringify({form_token: main.dataset.token, ...fields})}).then(answer => answer.status); }""",
            [verb, fields],
        ))  # fmt: skip

    @property
    def draft(self) -> str:
        """The draft's id, ``live`` before the first edit."""
        return str(self.page.evaluate("() => document.getElementById('main').dataset.draft"))

    @property
    def problems(self) -> list[str]:
        """The list of problems, as text."""
        return [
            " ".join(each.split())
            for each in self.page.locator("#wb-problems .wb-problems > li").all_inner_texts()
        ]

    def stored(self, path: str) -> str:
        """A file of the draft as the database holds it."""
        rows = self.operator.ask("SELECT text FROM draft_file WHERE draft = ? AND path = ?", self.draft, path)
        return str(json.loads(rows[0][0]))

    def hash(self, path: str) -> str:
        """The hash under which the draft holds a file."""
        found = self.operator.ask(
            "SELECT hash FROM draft_file WHERE draft = ? AND path = ?", self.draft, path
        )
        return str(found[0][0])

    @property
    def live(self) -> str:
        """The version in force, as the database has it."""
        return str(self.operator.ask("SELECT value FROM pointer WHERE name = 'playbook'")[0][0])

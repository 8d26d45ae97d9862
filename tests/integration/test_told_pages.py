"""What a page says when something could not be done is what is true: which store failed, what became of a task."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.faces.console.desk.view import Entered, lost_view
from contact.faces.console.shared.bundle import read_bundle
from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.pages import Look, render
from contact.faces.console.shared.visits import SESSION_COOKIE, form_token
from contact.faces.console.shared.words import words_in
from tests.acceptance.console.samples import NOW
from tests.integration.http_client import serving
from tests.integration.http_story import open_the_shop


async def test_an_opt_out_that_the_journal_cannot_take_is_not_blamed_on_the_database(tmp_path: Path) -> None:
    """Whoever pressed the button is told that it was not stored and what to do; nothing is withdrawn by half."""
    async with serving(tmp_path / "home", console=True) as server:
        await open_the_shop(server)
        keys = server.house.ports.keys
        secret = await keys.open_session(await keys.console_link("admin", None))
        assert secret is not None
        journal = tmp_path / "home" / "journal"
        if journal.exists():
            journal.rename(tmp_path / "aside")
        journal.write_text("no folder any more")
        form = {
            "form_token": form_token(secret),
            "scope": "marketing",
            "source": "letter",
            "idempotency_key": "k1",
        }
        async with server.session.post(
            f"{server.url}/customers/C5/consents", data=form, cookies={SESSION_COOKIE: secret}
        ) as response:
            told = await response.text()
        assert response.status == 503, told
        assert "What the customer wants was not stored" in told and 'href="/status"' in told
        assert "The database does not answer" not in told


@pytest.mark.parametrize(
    ("state", "held_by", "said"),
    [
        ("cancelled", None, "Do not call for it."),
        ("leased", "a02", "Customer C1 is with a02 now."),
        ("waiting", None, "went back to the queue"),
        ("done", None, "has ended already"),
    ],
)
def test_a_lost_task_says_what_became_of_it(state: str, held_by: str | None, said: str) -> None:
    """Of a task that an opt-out cancelled the desk said that it went back to the queue."""
    words = words_in("en")
    view = lost_view("C1", NOW, False, Entered(), "", state_now=state, held_by=held_by)
    parts = {
        "look": Look(Formats(words)),
        "formats": Formats(words),
        "form_token": "t",
        "bundle": read_bundle(),
    }
    parts |= {"partial": True, "key": None, "keys": "on", "fresh_key": str}
    html = render("desk.html", words, {**parts, **view})
    assert said in html and "The outcome was not stored." in html

"""Pages as text: what stands on them for given answers, without a browser."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from contact.domain.answers import PermissionAnswer
from contact.domain.outcome import DISPOSITIONS
from contact.domain.task import TaskState
from contact.faces.console.desk.view import consequence, ready_view, said_in_words, task_view
from contact.faces.console.shared import labels
from contact.faces.console.shared.bundle import Bundle
from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.pages import Look, fresh_key, look_for, render
from contact.faces.console.shared.words import words_in
from contact.flow.working.work_task import SCOPES
from contact.ports import Key
from tests.acceptance.console import samples


def drawn(look: Look, template: str, view: dict[str, object]) -> str:
    frame = {
        "look": look, "formats": look.formats, "bundle": Bundle(), "theme": "auto", "keys": "on", "partial": False,
        "path": "/desk", "key": Key("k", "agent", "a01"), "languages": [("en", "English")], "form_token": "t",
        "fresh_key": fresh_key, "labels": labels, "nonce": "n",
    }  # fmt: skip
    return render(template, look.formats.words, {**frame, **view})


@pytest.fixture
def look() -> Look:
    return look_for(words_in("en"), samples.demo_playbook())


def test_a_name_that_is_markup_is_shown_as_text(look: Look) -> None:
    """Values are escaped wherever they come from."""
    found = samples.found()
    card = msgspec.structs.replace(found.card, name="<script>alert(1)</script>")
    task = msgspec.structs.replace(found.task, why=["<b>bold</b>"])
    text = drawn(look, "desk.html", task_view(look, msgspec.structs.replace(found, card=card, task=task)))
    assert "<script>alert" not in text and "&lt;script&gt;" in text and "<b>bold" not in text


def test_a_permission_tells_the_customers_time_and_the_readers_where_they_differ(look: Look) -> None:
    """Half past nine in Urumqi's two hours; where both clocks agree it is said once."""
    urumqi = msgspec.structs.replace(samples.card(full=False), zone="Asia/Tashkent")
    found = msgspec.structs.replace(samples.found(), card=urumqi)
    text = drawn(look, "desk.html", task_view(look, found))
    assert ">16:30</time> (19:30 yours)" in text
    assert "yours" not in drawn(look, "desk.html", task_view(look, samples.found()))


def test_a_refusal_shows_reason_rule_place_and_when_it_opens(look: Look) -> None:
    """The same component on every page."""
    view = ready_view(samples.nothing(), samples.NOW, True, refused=samples.refusals(), customer="C00042")
    text = drawn(look, "desk.html", view)
    for part in (
        "contact limit reached",
        "Four call attempts in 7 days",
        "2/2",
        "Thu 10:30",
        "contact-caps.yaml:31:5",
    ):
        assert part in text


def test_nothing_to_do_says_what_holds_tasks_back(look: Look) -> None:
    """No empty desk without its reasons, counts and times."""
    text = drawn(look, "desk.html", ready_view(samples.nothing(), samples.NOW, True, asked=True))
    for part in ("Nothing to do now", "212", "17:30", "needs another language", "outside contact hours"):
        assert part in text


def test_the_consequence_of_a_retry_names_the_wait_and_what_is_left(look: Look) -> None:
    """From the channel's own file; without attempts left the task ends."""
    task = samples.task(started=True)
    assert consequence(look, task, "no_answer") == "Comes back in 1 hour; 2 attempts are left."
    assert consequence(look, task, "busy") == "Comes back in 10 minutes; 2 attempts are left."
    last = msgspec.structs.replace(task, attempts_left=0)
    assert consequence(look, last, "no_answer") == "The task ends: no attempt is left."


def test_codes_of_the_domain_all_have_a_name() -> None:
    """A result, task state or scope that is added needs its words here."""
    assert DISPOSITIONS.keys() <= labels.RESULTS.keys()
    assert set(SCOPES) == labels.SCOPES.keys()
    assert set(TaskState.__args__) <= labels.STATES.keys()  # type: ignore[attr-defined]


def test_what_was_stored_is_read_back_only_where_it_is_one_of_ours(look: Look) -> None:
    """The address may carry a code, and nothing but a known code becomes words."""
    assert said_in_words(look, "do_not_contact.marketing") == "Do not contact: all marketing"
    assert said_in_words(look, "given_back") == "given back"
    assert said_in_words(look, "<b>win money</b>") == ""


def test_figures_are_written_as_people_write_them() -> None:
    """Real minus, grouped thousands, money by the operator's currency, short moments."""
    english = Formats(words_in("en"), "CNY", 100, "Asia/Shanghai")
    assert english.number(-12345.678) == "−12,345.68"
    assert english.money(12057) == "¥120.57"
    assert english.moment(samples.NOW + timedelta(hours=1), samples.NOW) == "11:30"
    assert english.moment(samples.NOW + timedelta(days=1), samples.NOW) == "Tue 10:30"
    assert english.moment(samples.NOW + timedelta(days=30), samples.NOW) == "1 Apr 10:30"
    chinese = Formats(words_in("zh-CN"), "CNY", 100, "Asia/Shanghai")
    assert chinese.moment(samples.NOW + timedelta(days=30), samples.NOW) == "4月1日 10:30"
    assert chinese.value(9.5, "number", "months") == "9.5 个月"


def test_a_permission_without_an_end_says_just_yes(look: Look) -> None:
    """No invented time."""
    found = msgspec.structs.replace(
        samples.found(), permission=PermissionAnswer(channel="outbound_call", allowed=True)
    )
    text = drawn(look, "desk.html", task_view(look, found))
    assert "may be called</p>" in text

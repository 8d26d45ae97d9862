"""Results of the operator's own stand on the desk beside the standard ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from contact.domain.answers import TaskAnswer
from contact.faces.console.desk.view import consequence, outcomes, said_in_words
from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.pages import Look
from contact.faces.console.shared.words import words_in
from strategies.declared.playbook import Channel
from strategies.instants import HOUR
from tests.unit.rules.world import OPERATOR, playbook

OWN = replace(
    OPERATOR,
    results={"too_dear": "rejected", "voicemail_full": "machine"},
    result_titles={
        "too_dear": {"en": "Too dear", "zh-CN": "太贵"},
        "voicemail_full": {"en": "Voicemail full"},
    },
)
CALLS = Channel(
    "outbound_call", "outgoing", "agents", {}, attempts_total=3, retry_wait={"machine": (1, 4 * HOUR)}
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TASK = TaskAnswer(
    task="t", customer="C1", line=None, strategy="", offer="", channel="outbound_call", category="marketing", title="",
    state="started", fence=1, priority=0.0, not_before=NOON, valid_until=NOON, attempts=1, attempts_left=2,
    leased_to="a1", contact="c", reason=None,
)  # fmt: skip


def look(language: str) -> Look:
    return Look(Formats(words_in(language)), playbook(operator=OWN, channels={"outbound_call": CALLS}))


def test_an_agent_chooses_them_by_their_titles_and_reads_what_follows() -> None:
    """In the reader's language, with the consequence of what they mean; no key of their own."""
    shown = {each.result: each for each in outcomes(look("en"), TASK)}
    assert (shown["too_dear"].title, shown["too_dear"].key) == ("Too dear", "")
    assert consequence(look("en"), TASK, "too_dear") == consequence(look("en"), TASK, "rejected")
    assert "4 hours" in consequence(look("en"), TASK, "voicemail_full")
    assert said_in_words(look("zh-CN"), "too_dear") == "太贵"
    assert said_in_words(look("en"), "too_daer") == ""

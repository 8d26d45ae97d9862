"""The pages of the voice menu on the stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contact.faces.console.journeys.keypad_view import Caller, keypad_view
from contact.faces.console.journeys.topics import topics_view
from contact.faces.console.journeys.view import Asked, journeys_view
from contact.faces.console.shared.guard import Turn
from tests.acceptance.console import call_samples, journey_samples, topic_samples

View = tuple[str, dict[str, Any], int]
STATES = {
    "keypad": ("unwritten", "empty", "shared", "nobody", "personal", "asked", "ended", "agent", "error"),
    "topics": ("empty", "full"),
    "journeys": ("unwritten", "empty", "few", "alarm", "full", "error"),
}


def journeys(state: str, turn: Turn) -> View:
    if state == "error":
        return "fault.html", {"code": "store_unavailable"}, 503
    found = {
        "unwritten": lambda: None,
        "empty": journey_samples.nothing,
        "few": lambda: journey_samples.answer(few=True),
        "alarm": lambda: journey_samples.answer(unequal=True, split=False, language=language_of(turn)),
        "full": lambda: journey_samples.answer(language=language_of(turn)),
    }[state]()
    look = turn.look if state != "unwritten" else replace(turn.look, playbook=None)
    asked = Asked(days=30, split="2026-02-15" if state == "full" else "")
    return "journeys.html", journeys_view(look, asked, found, units=["P1", "B01", "B02"]), 200


def keypad(state: str, turn: Turn) -> View:
    """The telephone before a call, in everybody's menu, in a caller's own, asked outright, after the last word."""
    if state == "error":
        wrong = turn.visit.words.gettext("No customer has this number or id.")
        return "keypad.html", keypad_view(turn.look, None, Caller("C9"), wrong=wrong), 404
    if state == "unwritten":
        return "keypad.html", keypad_view(replace(turn.look, playbook=None), None, Caller()), 200
    if state in ("empty", "shared"):
        among = ["C00042", "C00043"] if state == "shared" else []
        return "keypad.html", keypad_view(turn.look, None, Caller(), among=among), 200
    heard = call_samples.rehearsal(state, language_of(turn))
    return "keypad.html", keypad_view(turn.look, heard, Caller("C00042" if heard.found.customer else "")), 200


def topics(state: str, turn: Turn) -> View:
    found = topic_samples.answer(language_of(turn), full=state == "full")
    return "topics.html", topics_view(turn.look, "", found), 200


def language_of(turn: Turn) -> str:
    """The language of the samples."""
    return turn.visit.language if turn.visit.language in ("en", "zh-CN") else "en"

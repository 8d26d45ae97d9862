"""A stage: every page in every state, by the product's own templates from hand-made answers, with its headers.

``python -m tests.acceptance.console.stage [PORT]`` shows it to a person.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from aiohttp import web
from markupsafe import Markup

from contact.clock import real_now
from contact.domain.model_answers import ModelsAnswer
from contact.domain.workbench_answers import CheckAnswer
from contact.faces.console.desk.customer import card_view
from contact.faces.console.desk.tariff_view import bill_view, tariffs_view
from contact.faces.console.desk.view import Entered, lost_view, ready_view, said_in_words, task_view
from contact.faces.console.doors import exports
from contact.faces.console.doors.overview import overview_view
from contact.faces.console.doors.status import status_view
from contact.faces.console.doors.troubles import Seen
from contact.faces.console.models.page import list_view
from contact.faces.console.models.view import place_of, report_view
from contact.faces.console.selection.page import selection_view
from contact.faces.console.shared.bundle import Bundle, read_bundle, serve_asset
from contact.faces.console.shared.guard import Console, Turn
from contact.faces.console.shared.pages import answer, html, look_for, page_view, render
from contact.faces.console.shared.visits import Visit, words_of
from contact.faces.console.shared.words import Words, words_in
from contact.faces.console.workbench.changes import diff_view
from contact.faces.console.workbench.checks import drawn
from contact.faces.console.workbench.explain import explain_view
from contact.faces.console.workbench.page import page_parts
from contact.faces.console.workbench.simulate import job_view
from contact.faces.console.workbench.tabs import history_view
from contact.faces.console.workbench.view import TABS, Bench, found_view
from contact.ports import Key
from tests.acceptance.console import (
    call_samples,
    model_samples,
    samples,
    stage_voice,
    status_samples,
    tariff_samples,
    workbench_samples,
)

View = tuple[str, dict[str, Any], int]


def _desk(state: str, turn: Turn) -> View:
    look, language = turn.look, turn.visit.language if turn.visit.language in ("en", "zh-CN") else "en"
    if state == "ready":
        return "desk.html", ready_view(samples.nothing(blocked=False), samples.NOW, True), 200
    if state == "empty":
        return "desk.html", ready_view(samples.nothing(), samples.NOW, True, asked=True), 200
    if state == "refused":
        view = ready_view(samples.nothing(), samples.NOW, True, refused=samples.refusals(), customer="C00042")
        return "desk.html", view, 409
    if state == "lost":
        return (
            "desk.html",
            lost_view(
                "C00042", samples.NOW, True, Entered(note="calls back"), said_in_words(look, "accepted")
            ),
            409,
        )
    problems = (
        [("result", turn.visit.words.gettext("Choose what came of the call."))] if state == "error" else []
    )
    found = samples.found(full=state != "bare", started=state in ("calling", "error"), language=language)
    if state == "advice":
        found = samples.advice(language=language)
    said = said_in_words(look, "do_not_contact.marketing")
    return "desk.html", task_view(look, found, problems=problems, said=said), 422 if problems else 200


def _customer(state: str, turn: Turn) -> View:
    if state == "error":
        return "fault.html", {"code": "not_found"}, 404
    language = turn.visit.language if turn.visit.language in ("en", "zh-CN") else "en"
    card = samples.card(full=state != "empty", allowed=False, language=language)
    pop = call_samples.screen_pop(language) if state == "called" else None
    return "customer.html", card_view(turn, card, pop), 200


def _status(state: str, turn: Turn) -> View:
    found = None if state == "error" else status_samples.in_store(full=state != "empty")
    journal = status_samples.journal(full=state == "full")
    living = status_samples.processes() if state != "empty" else []
    seen = Seen(turn.look, found, state != "error", living, journal.full, real_now())
    view = {**status_view(seen, journal), "may_act": state == "full"}
    return "status.html", view, 503 if state == "error" else 200


def _overview(state: str, turn: Turn) -> View:
    if state == "error":
        return "fault.html", {"code": "store_unavailable"}, 503
    return "overview.html", overview_view(turn.look, samples.overview(full=state != "empty")), 200


def _models(state: str, turn: Turn) -> View:
    if state == "error":
        return "fault.html", {"code": "model_broken"}, 500
    if state == "empty":
        return "models.html", list_view(ModelsAnswer(models=[], untrained=[]), {}, []), 200
    if state == "untrained":
        return "models.html", list_view(ModelsAnswer(models=[], untrained=["churn", "accepts"]), {}, []), 200
    return (
        "models.html",
        list_view(model_samples.listed(), model_samples.RULES, model_samples.trainings()),
        200,
    )


def _model(state: str, turn: Turn) -> View:
    listed = model_samples.listed().models
    if state == "full":
        model, problems = model_samples.model(3), []
    elif state == "small":
        model = model_samples.model(4, state="candidate", found=model_samples.report(timed=False))
        problems = []
    else:
        model = model_samples.model(4, state="candidate", found=model_samples.report(promoted=False))
        problems = [("why", turn.visit.words.gettext("Say why, so that others can follow it."))]
    view = report_view(
        turn.look, model, place_of(model, listed), may_decide=state != "small", problems=problems
    )
    return "model.html", view, 422 if problems else 200


def _tariffs(state: str, turn: Turn) -> View:
    if state == "error":
        return "fault.html", {"code": "not_found"}, 404
    found = tariff_samples.found(*TARIFF_STATES[state], language=_language(turn))
    return "tariffs.html", tariffs_view(turn.look, found), 200


def _workbench(state: str, turn: Turn) -> View:
    if state == "error":
        return "fault.html", {"code": "store_unavailable"}, 503
    if state == "nothing":
        bench = Bench(None, None, [], may_edit=True)
        return "workbench.html", page_parts(turn, bench, ""), 200
    tab = {"sides": "changes", "stopped": "simulate"}.get(state, state if state in dict(TABS) else "problems")
    draft = workbench_samples.merging() if state == "merge" else workbench_samples.draft()
    if state in ("live", "changes"):
        draft = None if state == "live" else workbench_samples.draft(approvals_needed=0)
    path, text = workbench_samples.PATH, workbench_samples.TEXT
    bench = Bench(draft, workbench_samples.LIVE, [path, "operator.yaml", "strategies/retention.yaml"], path, tab,
                  state != "live", "AG02")  # fmt: skip
    check = workbench_samples.check(wrong=state != "live") if tab == "problems" else None
    view = page_parts(turn, bench, text, check, "merged" if state == "changes" else "")
    template, inner = _pane(state, tab, turn, bench, check)
    pane = Markup(drawn(turn, template, {"bench": bench, **inner}))
    clashes = workbench_samples.clashes() if state == "merge" else ()
    return "workbench.html", {**view, "pane": pane, "clashes": clashes}, 200


def _selection(state: str, turn: Turn) -> View:
    entered = {
        "condition": "data_gb > 20",
        "channel": "sms",
        "category": "marketing",
        "strategy": "",
        "without": "",
    }
    if state == "error":
        problems = [workbench_samples.UNKNOWN_FIELD]
        return "selection.html", selection_view(turn.look, entered, problems=problems, may_save=True), 422
    found = None if state == "empty" else workbench_samples.selection()
    clusters = workbench_samples.clusters() if state == "full" else None
    view = selection_view(turn.look, entered, found, clusters=clusters, may_save=True)
    if state == "full":
        view |= {"segments": workbench_samples.segments(), "lists": workbench_samples.lists()}
    return "selection.html", view, 200


def _pane(
    state: str, tab: str, turn: Turn, bench: Bench, check: CheckAnswer | None
) -> tuple[str, dict[str, Any]]:
    if tab == "explain":
        asked = {
            "customer": "C00042",
            "decision": "",
            "at": "",
            "channel": "",
            "channels": ["sms", "outbound_call"],
        }
        return "workbench_explain.html", explain_view(workbench_samples.explanation(), **asked)
    if tab == "simulate":
        if state == "stopped":
            stopped = (12, workbench_samples.NOW.date())
            return "workbench_simulate.html", job_view(
                turn, bench, workbench_samples.job("cancelled"), stopped
            )
        return "workbench_simulate.html", job_view(turn, bench, workbench_samples.job())
    if tab == "changes":
        return "workbench_changes.html", diff_view(workbench_samples.diff(), bench.id, sides=state == "sides")
    if tab == "history":
        return "workbench_history.html", history_view(
            turn.look, workbench_samples.versions(), True, samples.NOW
        )
    return "workbench_problems.html", found_view(check)


def _language(turn: Turn) -> str:
    return turn.visit.language if turn.visit.language in ("en", "zh-CN") else "en"


def _entrance(state: str, _: Turn) -> View:
    if state in ("role", "unit", "person", "form"):
        return "refused.html", {"why": state}, 403
    if state == "search":
        return "customers.html", {"sought": "13800132741", "found": ["C00042", "C00043"]}, 200
    if state == "unfound":
        return "customers.html", {"sought": "C9", "found": []}, 404
    # Without the script, which would press the button at once.
    still = Bundle({"style.css": read_bundle().files["style.css"]}, read_bundle().icons)
    if state in ("password", "weak", "stale"):
        wrong = "weak" if state == "weak" else ""
        person = None if state == "stale" else "AG01"
        return "password.html", {"person": person, "token": "t", "wrong": wrong, "shortest": 12}, 200
    return "entrance.html", {"state": state, "token": "t", "onward": "/", "bundle": still}, 200


def _exports(state: str, turn: Turn) -> View:
    """Every state a request can be in, seen by whoever asked for some and may decide on the others."""
    view = {
        "exports": samples.exports() if state == "full" else [],
        "said": "asked" if state == "full" else "",
        "problems": [workbench_samples.UNKNOWN_FIELD] if state == "error" else [],
        "refused": "",
        "person": None if state == "empty" else "AG01",
        "may_decide": True,
        "columns": exports.OFFERED,
        "channels": ["outbound_call", "sms"],
        "categories": ["marketing", "service"],
        "entered": dict.fromkeys(("condition", "channel", "category", "list", "why"), ""),
        "now": samples.NOW,
    }
    return "exports.html", view, 422 if state == "error" else 200


OUTSIDE = ("out", "link", "used", "wrong", "locked", "set", "password", "weak", "stale")
"""States of the entrance in which nobody is logged in."""
TARIFF_STATES: dict[str, tuple[str, ...]] = {
    "empty": (),
    "full": ("cheaper", "too_few_months", "unknown_tariff"),
    "cheapest": ("cheapest",),
    "penalty": ("penalty",),
}

PAGES: dict[str, Callable[[str, Turn], View]] = {
    "desk": _desk, "customer": _customer, "overview": _overview, "status": _status, "entrance": _entrance, "models": _models,
    "model": _model, "tariffs": _tariffs, "workbench": _workbench, "selection": _selection, "exports": _exports,
    "journeys": stage_voice.journeys, "keypad": stage_voice.keypad, "topics": stage_voice.topics,
}  # fmt: skip
STATES = {
    "desk": ("empty", "ready", "open", "calling", "error", "refused", "lost", "bare", "advice"),
    "customer": ("empty", "full", "called", "error"),
    "overview": ("empty", "full", "error"),
    "status": ("empty", "full", "error"),
    "models": ("empty", "untrained", "full", "error"),
    "model": ("full", "small", "error"),
    "tariffs": ("empty", "full", "cheapest", "penalty", "error"),
    "workbench": (
        "nothing",
        "live",
        "problems",
        "merge",
        "explain",
        "simulate",
        "stopped",
        "changes",
        "sides",
        "history",
        "error",
    ),
    "selection": ("empty", "full", "error"),
    "entrance": (
        "out",
        "link",
        "used",
        "wrong",
        "locked",
        "set",
        "password",
        "weak",
        "stale",
        "role",
        "unit",
        "person",
        "form",
        "search",
        "unfound",
    ),
    "exports": ("empty", "full", "error"),
    **stage_voice.STATES,
}


def pseudo(text: str) -> str:
    """A text two fifths longer, in letters no translation has, its places for values kept."""
    marks = str.maketrans("aeiouAEIOU", "àéïôùÀÉÏÔÙ")
    parts = [part if part.startswith("%(") else part.translate(marks) for part in _split(text)]
    return f"⟦{''.join(parts)}{'·' * max(1, round(len(text) * 0.4) - 2)}⟧"


def _split(text: str) -> list[str]:
    import re

    return re.split(r"(%\(\w+\)s)", text)


class PseudoWords(Words):
    """A language in which every text of ours shows that it went through the catalogue."""

    def gettext(self, text: str) -> str:
        return pseudo(text)

    def ngettext(self, singular: str, plural: str, count: float) -> str:
        return pseudo(singular if count == 1 else plural)


async def show(request: web.Request) -> web.StreamResponse:
    page, state = request.match_info["page"], request.match_info["state"]
    words = PseudoWords("qps") if request.query.get("lang") == "qps" else words_of(request)
    visit = Visit(request, words, Key("k", "admin", "AG01"), "secret")
    playbook = samples.demo_playbook()
    turn = Turn(Console(None, None), visit, look_for(words, playbook))  # type: ignore[arg-type]
    template, view, status = PAGES[page](state, turn)
    if page == "entrance" and state in OUTSIDE:
        visit = replace(visit, key=None)
    response = answer(visit, turn.look, template, {**view, "said": view.get("said", "")}, status=status)
    response.set_cookie("stage_lang", words.language)
    return response


async def bill(request: web.Request) -> web.StreamResponse:
    """The pane of the desk, as the card loads it."""
    wanted = request.cookies.get("stage_lang", "en")
    words = PseudoWords("qps") if wanted == "qps" else words_in(wanted)
    visit = Visit(request, words, Key("k", "admin", "AG01"), "secret")
    look = look_for(words, samples.demo_playbook())
    language = visit.language if visit.language in ("en", "zh-CN") else "en"
    view = bill_view(look, tariff_samples.found("cheaper", language=language), request.query.get("line", ""))
    return html(render("bill.html", words, {**page_view(visit, look, read_bundle()), **view}), "")


async def workbench_text(request: web.Request) -> web.StreamResponse:
    """A file of the workbench, as its script asks for it."""
    text = workbench_samples.TEXT
    return web.json_response({"path": request.query["path"], "text": text, "hash": workbench_samples.HASH})


async def workbench_check(_: web.Request) -> web.StreamResponse:
    """The check of the workbench's script; the page's own parts stay as they are."""
    found = msgspec.to_builtins(workbench_samples.check().answer)
    return web.json_response({**found, "blocked": "", "parts": {}})


async def workbench_words(_: web.Request) -> web.StreamResponse:
    return web.json_response({"fields": [], "names": [], "places": {}, "schemas": {}})


async def no_problems(_: web.Request) -> web.StreamResponse:
    return web.json_response({"problems": []})


async def nothing(_: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


def stage() -> web.Application:
    app = web.Application()
    app.router.add_get("/stage/{page}/{state}", show)
    app.router.add_get("/assets/{name}", serve_asset)
    app.router.add_get("/overview", nothing)
    app.router.add_get("/workbench/{draft}/text", workbench_text)
    app.router.add_post("/workbench/{draft}/check", workbench_check)
    app.router.add_get("/workbench/{draft}/words", workbench_words)
    app.router.add_post("/selection/check", no_problems)
    app.router.add_get("/customers/{customer}/tariffs/bill", bill)
    return app


if __name__ == "__main__":
    web.run_app(stage(), port=int(sys.argv[1]) if len(sys.argv) > 1 else 8099)

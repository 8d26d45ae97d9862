"""Models: which are in force, the report of each, putting one in force and taking it back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import quote

import msgspec
from aiohttp import web

from contact.domain.model_answers import ModelsAnswer
from contact.faces.console.models.view import place_of, report_view
from contact.faces.console.shared.figures import TABLES, as_csv
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.once import once
from contact.faces.console.shared.pages import answer, policy
from contact.faults import Conflict, NotFound
from contact.flow.learning import models as flow
from contact.flow.present import job_answer
from contact.ports import Job
from scoring.report import ModelReport
from strategies.problems import problem_again

ROLES = frozenset({"data_scientist", "strategist", "analyst", "admin"})
DECIDE_ROLES = frozenset({"data_scientist", "admin"})
LONGEST_REASON = 500
SHOWN = 50
_SAID = frozenset({"promoted", "rolled_back"})


async def show_list(turn: Turn) -> web.StreamResponse:
    """Every model with its verdict, and what to type for those nobody has trained."""
    found = await flow.list_models(turn.ports, turn.visit.language)
    rules = {row.id: str(row.report.get("rule", "")) for row in await turn.ports.models.list()}
    trainings = [job for job in await turn.ports.jobs.recent(SHOWN) if job.kind == "train"]
    return answer(turn.visit, turn.look, "models.html", list_view(found, rules, trainings))


def list_view(found: ModelsAnswer, rules: Mapping[str, str], trainings: Sequence[Job]) -> dict[str, object]:
    """What the list's template needs: rules by model id, and recent trainings, newest first."""
    newest: dict[str, Job] = {}
    for job in trainings:
        newest.setdefault(str(job.arguments.get("model") or ""), job)
    return {
        "models": found.models[:SHOWN],
        "rules": rules,
        "more": max(0, len(found.models) - SHOWN),
        "untrained": found.untrained,
        "failed": [
            (model, job_answer(job), [problem_again(each) for each in job.problems])
            for model, job in newest.items()
            if job.state == "failed"
        ],
        "running": [
            (model, job_answer(job)) for model, job in newest.items() if job.state in ("queued", "running")
        ],
    }


async def show_report(turn: Turn) -> web.StreamResponse:
    """The report of one model. Raises NotFound."""
    said = turn.visit.request.query.get("said", "")
    return await _report(turn, said=said if said in _SAID else "")


async def show_data(turn: Turn) -> web.StreamResponse:
    """The figures of one chart as JSON or CSV, or the whole report as JSON. Raises NotFound."""
    model = await flow.show_model(turn.ports, _id(turn), turn.visit.language)
    chart, _, form = turn.visit.request.match_info["chart"].rpartition(".")
    if (chart, form) == ("report", "json"):
        return _file(json.dumps(model.report, ensure_ascii=False, indent=1), "json")
    if chart not in TABLES or form not in ("json", "csv"):
        raise NotFound("no such chart")
    rows = TABLES[chart](msgspec.convert(model.report, ModelReport))
    return _file(as_csv(rows) if form == "csv" else json.dumps(rows, ensure_ascii=False, indent=1), form)


async def promote(turn: Turn) -> web.StreamResponse:
    """Put this model in force, with a reason."""

    async def act(why: str) -> str:
        return (await flow.promote(turn.ports, _id(turn), _author(turn), why)).id

    return await _decide(turn, act, "promoted")


async def roll_back(turn: Turn) -> web.StreamResponse:
    """Put the one before in force again, with a reason. Raises Conflict where this model is not in force any more."""

    async def act(why: str) -> str:
        model = await flow.show_model(turn.ports, _id(turn), turn.visit.language)
        if model.state != "in_force":
            raise Conflict("another model is in force by now")
        try:
            return (await flow.roll_back(turn.ports, model.model, _author(turn), why)).id
        except Conflict as none:
            raise NoneBefore(none.detail) from none

    try:
        return await _decide(turn, act, "rolled_back")
    except NoneBefore:
        text = turn.visit.words.gettext("No other model was in force before this one.")
        return await _report(turn, problems=[("", text)], status=409)


class NoneBefore(Conflict):
    """There is no model to roll back to."""


async def _decide(turn: Turn, act: Callable[[str], Awaitable[str]], said: str) -> web.StreamResponse:
    why = turn.visit.text("why", LONGEST_REASON + 1)
    say = turn.visit.words.gettext
    problems = [("why", say("Say why, so that others can follow it."))] if not why else []
    if len(why) > LONGEST_REASON:
        problems = [("why", say("The reason is longer than 500 characters; shorten it."))]
    if problems:
        return await _report(turn, problems=problems, why=why, status=422)

    async def acting() -> str:
        return await act(why)

    in_force = await once(turn, acting)
    return web.Response(
        status=303, headers={"Location": f"/models/{quote(in_force, safe='')}?said={said}"}
    )  # fmt: skip


async def _report(
    turn: Turn,
    *,
    said: str = "",
    problems: list[tuple[str, str]] | None = None,
    why: str = "",
    status: int = 200,
) -> web.Response:
    model = await flow.show_model(turn.ports, _id(turn), turn.visit.language)
    listed = await flow.list_models(turn.ports, turn.visit.language)
    view = report_view(
        turn.look, model, place_of(model, listed.models), may_decide=_may_decide(turn), said=said,
        problems=problems or [], why=why,
    )  # fmt: skip
    return answer(turn.visit, turn.look, "model.html", view, status=status)


def _file(text: str, form: str) -> web.Response:
    kind = {"csv": "text/csv", "json": "application/json"}[form]
    response = web.Response(text=text, content_type=kind, charset="utf-8", headers=policy(""))
    response.enable_compression()
    return response


def _id(turn: Turn) -> str:
    return turn.visit.request.match_info["model"]


def _may_decide(turn: Turn) -> bool:
    return turn.visit.key is not None and turn.visit.key.role in DECIDE_ROLES


def _author(turn: Turn) -> str:
    return turn.visit.person or (turn.visit.key.role if turn.visit.key is not None else "")

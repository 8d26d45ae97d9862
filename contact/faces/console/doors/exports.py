"""Exports: ask for a file with names or numbers, answer for somebody else's, take one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from aiohttp import web

from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.once import once
from contact.faces.console.shared.pages import answer
from contact.faults import Conflict, Forbidden
from contact.flow.people import export
from strategies.problems import Problem, ProblemsFound

ROLES = frozenset({"strategist", "analyst", "supervisor", "admin"})
DECIDE_ROLES = frozenset({"supervisor", "admin"})
"""Who may be the second person."""
OFFERED = ("name", "number", "language", "manager")


async def show(turn: Turn) -> web.StreamResponse:
    """What was asked for, by whom, who decided; and the form to ask."""
    return await _page(turn, said=turn.visit.request.query.get("said", ""))


async def ask(turn: Turn) -> web.StreamResponse:
    """Whoever is found now is meant; the file is there once another person approved it."""
    person, form = _person(turn), turn.visit.form
    columns = [name for name in OFFERED if name in form.getall("columns", [])]

    async def work() -> str:
        return (
            await export.ask(
                turn.ports, _asked(turn), columns, person=person, why=turn.visit.text("why", 500)
            )
        ).export

    try:
        await once(turn, work)
    except ProblemsFound as found:
        return await _page(turn, problems=found.problems, status=422)
    return _back("asked")


async def approve(turn: Turn) -> web.StreamResponse:
    """The second person's yes."""
    return await _decide(turn, approve=True)


async def refuse(turn: Turn) -> web.StreamResponse:
    """The second person's no."""
    return await _decide(turn, approve=False)


async def take(turn: Turn) -> web.StreamResponse:
    """The file as CSV, for whoever asked for it; that it was taken is on record."""
    id = turn.visit.request.match_info["export"]
    content = await export.file_of(turn.ports, id, person=_person(turn))
    headers = {
        "Content-Disposition": f'attachment; filename="export-{quote(id[-12:], safe="")}.csv"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=content, content_type="text/csv", charset="utf-8", headers=headers)


async def _decide(turn: Turn, *, approve: bool) -> web.StreamResponse:
    person, id = _person(turn), turn.visit.request.match_info["export"]

    async def work() -> str:
        why = turn.visit.text("why", 500)
        return (await export.decide(turn.ports, id, person=person, approve=approve, why=why)).state

    try:
        return _back(await once(turn, work))
    except ProblemsFound as found:
        return await _page(turn, problems=found.problems, status=422)
    except (Conflict, Forbidden) as fault:
        return await _page(turn, refused=fault.detail, status=fault.status)


def _asked(turn: Turn) -> dict[str, Any]:
    """What the form asks for: a list where one is named, else whom the condition finds."""
    name = turn.visit.text("list")
    if name:
        return {"kind": "list", "list": name}
    asked = {
        "condition": turn.visit.text("condition", 4000),
        "channel": turn.visit.text("channel"),
        "category": turn.visit.text("category"),
    }
    return {"kind": "selection", **{key: value for key, value in asked.items() if value}}


def _person(turn: Turn) -> str:
    if turn.visit.person is None:
        raise Forbidden("this session belongs to no person: exports are asked for and answered for by name")
    return turn.visit.person


def _back(said: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/exports?said={quote(said, safe='')}"})


async def _page(
    turn: Turn, *, said: str = "", problems: Sequence[Problem] = (), refused: str = "", status: int = 200
) -> web.StreamResponse:
    playbook, key, form = turn.look.playbook, turn.visit.key, turn.visit.form
    view = {
        "exports": (await export.exports(turn.ports)).exports,
        "said": said,
        "problems": problems,
        "refused": refused,
        "person": turn.visit.person,
        "may_decide": key is not None and key.role in DECIDE_ROLES,
        "columns": OFFERED,
        "channels": list(playbook.channels) if playbook is not None else [],
        "categories": list(playbook.operator.categories) if playbook is not None else [],
        "entered": {name: form.get(name, "") for name in ("condition", "channel", "category", "list", "why")},
        "now": (await turn.ports.clock.now()).at,
    }
    return answer(turn.visit, turn.look, "exports.html", view, status=status)

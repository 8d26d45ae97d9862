"""Coming in by a link or a password, going out, and what the door says to everybody else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from contact.domain.passwords import SHORTEST
from contact.faces.console.shared.guard import Answering, Console, Turn, current_look, out
from contact.faces.console.shared.pages import answer
from contact.faces.console.shared.visits import (
    SESSION_COOKIE,
    Visit,
    open_cookie,
    remember,
    sent_from_here,
    visit_of,
)
from contact.faults import Crowded
from strategies.problems import ProblemsFound

OpenPage = Callable[[Visit], Awaitable[web.StreamResponse]]
_OURS = re.compile(r"/(?!/)[A-Za-z0-9/_.~%-]{0,200}")
_NOT_KEPT = {"Cache-Control": "no-store"}


def show_link(console: Console) -> Answering:
    """``GET /session``: the form to log in; with ``?token=…`` only a button, so that a link preview does not use it up."""

    async def page(visit: Visit) -> web.StreamResponse:
        token = visit.request.query.get("token", "")
        if not token:
            return await _said(console, visit, "out", 401)
        look = await current_look(console, visit)
        return answer(visit, look, "entrance.html", {"state": "link", "token": token})

    return _looked_at(console, page)


def use_link(console: Console) -> Answering:
    """``POST /session`` trades the link for a session, once; a used or expired one says how to print another."""

    async def page(visit: Visit) -> web.StreamResponse:
        secret = await console.ports.keys.open_session(visit.text("token", 500))
        if secret is None:
            return await _said(console, visit, "used", 410)
        return _let_in(console, visit.request, secret, "/")

    return _sent(console, page)


def log_in(console: Console) -> Answering:
    """``POST /login``: person and password for a session; what was wrong is not said, and neither is kept anywhere."""

    async def page(visit: Visit) -> web.StreamResponse:
        person, password = visit.text("person", 200), visit.form.get("password", "")
        try:
            entered = await console.ports.logins.log_in(person, password)
        except Crowded:
            return await _said(console, visit, "crowded", 503)
        if entered.secret is None:
            return await _said(console, visit, "locked" if entered.locked else "wrong", 401)
        onward = visit.text("onward")
        return _let_in(console, visit.request, entered.secret, onward if _OURS.fullmatch(onward) else "/")

    return _sent(console, page)


def show_password(console: Console) -> Answering:
    """``GET /password?token=…``: the form in which a person sets the password; looking does not use the link up."""

    async def page(visit: Visit) -> web.StreamResponse:
        return await _password(console, visit, visit.request.query.get("token", ""))

    return _looked_at(console, page)


def set_password(console: Console) -> Answering:
    """``POST /password``: keeps the password's hash, uses the link up and ends the person's open sessions."""

    async def page(visit: Visit) -> web.StreamResponse:
        token, password = visit.text("token", 500), visit.form.get("password", "")
        if password != visit.form.get("again", ""):
            return await _password(console, visit, token, wrong="differ")
        try:
            person = await console.ports.logins.set_password(token, password)
        except ProblemsFound:
            return await _password(console, visit, token, wrong="weak")
        if person is None:
            return await _password(console, visit, "")
        return await _said(console, visit, "set", 200)

    return _sent(console, page)


def _looked_at(console: Console, page: OpenPage) -> Answering:
    """A page that anybody may look at, in the language and colours they choose on it."""

    async def answering(request: web.Request) -> web.StreamResponse:
        chosen = remember(request)
        return chosen if chosen is not None else await page(await visit_of(request, console.ports))

    return answering


def _sent(console: Console, page: OpenPage) -> Answering:
    """What answers a form that anybody may send, but from a page of ours only."""

    async def answering(request: web.Request) -> web.StreamResponse:
        visit = await visit_of(request, console.ports)
        if not sent_from_here(request):
            look = await current_look(console, visit)
            return answer(visit, look, "refused.html", {"why": "form"}, status=403)
        return await page(visit)

    return answering


async def go_home(turn: Turn) -> web.StreamResponse:
    """``/`` leads to the page of the person's role."""
    if turn.visit.home is None:
        return answer(turn.visit, turn.look, "refused.html", {"why": "role"}, status=403)
    return web.Response(status=303, headers={"Location": turn.visit.home})


async def log_out(turn: Turn) -> web.StreamResponse:
    """The session ends in the store and in the browser."""
    await turn.ports.keys.end_session(turn.visit.secret)
    return _gone()


async def log_out_everywhere(turn: Turn) -> web.StreamResponse:
    """Every session of the person ends, in every browser; one without a person ends only itself."""
    if turn.visit.person is None:
        return await log_out(turn)
    await turn.ports.keys.end_sessions(turn.visit.person, by=turn.visit.person)
    return _gone()


def _gone() -> web.Response:
    response = web.Response(status=303, headers={"Location": "/session", **_NOT_KEPT})
    response.del_cookie(SESSION_COOKIE, path="/")
    return response


def _let_in(console: Console, request: web.Request, secret: str, onward: str) -> web.Response:
    response = web.Response(status=303, headers={"Location": onward, **_NOT_KEPT})
    open_cookie(response, request, secret, secure=console.settings.own_url.startswith("https://"))
    return response


async def _said(console: Console, visit: Visit, state: str, status: int) -> web.Response:
    look = await current_look(console, visit)
    view = out(visit.request, state)
    view["onward"] = view["onward"] if view["onward"] not in ("/session", "/password") else "/"
    return answer(visit, look, "entrance.html", view, status=status)


async def _password(console: Console, visit: Visit, token: str, *, wrong: str = "") -> web.Response:
    person = await console.ports.logins.invited(token) if token else None
    view = {"person": person, "token": token, "wrong": wrong, "shortest": SHORTEST}
    status = 410 if person is None else 422 if wrong else 200
    return answer(visit, await current_look(console, visit), "password.html", view, status=status)

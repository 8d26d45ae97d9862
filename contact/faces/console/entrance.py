"""Coming in by a console link, going out, and what the door says to everybody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from contact.faces.console.guard import Console, Turn, current_look
from contact.faces.console.pages import answer
from contact.faces.console.visits import SESSION_COOKIE, open_cookie, remember, visit_of

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def show_link(console: Console) -> Answering:
    """``GET /session?token=…`` only shows a button, so that a link preview does not use the link up."""

    async def answering(request: web.Request) -> web.StreamResponse:
        chosen = remember(request)
        if chosen is not None:
            return chosen
        visit = await visit_of(request, console.ports)
        look = await current_look(console, visit)
        token = request.query.get("token", "")
        if not token:
            return answer(visit, look, "entrance.html", {"state": "out"}, status=401)
        return answer(visit, look, "entrance.html", {"state": "link", "token": token})

    return answering


def use_link(console: Console) -> Answering:
    """``POST /session`` trades the link for a session, once; a used or expired one says how to print another."""

    async def answering(request: web.Request) -> web.StreamResponse:
        visit = await visit_of(request, console.ports)
        secret = await console.ports.keys.open_session(visit.text("token", 500))
        if secret is None:
            look = await current_look(console, visit)
            return answer(visit, look, "entrance.html", {"state": "used"}, status=410)
        response = web.Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})
        open_cookie(response, request, secret)
        return response

    return answering


async def go_home(turn: Turn) -> web.StreamResponse:
    """``/`` leads to the page of the person's role."""
    if turn.visit.home is None:
        return answer(turn.visit, turn.look, "refused.html", {"why": "role"}, status=403)
    return web.Response(status=303, headers={"Location": turn.visit.home})


async def log_out(turn: Turn) -> web.StreamResponse:
    """The session ends in the store and in the browser."""
    await turn.ports.keys.end_session(turn.visit.secret)
    response = web.Response(status=303, headers={"Location": "/session", "Cache-Control": "no-store"})
    response.del_cookie(SESSION_COOKIE, path="/")
    return response

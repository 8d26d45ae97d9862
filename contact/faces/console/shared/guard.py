"""The door of every page: session, role, form token, and faults told as pages instead of stack traces."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from contact.faces.console.shared.pages import Look, answer, look_for
from contact.faces.console.shared.visits import Visit, form_is_ours, remember, visit_of, words_of
from contact.faces.http.edge.row import Reach
from contact.faults import Fault, JournalUnavailable, NotFound, StoreDamaged, StoreUnavailable
from contact.flow.scoped import scope_of
from contact.ports import WHOLE, Ports, Scope
from contact.settings import Settings
from strategies.problems import ProblemsFound


@dataclass(frozen=True)
class Console:
    """What every page needs of the service."""

    ports: Ports
    settings: Settings


@dataclass(frozen=True)
class Turn:
    """One turn of a logged-in person: the console, the visit and the look of the page to come."""

    console: Console
    visit: Visit
    look: Look
    scope: Scope = WHOLE
    """Whose customers the person may see and change."""

    @property
    def ports(self) -> Ports:
        """As far as the person's customers go: whoever is none of theirs is not found."""
        return self.console.ports.within(self.scope)


_TOLD_APART: dict[type[Fault], str] = {
    JournalUnavailable: "journal_unavailable",
    StoreDamaged: "store_damaged",
}
"""To whoever calls the API these are one code; a person is told which it is."""

Page = Callable[[Turn], Awaitable[web.StreamResponse]]
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def behind_door(
    console: Console, page: Page, roles: frozenset[str], reach: Reach = Reach.OPERATOR
) -> Answering:
    """The page, for people of these roles with an open session; everybody else is told what to do."""

    async def answering(request: web.Request) -> web.StreamResponse:
        chosen = remember(request)
        if chosen is not None:
            return chosen
        try:
            visit = await visit_of(request, console.ports)
        except StoreUnavailable as fault:
            stranger = Visit(request, words_of(request))
            return _told(stranger, look_for(stranger.words, None), fault)
        look = await current_look(console, visit)
        if "\0" in request.path or "\0" in request.query_string:
            return _told(visit, look, NotFound("nothing is named so"))
        if visit.key is None:
            return answer(visit, look, "entrance.html", out(request), status=401)
        if visit.key.role not in roles:
            return answer(visit, look, "refused.html", {"why": "role"}, status=403)
        scope = await scope_of(console.ports, visit.key)
        if reach is Reach.OPERATOR and not scope.whole:
            return answer(visit, look, "refused.html", {"why": "unit"}, status=403)
        if request.method == "POST" and not form_is_ours(visit):
            return answer(visit, look, "refused.html", {"why": "form"}, status=403)
        try:
            return await page(Turn(console, visit, look, scope))
        except ProblemsFound as found:
            view = {"code": "problems", "found": found.problems}
            return answer(visit, look, "fault.html", view, status=422)
        except Fault as fault:
            return _told(visit, look, fault)

    return answering


def out(request: web.Request, state: str = "out") -> dict[str, str]:
    """What the door's page shows to whoever is not logged in: the form, which leads on to the page that was asked for."""
    return {"state": state, "onward": request.path if request.method == "GET" else "/"}


async def current_look(console: Console, visit: Visit) -> Look:
    """The look by the playbook in force; plain where none was published yet, or none that this release understands."""
    try:
        return look_for(visit.words, await console.ports.playbooks.current())
    except (NotFound, ProblemsFound, StoreUnavailable):
        return look_for(visit.words, None)


def _told(visit: Visit, look: Look, fault: Fault) -> web.Response:
    nothing = isinstance(fault, NotFound) and look.playbook is None
    code = "nothing_in_force" if nothing else _TOLD_APART.get(type(fault), fault.code)
    return answer(visit, look, "fault.html", {"code": code}, status=fault.status)

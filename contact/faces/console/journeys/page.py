"""Journeys through the voice menu: the page, by filters that stand in its address, and the figures behind each picture."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from aiohttp import web

from contact.domain.journey_answers import JourneysAnswer
from contact.faces.console.journeys.data import TABLES
from contact.faces.console.journeys.view import Asked, asked_of, journeys_view
from contact.faces.console.shared.figures import as_csv
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.pages import answer, policy
from contact.faults import NotFound
from contact.flow.calls import journeys as flow
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant, to_instant

ROLES = frozenset({"strategist", "analyst", "supervisor", "admin"})


async def show(turn: Turn) -> web.StreamResponse:
    """The page; without a menu in force it says how to write one."""
    asked = asked_of(turn.visit.request.query)
    view = journeys_view(turn.look, asked, await _found(turn, asked), units=_units(turn))
    return answer(turn.visit, turn.look, "journeys.html", view)


async def show_data(turn: Turn) -> web.StreamResponse:
    """The figures of one picture as CSV. Raises NotFound."""
    name = turn.visit.request.match_info["chart"]
    found = await _found(turn, asked_of(turn.visit.request.query)) if name in TABLES else None
    if found is None:
        raise NotFound("no such figures")
    response = web.Response(
        text=as_csv(TABLES[name](found)), content_type="text/csv", charset="utf-8", headers=policy("")
    )
    response.enable_compression()
    return response


async def _found(turn: Turn, asked: Asked) -> JourneysAnswer | None:
    playbook = turn.look.playbook
    if playbook is None or not (playbook.menus or asked.menu):
        return None
    now = (await turn.ports.clock.now()).at
    question = flow.JourneysQuestion(
        menu=asked.menu or None,
        since=Instant(now + 1 - asked.days * DAY),
        until=Instant(now + 1),
        unit=asked.unit or None,
        segment=asked.segment or None,
        version=asked.version or None,
        source=asked.source or None,
        split=_begin_of(asked.split, playbook) if asked.split else None,
    )
    return await flow.journeys(turn.ports, question, turn.visit.language)


def _begin_of(day: str, playbook: Playbook) -> Instant:
    """Midnight of the day where the operator is."""
    date = datetime.fromisoformat(day).date()
    return to_instant(datetime.combine(date, time(), ZoneInfo(playbook.operator.zone)))


def _units(turn: Turn) -> list[str]:
    """Units to choose from: those the person's customers belong to, as far as others stand below them."""
    playbook = turn.look.playbook
    if playbook is None:
        return []
    above = {each.parent for each in playbook.units.values()}
    seen = turn.scope.units
    return [each for each in playbook.units if each in above and (seen is None or each in seen)]

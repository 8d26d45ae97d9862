"""Clusters of those a condition finds, each with its portrait and the condition that describes it."""

from __future__ import annotations

from aiohttp import web

from contact.faces.console.selection import page as selection
from contact.faces.console.shared.guard import Turn
from contact.flow.selecting.cluster import cluster
from strategies.problems import ProblemsFound

MOST_FIELDS = 12


async def show(turn: Turn) -> web.StreamResponse:
    """Clusters over the chosen fields; problems stand above the form."""
    entered = selection.entered_of(turn)
    fields = [value for name, value in turn.visit.form.items() if name == "measure"][:MOST_FIELDS]
    many = turn.visit.text("many", 2)
    try:
        found = await cluster(
            turn.ports, fields, int(many) if many.isdecimal() else None, entered["condition"] or None
        )
    except ProblemsFound as wrong:
        return await selection.page(turn, entered, problems=wrong.problems, status=422)
    return await selection.page(turn, entered, clusters=found)

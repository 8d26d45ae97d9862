"""What completion and hover know: fields and their spread, names with their places, keys of each kind of file."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from aiohttp import web

from contact.faces.console.shared.guard import Turn
from contact.faces.console.workbench.checks import as_json, drawn
from contact.flow.selecting.spread import fields, spread
from strategies.declared.playbook import Playbook
from strategies.schema.files import schemas

Named = tuple[str, str, str]
"""Name, kind and place."""


async def words(turn: Turn) -> web.StreamResponse:
    """Every word a strategist may write, by the playbook in force."""
    playbook = turn.look.playbook
    if playbook is None:
        return as_json({"fields": [], "names": [], "places": {}, "schemas": {}})
    known = await fields(turn.ports, turn.visit.language)
    found = list(names(playbook))
    return as_json(
        {
            "fields": [{"name": each.field, **msgspec.to_builtins(each)} for each in known.fields],
            "names": [[name, kind] for name, kind, _ in found if kind != "field"],
            "places": {name: place for name, _, place in reversed(found)},
            "schemas": schemas(),
        }
    )


def names(playbook: Playbook) -> Iterator[Named]:
    """Everything that is declared; where two things share a name, the first is gone to."""
    for field in playbook.fields.values():
        yield field.name, "field", str(field.place)
    for strategy in playbook.strategies:
        yield strategy.id, "strategy", str(strategy.place)
        for offer in strategy.offers:
            yield offer.id, "offer", str(offer.place)
    for rule in playbook.rules:
        yield rule.id, "rule", str(rule.place)
    for name, segment in playbook.segments.items():
        yield name, "segment", str(segment.place)
    for name, channel in playbook.channels.items():
        yield name, "channel", str(channel.place)


async def show_spread(turn: Turn) -> web.StreamResponse:
    """How one field is spread, drawn. Raises NotFound."""
    found = await spread(turn.ports, turn.visit.request.match_info["field"], turn.visit.language)
    return as_json({"html": drawn(turn, "workbench_spread.html", {"spread": found})})

"""Topics of the hotline: what was asked, what will be, which answers are ready."""

from __future__ import annotations

from contact.faces.http.bodies.topics import TopicsQuery
from contact.faces.http.edge.row import Call, Reply
from contact.flow.calls.topics import topics


async def get_topics(call: Call) -> Reply:
    """Hot topics of a month by group of callers, a forecast of the days ahead held against the last months, and how often
    the answer that a caller wanted was ready."""
    query: TopicsQuery = call.query
    return Reply(await topics(call.ports, query.month, query.language))

"""The route of topics: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import topic_answers
from contact.faces.http.bodies import topics as bodies_topics
from contact.faces.http.edge.row import Reach, Route
from contact.faces.http.routes import topics
from contact.faces.http.table.journeys import LOOKING

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/ivr/topics", LOOKING, topics.get_topics, "Topics of the hotline", topic_answers.TopicsAnswer, "ivr",
          query=bodies_topics.TopicsQuery, statuses=(422,), reach=Reach.UNIT),
)
# fmt: on

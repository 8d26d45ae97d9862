"""The routes of journeys: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import journey_answers
from contact.faces.http.bodies import journeys as bodies_journeys
from contact.faces.http.edge.row import Reach, Route
from contact.faces.http.routes import journeys

LOOKING = frozenset({"strategist", "analyst", "supervisor", "admin"})
REPORTING = frozenset({"ivr", "gateway", "admin"})
REPORT_BYTES = 8 << 20

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/ivr/journeys", LOOKING, journeys.get_journeys, "Measure journeys through a voice menu",
          journey_answers.JourneysAnswer, "ivr", query=bodies_journeys.JourneysQuery, statuses=(422,), reach=Reach.UNIT),
    Route("POST", "/v1/ivr/journeys", REPORTING, journeys.post_journeys, "Report journeys through another menu",
          journey_answers.JourneysTakenAnswer, "ivr", bodies_journeys.JourneysBody, statuses=(404, 422),
          limit_bytes=REPORT_BYTES, urgent=True),
)
# fmt: on

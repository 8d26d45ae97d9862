"""The routes of calls: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import call_answers
from contact.faces.http import bodies_calls, calls
from contact.faces.http.row import Reach, Route

ANSWERING = frozenset({"ivr", "admin"})

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/ivr/calls", ANSWERING, calls.post_call, "A call is picked up", call_answers.CallAnswer, "ivr",
          bodies_calls.CallBody, statuses=(404, 409, 422), reach=Reach.UNIT),
    Route("POST", "/v1/ivr/calls/{call}/keys", ANSWERING, calls.post_key, "A key was pressed, or none in time",
          call_answers.CallAnswer, "ivr", bodies_calls.KeyBody, statuses=(404, 409, 422), reach=Reach.UNIT, urgent=True),
    Route("POST", "/v1/ivr/calls/{call}/end", ANSWERING, calls.post_end, "The caller hung up",
          call_answers.CallAnswer, "ivr", bodies_calls.CallEndBody, statuses=(404, 409, 422), reach=Reach.UNIT, urgent=True),
)
# fmt: on

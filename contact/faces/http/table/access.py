"""The routes of exports: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import export_answers
from contact.faces.http.bodies import access as bodies_access
from contact.faces.http.edge.row import Once, Reach, Route
from contact.faces.http.routes import exports

EXPORTING = frozenset({"strategist", "analyst", "supervisor", "admin"})
ANSWERING = frozenset({"supervisor", "admin"})
"""Who may be the second person."""

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/exports", EXPORTING, exports.post_export, "Ask for a file with names or numbers",
          export_answers.ExportAnswer, "exports", bodies_access.ExportBody, status=201, statuses=(404, 422),
          once=Once.ALWAYS, reach=Reach.UNIT),
    Route("GET", "/v1/exports", EXPORTING, exports.get_exports, "Exports that were asked for",
          export_answers.ExportsAnswer, "exports", reach=Reach.UNIT),
    Route("POST", "/v1/exports/{export}/approve", ANSWERING, exports.post_approval, "Approve an export as a second person",
          export_answers.ExportAnswer, "exports", bodies_access.ExportDecisionBody, statuses=(404, 409, 422),
          once=Once.ALWAYS, reach=Reach.UNIT),
    Route("POST", "/v1/exports/{export}/refuse", ANSWERING, exports.post_refusal, "Refuse an export as a second person",
          export_answers.ExportAnswer, "exports", bodies_access.ExportDecisionBody, statuses=(404, 409, 422),
          once=Once.ALWAYS, reach=Reach.UNIT),
    Route("GET", "/v1/exports/{export}/file", EXPORTING, exports.get_file, "The file of an approved export", None, "exports",
          statuses=(404, 409), media="text/csv; charset=utf-8", reach=Reach.UNIT),
)
# fmt: on

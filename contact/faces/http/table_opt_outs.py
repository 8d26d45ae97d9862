"""The routes of gateways' reports and of opt-outs: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.faces.http import bodies, kannel_query, reports, shapes
from contact.faces.http.row import OPEN, Route

REPORTING = frozenset({"gateway", "admin"})

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/receipts", REPORTING, reports.post_receipt, "Report on a contact", shapes.AcceptedAnswer,
          "gateway", bodies.ReceiptBody, statuses=(422,), urgent=True),
    Route("GET", "/v1/receipts", REPORTING, reports.get_receipt, "Report on a contact, by query",
          shapes.AcceptedAnswer, "gateway", query=kannel_query.ReceiptQuery, statuses=(422,), urgent=True),
    Route("GET", "/receipts/{contact}/{signature}", OPEN, reports.get_linked_receipt,
          "Report on a contact, at the address given with it", shapes.AcceptedAnswer, "gateway",
          query=kannel_query.LinkedReceiptQuery, statuses=(404, 422), urgent=True),
    Route("POST", "/v1/replies", REPORTING, reports.post_reply, "Hand in a customer's message",
          shapes.AcceptedAnswer, "gateway", bodies.ReplyBody, statuses=(422,), urgent=True),
    Route("GET", "/v1/replies", REPORTING, reports.get_reply, "Hand in a customer's message, by query",
          shapes.AcceptedAnswer, "gateway", query=kannel_query.ReplyQuery, statuses=(422,), urgent=True),
)
# fmt: on

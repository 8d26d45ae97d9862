"""The routes of gateways' reports and of opt-outs: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.faces.http.bodies import bodies
from contact.faces.http.edge import kannel_query, shapes
from contact.faces.http.edge.row import OPEN, Once, Reach, Route
from contact.faces.http.routes import opt_outs, reports

REPORTING = frozenset({"gateway", "admin"})
STOPPING = frozenset({"agent", "supervisor", "account_manager", "portal", "ivr", "gateway", "admin"})
LINKING = frozenset({"portal", "agent", "strategist", "admin"})

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
    Route("POST", "/v1/opt-outs", STOPPING, opt_outs.post_opt_out, "Take an opt-out by customer or number",
          shapes.CancelledAnswer, "opt-outs", bodies.OptOutBody, statuses=(404, 422), once=Once.ALWAYS, urgent=True,
          reach=Reach.UNIT),
    Route("GET", "/v1/customers/{customer}/opt-out-link", LINKING, opt_outs.get_link, "An address to opt out at",
          shapes.OptOutLinkAnswer, "opt-outs", query=bodies.OptOutLinkQuery, statuses=(404, 429), reach=Reach.UNIT),
    Route("GET", "/opt-out/{customer}/{channel}/{signature}", OPEN, opt_outs.get_page, "Ask whether to opt out", None,
          "opt-outs", statuses=(404,), urgent=True, media="text/html; charset=utf-8"),
    Route("POST", "/opt-out/{customer}/{channel}/{signature}", OPEN, opt_outs.post_page, "Opt out", None,
          "opt-outs", statuses=(404, 422), urgent=True, media="text/html; charset=utf-8"),
)
# fmt: on

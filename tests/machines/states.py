"""The states of a contact as docs/promises.md has them, written a second time: the model that the ledger is held to."""

from __future__ import annotations

from collections.abc import Iterable

MOVES = {
    "reserved": {"reserved", "sending", "expired", "cancelled"},
    "sending": {"sent", "reserved", "released", "unknown"},
    "unknown": {"sent", "not_sent"},
    "sent": {"delivered", "undelivered"},
}
COUNTED = frozenset({"reserved", "sending", "sent", "delivered", "undelivered", "unknown"})
REPORTS = ("sent", "not_sent", "delivered", "undelivered")


def after_report(state: str, report: str) -> str:
    """A report moves a contact along the table, over ``sent`` where it must; what the table does not know is ignored."""
    if report in MOVES.get(state, ()):
        return report
    if state == "unknown" and report in MOVES["sent"]:
        return report  # over ``sent``, which the report proves
    return state


def after_reports(state: str, reports: Iterable[str]) -> str:
    """One after the other, in the order in which they happened."""
    for report in reports:
        state = after_report(state, report)
    return state

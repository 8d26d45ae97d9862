"""Contact: one attempt to reach a person, its states and the table of lawful moves."""

from __future__ import annotations

from typing import Literal, NewType

ContactId = NewType("ContactId", str)
ContactState = Literal[
    "reserved", "sending", "sent", "delivered", "undelivered", "unknown",
    "expired", "cancelled", "released", "not_sent",
]  # fmt: skip

MOVES: dict[str, frozenset[str]] = {
    "reserved": frozenset({"reserved", "sending", "expired", "cancelled"}),
    "sending": frozenset({"sent", "reserved", "released", "unknown", "delivered", "undelivered"}),
    "unknown": frozenset({"sent", "not_sent", "delivered", "undelivered"}),
    "sent": frozenset({"delivered", "undelivered"}),
    "delivered": frozenset(),
    "undelivered": frozenset(),
    "expired": frozenset(),
    "cancelled": frozenset(),
    "released": frozenset(),
    "not_sent": frozenset(),
}


RECONCILED_TO = frozenset({"sent", "not_sent"})
"""What a person may find out about an unknown contact; a report may say as much and more."""
CORRECTABLE = frozenset({"sent", "delivered", "undelivered"})


def is_correctable(state: str, result: str | None, final: bool) -> bool:
    """Whether an outcome stands that may have been reported wrongly; its state stays, and the correction is a move of it."""
    return state in CORRECTABLE and result is not None and final


def may_move(old: str, new: str) -> bool:
    """Whether a contact may go from one state to the other."""
    return new in MOVES[old]

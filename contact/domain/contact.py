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


def may_move(old: str, new: str) -> bool:
    """Whether a contact may go from one state to the other."""
    return new in MOVES[old]

"""Task: work in a queue; it has any number of contacts, at most one of them open."""

from __future__ import annotations

from typing import Literal, NewType

TaskId = NewType("TaskId", str)
TaskState = Literal["waiting", "leased", "started", "done", "cancelled", "expired"]

MOVES: dict[str, frozenset[str]] = {
    "waiting": frozenset({"leased", "started", "done", "cancelled", "expired"}),
    "leased": frozenset({"waiting", "started", "done", "cancelled", "expired"}),
    "started": frozenset({"waiting", "done", "cancelled"}),
    "done": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}

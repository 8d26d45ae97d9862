"""Task: work in a queue; it has any number of contacts, at most one of them open."""

from __future__ import annotations

from typing import Literal, NewType

TaskId = NewType("TaskId", str)
TaskState = Literal["waiting", "leased", "started", "done", "cancelled"]

MOVES: dict[TaskState, frozenset[TaskState]] = {
    # a deferral leaves a waiting task waiting, for another instant
    "waiting": frozenset({"waiting", "leased", "started", "done", "cancelled"}),
    "leased": frozenset({"waiting", "started", "done", "cancelled"}),
    "started": frozenset({"waiting", "done", "cancelled"}),
    "done": frozenset(),
    "cancelled": frozenset(),
}


def may_come_from(new: TaskState) -> tuple[TaskState, ...]:
    """The states from which a task may go to this one; every statement that moves a task is held to them."""
    return tuple(old for old, following in MOVES.items() if new in following)

"""A turn of a call as lines on a terminal."""

from __future__ import annotations

from contact.domain.call_answers import CallAnswer


def turn_lines(answer: CallAnswer) -> list[str]:
    """What is said, then what may be pressed or how the call ended."""
    lines = [f"  {_mark(said.file)}{said.text}" for said in answer.say]
    if answer.ends == "transfer":
        return [*lines, f"— to an agent{f', queue {answer.queue}' if answer.queue else ''} —"]
    if answer.ends:
        return [*lines, "— the call ends —"]
    return [*lines, f"[{answer.node}]  keys {' '.join(answer.keys)}"]


def _mark(file: str | None) -> str:
    return f"({file}) " if file else ""

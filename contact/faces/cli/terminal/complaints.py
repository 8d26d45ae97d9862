"""What the command line says when something cannot be done: one line each, that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ASKED = "request"
"""The place of a problem in what was asked for, which on a command line is the line just typed."""


class Complaint(Exception):
    """A person's way is blocked; each line says by what and how to go on."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


def of_job(kind: str, problems: Sequence[Mapping[str, Any]]) -> Complaint:
    """The problems in which a job ended, one line each."""
    return Complaint(
        *[line_of(problem) for problem in problems] or [f"the {kind} failed: see the service's log"]
    )


def of_system(error: OSError) -> str:
    """What the system refuses, and of which file, as one line."""
    files = " and ".join(str(each) for each in (error.filename, error.filename2) if each is not None)
    return f"{files or 'the system'} cannot be used: {error.strerror or str(error) or type(error).__name__}"


def line_of(problem: Mapping[str, Any]) -> str:
    """A problem as one line, with its place where it has one."""
    path, line, column = problem.get("path"), problem.get("line", 0), problem.get("column", 0)
    place = (
        ":".join(str(part) for part in (path, line, column) if part) + ": " if path and path != ASKED else ""
    )
    hint = f" ({problem['hint']})" if problem.get("hint") else ""
    return f"{place}{problem.get('code', 'problem')}: {problem.get('message', '')}{hint}"

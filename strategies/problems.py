"""A problem is what is wrong with a human's input, said where it stands and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a text: path, line and column, both counted from 1 (0 = the whole file)."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input. ``code`` is from a closed list (docs/problems.md), ``hint`` says what to do."""

    code: str
    message: str
    where: Where
    hint: str = ""
    severity: Literal["error", "warning"] = "error"
    """A warning is shown and stops nothing."""

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.code}: {self.message}{tail}"

    def as_json(self) -> dict[str, object]:
        """The form in which HTTP and ``--json`` print it."""
        return {
            "code": self.code,
            "message": self.message,
            "path": self.where.path,
            "line": self.where.line,
            "column": self.where.column,
            "hint": self.hint,
            "severity": self.severity,
        }


class ProblemsFound(Exception):
    """The input has problems; all of them are listed and nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.where))
        super().__init__("\n".join(str(problem) for problem in self.problems))

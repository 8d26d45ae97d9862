"""A problem is what is wrong with a human's input, said where it stands and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a text: path, line and column, both counted from 1 (0 = the whole file)."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Hint(str):
    """What to do about a problem: an English text that knows its template and what it names there.

    Other languages say it by a template of their own. Without values a template is the text itself; with them
    ``%`` is written twice.
    """

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """The template with its values in place."""
        hint = super().__new__(cls, template % values if values else template)
        hint.template, hint.values = template, {name: str(value) for name, value in values.items()}
        return hint


NO_HINT = Hint("")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input. ``code`` is from a closed list (docs/problems.md), ``hint`` says what to do."""

    code: str
    message: str
    where: Where
    hint: Hint = NO_HINT
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
            "hint": str(self.hint),
            "severity": self.severity,
        }

    def kept(self) -> dict[str, object]:
        """The same for a row, with what the hint was made of: ``problem_again`` reads it."""
        return {**self.as_json(), "template": self.hint.template, "values": self.hint.values}


def problem_again(kept: Mapping[str, Any]) -> Problem:
    """The problem of a row; of rows from before hints had templates, the hint as it was written."""
    where = Where(kept.get("path", ""), kept.get("line", 0), kept.get("column", 0))
    hint = Hint(kept.get("template", kept.get("hint", "")), **kept.get("values", {}))
    return Problem(kept["code"], kept["message"], where, hint, kept.get("severity", "error"))


def printed(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A row in the form of ``Problem.as_json``."""
    return {name: value for name, value in kept.items() if name not in ("template", "values")}


class ProblemsFound(Exception):
    """The input has problems; all of them are listed and nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.where))
        super().__init__("\n".join(str(problem) for problem in self.problems))

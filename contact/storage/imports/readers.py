"""Files as rows: whatever the format, a reader checks the structure whole and hands out rows with their line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from contact.storage.imports.cell_types import Raw
from strategies.problems import NO_HINT, Hint, Problem, ProblemsFound, Where

BATCH_ROWS = 8192
LOCKED = bytes.fromhex("d0cf11e0a1b11ae1")
"""How .xls begins, and .xlsx with a password."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows and the line each begins on (Parquet: its number, from 1)."""

    lines: list[int]
    rows: list[Sequence[Raw]]


class RowReader(Protocol):
    """One delivered file. Reading may be repeated; each pass checks the structure again."""

    header: tuple[str, ...]

    def batches(self) -> Iterator[Batch]:
        """Rows in order. Raises ``ProblemsFound`` where the structure is faulty."""
        ...


def check_header(header: Sequence[str], where: Where) -> tuple[str, ...]:
    """The header, if every column has a name of its own. Raises ``ProblemsFound``."""
    problems = []
    for index, name in enumerate(header, 1):
        if not name.strip():
            problems.append(
                Problem(
                    "import.header", f"column {index} has no name", where, Hint("name it in the first row")
                )
            )
        elif name in header[: index - 1]:
            hint = Hint("give each column a name of its own")
            first = header.index(name) + 1
            problems.append(
                Problem("import.header", f"columns {first} and {index} have the same name", where, hint)
            )
    if problems:
        raise ProblemsFound(problems)
    return tuple(header)


def refuse(
    code: str, message: str, path: Path, line: int = 0, column: int = 0, hint: Hint = NO_HINT
) -> ProblemsFound:
    """A structural fault, ready to raise."""
    return ProblemsFound([Problem(code, message, Where(str(path), line, column), hint)])

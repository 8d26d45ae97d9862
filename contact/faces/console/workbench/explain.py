"""Explain a customer: a grid of candidates by gates, each cell with its rule, the values compared and when it opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contact.domain.answers import ExplainedCandidate, ExplanationAnswer, GateAnswer
from contact.faces.console.shared.labels import N_

State = Literal["passed", "failed", "unreached"]
COLUMNS = (
    ("eligible", N_("Eligible")),
    ("suitable", N_("Suitable")),
    ("ranking", N_("Ranking")),
    ("verdict", N_("Verdict")),
    ("allocation", N_("Place")),
)
_STANDS_IN: Mapping[str, str] = {
    "validity": "eligible", "audience": "eligible", "suitable": "suitable", "needs": "suitable",
    "ranking": "ranking", "control": "allocation", "allocation": "allocation", "capacity": "allocation",
}  # fmt: skip
"""Gate → column; every other gate is a rule of contact policy and makes the verdict."""


@dataclass(frozen=True)
class Cell:
    """What one candidate met in one column: the first gate that failed, else all of them."""

    id: str
    state: State
    gates: Sequence[GateAnswer]
    place: str | None
    """Of the gate that decided: the script goes there."""
    until: datetime | None


@dataclass(frozen=True)
class Line:
    """One candidate with its cells."""

    candidate: ExplainedCandidate
    cells: Sequence[Cell]


def grid(found: ExplanationAnswer) -> list[Line]:
    """Candidates by gates, those that get furthest first."""
    lines = [
        Line(candidate, [_cell(f"cell-{row}-{column}", candidate, name)
                         for column, (name, _) in enumerate(COLUMNS)])
        for row, candidate in enumerate(found.candidates)
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -_reached(line))


def _cell(id: str, candidate: ExplainedCandidate, column: str) -> Cell:
    gates = [gate for gate in candidate.gates if _STANDS_IN.get(gate.gate, "verdict") == column]
    failed = [gate for gate in gates if gate.passed is False]
    if failed:
        until = [gate.until for gate in failed]
        opens = None if None in until else max((each for each in until if each is not None), default=None)
        return Cell(id, "failed", failed, failed[0].place, opens)
    met = [gate for gate in gates if gate.passed]
    if met:
        place = next((gate.place for gate in reversed(met) if gate.place), None)
        return Cell(id, "passed", met, place, None)
    if column == "allocation" and candidate.allowed:
        return Cell(id, "passed", [], None, None)
    return Cell(id, "unreached", [], None, None)


def _reached(line: Line) -> int:
    """How many columns it passed before the first failure."""
    passed = 0
    for cell in line.cells:
        if cell.state != "passed":
            break
        passed += 1
    return passed


def explain_view(found: ExplanationAnswer | None, **asked: Any) -> dict[str, Any]:
    """What the tab needs; ``found`` is None where nobody was asked about yet."""
    return {
        "found": found,
        "now": found.at if found is not None else None,
        "grid": grid(found) if found is not None else [],
        "columns": COLUMNS,
        "problem": "",
        **asked,
    }

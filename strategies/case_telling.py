"""How a case came out, for people and for machines: expected, got, and what every gate on the way compared."""

from __future__ import annotations

from collections.abc import Callable

from strategies.explaining import Gate
from strategies.instants import format_instant
from strategies.playbook import ComparedLeaf
from strategies.problems import Where
from strategies.profile import FieldValue

_SAID = {True: "pass", False: "FAIL", None: "----"}


def gate_words(gate: Gate, located: Callable[[Where], Where] = lambda where: where) -> str:
    """``FAIL p.daily at caps.yaml:8:13: 1 of 1 in 1 day; arpu = 230 → arpu > 200 is true; clears 2026-03-03T02:00:00Z``."""
    place = f" at {located(gate.place)}" if gate.place is not None else ""
    said = [each for each in (gate.detail, *map(_compared_words, gate.compared)) if each]
    if gate.refusal is not None and gate.refusal.field is not None:
        said.append(f"{gate.refusal.field} is unknown")
    if gate.passed is False:
        said.append(
            "never clears by itself" if gate.until is None else f"clears {format_instant(gate.until)}"
        )
    return f"{_SAID[gate.passed]} {gate.name}{place}" + (f": {'; '.join(said)}" if said else "")


def gate_json(gate: Gate, located: Callable[[Where], Where] = lambda where: where) -> dict[str, object]:
    """The same as values."""
    place = located(gate.place) if gate.place is not None else None
    return {
        "gate": gate.name,
        "passed": gate.passed,
        "reason": gate.refusal.reason if gate.refusal is not None else None,
        "file": place.path if place is not None else None,
        "line": place.line if place is not None else None,
        "detail": gate.detail,
        "compared": [
            {"text": leaf.text, "field": leaf.field, "value": _value(leaf.value), "outcome": leaf.outcome}
            for leaf in gate.compared
        ],
        "until": format_instant(gate.until) if gate.until is not None else None,
    }


def _compared_words(leaf: ComparedLeaf) -> str:
    outcome = {True: "true", False: "false", None: "unknown"}[leaf.outcome]
    if leaf.field is None or leaf.text == leaf.field:
        return f"{leaf.text} is {outcome}"
    value = "unknown" if leaf.value is None else leaf.value
    return f"{leaf.field} = {value} → {leaf.text} is {outcome}"


def _value(value: FieldValue) -> object:
    return list(value) if isinstance(value, tuple) else value

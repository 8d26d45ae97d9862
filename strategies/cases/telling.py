"""How a case came out, for people and for machines: expected, got, and what every gate on the way compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from strategies.declared.playbook import ComparedLeaf, Playbook
from strategies.instants import format_instant
from strategies.offering.explaining import Gate
from strategies.problems import Where
from strategies.profile import FieldValue

_SAID = {True: "pass", False: "FAIL", None: "----"}


def written(gates: Iterable[Gate], playbook: Playbook) -> tuple[Gate, ...]:
    """The gates with amounts as people write them, in major units."""
    return tuple(
        replace(gate, compared=tuple(_major(leaf, playbook) for leaf in gate.compared)) for gate in gates
    )


def _major(leaf: ComparedLeaf, playbook: Playbook) -> ComparedLeaf:
    field = playbook.fields.get(leaf.field or "")
    if field is None or field.type != "money" or not isinstance(leaf.value, int):
        return leaf
    whole, rest = divmod(leaf.value, playbook.operator.minor_per_major)
    return replace(leaf, value=leaf.value / playbook.operator.minor_per_major if rest else whole)


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
    return f"{leaf.field} = {_shown(leaf.value)} → {leaf.text} is {outcome}"


def _shown(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(value: FieldValue) -> object:
    return list(value) if isinstance(value, tuple) else value

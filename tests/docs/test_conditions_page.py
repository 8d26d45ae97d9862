"""Every row of docs/conditions.md is run: the page says what conditions mean, so it may not be wrong."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from strategies.conditions.functions import BY_NAME
from strategies.conditions.language import compile_condition
from strategies.conditions.range import range_findings
from strategies.declared.playbook import Field, FieldType
from strategies.instants import parse_instant
from strategies.problems import ProblemsFound, Where

PAGE = Path(__file__).parents[2] / "docs" / "conditions.md"
NOW = parse_instant("2026-03-02T10:00+08:00")
TYPES: dict[str, FieldType] = {
    "arpu": "money", "bill": "money", "gb": "number", "months": "number", "risk": "number", "tier": "text", "city": "text",
    "vip": "boolean", "roaming": "boolean", "joined": "date", "seen": "instant", "tags": "list",
}  # fmt: skip
FIELDS = {name: Field(name, kind, f"customers.{name}") for name, kind in TYPES.items()}
FIELDS["risk"] = Field("risk", "number", "scores.risk", low=0, high=1, nullable=False)
ANSWERS = {"true": True, "false": False, "unknown": None}


def rows() -> list[tuple[str, str, str]]:
    """All rows of three cells of which the first is code."""
    cells = re.findall(r"^\| `(.+?)` \| (.*?) ?\| (\S+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(cells) > 50
    return cells


ROWS = [row for row in rows() if row[2] in ANSWERS]
FINDINGS = [row for row in rows() if row[2].startswith("condition.")]


def facts_of(known: str) -> dict[str, Any]:
    """The customer as a row writes it: money in major units, instants with their offset."""
    given: dict[str, Any] = yaml.load(f"{{{known}}}", yaml.BaseLoader)
    found: dict[str, Any] = {}
    for name, value in given.items():
        kind = TYPES.get(name, "list")
        if kind == "money":
            found[name] = int(Decimal(value) * 100)
        elif kind == "number":
            found[name] = float(value)
        elif kind == "boolean":
            found[name] = value == "true"
        elif kind == "instant":
            found[name] = parse_instant(value)
        else:
            found[name] = tuple(value) if kind == "list" else value
    return found


@pytest.mark.parametrize(("text", "known", "answer"), ROWS, ids=[f"{row[0]} of {row[1]}" for row in ROWS])
def test_a_row_answers_as_the_page_says(text: str, known: str, answer: str) -> None:
    """Decided and explained alike."""
    condition = compile_condition(text, FIELDS, Where("page"), zone="Asia/Shanghai")
    assert condition.decide(facts_of(known), NOW) is ANSWERS[answer]
    assert condition.explain(facts_of(known), NOW)[0] is ANSWERS[answer]


@pytest.mark.parametrize(("text", "_fields", "code"), FINDINGS, ids=[row[0] for row in FINDINGS])
def test_a_refused_row_has_its_code(text: str, _fields: str, code: str) -> None:
    """Found while it is read, or by the declared ranges."""
    try:
        condition = compile_condition(text, FIELDS, Where("page"))
    except ProblemsFound as found:
        codes = {problem.code for problem in found.problems}
    else:
        codes = {problem.code for problem in range_findings(condition, FIELDS)}
    assert codes == {code}


def test_every_function_has_an_example() -> None:
    """What may be called is shown."""
    shown = " ".join(row[0].lower() for row in ROWS)
    assert [name for name in BY_NAME if f"{name}(" not in shown] == []

"""Conditions that nobody or everybody meets by the fields' declared ranges."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from strategies.conditions.language import compile_condition
from strategies.conditions.range import range_findings
from strategies.declared.playbook import Field
from strategies.problems import Where
from tests.twins.condition_worlds import FIELDS as GROWN_FIELDS
from tests.twins.condition_worlds import NOW, TYPES, VALUES, Grower

PLACE = Where("strategies/a.yaml", 7, 11)
FIELDS = {
    "gb": Field("gb", "number", "c.gb", low=0, high=1000),
    "arpu": Field("arpu", "money", "c.arpu", low=0, high=3000, nullable=False),
    "tier": Field("tier", "text", "c.tier"),
    "flag": Field("flag", "boolean", "c.flag"),
    "joined": Field("joined", "date", "c.joined"),
}


def found(text: str) -> list[str]:
    return [
        f"{problem.severity} {problem.message}"
        for problem in range_findings(compile_condition(text, FIELDS, PLACE), FIELDS)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gb > 1000", "'gb > 1000' is never true: 'gb' is 0 to 1,000"),
        ("arpu > 3000", "'arpu > 3000' is never true: 'arpu' is 0 to 3,000"),
        ("gb * 2 > 2000", "'gb * 2 > 2000' is never true: 'gb' is 0 to 1,000"),
        ("COALESCE(gb, 0) < 0", "'COALESCE(gb, 0) < 0' is never true: 'gb' is 0 to 1,000"),
        ("gb BETWEEN 5 AND 3", "'gb BETWEEN 5 AND 3' is never true: 'gb' is 0 to 1,000"),
        ("arpu IS NULL", "'arpu IS NULL' is never true: the field is known of everybody"),
        ("gb > 5 AND gb < 3", "the condition is never true: its parts exclude one another"),
        ("tier = 'a' AND tier IN ('b', 'c')", "the condition is never true: its parts exclude one another"),
        ("tier = 'a' AND tier <> 'a'", "the condition is never true: its parts exclude one another"),
        ("NOT (flag OR NOT flag)", "the condition is never true: its parts exclude one another"),
        ("gb IS NULL AND gb > 3", "the condition is never true: its parts exclude one another"),
        ("joined > DATE '2026-01-01' AND joined < DATE '2026-01-02'",
         "the condition is never true: its parts exclude one another"),
        ("flag AND gb > 2000", "the condition is never true: 'gb > 2000' never is: 'gb' is 0 to 1,000"),
    ],
)  # fmt: skip
def test_a_condition_that_nobody_meets_is_a_problem(text: str, message: str) -> None:
    """Said where the condition stands, with the range that excludes it."""
    assert found(text) == [f"error {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arpu >= 0", "the condition is always true: 'arpu' is 0 to 3,000"),
        ("arpu < 5 OR arpu >= 5", "the condition is always true"),
        ("gb >= 0", "'gb >= 0' is always true where it is known: 'gb' is 0 to 1,000"),
        ("flag OR gb > 2000", "'gb > 2000' is never true where it is known: 'gb' is 0 to 1,000"),
    ],
)
def test_what_is_always_or_never_so_in_part_is_a_warning(text: str, message: str) -> None:
    """It stops nothing, but somebody meant something else."""
    assert found(text) == [f"warning {message}"]


@pytest.mark.parametrize(
    "text",
    ["TRUE", "FALSE", "gb > 999", "gb / (gb - 1) > 1", "tier LIKE 'a%'", "gb > 3 AND gb > 2", "COALESCE(gb, -1) < 0",
     "tier IN ('a', 'b') AND tier <> 'a'", "gb <> 5 AND gb >= 5", "gb IS NULL OR gb > 3"],
)  # fmt: skip
def test_what_may_be_either_is_no_finding(text: str) -> None:
    """Nor is a plain TRUE or FALSE, which says what is meant."""
    assert found(text) == []


def test_no_finding_is_ever_wrong() -> None:
    """Of 2,000 grown conditions, those called impossible are true of no row in range, those always true of every row."""
    ranges = {"number": (-3.0, 20.0), "money": (-5.0, 200.01)}
    fields = {
        name: replace(field, low=ranges[field.type][0], high=ranges[field.type][1]) if field.type in ranges else field
        for name, field in GROWN_FIELDS.items()
    }  # fmt: skip
    scale = {"number": 1, "money": 100}
    allowed = {
        kind: [each for each in VALUES[kind] if each is None or kind not in ranges
               or ranges[kind][0] * scale[kind] <= each <= ranges[kind][1] * scale[kind]]
        for kind in VALUES
    }  # fmt: skip
    chance = random.Random(5)
    rows = [{name: chance.choice(allowed[kind]) for name, kind in TYPES.items()} for _ in range(150)]
    grower = Grower(42)
    errors = always = 0
    for _ in range(2_000):
        condition = compile_condition(grower.condition(), fields, PLACE)
        whole = [
            problem
            for problem in range_findings(condition, fields)
            if "where it is known" not in problem.message
        ]
        answers = {condition.decide(row, NOW) for row in rows} if whole else set()
        for problem in whole:
            errors += problem.severity == "error"
            always += problem.severity == "warning"
            assert answers == {True} if problem.severity == "warning" else True not in answers, condition.text
    assert errors > 20 and always > 2

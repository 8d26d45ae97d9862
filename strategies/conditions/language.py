"""Conditions: SQL's syntax, our own meaning; one checked tree from which every reading is generated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from strategies.conditions.check import Checker
from strategies.conditions.guard import guard
from strategies.conditions.operands import Surroundings
from strategies.conditions.python import Explain, deciding, explaining
from strategies.declared.conditions_tree import Tree, fields_of, reads_clock
from strategies.declared.fields import with_built_in
from strategies.declared.playbook import ComparedLeaf, Condition, Field
from strategies.instants import Instant
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import FieldValue

_JOINING_WORDS = ("AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "CASE", "WHEN", "THEN", "ELSE")
_JOINING = frozenset((*_JOINING_WORDS, "=", "<>", "!=", "<", "<=", ">", ">=", ",", "+", "-", "*", "/", "%"))


def checked_tree(
    text: str,
    fields: Mapping[str, Field],
    place: Where,
    *,
    minor_per_major: int = 100,
    zone: str = "UTC",
    locate: Callable[[int], Where] | None = None,
) -> Tree:
    """The checked tree of a condition's text over the declared fields and the built-in ones.

    Amounts are written in major units, ``minor_per_major`` of the smallest; days are counted in the operator's ``zone``.
    ``locate`` tells where the character at an offset stands; without it, places count from ``place``.
    Raises ``ProblemsFound`` with all problems.
    """

    def counted(offset: int) -> Where:
        line = text.count("\n", 0, offset)
        column = offset - (text.rfind("\n", 0, offset) + 1)
        return Where(place.path, place.line + line, place.column + column if line == 0 else column + 1)

    where = locate or counted
    problems = guard(text, where)
    if problems:
        raise ProblemsFound(problems)
    checker = Checker(Surroundings(with_built_in(fields), where, minor_per_major, zone))
    try:
        tree = checker.tree(_parsed(text, where))
    except RecursionError:
        message = "the condition is nested too deeply"
        raise ProblemsFound(
            [Problem("condition.depth", message, where(0), Hint("declare a field for a part of it"))]
        ) from None
    if checker.problems:
        raise ProblemsFound(checker.problems)
    return tree


def compile_condition(
    text: str,
    fields: Mapping[str, Field],
    place: Where,
    *,
    minor_per_major: int = 100,
    zone: str = "UTC",
    locate: Callable[[int], Where] | None = None,
) -> Condition:
    """A condition ready to decide and to explain. Raises ``ProblemsFound`` with all problems of the text."""
    tree = checked_tree(text, fields, place, minor_per_major=minor_per_major, zone=zone, locate=locate)
    one_line = " ".join(line.strip() for line in text.strip().splitlines())
    explain = _when_first_asked(lambda: explaining(tree))
    return Condition(one_line, fields_of(tree), deciding(tree), explain, place, tree, reads_clock(tree))


def _when_first_asked(make: Callable[[], Explain]) -> Explain:
    """The explaining function, made on first use: most conditions of a playbook are never explained."""
    made: list[Explain] = []

    def explain(
        facts: Mapping[str, FieldValue], now: Instant
    ) -> tuple[bool | None, tuple[ComparedLeaf, ...]]:
        if not made:
            made.append(make())
        return made[0](facts, now)

    return explain


def _parsed(text: str, where: Callable[[int], Where]) -> exp.Expr:
    """The parser's tree of a guarded text."""
    try:
        return sqlglot.parse_one(text, into=exp.Condition)
    except SqlglotError as fault:
        offset = _fault_offset(text, fault)
        near = [*text[offset:].split(maxsplit=1), "", ""]
        message = f"the condition cannot be read near '{near[0]}'"
        hint = Hint("comparisons are joined by AND or OR; text stands in single quotes")
        if near[0] == "" or (near[1] == "" and near[0].upper() in _JOINING):
            message, hint = "the condition is not complete", Hint("finish it, or leave the last word out")
        raise ProblemsFound([Problem("condition.syntax", message, where(offset), hint)]) from None


def _fault_offset(text: str, fault: SqlglotError) -> int:
    """Where the parser stumbled, as an offset; the end of the text if it does not say."""
    for error in getattr(fault, "errors", ()):
        line, column, highlight = error.get("line"), error.get("col"), error.get("highlight") or ""
        if line and column:
            start = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
            return max(0, min(len(text), int(start) + int(column) - len(highlight)))
    return len(text)

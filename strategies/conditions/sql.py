"""The oracle's reading of a condition: DuckDB SQL generated from the checked tree, never from the author's text."""

from __future__ import annotations

from strategies.conditions.meaning import local_day
from strategies.declared.conditions_tree import (
    CHAINING,
    And,
    Bound,
    Case,
    Compare,
    Computed,
    FieldValueOf,
    IsUnknown,
    Leaf,
    Not,
    OneOf,
    Operand,
    Or,
    Tree,
    TruthOf,
    TruthValue,
)

COLUMN_TYPES = {
    "boolean": "BOOLEAN",
    "number": "DOUBLE",
    "money": "BIGINT",
    "text": "VARCHAR",
    "date": "DATE",
    "instant": "BIGINT",
    "list": "VARCHAR[]",
}
"""Type of field → type of the column in which the oracle finds it."""

_FUNCTIONS = {
    "lower": "translate({0}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')",
    "length": "CAST(length({0}) AS DOUBLE)",
    "abs": "abs({0})", "round": "round({0})", "floor": "floor({0})", "ceil": "ceil({0})",
    "like": "({0} LIKE {1})", "starts_with": "starts_with({0}, {1})", "contains": "list_contains({0}, {1})",
}  # fmt: skip


def sql(tree: Tree, at: int = 0) -> str:
    """An expression over columns named as the fields, at an instant; NULL is unknown."""
    return _Reading(at).tree(tree)


class _Reading:
    def __init__(self, at: int) -> None:
        self.at = at

    def tree(self, tree: Tree) -> str:
        if isinstance(tree, Not):
            return f"(NOT {self.tree(tree.part)})"
        if isinstance(tree, And | Or):
            joint = " AND " if isinstance(tree, And) else " OR "
            return "(" + joint.join(self.tree(part) for part in tree.parts) + ")"
        return self.leaf(tree)

    def leaf(self, leaf: Leaf) -> str:
        if isinstance(leaf, IsUnknown):
            return f"({self.operand(leaf.operand)} IS NULL)"
        if isinstance(leaf, TruthOf):
            return self.operand(leaf.operand)
        if isinstance(leaf, OneOf):
            constants = ", ".join(self.operand(each) for each in leaf.constants)
            return f"({self.operand(leaf.operand)} IN ({constants}))"
        if isinstance(leaf, Compare):
            return f"({self.operand(leaf.left)} {leaf.operator} {self.operand(leaf.right)})"
        return (
            f"({self.operand(leaf.operand)} BETWEEN {self.operand(leaf.low)} AND {self.operand(leaf.high)})"
        )

    def operand(self, operand: Operand) -> str:
        if isinstance(operand, Bound):
            return _constant(operand)
        if isinstance(operand, FieldValueOf):
            return f'"{operand.name}"'
        if isinstance(operand, TruthValue):
            return self.tree(operand.tree)
        if isinstance(operand, Case):
            branches = "".join(
                f" WHEN {self.tree(asked)} THEN {self.operand(result)}" for asked, result in operand.branches
            )
            otherwise = "" if operand.otherwise is None else f" ELSE {self.operand(operand.otherwise)}"
            return f"(CASE{branches}{otherwise} END)"
        if operand.function in CHAINING or operand.function == "%":
            return f"(CASE WHEN isfinite({self.chain(operand)}) THEN {self.chain(operand)} END)"
        return self.function(operand)

    def chain(self, operand: Operand) -> str:
        """A link of arithmetic; what is not finite is looked at where the chain ends."""
        if not isinstance(operand, Computed) or operand.function not in (*CHAINING, "%"):
            return f"CAST({self.operand(operand)} AS DOUBLE)"
        if operand.function == "neg":
            return f"(- {self.chain(operand.arguments[0])})"
        left, right = operand.arguments
        if operand.function == "%":
            first, second = self.operand(left), self.operand(right)
            return f"(CAST({first} AS DOUBLE) % NULLIF(CAST({second} AS DOUBLE), 0))"
        if operand.function == "/":
            return f"({self.chain(left)} / NULLIF(CAST({self.operand(right)} AS DOUBLE), 0))"
        return f"({self.chain(left)} {operand.function} {self.chain(right)})"

    def function(self, operand: Computed) -> str:
        name, arguments = operand.function, [self.operand(each) for each in operand.arguments]
        if name == "coalesce":
            return f"COALESCE({', '.join(arguments)})"
        if name in ("least", "greatest"):
            unknown = " OR ".join(f"{each} IS NULL" for each in arguments)
            return f"(CASE WHEN {unknown} THEN NULL ELSE {name}({', '.join(arguments)}) END)"
        if name == "days_since":
            day, zone = arguments
            if operand.arguments[0].type == "instant":
                day = f"CAST((make_timestamptz({day}) AT TIME ZONE {zone}) AS DATE)"
            assert isinstance(operand.arguments[1], Bound)
            today = local_day(str(operand.arguments[1].value), self.at) - 1
            return f"CAST({today} - date_diff('day', DATE '0001-01-01', {day}) AS DOUBLE)"
        return _FUNCTIONS[name].format(*arguments)


def _constant(operand: Bound) -> str:
    if operand.type == "boolean":
        return "TRUE" if operand.value else "FALSE"
    if operand.type in ("money", "instant"):
        return f"CAST({operand.value} AS BIGINT)"
    if operand.type == "number":
        return f"CAST('{operand.value!r}' AS DOUBLE)"
    quoted = "'" + str(operand.value).replace("'", "''") + "'"
    return f"CAST({quoted} AS DATE)" if operand.type == "date" else quoted

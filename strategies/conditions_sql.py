"""The oracle's reading of a condition: DuckDB SQL generated from the checked tree, never from the author's text."""

from __future__ import annotations

from strategies.conditions_tree import (
    And,
    Bound,
    Compare,
    IsUnknown,
    Leaf,
    Not,
    OneOf,
    Operand,
    Or,
    Tree,
    TruthOf,
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


def sql(tree: Tree) -> str:
    """An expression over columns named as the fields; NULL is unknown."""
    if isinstance(tree, Not):
        return f"(NOT {sql(tree.part)})"
    if isinstance(tree, And | Or):
        joint = " AND " if isinstance(tree, And) else " OR "
        return "(" + joint.join(sql(part) for part in tree.parts) + ")"
    return _leaf(tree)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, IsUnknown):
        return f"({_operand(leaf.operand)} IS NULL)"
    if isinstance(leaf, TruthOf):
        return _operand(leaf.operand)
    if isinstance(leaf, OneOf):
        constants = ", ".join(_operand(each) for each in leaf.constants)
        return f"({_operand(leaf.operand)} IN ({constants}))"
    if isinstance(leaf, Compare):
        return f"({_operand(leaf.left)} {leaf.operator} {_operand(leaf.right)})"
    return f"({_operand(leaf.operand)} BETWEEN {_operand(leaf.low)} AND {_operand(leaf.high)})"


def _operand(operand: Operand) -> str:
    if not isinstance(operand, Bound):
        column = f'"{operand.name}"'
        return column if operand.otherwise is None else f"COALESCE({column}, {_operand(operand.otherwise)})"
    if operand.type == "boolean":
        return "TRUE" if operand.value else "FALSE"
    if operand.type in ("money", "instant"):
        return f"CAST({operand.value} AS BIGINT)"
    if operand.type == "number":
        return f"CAST('{operand.value!r}' AS DOUBLE)"
    quoted = "'" + str(operand.value).replace("'", "''") + "'"
    return f"CAST({quoted} AS DATE)" if operand.type == "date" else quoted

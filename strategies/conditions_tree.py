"""The checked tree of a condition: what is left once every name, type and literal has been found right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

ValueType = Literal["boolean", "number", "money", "text", "date", "instant", "list"]
Constant = bool | int | float | str

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class FieldValueOf:
    """The value of a field; ``otherwise``, of a COALESCE, stands in where it is unknown."""

    name: str
    type: ValueType
    otherwise: Bound | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A constant: numbers as float, money as minor units, dates as ``2026-01-01``."""

    value: Constant
    type: ValueType


Operand = FieldValueOf | Bound


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands of one type; unknown where a field is unknown."""

    operator: str
    left: Operand
    right: Operand
    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field against constants."""

    operand: FieldValueOf
    constants: tuple[Bound, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Between:
    """A field between two operands, both included; unknown as the two comparisons joined by AND are."""

    operand: Operand
    low: Operand
    high: Operand
    text: str


@dataclass(frozen=True, slots=True)
class IsUnknown:
    """Whether a field has no value; never unknown itself."""

    operand: FieldValueOf
    text: str


@dataclass(frozen=True, slots=True)
class TruthOf:
    """A boolean field, or TRUE or FALSE."""

    operand: Operand
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Tree, ...]


Leaf = Compare | OneOf | Between | IsUnknown | TruthOf
Tree = Leaf | Not | And | Or


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The comparisons of a tree, in the order in which they were written."""
    if isinstance(tree, Not):
        yield from leaves(tree.part)
    elif isinstance(tree, And | Or):
        for part in tree.parts:
            yield from leaves(part)
    else:
        yield tree


def operands(leaf: Leaf) -> tuple[Operand, ...]:
    """What a leaf reads."""
    if isinstance(leaf, Compare):
        return leaf.left, leaf.right
    if isinstance(leaf, OneOf):
        return leaf.operand, *leaf.constants
    if isinstance(leaf, Between):
        return leaf.operand, leaf.low, leaf.high
    return (leaf.operand,)


def fields_of(tree: Tree) -> frozenset[str]:
    """The names of all fields that a tree reads."""
    found = (operand for leaf in leaves(tree) for operand in operands(leaf))
    return frozenset(operand.name for operand in found if isinstance(operand, FieldValueOf))


def may_be_unknown(tree: Tree) -> frozenset[str]:
    """The fields that can make the tree unknown: read without COALESCE and never asked whether they are known."""
    asked = {leaf.operand.name for leaf in leaves(tree) if isinstance(leaf, IsUnknown)}
    read = (operand for leaf in leaves(tree) for operand in operands(leaf))
    bare = {each.name for each in read if isinstance(each, FieldValueOf) and each.otherwise is None}
    return frozenset(bare - asked)

"""The checked tree of a condition: what is left once every name, type and literal has been found right.

A tree is true, false or unknown; an operand has a value or none. Every reading of a condition is made from its tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

ValueType = Literal["boolean", "number", "money", "text", "date", "instant", "list"]
Constant = bool | int | float | str

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
CHAINING = frozenset(["+", "-", "*", "/", "neg"])
"""Arithmetic that passes on what is not finite, so that one look at the end of a chain is enough; of ``/`` only the
dividend, its divisor is looked at before."""


@dataclass(frozen=True, slots=True)
class FieldValueOf:
    """The value of a field."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Bound:
    """A constant: numbers as float, money as minor units, dates as ``2026-01-01``, instants as microseconds."""

    value: Constant
    type: ValueType


@dataclass(frozen=True, slots=True)
class Computed:
    """What a function or an operator makes of its arguments.

    ``+ - * / % neg`` over floats; ``coalesce``: the first that is known; ``lower``, ``length``, ``abs``, ``round``,
    ``floor``, ``ceil``, ``least``, ``greatest``; ``days_since`` (its second argument is the zone); ``like``,
    ``starts_with`` and ``contains`` (their second argument is a constant). All but ``coalesce`` are unknown where an
    argument is.
    """

    function: str
    arguments: tuple[Operand, ...]
    type: ValueType


@dataclass(frozen=True, slots=True)
class Case:
    """The value beside the first condition that is true, else ``otherwise``; without it unknown."""

    branches: tuple[tuple[Tree, Operand], ...]
    otherwise: Operand | None
    type: ValueType


@dataclass(frozen=True, slots=True)
class TruthValue:
    """The truth of a tree, as a value."""

    tree: Tree

    @property
    def type(self) -> ValueType:
        return "boolean"


Operand = FieldValueOf | Bound | Computed | Case | TruthValue


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands of one type; unknown where one of them is unknown."""

    operator: str
    left: Operand
    right: Operand
    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """An operand against constants."""

    operand: Operand
    constants: tuple[Bound, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Between:
    """An operand between two, both included; unknown as the two comparisons joined by AND are."""

    operand: Operand
    low: Operand
    high: Operand
    text: str


@dataclass(frozen=True, slots=True)
class IsUnknown:
    """Whether an operand has no value; never unknown itself."""

    operand: Operand
    text: str


@dataclass(frozen=True, slots=True)
class TruthOf:
    """A boolean operand."""

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
    """The comparisons of a tree, in the order in which they were written; those inside a CASE belong to its leaf."""
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


def within(part: Tree | Operand) -> tuple[Tree | Operand, ...]:
    """The parts directly inside a part, in the order in which they were written."""
    if isinstance(part, FieldValueOf | Bound):
        return ()
    if isinstance(part, Computed):
        return part.arguments
    if isinstance(part, Case):
        asked = tuple(each for branch in part.branches for each in branch)
        return asked if part.otherwise is None else (*asked, part.otherwise)
    if isinstance(part, TruthValue):
        return (part.tree,)
    if isinstance(part, Not):
        return (part.part,)
    return part.parts if isinstance(part, And | Or) else operands(part)


def every(part: Tree | Operand) -> Iterator[Tree | Operand]:
    """A part and all that is inside it, however deep, in the order in which it was written."""
    waiting: list[Tree | Operand] = [part]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(within(each)))


def fields_read(part: Tree | Operand) -> tuple[str, ...]:
    """The names of all fields that a part reads, each once, in the order in which they were written."""
    return tuple(dict.fromkeys(each.name for each in every(part) if isinstance(each, FieldValueOf)))


def fields_of(tree: Tree) -> frozenset[str]:
    """The names of all fields that a tree reads."""
    return frozenset(fields_read(tree))


def reads_clock(part: Tree | Operand) -> bool:
    """Whether time alone can change the answer."""
    return any(isinstance(each, Computed) and each.function == "days_since" for each in every(part))


def may_be_unknown(tree: Tree) -> frozenset[str]:
    """The fields that can make the tree unknown: read without COALESCE and never asked whether they are known."""
    asked = {
        leaf.operand.name
        for leaf in every(tree)
        if isinstance(leaf, IsUnknown) and isinstance(leaf.operand, FieldValueOf)
    }
    return frozenset(_bare(tree) - asked)


def _bare(part: Tree | Operand) -> set[str]:
    """The fields whose lack leaves a part without a value."""
    if isinstance(part, FieldValueOf):
        return {part.name}
    if isinstance(part, IsUnknown):
        return set()
    if isinstance(part, Computed) and part.function == "coalesce":
        found = [_bare(each) for each in part.arguments]
        return set[str]().union(*found) if all(found) else set()
    if isinstance(part, Case):
        results = [result for _, result in part.branches]
        return set[str]().union(*(_bare(each) for each in (*results, part.otherwise) if each is not None))
    return set[str]().union(*(_bare(each) for each in within(part)))

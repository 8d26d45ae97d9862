"""Which conditions hold wherever others do, as far as their shape and the ranges of their fields tell.

Only what is certain is said, the unknown included: where the narrower condition is not false the wider one is not either.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import TypeVar

from strategies.conditions.range import never_together
from strategies.conditions.spans import Spans
from strategies.declared.conditions_tree import (
    And,
    Between,
    Bound,
    Compare,
    FieldValueOf,
    Leaf,
    Not,
    OneOf,
    Or,
    Tree,
    TruthOf,
    leaves,
    operands,
)
from strategies.declared.playbook import Condition

MOST_ALIKE = 40
"""Conditions that read one field and are compared with one another: more of them are told apart by those who wrote them."""
MOST_LEAVES = 12
"""Of a condition that is compared."""

_T = TypeVar("_T")
Wider = Mapping[str, Sequence[str]]
_KNOWN: dict[tuple[object, ...], dict[tuple[str, str], bool]] = {}
"""What fields may hold → two conditions → whether the second holds wherever the first does: an editor asks at each key."""
_KEPT = 20_000
"""Of what is remembered, for the fields of a playbook; of playbooks a few."""


class Implied:
    """Of the conditions of a playbook: which others, by their text, hold wherever one does."""

    def __init__(self, conditions: Iterable[Condition], spans: Spans) -> None:
        self._spans = spans
        self._read: dict[int, tuple[Tree, str | None]] = {}
        by_text = {each.text: each for each in conditions if each.tree is not None and each.fields}
        key = (spans.whole, *spans.by_field.items())
        known = _KNOWN.get(key, {})
        if len(_KNOWN) > 8 or len(known) > _KEPT:
            _KNOWN.clear()
            known = {}
        _KNOWN[key] = known
        self._wider = self._found(by_text.values(), known)

    def _found(self, conditions: Collection[Condition], known: dict[tuple[str, str], bool]) -> Wider:
        found: dict[str, list[str]] = {}
        trees = {each.text: _inward(each.tree) for each in conditions if each.tree is not None}
        for narrow, wide in _alike(conditions):
            pair = (narrow.text, wide.text)
            if pair not in known:
                known[pair] = self._holds(trees[narrow.text], trees[wide.text])
            if known[pair]:
                found.setdefault(narrow.text, []).append(wide.text)
        return found

    def wider(self, condition: Condition | None) -> tuple[str, ...]:
        """Its own text, and those of the conditions that hold wherever it does."""
        return () if condition is None else (condition.text, *self._wider.get(condition.text, ()))

    def _holds(self, narrow: Tree, wide: Tree) -> bool:
        if isinstance(narrow, Or):
            return all(self._holds(part, wide) for part in narrow.parts)
        if isinstance(wide, And):
            return all(self._holds(narrow, part) for part in wide.parts)
        if isinstance(narrow, And) and any(self._holds(part, wide) for part in narrow.parts):
            return True
        if isinstance(wide, Or):
            return any(self._holds(narrow, part) for part in wide.parts)
        if isinstance(narrow, And):
            return False
        one, field = self._as_read(narrow)
        other, same = self._as_read(wide)
        return one == other or (
            field is not None and field == same and never_together((one, Not(other)), self._spans)
        )

    def _as_read(self, tree: Tree) -> tuple[Tree, str | None]:
        """The comparison as any spelling of it is read, and its field where it is compared with constants alone."""
        if id(tree) not in self._read:
            self._read[id(tree)] = _unspelled(tree), _only_field(tree)
        return self._read[id(tree)]


def _alike(conditions: Iterable[Condition]) -> Iterator[tuple[Condition, Condition]]:
    """Every two that read a field in common, in either order."""
    brief = (each for each in conditions if each.tree is not None and size(each) <= MOST_LEAVES)
    told: set[tuple[str, str]] = set()
    for group in reading_one_field(brief, lambda each: each):
        for narrow, wide in permutations(group, 2):
            if (narrow.text, wide.text) not in told:
                told.add((narrow.text, wide.text))
                yield narrow, wide


def reading_one_field(
    items: Iterable[_T], condition_of: Callable[[_T], Condition | None]
) -> Iterator[list[_T]]:
    """Those whose conditions read a field in common, a field at a time; no group of more than ``MOST_ALIKE``."""
    by_field: dict[str, list[_T]] = {}
    for each in items:
        condition = condition_of(each)
        for field in sorted(condition.fields if condition is not None else ()):
            by_field.setdefault(field, []).append(each)
    return (group for group in by_field.values() if len(group) <= MOST_ALIKE)


def size(condition: Condition) -> int:
    """How many comparisons it is made of."""
    return sum(1 for _ in leaves(condition.tree)) if condition.tree is not None else 0


def _inward(tree: Tree, wanted: bool = True) -> Tree:
    """The same with NOT only before single comparisons."""
    if isinstance(tree, Not):
        return _inward(tree.part, not wanted)
    if isinstance(tree, And | Or):
        parts = tuple(_inward(part, wanted) for part in tree.parts)
        return And(parts) if isinstance(tree, And) == wanted else Or(parts)
    return tree if wanted else Not(tree)


def _unspelled(tree: Tree) -> Tree:
    """A comparison without the words in which it was written."""
    if isinstance(tree, Not):
        return Not(_unspelled(tree.part))
    return tree if isinstance(tree, And | Or) else replace(tree, text="")


def _only_field(tree: Tree) -> str | None:
    """The field that a single comparison with constants reads: unknown where it is, and only there."""
    leaf = tree.part if isinstance(tree, Not) else tree
    if not isinstance(leaf, Compare | OneOf | Between | TruthOf):
        return None
    return _read_beside_constants(leaf)


def _read_beside_constants(leaf: Leaf) -> str | None:
    names = [each.name for each in operands(leaf) if isinstance(each, FieldValueOf)]
    plain = all(isinstance(each, FieldValueOf | Bound) for each in operands(leaf))
    return names[0] if plain and len(names) == 1 else None

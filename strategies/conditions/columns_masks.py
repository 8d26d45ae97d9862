"""Conditions over columns: of everybody at once, who makes them true and who does not make them false.

Rows are read in chunks that stay in the processor's cache. NOT is pushed down to the comparisons, so that no mask ever
has to tell false from unknown: each comparison knows which of the two masks is wanted of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from strategies.conditions.columns import Columns, Mask
from strategies.conditions.columns_values import Array, Chunk, Found, Values, constant_of, looked_up
from strategies.declared.conditions_tree import (
    And,
    Between,
    Bound,
    Case,
    Compare,
    Computed,
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
from strategies.declared.playbook import Condition
from strategies.instants import Instant

CHUNK = 65_536
_FEW = 8
_APPLY: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal, "<>": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def is_true(condition: Condition, columns: Columns, at: Instant) -> Mask:
    """Of whom the condition is true: what an audience, an exemption and a loosening need."""
    return truths([condition], columns, at)[0]


def is_not_false(condition: Condition, columns: Columns, at: Instant) -> Mask:
    """Of whom the condition is true or unknown: to whom a rule that restricts applies."""
    return not_falses([condition], columns, at)[0]


def truths(conditions: Sequence[Condition], columns: Columns, at: Instant) -> list[Mask]:
    """The same of many conditions at once: what several of them ask is worked out once."""
    return masks([(condition, False) for condition in conditions], columns, at)


def not_falses(conditions: Sequence[Condition], columns: Columns, at: Instant) -> list[Mask]:
    """Of whom each condition is true or unknown, of many at once."""
    return masks([(condition, True) for condition in conditions], columns, at)


def masks(wanted: Sequence[tuple[Condition, bool]], columns: Columns, at: Instant) -> list[Mask]:
    """Of each condition who makes it true, and with ``True`` beside it also of whom it is unknown.

    The masks share one block of memory: it is had in large pages, where each alone would be had in many small ones.
    """
    plan = _Plan(columns, at)
    parts = [plan.part(_bare(_tree_of(condition)), False, unknown) for condition, unknown in wanted]
    found: list[Mask] = list(np.empty((len(parts), columns.rows), dtype=np.bool_))
    with np.errstate(all="ignore"):
        for start in range(0, columns.rows, CHUNK):
            stop = min(start + CHUNK, columns.rows)
            chunk = Chunk(slice(start, stop), stop - start)
            for mask, part in zip(found, parts, strict=True):
                mask[start:stop] = part(chunk)
    return found


def _tree_of(condition: Condition) -> Tree:
    if condition.tree is None:
        raise ValueError(f"the condition '{condition.text}' was not compiled from a text")
    return condition.tree


@lru_cache(maxsize=4096)
def _bare(tree: Tree) -> Tree:
    """The tree without its author's words, so that the same question asked in two spellings is the same."""
    if isinstance(tree, Not):
        return Not(_bare(tree.part))
    if isinstance(tree, And | Or):
        return type(tree)(tuple(_bare(part) for part in tree.parts))
    if isinstance(tree, Compare):
        return Compare(tree.operator, _bare_operand(tree.left), _bare_operand(tree.right), "")
    if isinstance(tree, Between):
        low, high = _bare_operand(tree.low), _bare_operand(tree.high)
        return Between(_bare_operand(tree.operand), low, high, "")
    return replace(tree, operand=_bare_operand(tree.operand), text="")


def _bare_operand(operand: Operand) -> Operand:
    if isinstance(operand, TruthValue):
        return TruthValue(_bare(operand.tree))
    if isinstance(operand, Computed):
        return replace(operand, arguments=tuple(_bare_operand(each) for each in operand.arguments))
    if isinstance(operand, Case):
        branches = tuple((_bare(asked), _bare_operand(result)) for asked, result in operand.branches)
        otherwise = None if operand.otherwise is None else _bare_operand(operand.otherwise)
        return Case(branches, otherwise, operand.type)
    return operand


@dataclass(slots=True, eq=False)
class _Part:
    """One mask of one part of a condition; ``fresh`` if whoever asks may write into it."""

    compute: Callable[[Chunk], Mask]
    fresh: bool = True
    uses: int = 1

    def __call__(self, chunk: Chunk) -> Mask:
        if self.uses == 1:
            return self.compute(chunk)
        found: Mask | None = chunk.memo.get(id(self))
        if found is None:
            found = chunk.memo[id(self)] = self.compute(chunk)
        return found

    @property
    def writable(self) -> bool:
        return self.fresh and self.uses == 1


class _Plan:
    """Turns trees into parts; what is asked for twice is one part."""

    def __init__(self, columns: Columns, at: int) -> None:
        self.values = Values(columns, at, self._both_masks)
        self.parts: dict[tuple[Tree, bool, bool], _Part] = {}

    def part(self, tree: Tree, denied: bool, unknown: bool) -> _Part:
        """The mask of a tree, of its opposite if ``denied``; with ``unknown`` it also holds where nobody can tell."""
        while isinstance(tree, Not):
            tree, denied = tree.part, not denied
        key = (tree, denied, unknown)
        found = self.parts.get(key)
        if found is not None:
            found.uses += 1
            return found
        if isinstance(tree, And | Or):
            inner = [self.part(each, denied, unknown) for each in tree.parts]
            found = _Part(_joined(inner, every=isinstance(tree, And) != denied))
        else:
            found = self._leaf(tree, denied, unknown)
        self.parts[key] = found
        return found

    def _both_masks(self, tree: Tree) -> Callable[[Chunk], tuple[Mask, Mask]]:
        true, false = self.part(tree, False, False), self.part(tree, True, False)
        return lambda chunk: (true(chunk), false(chunk))

    def _leaf(self, leaf: Leaf, denied: bool, unknown: bool) -> _Part:
        if isinstance(leaf, Between):
            pair = (Compare(">=", leaf.operand, leaf.low, ""), Compare("<=", leaf.operand, leaf.high, ""))
            return self.part(And(pair), denied, unknown)
        if isinstance(leaf, IsUnknown):
            return self._is_unknown(leaf, denied)
        known = _with_default(leaf)
        if known is not None:
            leaf, truth = known
            unknown = truth != denied
        if isinstance(leaf, Compare):
            return _Part(_with_known(self._comparison(leaf, denied), unknown))
        if isinstance(leaf, OneOf):
            return _Part(_with_known(self._one_of(leaf, denied), unknown))
        value = self.values.of(leaf.operand)

        def truth_of(chunk: Chunk) -> Mask:
            values, known = value(chunk)
            mask = _whole(~values if denied else values, chunk)
            if known is None:
                return mask
            return np.logical_or(mask, chunk.unknown(known)) if unknown else np.logical_and(mask, known)

        return _Part(truth_of, fresh=False)

    def _is_unknown(self, leaf: IsUnknown, denied: bool) -> _Part:
        value = self.values.of(leaf.operand)

        def compute(chunk: Chunk) -> Mask:
            known = value(chunk)[1]
            if known is None:
                return np.full(chunk.rows, denied, dtype=np.bool_)
            return _whole(known if denied else ~known, chunk)

        return _Part(compute, fresh=False)

    def _comparison(self, leaf: Compare, denied: bool) -> Callable[[Chunk], Found]:
        apply = _APPLY[_OPPOSITE[leaf.operator] if denied else leaf.operator]
        left, right = leaf.left, leaf.right
        if left.type == "text" and isinstance(right, Bound):
            return self._with_word(
                left, _OPPOSITE[leaf.operator] if denied else leaf.operator, str(right.value)
            )
        if isinstance(right, Bound):
            value, constant = self.values.to_compare(left), constant_of(right)

            def with_constant(chunk: Chunk) -> Found:
                values, known = value(chunk)
                return _whole(apply(values, constant), chunk), known

            return with_constant
        first, second = self.values.alike((left, right))[0]

        def with_other(chunk: Chunk) -> Found:
            values, known = first(chunk)
            others, others_known = second(chunk)
            known = others_known if known is None else known if others_known is None else known & others_known
            return _whole(apply(values, others), chunk), known

        return with_other

    def _with_word(self, operand: Operand, operator: str, word: str) -> Callable[[Chunk], Found]:
        """A text against a constant is its code against the constant's place among the words."""
        value = self.values.of(operand)
        place = bisect_left(value.words, word)
        there = place < len(value.words) and value.words[place] == word
        if not there:  # no code is equal to it, those below it end before its place
            operator = {"<=": "<", ">": ">="}.get(operator, operator)
        code = place if there or operator in ("<", ">=") else -1
        apply = _APPLY[operator]

        def compute(chunk: Chunk) -> Found:
            values, known = value(chunk)
            if code < 0:
                return np.full(chunk.rows, operator == "<>", dtype=np.bool_), known
            return _whole(apply(values, code), chunk), known

        return compute

    def _one_of(self, leaf: OneOf, denied: bool) -> Callable[[Chunk], Found]:
        text = leaf.operand.type == "text"
        value = self.values.of(leaf.operand) if text else self.values.to_compare(leaf.operand)
        constants = list(dict.fromkeys(constant_of(each) for each in leaf.constants))
        if text:
            wanted = frozenset(constants)
            return looked_up(value, np.array([(word in wanted) != denied for word in value.words], np.bool_))

        def compute(chunk: Chunk) -> Found:
            values, known = value(chunk)
            if len(constants) > _FEW:
                return _whole(np.isin(values, constants, invert=denied), chunk), known
            mask = np.not_equal(values, constants[0]) if denied else np.equal(values, constants[0])
            for each in constants[1:]:
                mask = mask & (values != each) if denied else mask | (values == each)
            return _whole(mask, chunk), known

        return compute


def _with_default(leaf: Compare | OneOf | TruthOf) -> tuple[Compare | OneOf | TruthOf, bool] | None:
    """COALESCE(x, constant) against constants: the same question about x, and its answer where x is unknown."""
    operand = leaf.left if isinstance(leaf, Compare) else leaf.operand
    if not (isinstance(operand, Computed) and operand.function == "coalesce" and len(operand.arguments) == 2):
        return None
    inner, default = operand.arguments
    if not isinstance(default, Bound):
        return None
    if isinstance(leaf, TruthOf):
        return TruthOf(inner, ""), bool(default.value)
    if isinstance(leaf, OneOf):
        return OneOf(inner, leaf.constants, ""), default.value in {each.value for each in leaf.constants}
    if not isinstance(leaf.right, Bound):
        return None
    answer = _APPLY[leaf.operator](constant_of(default), constant_of(leaf.right))
    return Compare(leaf.operator, inner, leaf.right, ""), bool(answer)


def _whole(mask: Array, chunk: Chunk) -> Mask:
    """The mask, drawn out to all rows where only constants were compared."""
    return mask if mask.shape == (chunk.rows,) else np.full(chunk.rows, bool(mask), dtype=np.bool_)


def _with_known(compare: Callable[[Chunk], Found], unknown: bool) -> Callable[[Chunk], Mask]:
    """The comparison where it is known, ``unknown`` where it is not; writes into the comparison's own array."""
    if unknown:

        def not_false(chunk: Chunk) -> Mask:
            mask, known = compare(chunk)
            return mask if known is None else np.logical_or(mask, chunk.unknown(known), out=mask)

        return not_false

    def true(chunk: Chunk) -> Mask:
        mask, known = compare(chunk)
        return mask if known is None else np.logical_and(mask, known, out=mask)

    return true


def _joined(parts: list[_Part], *, every: bool) -> Callable[[Chunk], Mask]:
    """All of the masks, or any of them; what the first ones have settled for all rows is not asked further."""
    join = np.logical_and if every else np.logical_or

    def compute(chunk: Chunk) -> Mask:
        mask, own = parts[0](chunk), parts[0].writable
        for part in parts[1:]:
            if not mask.any() if every else mask.all():
                return mask if own else mask.copy()
            other = part(chunk)
            if own:
                join(mask, other, out=mask)
            else:
                mask, own = join(mask, other), True
        return mask

    return compute

"""Operands of conditions over columns: values and who has one, a chunk of rows at a time.

Texts are codes into a sorted dictionary that is known before any row is read, so what is asked of a text is asked of
each word once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.conditions.columns import Columns, Mask
from strategies.conditions.columns_days import EPOCH, local_days
from strategies.conditions.meaning import like, local_day, lowered, ordinal
from strategies.declared.conditions_tree import (
    CHAINING,
    Bound,
    Case,
    Computed,
    FieldValueOf,
    Operand,
    Tree,
    TruthValue,
)

Array = NDArray[Any]
_DTYPES = {"boolean": np.bool_, "number": np.float64, "money": np.int64, "text": np.int32, "date": np.int32,
           "instant": np.int64, "list": np.int64}  # fmt: skip
_FEW_RUNS = 6
"""Comparing codes with so many runs of words is quicker than looking each of them up."""
_BYTE = 255
"""So many words have codes of one byte, and one code is left for none."""
_FAR = 2**31 - 1
Found = tuple[Array, Mask | None]
"""Values, and where they are known (None: everywhere); where they are not, the value means nothing."""


@dataclass(slots=True)
class Chunk:
    """A stretch of rows and what was worked out for it already."""

    span: slice
    rows: int
    memo: dict[int, Any] = field(default_factory=dict)

    def unknown(self, known: Mask) -> Mask:
        """Where a field is not known, worked out once for all that ask."""
        found = self.memo.get(id(known))
        if found is None:
            found = self.memo[id(known)] = (known, ~known)  # what is held keeps its identity
        opposite: Mask = found[1]
        return opposite


@dataclass(slots=True, eq=False)
class Value:
    """An operand ready to be read; ``words`` are those of a text."""

    compute: Callable[[Chunk], Found]
    words: tuple[str, ...] = ()
    uses: int = 1

    def __call__(self, chunk: Chunk) -> Found:
        if self.uses == 1:
            return self.compute(chunk)
        found = chunk.memo.get(id(self))
        if found is None:
            found = chunk.memo[id(self)] = self.compute(chunk)
        known: Found = found
        return known


def both(first: Mask | None, second: Mask | None) -> Mask | None:
    """Where both are known."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def constant_of(operand: Bound) -> Any:
    """A constant as columns hold it; texts stay texts."""
    return ordinal(str(operand.value)) - EPOCH if operand.type == "date" else operand.value


class Values:
    """Plans how operands are read; ``truth`` gives the masks of trees inside them: (is true, is false)."""

    def __init__(
        self, columns: Columns, at: int, truth: Callable[[Tree], Callable[[Chunk], tuple[Mask, Mask]]]
    ) -> None:
        self.columns, self.at, self.truth = columns, at, truth
        self.planned: dict[Operand, Value] = {}
        self.compared: dict[str, Value] = {}

    def of(self, operand: Operand) -> Value:
        """The plan of an operand, one for all that ask for the same."""
        found = self.planned.get(operand)
        if found is not None:
            found.uses += 1
            return found
        found = self.planned[operand] = self._plan(operand)
        return found

    def _plan(self, operand: Operand) -> Value:
        if isinstance(operand, FieldValueOf):
            return self._field(operand.name)
        if isinstance(operand, Bound):
            words = (str(operand.value),) if operand.type == "text" else ()
            value = np.asarray(0 if words else constant_of(operand))
            return Value(lambda chunk: (value, None), words)
        if isinstance(operand, TruthValue):
            return self._truth_value(operand.tree)
        if isinstance(operand, Case):
            return self._case(operand)
        if operand.function in CHAINING:
            chain = self._chain(operand)
            return Value(lambda chunk: _finite(chain(chunk)))
        return self._function(operand)

    def to_compare(self, operand: Operand) -> Value:
        """The same for comparisons with constants: whole numbers of a field as short as they can be, which is quicker."""
        if not isinstance(operand, FieldValueOf):
            return self.of(operand)
        column = self.columns.by_field[operand.name]
        if column.values.dtype != np.int64:
            return self.of(operand)
        known = self.compared.get(operand.name)
        if known is not None:
            known.uses += 1
            return known
        plain = self._field(operand.name)

        def compute(chunk: Chunk) -> Found:
            values, known = plain.compute(chunk)
            return _short(values) if found.uses > 1 and len(values) else values, known

        found = self.compared[operand.name] = Value(compute)
        return found

    def _field(self, name: str) -> Value:
        column = self.columns.by_field[name]
        values, known = column.values, column.known
        few = 0 < len(column.words) <= _BYTE and values.dtype == np.int32

        def compute(chunk: Chunk) -> Found:
            part = values[chunk.span]
            if few and found.uses > 1:
                part = part.astype(np.uint8)  # bytes are compared in half the time
            return part, None if known is None else known[chunk.span]

        found = Value(compute, column.words)
        return found

    def _truth_value(self, tree: Tree) -> Value:
        masks = self.truth(tree)

        def compute(chunk: Chunk) -> Found:
            true, false = masks(chunk)
            return true, true | false

        return Value(compute)

    def _function(self, operand: Computed) -> Value:
        name, arguments = operand.function, operand.arguments
        if name == "coalesce":
            return self._coalesce(operand)
        if name == "contains":
            return self._contains(operand)
        if name == "days_since":
            return self._days_since(operand)
        if name in ("lower", "like", "starts_with") or (name == "length" and arguments[0].type == "text"):
            return self._of_text(operand)
        if name in ("least", "greatest"):
            return self._extreme(operand)
        inner = [self.of(each) for each in arguments]
        if name == "%":
            return Value(lambda chunk: _finite(_pairwise(np.fmod, inner[0](chunk), inner[1](chunk))))
        apply = _SIMPLE[name]

        def compute(chunk: Chunk) -> Found:
            values, known = inner[0](chunk)
            return apply(values), known

        return Value(compute)

    def _chain(self, operand: Operand) -> Callable[[Chunk], Found]:
        """A link of arithmetic; what is not finite is looked at where the chain ends."""
        if not isinstance(operand, Computed) or operand.function not in CHAINING:
            inner = self.of(operand)

            def as_floats(chunk: Chunk) -> Found:
                values, known = inner(chunk)
                return values.astype(np.float64, copy=False), known

            return as_floats
        links = [self._chain(each) for each in operand.arguments]
        if operand.function == "/":
            links[1] = self.of(operand.arguments[1])
        if operand.function == "neg":

            def negative(chunk: Chunk) -> Found:
                values, known = links[0](chunk)
                return np.negative(values), known

            return negative
        apply = _ARITHMETIC[operand.function]
        return lambda chunk: _pairwise(apply, links[0](chunk), links[1](chunk))

    def _coalesce(self, operand: Computed) -> Value:
        parts, words = self.alike(operand.arguments)

        def compute(chunk: Chunk) -> Found:
            values, known = parts[0](chunk)
            for part in parts[1:]:
                if known is None:
                    break
                others, others_known = part(chunk)
                values = np.where(known, values, others)
                known = None if others_known is None else known | others_known
            return values, known

        return Value(compute, words)

    def _case(self, operand: Case) -> Value:
        asked = [self.truth(each) for each, _ in operand.branches]
        results = [result for _, result in operand.branches]
        if operand.otherwise is not None:
            results.append(operand.otherwise)
        parts, words = self.alike(tuple(results))

        def compute(chunk: Chunk) -> Found:
            known: Mask | None = np.zeros(chunk.rows, dtype=np.bool_)
            values: Array = np.zeros(chunk.rows, dtype=_DTYPES[operand.type])
            if len(parts) > len(asked):
                values, known = parts[-1](chunk)
            for masks, part in zip(reversed(asked), reversed(parts[: len(asked)]), strict=True):
                chosen = masks(chunk)[0]
                found, found_known = part(chunk)
                values = np.where(chosen, found, values)
                if known is not None or found_known is not None:
                    known = np.where(
                        chosen, True if found_known is None else found_known, True if known is None else known
                    )
            return values, known

        return Value(compute, words)

    def alike(self, operands: tuple[Operand, ...]) -> tuple[list[Callable[[Chunk], Found]], tuple[str, ...]]:
        """Operands of one type; texts with their codes in one dictionary that all of them share."""
        parts = [self.of(each) for each in operands]
        if operands[0].type != "text":
            return [*parts], ()
        words = parts[0].words
        if any(part.words != words for part in parts):
            words = tuple(sorted(set().union(*(part.words for part in parts))))
        return [_recoded(part, words) for part in parts], words

    def _contains(self, operand: Computed) -> Value:
        listed, word = operand.arguments
        assert isinstance(listed, FieldValueOf) and isinstance(word, Bound)
        column = self.columns.by_field[listed.name]
        members, known = column.members.get(str(word.value)), column.known

        def compute(chunk: Chunk) -> Found:
            values = np.zeros(chunk.rows, dtype=np.bool_) if members is None else members[chunk.span]
            return values, None if known is None else known[chunk.span]

        return Value(compute)

    def _days_since(self, operand: Computed) -> Value:
        inner, zone = self.of(operand.arguments[0]), operand.arguments[1]
        assert isinstance(zone, Bound)
        name = str(zone.value)
        today, instants = local_day(name, self.at) - EPOCH, operand.arguments[0].type == "instant"

        def compute(chunk: Chunk) -> Found:
            values, known = inner(chunk)
            if instants:
                values = np.atleast_1d(values)
                values = local_days(values if known is None else np.where(known, values, 0), name)
            return today - values.astype(np.int64), known

        return Value(compute)

    def _of_text(self, operand: Computed) -> Value:
        """What is asked of a text is asked of each word, then looked up by code."""
        inner, words = self.of(operand.arguments[0]), tuple[str, ...]()
        if operand.function == "lower":
            low = [lowered(word) for word in inner.words]
            words = tuple(sorted(set(low)))
            codes = {word: code for code, word in enumerate(words)}
            table = np.array([codes[word] for word in low], dtype=np.int32)
        elif operand.function == "length":
            table = np.array([len(word) for word in inner.words], dtype=np.int32)
        else:
            assert isinstance(operand.arguments[1], Bound)
            asked = str(operand.arguments[1].value)
            test = like(asked) if operand.function == "like" else None
            found = [test(word) if test else word.startswith(asked) for word in inner.words]
            table = np.array(found, dtype=np.bool_)
        return Value(looked_up(inner, table), words)

    def _extreme(self, operand: Computed) -> Value:
        parts, _ = self.alike(operand.arguments)
        apply = np.minimum if operand.function == "least" else np.maximum

        def compute(chunk: Chunk) -> Found:
            values, known = parts[0](chunk)
            for part in parts[1:]:
                values, known = _pairwise(apply, (values, known), part(chunk))
            return values, known

        return Value(compute)


def _short(values: Array) -> Array:
    """Numbers of 64 bits in 32 where all of them fit."""
    if values.min() < -_FAR or values.max() > _FAR:
        return values
    return values.astype(np.int32)


def looked_up(inner: Callable[[Chunk], Found], table: Array) -> Callable[[Chunk], Found]:
    """The table's entry for each code; codes of unknown texts may lie anywhere."""
    if not len(table):
        table = np.zeros(1, dtype=table.dtype)
    runs = _runs(table) if table.dtype == np.bool_ else None

    def by_table(chunk: Chunk) -> Found:
        codes, known = inner(chunk)
        return table.take(codes, mode="clip"), known

    def by_runs(chunk: Chunk) -> Found:
        codes, known = inner(chunk)
        mask: Array | None = None
        for first, last in runs or ():
            within = codes == first
            if first != last:
                within = np.greater_equal(codes, first)
                within &= codes <= last
            mask = within if mask is None else np.logical_or(mask, within)
        return np.zeros(codes.shape, dtype=np.bool_) if mask is None else mask, known

    return by_table if runs is None else by_runs


def _runs(table: Array) -> list[tuple[int, int]] | None:
    """The first and last code of each run of codes that are true; None where there are many."""
    turns = np.flatnonzero(np.diff(np.concatenate(([False], table, [False])).astype(np.int8)))
    pairs = [(first, last - 1) for first, last in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True)]
    return pairs if len(pairs) <= _FEW_RUNS else None


def _recoded(part: Value, words: tuple[str, ...]) -> Callable[[Chunk], Found]:
    if part.words == words:
        return part
    table = np.array([bisect_left(words, word) for word in part.words], dtype=np.int32)
    return looked_up(part, table)


def _pairwise(apply: Callable[[Array, Array], Array], first: Found, second: Found) -> Found:
    return apply(first[0], second[0]), both(first[1], second[1])


def _finite(found: Found) -> Found:
    values, known = found
    return values, both(known, np.isfinite(values))


def _rounded(values: Array) -> Array:
    whole = np.trunc(values)
    return np.asarray(np.where(np.abs(values - whole) >= 0.5, whole + np.copysign(1.0, values), whole))


_SIMPLE: dict[str, Callable[[Array], Array]] = {
    "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "round": _rounded, "length": lambda values: values,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide,
}  # fmt: skip

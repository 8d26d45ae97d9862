"""The one emitter of conditions: the checked tree becomes the deciding function and, with tracing on, the explaining one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from strategies.conditions.python_values import ValueEmitter
from strategies.declared.conditions_tree import (
    And,
    Bound,
    Compare,
    IsUnknown,
    Leaf,
    Not,
    OneOf,
    Or,
    Tree,
    TruthOf,
    fields_read,
)
from strategies.declared.playbook import ComparedLeaf, Truth
from strategies.instants import Instant
from strategies.profile import FieldValue

_PYTHON = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

Decide = Callable[[Mapping[str, FieldValue], Instant], Truth]
Explain = Callable[[Mapping[str, FieldValue], Instant], tuple[Truth, tuple[ComparedLeaf, ...]]]


def deciding(tree: Tree) -> Decide:
    """The function that says whether the tree is true, false or unknown (None) of the facts."""
    emitter = Emitter()
    decide: Decide = emitter.function(f"return {emitter.tree(tree)}")
    return decide


def explaining(tree: Tree) -> Explain:
    """The same function, which also tells every comparison that it made; it makes all of them."""
    emitter = Emitter(tracing=True)
    result = emitter.tree(tree)
    explain: Explain = emitter.function(f"return ({result}, tuple_of(seen))")
    return explain


class Emitter(ValueEmitter):
    """Writes Python whose only names are our own: constants and field names are bound, never written into it."""

    def __init__(self, *, tracing: bool = False) -> None:
        super().__init__()
        self.tracing = tracing
        self.bound.update({"__builtins__": {}, "tuple_of": tuple, "note": _note})

    def function(self, body: str) -> Any:
        """Compiles ``body`` with the bound constants as its globals."""
        seen = "[]" if self.tracing else "None"
        source = f"def condition(facts, now):\n    get, seen = facts.get, {seen}\n    {body}\n"
        code = compile("".join(self.parts) + source, "<condition>", "exec")
        exec(code, self.bound)
        function = self.bound["condition"]
        assert isinstance(function, FunctionType)
        return function

    def truth(self, tree: Tree) -> str:
        """A tree inside an operand: its comparisons belong to the leaf around it and are not told."""
        tracing, self.tracing = self.tracing, False
        try:
            return self.tree(tree)
        finally:
            self.tracing = tracing

    def tree(self, tree: Tree) -> str:
        """An expression that is True, False or None."""
        if isinstance(tree, Not):
            part = tree.part
            if self.tracing and not isinstance(part, Not | And | Or):
                return self.traced(part, f"NOT {part.text}", self.denied(self.leaf(part)))
            return self.deeper(lambda: self.denied(self.tree(part)))
        if isinstance(tree, And | Or):
            return self.deeper(lambda: self.joined(tree))
        return self.traced(tree, tree.text, self.leaf(tree)) if self.tracing else self.leaf(tree)

    def denied(self, expression: str) -> str:
        """The opposite of what is known."""
        name = self.fresh()
        return f"(None if ({name} := {expression}) is None else not {name})"

    def joined(self, tree: And | Or) -> str:
        """AND is False once a part is, OR True; else None once a part is. Tracing asks every part first."""
        decisive, otherwise = ("False", "True") if isinstance(tree, And) else ("True", "False")
        parts = [(self.fresh(), self.tree(part)) for part in tree.parts]
        unknown = " or ".join(f"{name} is None" for name, _ in parts)
        if self.tracing:
            asked = ", ".join(f"({name} := {part})" for name, part in parts)
            decided = " or ".join(f"{name} is {decisive}" for name, _ in parts)
            return f"({decisive} if ({asked},) and ({decided}) else None if {unknown} else {otherwise})"
        decided = " or ".join(f"({name} := {part}) is {decisive}" for name, part in parts)
        return f"({decisive} if {decided} else None if {unknown} else {otherwise})"

    def traced(self, leaf: Leaf, text: str, expression: str) -> str:
        """A leaf, or its denial, that is noted together with the value that it saw."""
        return f"note(seen, get, {self.bind(text)}, {self.bind(fields_read(leaf))}, {expression})"

    def leaf(self, leaf: Leaf) -> str:
        if isinstance(leaf, Compare):
            return self.known(*self.comparison(leaf))
        if isinstance(leaf, IsUnknown):
            return f"({self.value(leaf.operand)} is None)"
        if isinstance(leaf, TruthOf):
            return self.value(leaf.operand)
        if isinstance(leaf, OneOf):
            unknown, name = self.prepared(leaf.operand)
            constants = self.bind(frozenset(each.value for each in leaf.constants))
            return self.known(unknown, f"{name} in {constants}")
        if isinstance(leaf.low, Bound) and isinstance(leaf.high, Bound):
            unknown, name = self.prepared(leaf.operand)
            low, high = self.bind(leaf.low.value), self.bind(leaf.high.value)
            return self.known(unknown, f"not ({name} < {low} or {name} > {high})")
        return self.between(self.value(leaf.operand), self.value(leaf.low), self.value(leaf.high))

    def comparison(self, leaf: Compare) -> tuple[list[str], str]:
        """What leaves a comparison unknown, and the comparison."""
        left_unknown, left = self.prepared(leaf.left)
        right_unknown, right = self.prepared(leaf.right)
        return left_unknown + right_unknown, f"{left} {_PYTHON[leaf.operator]} {right}"

    def between(self, value: str, low: str, high: str) -> str:
        """False as soon as one of both comparisons is, unknown while one of them is."""
        middle, first, last = self.fresh(), self.fresh(), self.fresh()
        asked = f"({middle} := {value}, {first} := {low}, {last} := {high})"
        below = f"{middle} is not None and {first} is not None and {middle} < {first}"
        above = f"{middle} is not None and {last} is not None and {middle} > {last}"
        unknown = f"{middle} is None or {first} is None or {last} is None"
        return f"(False if {asked} and ({below} or {above}) else None if {unknown} else True)"


def _note(
    seen: list[ComparedLeaf],
    get: Callable[[str], FieldValue],
    text: str,
    fields: tuple[str, ...],
    outcome: Truth,
) -> Truth:
    """Keeps one comparison with the field that left it unknown, else the first it names; passes its outcome on."""
    field = fields[0] if fields else None
    if outcome is None:
        field = next((name for name in fields if get(name) is None), field)
    seen.append(ComparedLeaf(text, field, get(field) if field is not None else None, outcome))
    return outcome

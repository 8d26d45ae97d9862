"""The one emitter of conditions: the checked tree becomes the deciding function and, with tracing on, the explaining one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from strategies.conditions_tree import (
    And,
    Bound,
    Compare,
    FieldValueOf,
    IsUnknown,
    Leaf,
    Not,
    OneOf,
    Operand,
    Or,
    Tree,
    TruthOf,
    operands,
)
from strategies.instants import Instant
from strategies.playbook import ComparedLeaf, Truth
from strategies.profile import FieldValue

_MAX_NESTING = 16
_PYTHON = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

Decide = Callable[[Mapping[str, FieldValue], Instant], Truth]
Explain = Callable[[Mapping[str, FieldValue], Instant], tuple[Truth, tuple[ComparedLeaf, ...]]]


def deciding(tree: Tree) -> Decide:
    """The function that says whether the tree is true, false or unknown (None) of the facts."""
    emitter = _Emitter(tracing=False)
    decide: Decide = emitter.function(f"return {emitter.tree(tree)}")
    return decide


def explaining(tree: Tree) -> Explain:
    """The same function, which also tells every comparison that it made; it makes all of them."""
    emitter = _Emitter(tracing=True)
    result = emitter.tree(tree)
    explain: Explain = emitter.function(f"return ({result}, tuple_of(seen))")
    return explain


class _Emitter:
    """Writes Python whose only names are our own: constants and field names are bound, never written into it."""

    def __init__(self, *, tracing: bool) -> None:
        self.tracing = tracing
        self.bound: dict[str, Any] = {"__builtins__": {}, "tuple_of": tuple, "note": _note}
        self.names: dict[tuple[type, Any], str] = {}
        self.counter = 0
        self.parts: list[str] = []

    def function(self, body: str) -> Any:
        """Compiles ``body`` with the bound constants as its globals."""
        source = f"def condition(facts, now):\n    get, seen = facts.get, []\n    {body}\n"
        code = compile("".join(self.parts) + source, "<condition>", "exec")
        exec(code, self.bound)
        function = self.bound["condition"]
        assert isinstance(function, FunctionType)
        return function

    def bind(self, value: Any) -> str:
        """The name under which a constant is known to the function."""
        key = (type(value), value)
        if key not in self.names:
            self.names[key] = f"k{len(self.names)}"
            self.bound[self.names[key]] = value
        return self.names[key]

    def fresh(self) -> str:
        self.counter += 1
        return f"t{self.counter}"

    def tree(self, tree: Tree, depth: int = 0) -> str:
        """An expression that is True, False or None; Python nests no further than a few levels of ours."""
        if depth == _MAX_NESTING and isinstance(tree, Not | And | Or):
            place = len(self.parts)
            name = f"part{place}"
            self.parts.append("")
            self.parts[place] = f"def {name}(get, seen):\n    return {self.tree(tree)}\n"
            return f"{name}(get, seen)"
        if isinstance(tree, Not):
            part = tree.part
            if self.tracing and not isinstance(part, Not | And | Or):
                return self.traced(part, f"NOT {part.text}", self.denied(self.leaf(part)))
            return self.denied(self.tree(part, depth + 1))
        if isinstance(tree, And | Or):
            return self.joined(tree, depth + 1)
        return self.traced(tree, tree.text, self.leaf(tree)) if self.tracing else self.leaf(tree)

    def denied(self, expression: str) -> str:
        """The opposite of what is known."""
        name = self.fresh()
        return f"(None if ({name} := {expression}) is None else not {name})"

    def joined(self, tree: And | Or, depth: int) -> str:
        """AND is False once a part is, OR True; else None once a part is. Tracing asks every part first."""
        decisive, otherwise = ("False", "True") if isinstance(tree, And) else ("True", "False")
        parts = [(self.fresh(), self.tree(part, depth)) for part in tree.parts]
        unknown = " or ".join(f"{name} is None" for name, _ in parts)
        if self.tracing:
            asked = ", ".join(f"({name} := {part})" for name, part in parts)
            decided = " or ".join(f"{name} is {decisive}" for name, _ in parts)
            return f"({decisive} if ({asked},) and ({decided}) else None if {unknown} else {otherwise})"
        decided = " or ".join(f"({name} := {part}) is {decisive}" for name, part in parts)
        return f"({decisive} if {decided} else None if {unknown} else {otherwise})"

    def traced(self, leaf: Leaf, text: str, expression: str) -> str:
        """A leaf, or its denial, that is noted together with the value that it saw."""
        field = next((each.name for each in operands(leaf) if isinstance(each, FieldValueOf)), None)
        value = f"get({self.bind(field)})" if field is not None else "None"
        return f"note(seen, {self.bind(text)}, {self.bind(field)}, {value}, {expression})"

    def leaf(self, leaf: Leaf) -> str:
        if isinstance(leaf, IsUnknown):
            return f"({self.value(leaf.operand)} is None)"
        if isinstance(leaf, TruthOf):
            return self.value(leaf.operand)
        if isinstance(leaf, OneOf):
            name = self.fresh()
            constants = self.bind(frozenset(each.value for each in leaf.constants))
            return f"(None if ({name} := {self.value(leaf.operand)}) is None else {name} in {constants})"
        if isinstance(leaf, Compare):
            return self.comparison(leaf.operator, leaf.left, leaf.right)
        low = Compare(">=", leaf.operand, leaf.low, "")
        high = Compare("<=", leaf.operand, leaf.high, "")
        first, second = self.fresh(), self.fresh()
        return (
            f"(False if ({first} := {self.leaf(low)}) is False or ({second} := {self.leaf(high)}) is False"
            f" else None if {first} is None or {second} is None else True)"
        )

    def comparison(self, operator: str, left: Operand, right: Operand) -> str:
        """Unknown where one of the two is unknown."""
        names: list[str] = []
        unknown: list[str] = []
        for operand in (left, right):
            if isinstance(operand, Bound):
                names.append(self.value(operand))
            else:
                name = self.fresh()
                unknown.append(f"({name} := {self.value(operand)}) is None")
                names.append(name)
        return f"(None if {' or '.join(unknown)} else {names[0]} {_PYTHON[operator]} {names[1]})"

    def value(self, operand: Operand) -> str:
        """A constant, or what the facts hold."""
        if isinstance(operand, Bound):
            return self.bind(operand.value)
        if operand.otherwise is None:
            return f"get({self.bind(operand.name)})"
        name = self.fresh()
        asked = f"({name} := get({self.bind(operand.name)}))"
        return f"({name} if {asked} is not None else {self.bind(operand.otherwise.value)})"


def _note(seen: list[ComparedLeaf], text: str, field: str | None, value: FieldValue, outcome: Truth) -> Truth:
    """Keeps one comparison and passes its outcome on."""
    seen.append(ComparedLeaf(text, field, value, outcome))
    return outcome

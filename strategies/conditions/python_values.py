"""The emitter's half for what has a value: fields, arithmetic, functions and CASE as Python expressions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from math import ceil, floor, fmod
from typing import Any

from strategies.conditions.meaning import LARGEST, days_since, like, lowered, rounded
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

_LEVELS = 10
"""Python nests a limited number of parentheses: every so many levels of ours become a function of their own."""
_SUMS, _PRODUCTS = ("+", "-"), ("*", "/")
_FUNCTIONS: dict[str, Any] = {
    "abs": abs, "floor": floor, "ceil": ceil, "round": rounded, "lower": lowered, "length": len,
    "least": min, "greatest": max, "%": fmod,
}  # fmt: skip


class ValueEmitter(ABC):
    """Binds constants to names and writes operands."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
        self.names: dict[tuple[type, Any], str] = {}
        self.counter = 0
        self.level = 0
        self.parts: list[str] = []

    @abstractmethod
    def truth(self, tree: Tree) -> str:
        """A tree as an expression that is True, False or None."""

    def bind(self, value: Any) -> str:
        """The name under which a constant is known to the function."""
        key = (type(value), value)
        if key not in self.names:
            self.names[key] = f"k{len(self.names)}"
            self.bound[self.names[key]] = value
        return self.names[key]

    def fresh(self) -> str:
        """A variable's name."""
        self.counter += 1
        return f"v{self.counter}"

    def deeper(self, write: Callable[[], str]) -> str:
        """What ``write`` writes, one level further in; at times as the call of a function of its own."""
        self.level += 1
        try:
            expression = write()
            if not self.becomes_function(self.level):
                return expression
            name = f"part{len(self.parts)}"
            self.parts.append(f"def {name}(get, seen, now):\n    return {expression}\n")
            return f"{name}(get, seen, now)"
        finally:
            self.level -= 1

    def becomes_function(self, level: int) -> bool:
        """Whether what is written at this level becomes a function of its own."""
        return level % _LEVELS == 0

    def known(self, unknown: list[str], expression: str) -> str:
        """The expression, None where something that it needs is unknown."""
        return f"(None if {' or '.join(unknown)} else {expression})" if unknown else f"({expression})"

    def value(self, operand: Operand) -> str:
        """An expression that is the operand's value, None where it has none."""
        if isinstance(operand, Bound):
            return self.bind(operand.value)
        if isinstance(operand, FieldValueOf):
            return self.field(operand.name)
        if isinstance(operand, TruthValue):
            return self.deeper(lambda: self.truth(operand.tree))
        if isinstance(operand, Case):
            return self.deeper(lambda: self.case(operand))
        if operand.function == "coalesce":
            return self.deeper(lambda: self.coalesce(operand))
        return self.known(*self.prepared(operand))

    def field(self, name: str) -> str:
        return f"get({self.bind(name)})"

    def prepared(self, operand: Operand) -> tuple[list[str], str]:
        """What leaves the operand unknown, asked in this order, and then its value."""
        if isinstance(operand, Bound):
            return [], self.bind(operand.value)
        name = self.fresh()
        if isinstance(operand, Computed) and operand.function != "coalesce":
            if self.becomes_function(self.level + 1):
                return [
                    f"({name} := {self.deeper(lambda: self.known(*self.computed(operand)))}) is None"
                ], name
            self.level += 1
            try:
                unknown, expression = self.computed(operand)
            finally:
                self.level -= 1
            if operand.function in CHAINING:
                return [
                    *unknown,
                    f"not {self.bind(-LARGEST)} <= ({name} := {expression}) <= {self.bind(LARGEST)}",
                ], name
            return unknown, expression
        return [f"({name} := {self.value(operand)}) is None"], name

    def computed(self, operand: Computed) -> tuple[list[str], str]:
        """What leaves a computation unknown, and its expression; of a chain of arithmetic not yet looked at for infinity."""
        function, arguments = operand.function, operand.arguments
        if function in CHAINING:
            return self.chain(operand)
        if function == "like":
            unknown, value = self.prepared(arguments[0])
            assert isinstance(arguments[1], Bound)
            return unknown, f"{self.bind(like(str(arguments[1].value)))}({value})"
        if function in ("starts_with", "contains"):
            unknown, value = self.prepared(arguments[0])
            word = self.value(arguments[1])
            return (
                unknown,
                f"{value}.startswith({word})" if function == "starts_with" else f"({word} in {value})",
            )
        if function == "days_since":
            unknown, value = self.prepared(arguments[0])
            return unknown, f"{self.bind(days_since)}({value}, {self.value(arguments[1])}, now)"
        made = [self.prepared(each) for each in arguments]
        unknown = [each for needs, _ in made for each in needs]
        if function == "%":
            unknown.append(f"{made[1][1]} == 0")
        return unknown, f"{self.bind(_FUNCTIONS[function])}({', '.join(value for _, value in made)})"

    def chain(self, operand: Operand) -> tuple[list[str], str]:
        """A link of arithmetic as a float; ``+ - *`` and the dividend pass on what is not finite."""
        if isinstance(operand, Bound):
            return [], self.bind(float(operand.value))
        if not isinstance(operand, Computed) or operand.function not in CHAINING:
            unknown, value = self.prepared(operand)
            return unknown, f"1.0 * {value}"
        if operand.function == "neg":
            unknown, value = self.chain(operand.arguments[0])
            return unknown, f"-({value})"
        left, right = operand.arguments
        first_unknown, first = self.chain(left)
        if operand.function == "/":
            unknown, second = self.prepared(right)
            unknown = [*unknown, f"{second} == 0"]
        else:
            unknown, second = self.chain(right)
        if operand.function in _PRODUCTS and isinstance(left, Computed) and left.function in _SUMS:
            first = f"({first})"
        if not second.isalnum():
            second = f"({second})"
        return first_unknown + unknown, f"{first} {operand.function} {second}"

    def coalesce(self, operand: Computed) -> str:
        """The first argument that is known."""
        *others, last = operand.arguments
        expression = ""
        for each in others:
            name = self.fresh()
            expression += f"{name} if ({name} := {self.value(each)}) is not None else "
        return f"({expression}{self.value(last)})"

    def case(self, operand: Case) -> str:
        """The value beside the first condition that is true."""
        expression = "".join(
            f"{self.value(result)} if {self.truth(asked)} is True else " for asked, result in operand.branches
        )
        return f"({expression}{'None' if operand.otherwise is None else self.value(operand.otherwise)})"

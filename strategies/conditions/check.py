"""The type checker of conditions: the parser's tree becomes the checked tree, or problems at the first leaf."""

from __future__ import annotations

from sqlglot import exp

from strategies.conditions.operands import OperandChecker, Surroundings, Unfit, is_constant
from strategies.conditions.parser import COMPARISONS, TURNED, TYPE_WORDS, Part, inside, joined, said
from strategies.declared.conditions_tree import (
    And,
    Between,
    Bound,
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
)
from strategies.problems import NO_HINT, Hint, Problem


class Checker:
    """Turns one parsed condition into its checked tree; collects every problem it meets."""

    def __init__(self, around: Surroundings) -> None:
        self.values = OperandChecker(around, self.tree)
        self.problems: list[Problem] = []

    def tree(self, part: Part) -> Tree:
        """The checked tree of a part that must be true or false; on a problem, a tree that is only a place-holder."""
        if isinstance(part, exp.Paren):
            return self.tree(part.this)
        if isinstance(part, exp.And | exp.Or):
            parts = tuple(self.tree(each) for each in joined(part))
            return And(parts) if isinstance(part, exp.And) else Or(parts)
        if isinstance(part, exp.Not):
            return Not(self.tree(part.this))
        try:
            return self.leaf(part)
        except Unfit as unfit:
            self.problems.append(unfit.problem)
            return TruthOf(Bound(False, "boolean"), "")

    def leaf(self, part: Part) -> Tree:
        """One comparison."""
        if type(part) in COMPARISONS:
            return self.comparison(part)
        if isinstance(part, exp.In):
            return self.one_of(part)
        if isinstance(part, exp.Between):
            return self.between(part)
        if isinstance(part, exp.Like):
            return self.like(part)
        if isinstance(part, exp.Is) and isinstance(part.expression, exp.Null):
            return IsUnknown(self.reading(part.this), said(part))
        operand = self.values.operand(part, None)
        if operand.type != "boolean":
            what = f"'{said(part)}' is {TYPE_WORDS[operand.type]}, not true or false"
            raise self.values.unfit("condition.type", what, part, Hint("compare it with something"))
        return TruthOf(operand, said(part))

    def comparison(self, part: Part) -> Compare:
        operator, left, right = COMPARISONS[type(part)], part.this, part.expression
        self.no_null(part, left, right)
        first, second = self.pair(part, left, right)
        if isinstance(first, Bound):
            first, second, operator = second, first, TURNED[operator]
        if first.type in ("boolean", "list") and (operator not in ("=", "<>") or first.type == "list"):
            hint = Hint("contains(…, 'x') asks for one word of it") if first.type == "list" else NO_HINT
            message = f"{TYPE_WORDS[first.type]} cannot be compared by {operator}"
            raise self.values.unfit("condition.type", message, part, hint)
        return Compare(operator, first, second, said(part))

    def pair(self, part: Part, left: Part, right: Part) -> tuple[Operand, Operand]:
        """Two operands of one type, at least one of which reads a field or the clock."""
        wanted = self.values.type_of(left) or self.values.type_of(right)
        first, second = self.values.operand(left, wanted), self.values.operand(right, wanted)
        self.not_constant(part, first, second)
        if first.type != second.type:
            raise self.values.unlike(part, first, second)
        return first, second

    def not_constant(self, part: Part, *operands: Operand) -> None:
        if not self.problems and all(is_constant(each) for each in operands):
            message = f"'{said(part)}' compares constants only"
            raise self.values.unfit("condition.constant", message, part, Hint("compare a field"))

    def one_of(self, part: exp.In) -> Tree:
        literals = part.expressions
        if part.args.get("query") or part.args.get("unnest") or part.args.get("field") or not literals:
            raise self.values.unfit("condition.syntax", "IN needs a list", part, Hint("as IN ('a', 'b')"))
        self.no_null(part, *literals, hint=Hint("add OR … IS NULL"))
        operand = self.reading(part.this)
        if operand.type in ("boolean", "list", "instant"):
            message = f"{TYPE_WORDS[operand.type]} cannot be compared by IN"
            raise self.values.unfit("condition.type", message, part, NO_HINT)
        constants: list[Bound] = []
        for literal in literals:
            constant = self.values.operand(literal, operand.type)
            if not isinstance(constant, Bound):
                message, hint = f"'{said(literal)}' is no constant", Hint("IN takes constants; use = and OR")
                raise self.values.unfit("condition.syntax", message, literal, hint)
            if constant.type != operand.type:
                raise self.values.unlike(literal, operand, constant)
            constants.append(constant)
        return OneOf(operand, tuple(constants), said(part))

    def between(self, part: exp.Between) -> Between:
        low, high = part.args["low"], part.args["high"]
        if part.args.get("symmetric"):
            message, hint = "BETWEEN SYMMETRIC is not available", Hint("put the lower bound first")
            raise self.values.unfit("condition.not_available", message, part, hint)
        self.no_null(part, part.this, low, high)
        wanted = next(
            (found for each in (part.this, low, high) if (found := self.values.type_of(each))), None
        )
        operands = tuple(self.values.operand(each, wanted) for each in (part.this, low, high))
        self.not_constant(part, *operands)
        for each in operands[1:]:
            if each.type != operands[0].type:
                raise self.values.unlike(part, operands[0], each)
        if operands[0].type in ("boolean", "list"):
            raise self.values.unfit(
                "condition.type", f"{TYPE_WORDS[operands[0].type]} has no order", part, NO_HINT
            )
        return Between(operands[0], operands[1], operands[2], said(part))

    def like(self, part: exp.Like) -> Tree:
        operand = self.values.of(part.this, "text", "LIKE")
        self.not_constant(part, operand)
        pattern = self.values.constant_text(part.expression, "LIKE is followed by")
        leaf: Leaf = TruthOf(Computed("like", (operand, pattern), "boolean"), said(part))
        if part.args.get("negate"):
            bare = part.copy()
            bare.set("negate", False)
            return Not(TruthOf(Computed("like", (operand, pattern), "boolean"), said(bare)))
        return leaf

    def reading(self, part: Part) -> Operand:
        """An operand that is no constant."""
        operand = self.values.operand(part, None)
        if is_constant(operand):
            message = f"'{said(part)}' is a constant"
            raise self.values.unfit("condition.constant", message, part, Hint("name a field here"))
        return operand

    def no_null(self, part: Part, *parts: Part, hint: Hint = NO_HINT) -> None:
        for each in parts:
            if isinstance(inside(each), exp.Null):
                message = f"NULL is compared in '{said(part)}'"
                hint = hint or Hint("write IS NULL or IS NOT NULL")
                raise self.values.unfit("condition.null", message, part, hint)

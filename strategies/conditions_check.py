"""The type checker of conditions: the parser's tree becomes the checked tree, or problems at the first leaf."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from strategies import quantities
from strategies.conditions_parser import (
    ARITHMETIC,
    COMPARISONS,
    NAMES,
    TRUTHS,
    TURNED,
    TYPE_WORDS,
    Part,
    inside,
    joined,
    start,
)
from strategies.conditions_tree import (
    And,
    Between,
    Bound,
    Compare,
    FieldValueOf,
    IsUnknown,
    Not,
    OneOf,
    Operand,
    Or,
    Tree,
    TruthOf,
    ValueType,
)
from strategies.documents_values import suggestion
from strategies.playbook import Field
from strategies.problems import Problem, Where

_DATE = re.compile(r"CAST\(('[^']*') AS DATE\)")


class Unfit(Exception):
    """A part of a condition that cannot be checked; carries its problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


class Checker:
    """Turns one parsed condition into its checked tree; collects every problem it meets."""

    def __init__(
        self, fields: Mapping[str, Field], locate: Callable[[int], Where], minor_per_major: int
    ) -> None:
        self.fields, self.locate, self.minor_per_major = fields, locate, minor_per_major
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
        if isinstance(part, exp.Is) and isinstance(part.expression, exp.Null):
            return IsUnknown(self.field(part.this), self.said(part))
        operand = self.operand(part, None)
        if operand.type != "boolean":
            what = f"'{self.said(part)}' is {TYPE_WORDS[operand.type]}, not true or false"
            raise self.unfit("condition.type", what, part, "compare it with something")
        return TruthOf(operand, self.said(part))

    def comparison(self, part: Part) -> Compare:
        operator, left, right = COMPARISONS[type(part)], part.this, part.expression
        self.no_null(part, left, right)
        first, second = self.pair(part, left, right)
        if isinstance(first, Bound):
            first, second, operator = second, first, TURNED[operator]
        if first.type in ("boolean", "list") and (operator not in ("=", "<>") or first.type == "list"):
            raise self.unfit(
                "condition.type", f"{TYPE_WORDS[first.type]} cannot be compared by {operator}", part, ""
            )
        return Compare(operator, first, second, self.said(part))

    def pair(self, part: Part, left: Part, right: Part) -> tuple[Operand, Operand]:
        """Two operands of one type, at least one of them a field."""
        wanted = self.type_of(left) or self.type_of(right)
        first, second = self.operand(left, wanted), self.operand(right, wanted)
        if isinstance(first, Bound) and isinstance(second, Bound):
            raise self.unfit(
                "condition.constant", f"'{self.said(part)}' compares constants only", part, "compare a field"
            )
        if first.type != second.type:
            raise self.unlike(part, first, second)
        return first, second

    def one_of(self, part: exp.In) -> OneOf:
        literals = part.expressions
        if part.args.get("query") or part.args.get("unnest") or part.args.get("field") or not literals:
            raise self.unfit("condition.syntax", "IN needs a list", part, "as IN ('a', 'b')")
        self.no_null(part, *literals, hint="add OR … IS NULL")
        field = self.field(part.this)
        if field.type in ("boolean", "list", "instant"):
            raise self.unfit("condition.type", f"{TYPE_WORDS[field.type]} cannot be compared by IN", part, "")
        constants: list[Bound] = []
        for literal in literals:
            operand = self.operand(literal, field.type)
            if not isinstance(operand, Bound):
                raise self.unfit(
                    "condition.syntax",
                    f"'{operand.name}' is a field",
                    literal,
                    "IN takes constants; use = and OR",
                )
            if operand.type != field.type:
                raise self.unlike(literal, field, operand)
            constants.append(operand)
        return OneOf(field, tuple(constants), self.said(part))

    def between(self, part: exp.Between) -> Between:
        low, high = part.args["low"], part.args["high"]
        if part.args.get("symmetric"):
            raise self.unfit(
                "condition.not_available",
                "BETWEEN SYMMETRIC is not available",
                part,
                "put the lower bound first",
            )
        self.no_null(part, part.this, low, high)
        wanted = self.type_of(part.this) or self.type_of(low) or self.type_of(high)
        operands = tuple(self.operand(each, wanted) for each in (part.this, low, high))
        if all(isinstance(each, Bound) for each in operands):
            raise self.unfit(
                "condition.constant", f"'{self.said(part)}' compares constants only", part, "compare a field"
            )
        for each in operands[1:]:
            if each.type != operands[0].type:
                raise self.unlike(part, operands[0], each)
        if operands[0].type in ("boolean", "list"):
            raise self.unfit("condition.type", f"{TYPE_WORDS[operands[0].type]} has no order", part, "")
        return Between(operands[0], operands[1], operands[2], self.said(part))

    def type_of(self, part: Part) -> ValueType | None:
        """The type of a field, None for a literal and for what is not known."""
        part = inside(part)
        part = inside(part.this) if isinstance(part, exp.Coalesce) else part
        field = self.fields.get(part.name) if isinstance(part, exp.Column) else None
        return field.type if field else None

    def field(self, part: Part) -> FieldValueOf:
        operand = self.operand(part, None)
        if isinstance(operand, Bound):
            raise self.unfit(
                "condition.constant", f"'{self.said(part)}' is a constant", part, "name a field here"
            )
        return operand

    def operand(self, part: Part, wanted: ValueType | None) -> Operand:
        """A field or a constant; ``wanted`` is the type of what it is compared with."""
        part = inside(part)
        if isinstance(part, exp.Column):
            return self.column(part)
        if isinstance(part, exp.Coalesce):
            return self.coalesce(part)
        if isinstance(part, exp.Boolean):
            return Bound(bool(part.this), "boolean")
        if isinstance(part, exp.Null):
            raise self.unfit("condition.null", "NULL is compared", part, "write IS NULL")
        if isinstance(part, exp.Cast) and isinstance(part.this, exp.Literal) and part.this.is_string:
            return self.date(part)
        negative = isinstance(part, exp.Neg)
        literal = inside(part.this) if negative else part
        if not isinstance(literal, exp.Literal) or (negative and literal.is_string):
            raise self.not_available(part)
        if literal.is_string:
            if wanted == "date":
                hint = (
                    f"write DATE '{literal.this}'"
                    if quantities.calendar_day(literal.this)
                    else "write DATE '2026-01-31'"
                )
                raise self.unfit(
                    "condition.type", f"the text '{literal.this}' is compared with a date", part, hint
                )
            return Bound(str(literal.this), "text")
        return self.amount(("-" if negative else "") + str(literal.this), part, wanted)

    def amount(self, text: str, part: Part, wanted: ValueType | None) -> Bound:
        """A number, or minor units where money is compared."""
        if wanted == "money":
            minor = quantities.minor_units(text, self.minor_per_major)
            if minor is None:
                hint = f"at most {len(str(self.minor_per_major)) - 1} decimals"
                raise self.unfit("value.money", f"{text} is no amount of the operator's currency", part, hint)
            return Bound(minor, "money")
        number = float(text)
        if not math.isfinite(number):
            raise self.unfit("condition.number", f"{text} is too large", part, "")
        return Bound(number, "number")

    def date(self, part: exp.Cast) -> Bound:
        text = str(part.this.this)
        if not part.is_type(exp.DType.DATE):
            raise self.not_available(part)
        if quantities.calendar_day(text) is None:
            raise self.unfit("value.date", f"'{text}' is no date", part, "as DATE '2026-01-31'")
        return Bound(text, "date")

    def column(self, part: exp.Column) -> FieldValueOf:
        name = part.name
        if part.table or name not in self.fields:
            hint = (
                suggestion(name, self.fields)
                or f"declare it in fields.yaml; a text stands in quotes: '{name}'"
            )
            raise self.unfit("condition.field", f"there is no field '{name}'", part, hint)
        return FieldValueOf(name, self.fields[name].type)

    def coalesce(self, part: exp.Coalesce) -> FieldValueOf:
        """COALESCE of one field and one constant of its type."""
        others = part.expressions
        column = inside(part.this)
        if len(others) != 1 or not isinstance(column, exp.Column):
            hint = "as COALESCE(field, constant)"
            raise self.unfit("condition.syntax", "COALESCE takes one field and one constant", part, hint)
        field = self.column(column)
        otherwise = self.operand(others[0], field.type)
        if not isinstance(otherwise, Bound):
            raise self.unfit(
                "condition.syntax",
                f"'{otherwise.name}' is a field",
                others[0],
                "COALESCE ends with a constant",
            )
        if otherwise.type != field.type:
            raise self.unlike(part, field, otherwise)
        return FieldValueOf(field.name, field.type, otherwise)

    def no_null(self, part: Part, *parts: Part, hint: str = "") -> None:
        for each in parts:
            if isinstance(inside(each), exp.Null):
                raise self.unfit(
                    "condition.null",
                    f"NULL is compared in '{self.said(part)}'",
                    part,
                    hint or "write IS NULL or IS NOT NULL",
                )

    def unlike(self, part: Part, first: Operand, second: Operand) -> Unfit:
        named = first if isinstance(first, FieldValueOf) else second
        subject = f"'{named.name}'" if isinstance(named, FieldValueOf) else "this"
        other = second if named is first else first
        message = f"{subject} is {TYPE_WORDS[named.type]} and is compared with {TYPE_WORDS[other.type]}"
        hint = {
            "text": "texts stand in single quotes",
            "boolean": "write the name alone, or NOT and the name",
        }.get(named.type, "")
        return self.unfit("condition.type", message, part, hint)

    def not_available(self, part: Part) -> Unfit:
        hint = "declare a field for it"
        if isinstance(part, exp.Like | exp.ILike):
            hint = "use = or IN with the whole text"
        name = NAMES.get(type(part))
        if name is None and isinstance(part, TRUTHS):
            return self.unfit(
                "condition.type", "a comparison is compared", part, "join comparisons with AND or OR"
            )
        if name is None and isinstance(part, exp.Func):
            name = f"the function {part.name if isinstance(part, exp.Anonymous) else part.sql_name()}"
        if name is None:
            name = "arithmetic" if isinstance(part, ARITHMETIC) else f"'{self.said(part)}'"
        return self.unfit("condition.not_available", f"{name} is not available in conditions", part, hint)

    def unfit(self, code: str, message: str, part: Part, hint: str) -> Unfit:
        return Unfit(Problem(code, message, self.locate(start(part)), hint))

    def said(self, part: Part) -> str:
        """The part as its author wrote it."""
        return _DATE.sub(r"DATE \1", part.sql())

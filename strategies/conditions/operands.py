"""The type checker of operands: fields, constants, arithmetic, functions and CASE, each with its type or a problem."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from strategies.conditions.functions import FUNCTIONS, Signature
from strategies.conditions.parser import (
    NAMES,
    OPERATORS,
    TRUTHS,
    TYPE_WORDS,
    Part,
    arguments_of,
    deepest,
    inside,
    is_plain_number,
    said,
    start,
)
from strategies.conditions.python import deciding
from strategies.declared.conditions_tree import (
    Bound,
    Case,
    Compare,
    Computed,
    FieldValueOf,
    Operand,
    Tree,
    TruthValue,
    ValueType,
    every,
)
from strategies.declared.playbook import Field
from strategies.instants import Instant, parse_instant
from strategies.problems import NO_HINT, Hint, Problem, Where
from strategies.texts import quantities
from strategies.texts.meant import suggestion

_MAX_OPERANDS_DEEP = 80


class Unfit(Exception):
    """A part of a condition that cannot be checked; carries its problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition is checked against."""

    fields: Mapping[str, Field]
    locate: Callable[[int], Where]
    minor_per_major: int
    zone: str
    """The operator's, in which days are counted."""


def is_constant(operand: Operand) -> bool:
    """Whether it reads neither a field nor the clock."""
    return not any(
        isinstance(each, FieldValueOf) or (isinstance(each, Computed) and each.function == "days_since")
        for each in every(operand)
    )


def _is_zero(constant: Operand) -> bool:
    return deciding(Compare("=", constant, Bound(0, constant.type), ""))({}, Instant(0)) is True


class OperandChecker:
    """Turns the parts that have a value into operands; ``tree`` checks what stands after CASE WHEN."""

    def __init__(self, around: Surroundings, tree: Callable[[Part], Tree]) -> None:
        self.around, self.tree = around, tree

    def type_of(self, part: Part) -> ValueType | None:
        """The type that fields and functions settle; None for numbers and texts, which follow what is beside them."""
        part = inside(part)
        if isinstance(part, exp.Column):
            field = self.around.fields.get(part.name)
            return field.type if field else None
        if isinstance(part, exp.Neg):
            return self.type_of(part.this)
        if isinstance(part, exp.Case):
            results = (*(each.args["true"] for each in part.args["ifs"]), part.args.get("default"))
            return self._first_type(*(each for each in results if each is not None))
        if type(part) in OPERATORS:
            left, right = self.type_of(part.this), self.type_of(part.expression)
            if isinstance(part, exp.Div):
                return "number" if right == "money" else left or right
            return "money" if "money" in (left, right) else left or right
        signature, arguments = FUNCTIONS.get(type(part)), arguments_of(part)
        if signature is None and isinstance(part, exp.Anonymous):
            signature = FUNCTIONS.get(part.name.lower())
        if signature is not None:
            return signature.result or self._first_type(*arguments)
        return "boolean" if isinstance(part, TRUTHS) else None

    def _first_type(self, *parts: Part) -> ValueType | None:
        return next((found for each in parts if (found := self.type_of(each)) is not None), None)

    def operand(self, part: Part, wanted: ValueType | None) -> Operand:
        """What has a value; ``wanted`` is the type of what it is compared with."""
        part = inside(part)
        if isinstance(part, exp.Column):
            return self._column(part)
        if isinstance(part, exp.Boolean):
            return Bound(bool(part.this), "boolean")
        if isinstance(part, exp.Null):
            raise self.unfit("condition.null", "NULL is compared", part, Hint("write IS NULL"))
        if isinstance(part, exp.Case):
            return self._case(part, wanted)
        if isinstance(part, exp.Cast) and isinstance(part.this, exp.Literal) and part.this.is_string:
            return self._typed_text(part)
        negative = isinstance(part, exp.Neg)
        literal = inside(part.this) if negative else part
        if isinstance(literal, exp.Literal) and not (negative and literal.is_string):
            return self._literal(literal, negative, part, wanted)
        if negative or type(part) in OPERATORS:
            if deepest(part) > _MAX_OPERANDS_DEEP:
                hint = Hint("declare a field for a part of it")
                raise self.unfit("condition.depth", "too much is computed in one go", part, hint)
            return self._negated(part, wanted) if negative else self._arithmetic(part, wanted)
        key = part.name.lower() if isinstance(part, exp.Anonymous) else type(part)
        if key in FUNCTIONS:
            return self._function(part, FUNCTIONS[key], wanted)
        raise self.not_available(part)

    def of(self, part: Part, type: ValueType, what: str) -> Operand:
        """An operand that must be of a type."""
        found = self.operand(part, type)
        if found.type != type:
            message = f"{what} takes {TYPE_WORDS[type]}, '{said(part)}' is {TYPE_WORDS[found.type]}"
            hint = Hint("compare it by =, < or >") if type == "text" and found.type != "list" else NO_HINT
            raise self.unfit("condition.type", message, part, hint)
        return found

    def alike(self, part: Part, parts: list[Part], wanted: ValueType | None) -> list[Operand]:
        """Operands of one type."""
        wanted = self._first_type(*parts) or wanted
        if wanted == "list":
            raise self.unfit(
                "condition.type", "a list is asked for one of its words only", part, Hint("contains(…, 'x')")
            )
        found = [
            TruthValue(self.tree(each)) if isinstance(inside(each), TRUTHS) else self.operand(each, wanted)
            for each in parts
        ]
        for each in found[1:]:
            if each.type != found[0].type:
                raise self.unlike(part, found[0], each)
        return found

    def constant_text(self, part: Part, what: str) -> Bound:
        """A text in quotes."""
        literal = inside(part)
        if not (isinstance(literal, exp.Literal) and literal.is_string):
            raise self.unfit(
                "condition.syntax", f"{what} a text in quotes, not '{said(part)}'", part, Hint("as 'a'")
            )
        return Bound(str(literal.this), "text")

    def _literal(self, literal: exp.Literal, negative: bool, part: Part, wanted: ValueType | None) -> Operand:
        if not literal.is_string:
            return self._amount(("-" if negative else "") + str(literal.this), part, wanted)
        if wanted == "date":
            day = quantities.calendar_day(literal.this)
            hint = Hint("write DATE '%(day)s'", day=literal.this) if day else Hint("write DATE '2026-01-31'")
            raise self.unfit(
                "condition.type", f"the text '{literal.this}' is compared with a date", part, hint
            )
        return Bound(str(literal.this), "text")

    def _amount(self, text: str, part: Part, wanted: ValueType | None) -> Bound:
        """A number, or minor units where money is compared."""
        if wanted == "money":
            minor = quantities.minor_units(text, self.around.minor_per_major)
            if minor is None:
                hint = Hint("at most %(count)s decimals", count=len(str(self.around.minor_per_major)) - 1)
                raise self.unfit("value.money", f"{text} is no amount of the operator's currency", part, hint)
            return Bound(minor, "money")
        number = float(text)
        if not math.isfinite(number):
            raise self.unfit("condition.number", f"{text} is too large", part, NO_HINT)
        return Bound(number, "number")

    def _typed_text(self, part: exp.Cast) -> Bound:
        """DATE '2026-01-31' or TIMESTAMP '2026-01-31T10:00+08:00'."""
        text = str(part.this.this)
        if part.is_type(exp.DType.TIMESTAMP):
            try:
                return Bound(parse_instant(text), "instant")
            except (ValueError, OverflowError):
                hint = Hint("as TIMESTAMP '2026-01-31T10:00+08:00', with its offset")
                raise self.unfit("value.instant", f"'{text}' is no instant", part, hint) from None
        if not part.is_type(exp.DType.DATE):
            raise self.not_available(part)
        if quantities.calendar_day(text) is None:
            raise self.unfit("value.date", f"'{text}' is no date", part, Hint("as DATE '2026-01-31'"))
        return Bound(text, "date")

    def _column(self, part: exp.Column) -> FieldValueOf:
        name = part.name
        if part.table or name not in self.around.fields:
            hint = suggestion(name, self.around.fields) or Hint(
                "declare it in fields.yaml; a text stands in quotes: '%(name)s'", name=name
            )
            raise self.unfit("condition.field", f"there is no field '{name}'", part, hint)
        return FieldValueOf(name, self.around.fields[name].type)

    def _negated(self, part: Part, wanted: ValueType | None) -> Computed:
        value = self.operand(part.this, wanted)
        self._only_amounts(part, value)
        return Computed("neg", (value,), value.type)

    def _arithmetic(self, part: Part, wanted: ValueType | None) -> Computed:
        """Sums of like and like; money times a number, money by a number and money by money."""
        sign, here = OPERATORS[type(part)], self._first_type(part.this, part.expression)
        if sign in "+-":
            left, right = (self.operand(each, here or wanted) for each in (part.this, part.expression))
        else:
            left, right = self._factors(part, wanted if here != "money" else None, sign)
        self._only_amounts(part, left, right)
        kinds = (left.type, right.type)
        if sign in "+-" and left.type != right.type:
            raise self.unlike(part, left, right, "are added" if sign == "+" else "are subtracted")
        if (sign == "*" and kinds == ("money", "money")) or (sign == "%" and "money" in kinds):
            message = "money is multiplied with money" if sign == "*" else "the rest of money is asked for"
            raise self.unfit(
                "condition.money", message, part, Hint("money is multiplied and divided by numbers")
            )
        if sign == "/" and kinds == ("number", "money"):
            hint = Hint("money ÷ money is a number, money ÷ number is money")
            raise self.unfit("condition.money", "a number is divided by money", part, hint)
        if sign in "/%" and is_constant(right) and _is_zero(right):
            hint = Hint("divide by another number or by a field: where it is 0, the answer is unknown")
            raise self.unfit(
                "condition.division", f"'{said(part)}' divides by 0 whoever is asked", part, hint
            )
        type_: ValueType = "money" if "money" in kinds else "number"
        if sign == "/" and kinds == ("money", "money"):
            type_ = "number"
        return Computed(sign, (left, right), type_)

    def _factors(self, part: Part, wanted: ValueType | None, sign: str) -> tuple[Operand, Operand]:
        """Both sides of a product; compared with money, its first plain number is an amount: ``arpu > 10 * months``."""
        first, second = part.this, part.expression
        if wanted == "money" and is_plain_number(first) and sign in "*/":
            return self.operand(first, "money"), self.operand(second, None)
        if wanted == "money" and is_plain_number(second) and sign == "*":
            return self.operand(first, None), self.operand(second, "money")
        return self.operand(first, None), self.operand(second, None)

    def _only_amounts(self, part: Part, *values: Operand) -> None:
        for value in values:
            if value.type not in ("number", "money"):
                message = f"'{said(part)}' computes with {TYPE_WORDS[value.type]}"
                days = value.type in ("date", "instant")
                hint = (
                    Hint("days_since(…) counts days") if days else Hint("numbers and money are computed with")
                )
                raise self.unfit("condition.type", message, part, hint)

    def _function(self, part: Part, signature: Signature, wanted: ValueType | None) -> Operand:
        """A function by its signature; the guard has counted its arguments."""
        arguments = arguments_of(part)
        built = getattr(self, f"_{signature.shape}")(part, signature, arguments, wanted)
        assert isinstance(built, Computed)
        return built

    def _of_one(
        self, part: Part, signature: Signature, arguments: list[Part], wanted: ValueType | None
    ) -> Computed:
        """A function of one argument of certain types."""
        assert signature.takes is not None
        value = self.operand(arguments[0], wanted if signature.result is None else None)
        if value.type not in signature.takes:
            words = " or ".join(TYPE_WORDS[each] for each in signature.takes)
            message = f"{signature.name} takes {words}, '{said(arguments[0])}' is {TYPE_WORDS[value.type]}"
            raise self.unfit(
                "condition.type", message, part, Hint("as %(example)s", example=signature.example)
            )
        extra = (Bound(self.around.zone, "text"),) if signature.name == "days_since" else ()
        return Computed(signature.name, (value, *extra), signature.result or value.type)

    def _of_many(
        self, part: Part, signature: Signature, arguments: list[Part], wanted: ValueType | None
    ) -> Computed:
        """A function of like arguments."""
        found = self.alike(part, arguments, wanted)
        if signature.takes is not None and found[0].type not in signature.takes:
            message = f"{signature.name} compares amounts and times, not {TYPE_WORDS[found[0].type]}"
            raise self.unfit(
                "condition.type", message, part, Hint("as %(example)s", example=signature.example)
            )
        return Computed(signature.name, tuple(found), found[0].type)

    def _of_word(
        self, part: Part, signature: Signature, arguments: list[Part], wanted: ValueType | None
    ) -> Computed:
        """A question whether a text or list has a given text."""
        assert signature.takes is not None
        value = self.of(arguments[0], signature.takes[0], signature.name)
        word = self.constant_text(arguments[1], f"{signature.name} asks for")
        return Computed(signature.name, (value, word), "boolean")

    def _rounded(
        self, part: Part, signature: Signature, arguments: list[Part], wanted: ValueType | None
    ) -> Computed:
        """ROUND to whole numbers, or to up to six decimals by way of a power of ten."""
        value = self.of(arguments[0], "number", "round")
        if len(arguments) == 1:
            return Computed("round", (value,), "number")
        digits = inside(arguments[1])
        if not (isinstance(digits, exp.Literal) and str(digits.this) in "0123456" and not digits.is_string):
            message = f"'{said(arguments[1])}' is no number of decimals"
            raise self.unfit("condition.syntax", message, arguments[1], Hint("0 to 6, as round(x, 2)"))
        scale = Bound(float(10 ** int(digits.this)), "number")
        scaled = Computed("round", (Computed("*", (value, scale), "number"),), "number")
        return Computed("/", (scaled, scale), "number")

    def _case(self, part: exp.Case, wanted: ValueType | None) -> Case:
        """CASE WHEN condition THEN value … ELSE value END; also CASE value WHEN value THEN …."""
        subject, default = part.args.get("this"), part.args.get("default")
        ifs = part.args["ifs"]
        asked = [
            self.tree(exp.EQ(this=subject.copy(), expression=each.this) if subject is not None else each.this)
            for each in ifs
        ]
        results = [each.args["true"] for each in ifs] + ([default] if default is not None else [])
        for each in results:
            if isinstance(inside(each), exp.Null):
                raise self.unfit(
                    "condition.null",
                    "NULL is a result of CASE",
                    each,
                    Hint("leave ELSE out where nothing holds"),
                )
        found = self.alike(part, results, wanted)
        otherwise = found.pop() if default is not None else None
        return Case(tuple(zip(asked, found, strict=True)), otherwise, found[0].type)

    def unlike(self, part: Part, first: Operand, second: Operand, how: str = "are compared") -> Unfit:
        named = first if isinstance(first, FieldValueOf) else second
        subject = f"'{named.name}'" if isinstance(named, FieldValueOf) else "this"
        other = second if named is first else first
        if how == "are compared":
            message = f"{subject} is {TYPE_WORDS[named.type]} and is compared with {TYPE_WORDS[other.type]}"
            if not isinstance(named, FieldValueOf):
                message = f"'{said(part)}' compares {TYPE_WORDS[first.type]} with {TYPE_WORDS[second.type]}"
        else:
            message = f"{TYPE_WORDS[first.type]} and {TYPE_WORDS[second.type]} {how}"
        hint = {
            "text": Hint("texts stand in single quotes"),
            "boolean": Hint("write the name alone, or NOT and the name"),
        }.get(named.type, Hint("compare like with like"))
        if {first.type, second.type} == {"money", "number"}:
            hint = Hint("money ÷ money is a number; number × money is money")
        quoted = isinstance(other, Bound) and other.type == "text"
        if quoted and isinstance(named, FieldValueOf) and named.type in ("money", "number"):
            hint = Hint("digits stand without quotes")
        if {first.type, second.type} == {"date", "instant"}:
            hint = Hint("compare days: days_since(…)")
        return self.unfit("condition.type", message, part, hint)

    def not_available(self, part: Part) -> Unfit:
        hint = (
            Hint("use LIKE")
            if isinstance(part, exp.ILike | exp.RegexpLike | exp.Glob | exp.SimilarTo)
            else NO_HINT
        )
        name = NAMES.get(type(part))
        if name is None and isinstance(part, TRUTHS):
            return self.unfit(
                "condition.type", "a comparison is compared", part, Hint("join comparisons with AND or OR")
            )
        if name is None and isinstance(part, exp.Func):
            name = f"the function {part.name if isinstance(part, exp.Anonymous) else part.sql_name()}"
        if name is None:
            name = f"'{said(part)}'"
        return self.unfit(
            "condition.not_available",
            f"{name} is not available in conditions",
            part,
            hint or Hint("declare a field for it"),
        )

    def unfit(self, code: str, message: str, part: Part, hint: Hint) -> Unfit:
        return Unfit(Problem(code, message, self.around.locate(start(part)), hint))

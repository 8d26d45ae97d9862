"""What an operand may hold: an interval of amounts or days, or a set of texts, and whether it may be unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from strategies.conditions.meaning import ordinal
from strategies.declared.conditions_tree import Bound, Case, Computed, FieldValueOf, Operand, ValueType
from strategies.declared.playbook import Field

_WHOLE: tuple[ValueType, ...] = ("money", "date", "instant")


@dataclass(frozen=True, slots=True)
class Span:
    """Amounts and days from ``low`` to ``high``, ends included unless open; texts and truths among ``words`` (None: any)."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    words: frozenset[object] | None = None
    excluded: frozenset[object] = frozenset()
    known: bool = True
    """Whether it may be known at all."""
    nullable: bool = True
    """Whether it may be unknown."""

    @property
    def is_possible(self) -> bool:
        """Whether any known value is left."""
        if not self.known or (self.words is not None and not self.words - self.excluded):
            return False
        return self.low < self.high or (self.low == self.high and not (self.low_open or self.high_open))

    def without(self, point: Span) -> Span:
        """All but one value."""
        if point.words is not None:
            return replace(self, excluded=self.excluded | point.words)
        return self

    def among(self, points: Sequence[Span]) -> Span:
        """No more than the given values."""
        if any(point.words is not None for point in points):
            wanted = frozenset[object]().union(*(point.words or () for point in points))
            return replace(self, words=wanted if self.words is None else self.words & wanted)
        low, high = min(point.low for point in points), max(point.high for point in points)
        return self.cut(low, False, high, False)

    def cut(self, low: float, low_open: bool, high: float, high_open: bool) -> Span:
        """No more than what lies between."""
        if low > self.low or (low == self.low and low_open):
            self = replace(self, low=low, low_open=low_open)
        if high < self.high or (high == self.high and high_open):
            self = replace(self, high=high, high_open=high_open)
        return self


ANY = Span()


def _joined(spans: Sequence[Span]) -> Span:
    """A span that holds all of them."""
    words = None
    if all(span.words is not None for span in spans):
        words = frozenset[object]().union(*(span.words or () for span in spans))
    return Span(min(span.low for span in spans), max(span.high for span in spans), words=words)


def possible(left: Span, operator: str, right: Span) -> bool:
    """Whether any two known values compare so."""
    if not (left.is_possible and right.is_possible):
        return False
    if operator in (">", ">="):
        left, right, operator = right, left, "<" if operator == ">" else "<="
    if operator == "<":
        return left.low < right.high
    touching = not (left.low_open or right.high_open)
    if operator == "<=":
        return left.low < right.high or (left.low == right.high and touching)
    if left.words is not None or right.words is not None:
        return _words_possible(left, operator, right)
    if operator == "=":
        return left.cut(right.low, right.low_open, right.high, right.high_open).is_possible
    same_point = left.low == left.high == right.low == right.high
    return not same_point


def _words_possible(left: Span, operator: str, right: Span) -> bool:
    first = None if left.words is None else left.words - left.excluded
    second = None if right.words is None else right.words - right.excluded
    if first is None or second is None:
        return operator == "<>" or bool((second or first or frozenset()) - left.excluded - right.excluded)
    return bool(first & second) if operator == "=" else len(first | second) > 1


@dataclass(frozen=True, slots=True)
class Spans:
    """What every field may hold."""

    by_field: Mapping[str, Span]
    whole: frozenset[str]
    """Fields that hold whole numbers only: amounts, days and instants."""

    @classmethod
    def of_fields(cls, fields: Mapping[str, Field], minor_per_major: int) -> Spans:
        """The declared ranges, amounts in minor units."""
        return cls(
            {name: _declared(field, minor_per_major) for name, field in fields.items()},
            frozenset(name for name, field in fields.items() if field.type in _WHOLE),
        )

    def of(self, operand: Operand) -> Span:
        """What an operand may hold where it is known."""
        if isinstance(operand, FieldValueOf):
            return self.by_field.get(operand.name, ANY)
        if isinstance(operand, Bound):
            return _point(operand)
        if isinstance(operand, Case):
            results = [result for _, result in operand.branches]
            results += [operand.otherwise] if operand.otherwise is not None else []
            return _joined([self.of(each) for each in results])
        return self._computed(operand) if isinstance(operand, Computed) else ANY

    def _computed(self, operand: Computed) -> Span:
        spans = [self.of(each) for each in operand.arguments]
        name, first = operand.function, spans[0]
        if name == "coalesce":
            return _joined([span for span in spans if span.known] or [ANY])
        if name == "length":
            return Span(0.0, inf)
        if operand.type not in ("number", "money"):
            return ANY
        if name in ("+", "-"):
            second = spans[1] if name == "+" else Span(-spans[1].high, -spans[1].low)
            return Span(first.low + second.low, first.high + second.high)
        if name == "neg":
            return Span(-first.high, -first.low)
        if name == "abs":
            return Span(0.0 if first.low <= 0 <= first.high else min(abs(first.low), abs(first.high)),
                        max(abs(first.low), abs(first.high)))  # fmt: skip
        if name in ("least", "greatest"):
            pick = min if name == "least" else max
            return Span(pick(span.low for span in spans), pick(span.high for span in spans))
        if name in ("floor", "ceil", "round"):
            return Span(first.low - 1, first.high + 1)
        return _scaled(name, first, spans[1]) if len(spans) == 2 else ANY

    def narrowed(self, name: str, operator: str, point: Span) -> Spans | None:
        """The same with one field compared with a constant; None where nothing is left of it."""
        span, step = self.by_field.get(name, ANY), 1.0 if name in self.whole else 0.0
        if operator == "=":
            span = span.among([point])
        elif operator == "<>":
            span = span.without(point)
        elif point.words is None:
            if operator in ("<", "<="):
                strict = operator == "<"
                span = span.cut(-inf, False, point.high - (step if strict else 0), strict and not step)
            else:
                strict = operator == ">"
                span = span.cut(point.low + (step if strict else 0), strict and not step, inf, False)
        return self._with(name, span) if span.is_possible else None

    def replaced(self, operand: Operand, span: Span) -> Spans:
        """The same with another span for an operand, if it is a field."""
        return self._with(operand.name, span) if isinstance(operand, FieldValueOf) else self

    def unknown(self, name: str) -> Spans | None:
        """The same where the field is unknown; a field that is known of everybody cannot be."""
        span = self.by_field.get(name, ANY)
        return self._with(name, replace(span, known=False)) if span.nullable else None

    def known(self, name: str) -> Spans | None:
        """The same where the field is known."""
        span = self.by_field.get(name, ANY)
        return self._with(name, replace(span, nullable=False)) if span.known else None

    def _with(self, name: str, span: Span) -> Spans:
        return replace(self, by_field={**self.by_field, name: span})


def _scaled(operator: str, first: Span, second: Span) -> Span:
    """The range of a product or quotient of finite ranges; anything where one of them has no end or spans 0 as divisor."""
    ends = (first.low, first.high, second.low, second.high)
    if any(abs(end) == inf for end in ends) or operator not in ("*", "/"):
        return ANY
    if operator == "*":
        corners = [one * other for one in ends[:2] for other in ends[2:]]
    elif second.low <= 0 <= second.high:
        return ANY
    else:
        corners = [one / other for one in ends[:2] for other in ends[2:]]
    return Span(min(corners), max(corners))


def _declared(field: Field, minor_per_major: int) -> Span:
    scale = minor_per_major if field.type == "money" else 1
    low = -inf if field.low is None else field.low * scale
    high = inf if field.high is None else field.high * scale
    words: frozenset[object] | None = frozenset((True, False)) if field.type == "boolean" else None
    return Span(low, high, words=words, nullable=field.nullable)


def _point(constant: Bound) -> Span:
    if constant.type in ("text", "boolean"):
        return Span(words=frozenset((constant.value,)))
    value = ordinal(str(constant.value)) if constant.type == "date" else float(constant.value)
    return Span(value, value)


def spelled(field: Field) -> str:
    """The declared range in words, empty where there is none."""
    if field.low is None and field.high is None:
        return ""
    if field.low is None:
        return f"'{field.name}' is at most {field.high:,g}"
    if field.high is None:
        return f"'{field.name}' is at least {field.low:,g}"
    return f"'{field.name}' is {field.low:,g} to {field.high:,g}"

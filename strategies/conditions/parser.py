"""What we read of the parser's tree: its classes, the words for them, and walks that no depth can break."""

from __future__ import annotations

from collections.abc import Mapping
from re import compile as pattern

from sqlglot import exp

Part = exp.Expr

COMPARISONS: Mapping[type[Part], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
OPERATORS: Mapping[type[Part], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
NAMES: Mapping[type[Part], str] = {
    exp.ILike: "ILIKE", exp.Escape: "ESCAPE", exp.Cast: "a cast", exp.Interval: "INTERVAL",
    exp.Is: "IS with anything but NULL", exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.Alias: "a second name", exp.Tuple: "a list outside IN", exp.Exists: "EXISTS", exp.Subquery: "a query",
    exp.Select: "a query", exp.Any: "ANY", exp.All: "ALL", exp.SimilarTo: "SIMILAR TO", exp.Glob: "GLOB",
    exp.RegexpLike: "a regular expression",
}  # fmt: skip
TYPE_WORDS = {
    "boolean": "true or false",
    "number": "a number",
    "money": "money",
    "text": "text",
    "date": "a date",
    "instant": "an instant",
    "list": "a list",
}
TRUTHS: tuple[type[Part], ...] = (
    exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Is, exp.Like, *COMPARISONS,
)  # fmt: skip

_TYPED_TEXT = pattern(r"CAST\(('[^']*') AS (DATE|TIMESTAMP)\)")
_BETWEEN_TWO = {**COMPARISONS, **OPERATORS, exp.And: "AND", exp.Or: "OR"}


def inside(part: Part) -> Part:
    """The part without the parentheses around it."""
    while isinstance(part, exp.Paren):
        part = part.this
    return part


def joined(part: exp.And | exp.Or) -> list[Part]:
    """All parts of a chain of one connective, in order, however long."""
    kind, found, waiting = type(part), list[Part](), list[Part]([part])
    while waiting:
        each = inside(waiting.pop())
        if type(each) is kind:
            waiting += [each.expression, each.this]
        else:
            found.append(each)
    return found


def arguments_of(part: Part) -> list[Part]:
    """The arguments of a function in the order in which they were written."""
    if isinstance(part, exp.Anonymous):
        return list(part.expressions)
    return list(part.iter_expressions())


def is_plain_number(part: Part) -> bool:
    """Whether it is a number as written, with or without a minus."""
    part = inside(part)
    part = inside(part.this) if isinstance(part, exp.Neg) else part
    return isinstance(part, exp.Literal) and not part.is_string


def deepest(part: Part) -> int:
    """How many levels a part has, whatever their number."""
    depth, level = 0, [part]
    while level:
        depth += 1
        level = [each for above in level for each in above.iter_expressions()]
    return depth


def start(part: Part) -> int:
    """The offset of the first leaf of a part."""
    return min((node.meta["start"] for node in part.walk() if "start" in node.meta), default=0)


def said(part: Part) -> str:
    """The part as its author wrote it, in the parser's spelling; the plain ones without asking its generator."""
    if isinstance(part, exp.Column) and not part.table:
        return part.name
    if isinstance(part, exp.Literal):
        return "'" + part.this.replace("'", "''") + "'" if part.is_string else str(part.this)
    if type(part) in _BETWEEN_TWO:
        return f"{said(part.this)} {_BETWEEN_TWO[type(part)]} {said(part.expression)}"
    if isinstance(part, exp.Boolean):
        return "TRUE" if part.this else "FALSE"
    if isinstance(part, exp.Paren):
        return f"({said(part.this)})"
    if isinstance(part, exp.Coalesce):
        return f"COALESCE({', '.join(said(each) for each in arguments_of(part))})"
    if isinstance(part, exp.In) and part.expressions:
        return f"{said(part.this)} IN ({', '.join(said(each) for each in part.expressions)})"
    if isinstance(part, exp.Is) and isinstance(part.expression, exp.Null):
        return f"{said(part.this)} IS NULL"
    return _TYPED_TEXT.sub(r"\2 \1", part.sql())

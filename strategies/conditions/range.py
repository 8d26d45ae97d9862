"""Conditions that nobody or everybody meets: found from the ranges that fields.yaml declares, before anybody is asked.

What may be true is narrowed from comparison to comparison, so ``gb > 5 AND gb < 3`` is found too. Only what is certain
is reported: what a function makes of its arguments counts as possible unless its range says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strategies.conditions.spans import Spans, possible, spelled
from strategies.declared.conditions_tree import (
    And,
    Between,
    Bound,
    Compare,
    FieldValueOf,
    IsUnknown,
    Leaf,
    Not,
    OneOf,
    Or,
    Tree,
    TruthOf,
    fields_read,
    leaves,
    may_be_unknown,
)
from strategies.declared.fields import with_built_in
from strategies.declared.playbook import Condition, Field
from strategies.problems import Hint, Problem

_HINT = Hint("correct the comparison, or the field's range in fields.yaml")


def range_findings(
    condition: Condition, fields: Mapping[str, Field], *, minor_per_major: int = 100
) -> list[Problem]:
    """A condition that is never true is a problem, one that is always true a warning, and so is such a part of it.

    TRUE and FALSE alone say what is meant and are no findings.
    """
    tree = condition.tree
    if tree is None or not condition.fields:
        return []
    spans = spans_of(fields, minor_per_major)
    if _narrowed(tree, True, spans) is None:
        culprit = next((leaf for leaf in leaves(tree) if _narrowed(leaf, True, spans) is None), None)
        if culprit is not None and culprit is tree:
            message = f"'{culprit.text}' is never true{_because(culprit, fields)}"
        else:
            message = "the condition is never true: its parts exclude one another"
            if culprit is not None:
                message = f"the condition is never true: '{culprit.text}' never is{_because(culprit, fields)}"
        return [Problem("condition.impossible", message, condition.place, _HINT)]
    nullable = {name for name, field in with_built_in(fields).items() if field.nullable}
    if _narrowed(tree, False, spans) is None and not may_be_unknown(tree) & nullable:
        message = "the condition is always true" + (
            _because(tree, fields) if isinstance(tree, _LEAVES) else ""
        )
        return [
            Problem("condition.always", message, condition.place, Hint("write true for everybody"), "warning")
        ]
    return _parts(condition, tree, spans, fields)


def spans_of(fields: Mapping[str, Field], minor_per_major: int) -> Spans:
    """What the fields may hold, those built in among them."""
    return Spans.of_fields(with_built_in(fields), minor_per_major)


def never_together(trees: Sequence[Tree], spans: Spans) -> bool:
    """Whether nobody can meet all of them, by the ranges of the fields; False where that is not certain."""
    read = {name for tree in trees for name in fields_read(tree)}
    few = Spans({name: span for name, span in spans.by_field.items() if name in read}, spans.whole)
    return _narrowed(And(tuple(trees)), True, few) is None


_LEAVES = (Compare, OneOf, Between, IsUnknown, TruthOf)


def _parts(condition: Condition, tree: Tree, spans: Spans, fields: Mapping[str, Field]) -> list[Problem]:
    """Comparisons that can be left out, or make what they stand in never happen."""
    found = []
    for leaf in leaves(tree):
        if not fields_read(leaf) or isinstance(leaf, IsUnknown):
            continue
        words = ""
        if _narrowed(leaf, True, spans) is None:
            words = "never"
        elif _narrowed(leaf, False, spans) is None:
            words = "always"
        if words:
            message = f"'{leaf.text}' is {words} true where it is known{_because(leaf, fields)}"
            code = "condition.impossible" if words == "never" else "condition.always"
            found.append(Problem(code, message, condition.place, _HINT, "warning"))
    return found


def _because(part: Tree, fields: Mapping[str, Field]) -> str:
    """The declared range of the fields that it reads, or that they are known of everybody."""
    if isinstance(part, IsUnknown):
        return ": the field is known of everybody"
    known = [spelled(fields[name]) for name in fields_read(part) if name in fields]
    return ": " + ", ".join(each for each in known if each) if any(known) else ""


def _narrowed(tree: Tree, wanted: bool, spans: Spans) -> Spans | None:
    """What fields may hold where the tree has the wanted truth; None where it cannot have it."""
    if isinstance(tree, Not):
        return _narrowed(tree.part, not wanted, spans)
    if isinstance(tree, And | Or):
        if isinstance(tree, And) == wanted:
            reached: Spans | None = spans
            for part in (
                *tree.parts,
                *tree.parts,
            ):  # twice: what a later part settles may exclude an earlier one
                reached = _narrowed(part, wanted, reached) if reached is not None else None
            return reached
        ways = [way for part in tree.parts if (way := _narrowed(part, wanted, spans)) is not None]
        return None if not ways else ways[0] if len(ways) == 1 else spans
    return _narrowed_by(tree, wanted, spans)


_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _narrowed_by(leaf: Leaf, wanted: bool, spans: Spans) -> Spans | None:
    if isinstance(leaf, IsUnknown):
        if not isinstance(leaf.operand, FieldValueOf):
            return spans
        return spans.unknown(leaf.operand.name) if wanted else spans.known(leaf.operand.name)
    if isinstance(leaf, Between):
        low, high = Compare(">=", leaf.operand, leaf.low, ""), Compare("<=", leaf.operand, leaf.high, "")
        return _narrowed(And((low, high)), wanted, spans)
    if isinstance(leaf, Compare):
        operator = leaf.operator if wanted else _OPPOSITE[leaf.operator]
        left, right = spans.of(leaf.left), spans.of(leaf.right)
        if not possible(left, operator, right):
            return None
        if isinstance(leaf.left, FieldValueOf) and isinstance(leaf.right, Bound):
            return spans.narrowed(leaf.left.name, operator, right)
        return spans
    if isinstance(leaf, OneOf):
        points = [spans.of(each) for each in leaf.constants]
        span = spans.of(leaf.operand)
        if not wanted:
            for point in points:
                if not possible(span, "<>", point):
                    return None
                span = span.without(point)
            return spans.replaced(leaf.operand, span) if span.is_possible else None
        ways = [point for point in points if possible(span, "=", point)]
        return spans.replaced(leaf.operand, span.among(ways)) if ways else None
    span, point = spans.of(leaf.operand), spans.of(Bound(wanted, "boolean"))
    return spans.replaced(leaf.operand, span.among([point])) if possible(span, "=", point) else None

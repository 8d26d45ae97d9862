"""The functions that conditions know, each with what it takes and gives; nothing else may be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from strategies.declared.conditions_tree import ValueType

ANY_NUMBER = 1_000


@dataclass(frozen=True, slots=True)
class Signature:
    """One function: how it is checked (``shape``), what it takes and gives; ``result`` None: as its arguments."""

    name: str
    shape: str
    """``of_one``, ``of_many``, ``of_word`` or ``rounded``."""
    takes: tuple[ValueType, ...] | None
    result: ValueType | None
    count: tuple[int, int]
    example: str


_AMOUNTS: tuple[ValueType, ...] = ("number", "money")
_ORDERED: tuple[ValueType, ...] = ("number", "money", "date", "instant")

SIGNATURES = (
    Signature("coalesce", "of_many", None, None, (2, ANY_NUMBER), "COALESCE(data_gb, 0)"),
    Signature("lower", "of_one", ("text",), "text", (1, 1), "lower(tier) = 'gold'"),
    Signature("length", "of_one", ("text", "list"), "number", (1, 1), "length(tier) > 3"),
    Signature("abs", "of_one", _AMOUNTS, None, (1, 1), "abs(saving) > 10"),
    Signature("round", "rounded", ("number",), "number", (1, 2), "round(data_gb, 1) = 2.5"),
    Signature("floor", "of_one", ("number",), "number", (1, 1), "floor(data_gb) = 2"),
    Signature("ceil", "of_one", ("number",), "number", (1, 1), "ceil(data_gb) = 3"),
    Signature("least", "of_many", _ORDERED, None, (2, ANY_NUMBER), "least(arpu, last_bill) > 50"),
    Signature("greatest", "of_many", _ORDERED, None, (2, ANY_NUMBER), "greatest(arpu, last_bill) > 50"),
    Signature("days_since", "of_one", ("date", "instant"), "number", (1, 1), "days_since(joined) >= 90"),
    Signature("contains", "of_word", ("list",), "boolean", (2, 2), "contains(lists, 'vip-2026')"),
    Signature("starts_with", "of_word", ("text",), "boolean", (2, 2), "starts_with(city, 'New')"),
)
BY_NAME: Mapping[str, Signature] = {each.name: each for each in SIGNATURES}
_CLASSES: Mapping[str, type[exp.Expr]] = {
    "coalesce": exp.Coalesce, "lower": exp.Lower, "length": exp.Length, "abs": exp.Abs, "round": exp.Round,
    "floor": exp.Floor, "ceil": exp.Ceil, "least": exp.Least, "greatest": exp.Greatest, "contains": exp.Contains,
    "starts_with": exp.StartsWith,
}  # fmt: skip
FUNCTIONS: Mapping[type[exp.Expr] | str, Signature] = {
    _CLASSES.get(each.name, each.name): each for each in SIGNATURES
}
"""By the parser's class of node; by name where the parser has none."""

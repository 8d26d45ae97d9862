"""Fields that every customer has without a declaration, and which Python values the types of fields carry.

boolean: ``bool``; number: ``int`` (up to 2^53) or finite ``float``; money: ``int`` minor units; text: ``str``;
date: ``str`` as ``2026-01-01``; instant: ``int`` UTC microseconds; list: ``tuple`` of ``str``; unknown: ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping

from strategies.declared.playbook import Field, FieldType

BUILT_IN: Mapping[str, Field] = {
    name: Field(name, "text", source="", nullable=True)
    for name in ("customer", "account", "zone", "language", "unit", "branch", "jurisdiction")
} | {"lists": Field("lists", "list", source="", nullable=True)}
"""Known to every condition and text without a declaration."""

TYPES = ("boolean", "number", "money", "text", "date", "instant", "list")
AGGREGATES = ("sum", "mean", "min", "max", "count", "any", "latest")
SOURCE_KINDS = (
    "customers",
    "lines",
    "usage",
    "bills",
    "products",
    "complaints",
    "events",
    "scores",
    "advice",
)
ONE_ROW_KINDS = ("customers", "events", "scores")
"""Sources with one row a customer, where there is nothing to aggregate."""
FOUND_KINDS = ("scores", "advice")
"""Sources that no file delivers: what models say and what matching tariffs finds."""
ADVICE_COLUMNS: Mapping[str, FieldType] = {
    "tariff": "text", "addons": "list", "verdict": "text", "saving": "money", "worth": "money", "spread": "money",
    "dearer_months": "number", "months": "number", "before": "money", "after": "money", "penalty": "money",
    "unexplained": "money",
}  # fmt: skip
"""What matching tariffs says of each line: ``tariff`` the best one's id, ``saving`` a month, ``worth`` in a year."""
PLACEHOLDERS = ("name", "offer", "operator")
"""Words that a text may use beside the fields: the customer's name, the offer's title, the operator's name."""


def with_built_in(fields: Mapping[str, Field]) -> Mapping[str, Field]:
    """The declared fields and those that every customer has."""
    return {**BUILT_IN, **fields}

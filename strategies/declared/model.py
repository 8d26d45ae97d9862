"""Models as declared: what is learnt, from which fields, and which label; the models themselves are files elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from strategies.problems import Where

KnownAt = Literal["snapshot", "contact", "outcome"]
KNOWN_AT: tuple[KnownAt, ...] = ("snapshot", "contact", "outcome")
"""When a field becomes known, in order of time: with the customer file; at the contact; only after it."""

DECIDES_AT: Mapping[str, KnownAt] = {"churn": "snapshot", "propensity": "contact", "reach": "contact"}
"""When a model of each kind is asked; a field known later is refused as its feature (leakage guard)."""


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """One row a customer: a boolean field that says how it ended."""

    field: str


@dataclass(frozen=True, slots=True)
class LeavingLabel:
    """One row a customer and month: whether the date field falls within so many months after that month's end."""

    field: str
    within_months: int
    months: int
    """How many month-ends are looked at; the last is so early that ``within_months`` have passed since."""


@dataclass(frozen=True, slots=True)
class OutcomeLabel:
    """One row a contact, or a place held back for control: whether it ended so.

    ``accepted``: the contact was accepted, or the strategy's goal event followed within its time. ``connected``: the
    person was reached; only contacts that were attempted.
    """

    moment: Literal["accepted", "connected"]


Label = FieldLabel | LeavingLabel | OutcomeLabel


@dataclass(frozen=True, slots=True)
class Model:
    """One file of ``models/``."""

    id: str
    learns: Literal["churn", "propensity", "reach"]
    title: Mapping[str, str]
    label: Label
    features: tuple[str, ...]
    place: Where
    feature_places: Mapping[str, Where] = field(default_factory=dict)
    score: str = ""
    """Column of the scores that a model of one value a customer fills: ``churn_risk``. Empty for outcomes: those fill
    ``p_OFFER_CHANNEL`` (propensity) or ``best_hour_CHANNEL`` (reach), with ``-`` written as ``_``."""
    order: str | None = None
    """A number or date field by which rows of a field label came in time; None: time is not known."""
    segments: tuple[str, ...] = ()
    """Text fields by which the report looks for weak spots."""

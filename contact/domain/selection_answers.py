"""Answers about selections: how many customers a condition finds, and how many are left after each exclusion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class ExclusionAnswer(msgspec.Struct, frozen=True):
    """One step of the funnel: how many it took away and how many are left."""

    name: str
    """``state``, ``do_not_disturb``, ``frequency``, ``control``, a rule's id within them, or the field's name."""
    excluded: int
    left: int
    rules: dict[str, int] = {}
    """Rule → customers it alone would exclude."""


class SelectionAnswer(msgspec.Struct, frozen=True):
    """What a selection found on the base as it stood at ``base_at``."""

    condition: str
    total: int
    found: int
    exclusions: list[ExclusionAnswer]
    left: int
    base_at: datetime
    age_seconds: float
    playbook: str
    seconds: float
    sample: list[str] = []
    """A few customers of those left, by id."""


class SpreadAnswer(msgspec.Struct, frozen=True):
    """How one field is spread over the base: for hover, completion and the choice of a threshold."""

    field: str
    type: str
    known: int
    total: int
    title: str = ""
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    quantiles: list[float] = []
    """At 0, 5, 25, 50, 75, 95 and 100 %, money in major units."""
    words: dict[str, int] = {}
    """Most frequent texts or truth values with their counts."""
    meaning: str = ""


class FieldAnswer(msgspec.Struct, frozen=True):
    """One field that conditions may read."""

    field: str
    type: str
    title: str
    unit: str | None
    meaning: str
    nullable: bool
    """Whether it may be unknown."""


class FieldsAnswer(msgspec.Struct, frozen=True):
    """Every field that conditions may read, by name."""

    fields: list[FieldAnswer]


class ListAnswer(msgspec.Struct, frozen=True):
    """An imported list of customers."""

    name: str
    customers: int
    taken: int
    set_aside: int
    set_aside_file: str | None
    imported: datetime


class SegmentAnswer(msgspec.Struct, frozen=True):
    """A saved segment with its size now."""

    segment: str
    title: str
    condition: str
    found: int
    place: str


class ListsAnswer(msgspec.Struct, frozen=True):
    """Every imported list, by name."""

    lists: list[ListAnswer]


class SegmentsAnswer(msgspec.Struct, frozen=True):
    """Every saved segment of the playbook in force with its size now, by name."""

    segments: list[SegmentAnswer]
    total: int
    """All customers."""
    base_at: datetime
    age_seconds: float


class ClusterAnswer(msgspec.Struct, frozen=True):
    """One cluster with its portrait, and the rule that describes it."""

    number: int
    customers: int
    portrait: list[dict[str, Any]]
    """Field, mean here, mean of all, how far apart in standard deviations; furthest first."""
    rule: str
    """A condition that finds (nearly) this cluster."""
    precision: float
    recall: float


class ClustersAnswer(msgspec.Struct, frozen=True):
    """Clusters over the chosen fields, largest first."""

    fields: list[str]
    customers: int
    clusters: list[ClusterAnswer]
    seconds: float

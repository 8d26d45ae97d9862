"""Answers of the strategist's workbench: drafts, checks, examples, changes in words, simulations, versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class ExampleAnswer(msgspec.Struct, frozen=True):
    """One example as it came out."""

    id: str
    name: str
    place: str
    passed: bool
    differences: list[str] = []
    trace: list[str] = []
    """What each gate said, where it failed."""


class CheckAnswer(msgspec.Struct, frozen=True):
    """Everything wrong with a full set of texts, warnings, and its examples."""

    problems: list[dict[str, Any]]
    """As ``contact check --json`` prints them, warnings included."""
    examples: list[ExampleAnswer]
    files: int
    seconds: float


class ApprovalAnswer(msgspec.Struct, frozen=True):
    """Somebody else read the draft as it stands."""

    person: str
    at: datetime


class DraftAnswer(msgspec.Struct, frozen=True):
    """A full set of texts on a base version, not in force."""

    draft: str
    title: str
    author: str
    base: str | None
    live: str | None
    """The version in force; another than ``base`` means: merge first."""
    hash: str
    """Of the texts: the version it would have. An edit changes it and removes every approval."""
    created: datetime
    updated: datetime
    files: list[str]
    changed: list[str]
    """Paths that differ from the base."""
    conflicts: list[str]
    """Paths that the live version changed as well, in another way."""
    approvals: list[ApprovalAnswer]
    approvals_needed: int
    state: str
    """``open, scheduled, published, discarded``."""
    publish_at: datetime | None = None
    authors: list[str] = []
    """Everybody who wrote a part of it; none of them may approve it."""
    failed: str = ""
    """Why its last scheduled start did not happen."""


class FileAnswer(msgspec.Struct, frozen=True):
    """One text of a draft as it is kept."""

    path: str
    text: str
    hash: str
    """To be sent back as what was seen when the file is saved."""


class ConflictAnswer(msgspec.Struct, frozen=True):
    """One place that the draft and the live version changed in different ways."""

    path: str
    line: int
    """Where the draft's lines begin, from 1."""
    base: list[str]
    draft: list[str]
    live: list[str]


class MergeAnswer(msgspec.Struct, frozen=True):
    """The draft on the live version; where there are conflicts nothing was changed."""

    draft: DraftAnswer
    conflicts: list[ConflictAnswer]


class SweptAnswer(msgspec.Struct, frozen=True):
    """What a sweep after a publishing did."""

    playbook: str
    checked: int
    """Queued contacts that were judged at their planned times."""
    cancelled: int
    by_rule: dict[str, int]


class ChangeAnswer(msgspec.Struct, frozen=True):
    """One change in words: ``weekly call cap 2 → 3``."""

    words: str
    kind: str
    """``added, removed, changed, loosened, tightened, moved``."""
    what: str
    """``rule contact-caps.two-a-week``, ``strategy retention``, …"""
    place_old: str | None
    place_new: str | None


class TextChangeAnswer(msgspec.Struct, frozen=True):
    """The lines of one file that differ, as hunks with their line numbers; what lies between is left out."""

    path: str
    state: str
    """``added, removed, changed``."""
    hunks: list[dict[str, Any]]
    """``{old, new, lines: [[mark, text], …]}`` with mark ' ', '-' or '+'."""


class DiffAnswer(msgspec.Struct, frozen=True):
    """What differs between two playbooks."""

    old: str | None
    new: str
    changes: list[ChangeAnswer]
    texts: list[TextChangeAnswer]


class VersionAnswer(msgspec.Struct, frozen=True):
    """One published version; ``predicted`` is its simulation's summary, ``actual`` what has happened since."""

    version: str
    base: str | None
    published: datetime
    author: str
    why: str
    state: str
    """``in_force, past, scheduled, failed``."""
    approved_by: list[str] = []
    words: list[str] = []
    predicted: dict[str, Any] | None = None
    actual: dict[str, Any] | None = None
    swept: int | None = None
    """Queued tasks that the sweep after it cancelled."""
    draft: str | None = None
    until: datetime | None = None
    """When the next one took force."""
    failed: str = ""
    """Why it did not take force as scheduled."""


class LoadAnswer(msgspec.Struct, frozen=True):
    """Contacts of a channel in one hour of the day, summed over the simulated days."""

    channel: str
    hour: int
    before: int
    after: int
    capacity: int


class RefusedAnswer(msgspec.Struct, frozen=True):
    """How often a rule refused."""

    rule: str
    before: int
    after: int
    place: str | None = None


class PartAnswer(msgspec.Struct, frozen=True):
    """Contacts of one part of the customers: a unit, a strategy, a segment."""

    kind: str
    name: str
    before: int
    after: int
    value_before_minor: int
    value_after_minor: int


class FindingAnswer(msgspec.Struct, frozen=True):
    """One finding of a simulation without its words, for whoever says it in a language of their own."""

    code: str
    values: dict[str, str | int | float] = {}
    """Counts, names of rules, channels and strategies, amounts in minor units, hours of the day, a share of 1."""


class SimulationAnswer(msgspec.Struct, frozen=True):
    """Two playbooks over the same days, each with the contact state it would have led to."""

    old: str
    new: str
    first_day: str
    days: int
    customers: int
    before: int
    after: int
    """Contacts planned."""
    newly_allowed: dict[str, int]
    """Rule that refused before → customer-days it no longer refuses."""
    newly_refused: dict[str, int]
    refusals: list[RefusedAnswer]
    load: list[LoadAnswer]
    value_before_minor: int
    value_after_minor: int
    capped_later: int
    """Customers whom a cap refuses on a later day because of a contact that only the new playbook makes."""
    parts: list[PartAnswer]
    words: list[str]
    """The findings in sentences, weightiest first."""
    seconds: float
    findings: list[FindingAnswer] = []
    """The same findings, one for each sentence."""

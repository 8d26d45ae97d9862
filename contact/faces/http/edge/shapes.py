"""Answers that only HTTP gives: lists, acknowledgements and the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contact.domain.answers import Answer, PermissionAnswer, TaskAnswer, TimelineEntry
from contact.domain.workbench_answers import DraftAnswer, VersionAnswer


class AcceptedAnswer(Answer, frozen=True, kw_only=True):
    """The report is stored; ``accepted`` is false where this id was already known and nothing was done."""

    accepted: bool


class CustomersAnswer(Answer, frozen=True, kw_only=True):
    """Customers who have a number."""

    customers: list[str]


class CancelledAnswer(Answer, frozen=True, kw_only=True):
    """The consent binds from now on; how many waiting tasks it cancelled."""

    cancelled: int


class OptOutLinkAnswer(Answer, frozen=True, kw_only=True):
    """An address that needs no key and does one thing."""

    url: str


class TasksAnswer(Answer, frozen=True, kw_only=True):
    """A page of tasks; ``next`` goes into ``after``, null on the last page."""

    items: list[TaskAnswer]
    next: str | None = None


class TimelineAnswer(Answer, frozen=True, kw_only=True):
    """What happened to a customer, newest first."""

    customer: str
    items: list[TimelineEntry]


class ConsentsAnswer(Answer, frozen=True, kw_only=True):
    """What a customer allowed and withdrew, and what may be done now in each channel."""

    customer: str
    consents: list[dict[str, Any]]
    permissions: list[PermissionAnswer]


class VersionsAnswer(Answer, frozen=True, kw_only=True):
    """What is scheduled, then published playbooks, newest first."""

    items: list[VersionAnswer]


class DraftsAnswer(Answer, frozen=True, kw_only=True):
    """Drafts, changed last first."""

    items: list[DraftAnswer]


class PlaybookAnswer(Answer, frozen=True, kw_only=True):
    """A playbook's files, path → text, as they were published."""

    version: str
    texts: dict[str, str]


class ClockAnswer(Answer, frozen=True, kw_only=True):
    """The store's instant, and whether its clock was moved."""

    at: datetime
    simulated: bool


class HealthAnswer(Answer, frozen=True, kw_only=True):
    """The process lives, or is ready."""

    status: str
    playbook: str | None = None

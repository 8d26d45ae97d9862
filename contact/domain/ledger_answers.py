"""Answers about the ledger itself: what is halted, what was corrected, reconciled and merged, which jobs wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contact.domain.answers import Answer, JobAnswer


class HaltAnswer(Answer, frozen=True, kw_only=True):
    """One halt: as long as it stands nothing it covers is reserved or handed over."""

    kind: str
    """``all, channel, strategy``."""
    key: str
    """The channel or strategy; empty for ``all``."""
    since: datetime
    author: str
    why: str


class HaltsAnswer(Answer, frozen=True, kw_only=True):
    """Every halt that stands, oldest first."""

    items: list[HaltAnswer]


class JobsAnswer(Answer, frozen=True, kw_only=True):
    """Jobs, newest first."""

    items: list[JobAnswer]


class ContactAnswer(Answer, frozen=True, kw_only=True):
    """One contact with its history; both outcomes of a corrected one stay."""

    contact: str
    task: str | None
    customer: str
    channel: str
    strategy: str
    offer: str
    state: str
    result: str | None
    planned: datetime
    person: str | None
    """Who handed it over."""
    moves: list[dict[str, Any]]
    """``{from, to, at, why}``, in order."""
    corrections: list[dict[str, Any]]
    """``{at, from, to, author, why}``, in order."""


class ContactsAnswer(Answer, frozen=True, kw_only=True):
    """Contacts of which nobody knows whether they went out."""

    items: list[ContactAnswer]


class MergedAnswer(Answer, frozen=True, kw_only=True):
    """What became the new customer's."""

    old: str
    new: str
    contacts: int
    consents: int
    tasks: int
    stricter: int
    """Withdrawals written anew, because a grant of the other would have lifted them."""


class RecycledAnswer(Answer, frozen=True, kw_only=True):
    """What no longer binds whoever has the number now."""

    at: datetime
    consents: int
    contacts: int
    tasks: int

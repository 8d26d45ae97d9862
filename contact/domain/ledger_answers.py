"""Answers about the ledger itself: what is halted, what was corrected, reconciled and merged, which jobs wait."""

from __future__ import annotations

from datetime import datetime

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

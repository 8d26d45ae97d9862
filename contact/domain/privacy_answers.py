"""Answers about personal data: what a reveal shows, what an erasure did, what retention deletes."""

from __future__ import annotations

from datetime import datetime

from contact.domain.answers import Answer


class RevealAnswer(Answer, frozen=True, kw_only=True):
    """Name and number of one customer, in full; that they were shown is on record."""

    customer: str
    name: str | None
    number: str | None


class ErasureAnswer(Answer, frozen=True, kw_only=True):
    """What was done to forget a customer."""

    customer: str
    at: datetime
    tasks_cancelled: int
    consents_kept: int
    """Withdrawals that bind the numbers from now on."""


class RetentionAnswer(Answer, frozen=True, kw_only=True):
    """Records whose time is over, by kind."""

    at: datetime
    deleted: bool
    """False for a dry run."""
    records: dict[str, int]
    days: dict[str, float]
    """How long each kind is kept."""


class CardBudgetAnswer(Answer, frozen=True, kw_only=True):
    """How many customers' cards somebody looked at today, and how many they may."""

    viewer: str
    day: str
    used: int
    most: int

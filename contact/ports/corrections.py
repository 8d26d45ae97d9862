"""What flow needs to set contacts right: the contact as it stands, and what a person says became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contact.domain.acts import Act
from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.profile import Consent, CustomerId, Profile


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact as stored, with its moves and corrections."""

    id: ContactId
    task: TaskId | None
    customer: CustomerId
    candidate: Candidate
    state: str
    planned_at: Instant
    result: str | None = None
    person: str | None = None
    """Who handed it over."""
    attempt: Instant | None = None
    moves: Sequence[Mapping[str, Any]] = ()
    corrections: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """Another outcome in place of the one that was reported."""

    contact: ContactId
    result: str
    act: Act
    withdraw: Consent | None = None
    """An opt-out that belongs to the right outcome; stored in the same transaction."""
    may_lift: bool = False
    """Whether an opt-out that was stored with the wrong outcome may be taken back."""
    profile: Profile | None = field(default=None, repr=False)

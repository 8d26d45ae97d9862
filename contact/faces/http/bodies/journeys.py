"""What callers send about journeys: questions about many, reports of some."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contact.faces.http.bodies.bodies import Body, Id, Language, Number, When
from ivr.call import Arm, CallOutcome, Source

Name = Annotated[str, Meta(min_length=1, max_length=64, description="up to 64 characters")]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class JourneysQuery(Body, frozen=True, kw_only=True):
    """Which calls to measure; without an answer to ``menu`` those of the playbook's first."""

    menu: Name | None = None
    since: When | None = None
    """Left out: thirty days before ``until``."""
    until: When | None = None
    """Exclusive; left out: now."""
    unit: Name | None = None
    """With all below it."""
    segment: Name | None = None
    version: Name | None = None
    source: Source | None = None
    split: When | None = None
    """Compare calls from here on with those before."""
    language: Language = "en"


class StepBody(Body, frozen=True, kw_only=True):
    """One stay at a node."""

    node: Name
    key: Annotated[str, Meta(min_length=1, max_length=16)] | None = None
    """Left out: nothing was pressed in time, or the call ended here."""
    seconds: Seconds


class JourneyBody(Body, frozen=True, kw_only=True):
    """One call of another menu with its steps and outcome, or one enquiry told to an agent with its topic."""

    id: Id
    """Of the reporter's own; the same again changes nothing."""
    at: When
    customer: Id | None = None
    number: Number | None = None
    menu: Annotated[str, Meta(max_length=64)] = ""
    steps: Annotated[tuple[StepBody, ...], Meta(max_length=500)] = ()
    topic: Name | None = None
    seconds: Seconds = 0.0
    """How long the enquiry took."""
    outcome: CallOutcome | None = None
    goal: Name | None = None
    version: Annotated[str, Meta(max_length=64)] = ""
    arm: Arm = "unknown"
    segment: Name | None = None
    language: Annotated[str, Meta(max_length=16)] = ""


class JourneysBody(Body, frozen=True, kw_only=True):
    """Journeys to keep: all of them or, with every problem named, none."""

    journeys: Annotated[tuple[JourneyBody, ...], Meta(min_length=1, max_length=500)]

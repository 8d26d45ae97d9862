"""What is answered about journeys through voice menus; the measures are those of ``ivr.journeys*``."""

from __future__ import annotations

from datetime import datetime

from contact.domain.answers import Answer
from ivr.journeys import Measures, NodeMeasures, Spread
from ivr.journeys_compared import AgainstStatic, Comparison
from ivr.journeys_paths import CommonPath, Transitions, Unrolled


class TopicAnswer(Answer, frozen=True, kw_only=True):
    """How often agents of the hotline were asked about something."""

    topic: str
    title: str
    calls: int
    callers: int


class JourneysAnswer(Answer, frozen=True, kw_only=True):
    """Calls of a menu in a window of time, measured; ``calls`` 0 where there were none."""

    menu: str
    since: datetime
    until: datetime
    """Exclusive."""
    at: datetime
    """When this was computed; callers can be followed up to here."""
    simulated_time: bool
    calls: int
    """Ended calls that match the filters; all else is measured of these."""
    open: int
    """Calls that still run or whose end was never told."""
    measures: Measures
    by_segment: dict[str, Measures]
    """Largest group first; the empty text stands for calls of no known segment."""
    by_unit: dict[str, Measures]
    by_version: dict[str, Measures]
    by_arm: dict[str, Measures]
    by_source: dict[str, Measures]
    goals: dict[str, Spread]
    """Goal → seconds to it."""
    goal_titles: dict[str, str]
    nodes: list[NodeMeasures]
    sankey: Unrolled
    transitions: Transitions
    paths: list[CommonPath]
    against_static: AgainstStatic | None
    """None where one of the arms was never heard."""
    before_after: Comparison | None
    """From ``split`` on against before it; None without one."""
    split: datetime | None
    topics: list[TopicAnswer]
    """Most asked first."""
    more: bool
    """Whether the window holds more calls than were read; those measured are then the newest."""


class JourneysTakenAnswer(Answer, frozen=True, kw_only=True):
    """Reported journeys are kept; those already on file as far stay as they were."""

    calls: int

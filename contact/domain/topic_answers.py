"""What is answered about topics of the hotline: what is asked, what will be, and which answers are ready."""

from __future__ import annotations

from datetime import datetime

from contact.domain.answers import Answer


class TopicCountAnswer(Answer, frozen=True, kw_only=True):
    """One topic among the calls of a group."""

    topic: str
    title: str
    calls: int
    callers: int
    share: float
    """Of the group's calls that had a topic."""
    times: float
    """That share held against everybody's."""


class GroupTopicsAnswer(Answer, frozen=True, kw_only=True):
    """What one group of callers asked about."""

    group: str
    """``everybody``, ``frequent``, or the name of a segment."""
    title: str
    callers: int
    calls: int
    topics: list[TopicCountAnswer]
    """Most asked first."""


class ForecastDayAnswer(Answer, frozen=True, kw_only=True):
    """Calls expected on one day."""

    day: str
    expected: float
    peak: bool
    """Clearly more than on the mean of the days foretold."""


class TopicForecastAnswer(Answer, frozen=True, kw_only=True):
    """One topic on the coming days, and how such forecasts came out."""

    topic: str
    title: str
    usual: float
    """Calls a day in the last four weeks."""
    days: list[ForecastDayAnswer]
    error: float | None
    """Of the last months foretold from what was before them: absolute error as a share of all calls. None: too few days."""
    naive_error: float | None
    """The same of the mean of each weekday in the four weeks before."""


class ReadyAnswersAnswer(Answer, frozen=True, kw_only=True):
    """Answers that were fetched before anybody asked, and whether they were what callers asked for."""

    ready: int
    since: datetime | None
    calls: int
    """Calls about a topic since then, of callers we know."""
    found: int
    """Of these: calls whose answer was ready when they began."""
    hit_rate: float | None


class TopicsAnswer(Answer, frozen=True, kw_only=True):
    """The topics of a month by group of callers, a forecast, and the answers that are ready."""

    month: str
    at: datetime
    simulated_time: bool
    calls: int
    groups: list[GroupTopicsAnswer]
    forecast: list[TopicForecastAnswer]
    """Of the topics asked most, from today on."""
    launches: list[str]
    """Days on which tariffs or strategies begin that the forecast takes into account."""
    answers: ReadyAnswersAnswer
    more: bool
    """Whether there are more calls than were read; those read are then the newest."""


class PrefetchAnswer(Answer, frozen=True, kw_only=True):
    """What was fetched before the next peak."""

    day: str
    """The day it was fetched for."""
    callers: int
    questions: int
    from_provider: int
    from_menu: int
    unknown: int
    kept: int
    refused: str = ""
    """Why the provider could not be asked, where it could not."""

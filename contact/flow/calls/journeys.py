"""Read the calls of a time and measure them: what callers reach, how long it takes, where they give up, what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from contact.domain.journey_answers import JourneysAnswer, TopicAnswer
from contact.faults import NotFound
from contact.flow.calls.menu_for import usual_menu
from contact.flow.calls.newest_calls import newest_pages, pages_from
from contact.flow.gather import unknown
from contact.flow.scoped import units_within
from contact.flow.wording import titled
from contact.ports import Moment, Ports
from ivr.call import ENQUIRY
from ivr.call_columns import CallColumns, CallPage, Mask, counted, in_columns
from ivr.journeys import (
    WEEK,
    Following,
    Readings,
    Serving,
    measures,
    measures_by,
    node_measures,
    read,
    seconds_by_goal,
)
from ivr.journeys_compared import AgainstStatic, against_static, before_after
from ivr.journeys_paths import commonest_paths, transitions, unrolled
from strategies.declared.menu import Menu
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant, to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where

USUAL_DAYS = 30
LONGEST_DAYS = 400
MOST_CALLS = 100_000
"""Read at once; of more, the newest."""


@dataclass(frozen=True, slots=True)
class JourneysQuestion:
    """Which calls to measure."""

    menu: str | None = None
    """None: the usual one; one that the playbook does not have, too: a log's."""
    since: Instant | None = None
    """None: thirty days before ``until``."""
    until: Instant | None = None
    """Exclusive; None: now."""
    unit: str | None = None
    """With all below it."""
    segment: str | None = None
    version: str | None = None
    source: str | None = None
    split: Instant | None = None
    """Compare calls from here on with those before."""


@dataclass(frozen=True, slots=True)
class _Window:
    """What is asked, with every blank filled in."""

    asked: JourneysQuestion
    menu: str
    declared: Menu | None
    since: Instant
    until: Instant
    moment: Moment
    units: frozenset[str] | None

    @property
    def followed_until(self) -> Instant:
        return Instant(max(self.until, min(self.until + WEEK, self.moment.at)))

    def holds(self, calls: CallColumns) -> Mask:
        """Which calls are those asked for."""
        asked = self.asked
        wanted = calls.menu.among((self.menu,)) | (calls.source.among((ENQUIRY,)) & calls.menu.among(("",)))
        wanted &= (self.since <= calls.at) & (calls.at < self.until)
        if self.units is not None:
            wanted &= calls.unit.among(self.units)
        for texts, word in (
            (calls.segment, asked.segment),
            (calls.version, asked.version),
            (calls.source, asked.source),
        ):
            if word is not None:
                wanted &= texts.among((word,))
        return wanted


async def journeys(ports: Ports, asked: JourneysQuestion, language: str = "en") -> JourneysAnswer:
    """All measures of the calls asked for, as far as the caller may see them.

    Raises ProblemsFound for a time that is empty or too long and for an unknown unit.
    """
    moment = await ports.clock.now()
    try:
        playbook: Playbook | None = await ports.playbooks.current()
    except NotFound:
        playbook = None
    window = _window(asked, playbook, moment)
    pages, begins = await newest_pages(ports.calls.columns, window.since, window.until, MOST_CALLS)
    later, followed = await pages_from(ports.calls.columns, window.until, window.followed_until, MOST_CALLS)
    titles, shares = _titles(window, playbook, language), await _shares(ports, window, pages)
    return await asyncio.to_thread(
        _measured, window, [*pages, *later], followed, begins > window.since, titles, shares
    )


def _window(asked: JourneysQuestion, playbook: Playbook | None, moment: Moment) -> _Window:
    until = Instant(moment.at + 1) if asked.until is None else asked.until
    since = Instant(until - USUAL_DAYS * DAY) if asked.since is None else asked.since
    problems = []
    if not 0 < until - since <= LONGEST_DAYS * DAY:
        message = f"the time must begin before it ends and be no longer than {LONGEST_DAYS} days"
        problems.append(Problem("value.range", message, Where("request"), Hint("choose other days")))
    menus: Mapping[str, Menu] = {} if playbook is None else playbook.menus
    units = None
    if asked.unit is not None:
        known = {} if playbook is None else playbook.units
        if playbook is None or asked.unit not in known:
            problems.append(unknown("unit", asked.unit, known))
        else:
            within = units_within(playbook, asked.unit)
            units = None if within is None else frozenset(within)
    if problems:
        raise ProblemsFound(problems)
    menu = usual_menu(menus) if asked.menu is None else asked.menu
    return _Window(asked, menu, menus.get(menu), since, until, moment, units)


async def _shares(ports: Ports, window: _Window, pages: Sequence[CallPage]) -> dict[str, float]:
    """Version → how many of a hundred callers it drew for the static menu, of those that calls were answered under."""
    found = {}
    for version in sorted({version for page in pages for version in page.version} - {""}):
        with suppress(NotFound, ProblemsFound):  # a log's, or one that is no playbook any more
            menu = (await ports.playbooks.version(version)).menus.get(window.menu)
            if menu is not None:
                found[version] = menu.personal.static_percent
    return found


def _titles(window: _Window, playbook: Playbook | None, language: str) -> dict[str, str]:
    if window.declared is None or playbook is None:
        return {}
    known = playbook.operator.languages
    return {goal.id: titled(goal.title, language, known, goal.id) for goal in window.declared.goals.values()}


def _measured(
    window: _Window, pages: Sequence[CallPage], followed: Instant, more: bool, titles: dict[str, str],
    shares: Mapping[str, float],
) -> JourneysAnswer:  # fmt: skip
    everything, menu = in_columns(pages), window.declared
    asked = everything.where(window.holds(everything))
    calls = counted(asked)
    serving: Serving = (
        {} if menu is None else {goal: node for goal in menu.goals if (node := menu.serving(goal))}
    )
    readings = read(calls, Following(everything, followed), serving)
    split = window.asked.split
    return JourneysAnswer(
        menu=window.menu,
        since=to_datetime(window.since),
        until=to_datetime(window.until),
        at=to_datetime(window.moment.at),
        simulated_time=window.moment.simulated,
        calls=len(calls),
        open=int(asked.outcome.among(("open",)).sum()),
        measures=measures(readings),
        by_segment=measures_by(readings, calls.segment),
        by_unit=measures_by(readings, calls.unit),
        by_version=measures_by(readings, calls.version),
        by_arm=measures_by(readings, calls.arm),
        by_source=measures_by(readings, calls.source),
        goals=seconds_by_goal(readings),
        goal_titles=titles,
        nodes=list(node_measures(calls)),
        sankey=unrolled(calls),
        transitions=transitions(calls),
        paths=list(commonest_paths(calls)),
        against_static=None if menu is None else _against_static(readings, shares),
        before_after=None if split is None else before_after(readings, split),
        split=None if split is None else to_datetime(split),
        topics=_topics(asked.where(asked.source.among((ENQUIRY,))), titles),
        more=more,
    )


def _against_static(readings: Readings, shares: Mapping[str, float]) -> AgainstStatic | None:
    """None where nobody heard one of the two menus."""
    found = against_static(readings, shares)
    return found if found.comparison.callers and found.comparison.control_callers else None


def _topics(enquiries: CallColumns, titles: Mapping[str, str]) -> list[TopicAnswer]:
    found, who = [], enquiries.customer.codes
    for code, topic in enumerate(enquiries.goal.words):
        about = enquiries.goal.codes == code
        if about.any():
            found.append(
                TopicAnswer(
                    topic=topic,
                    title=titles.get(topic, topic),
                    calls=int(about.sum()),
                    callers=len(np.unique(who[about & (who >= 0)])),
                )
            )
    return sorted(found, key=lambda each: (-each.calls, each.topic))

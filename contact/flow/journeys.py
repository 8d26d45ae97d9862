"""Read the calls of a time and measure them: what callers reach, how long it takes, where they give up, what changed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contact.domain.journey_answers import JourneysAnswer, TopicAnswer
from contact.faults import NotFound
from contact.flow.gather import unknown
from contact.flow.menu_for import usual_menu
from contact.flow.newest_calls import SHARE, newest_calls
from contact.flow.scoped import units_within
from contact.flow.wording import titled
from contact.ports import Moment, Ports
from ivr.call import ENQUIRY, Journey
from ivr.journeys import (
    WEEK,
    Following,
    Reading,
    Serving,
    counted,
    measures_by,
    measures_of,
    node_measures,
    read,
    seconds_by_goal,
)
from ivr.journeys_compared import AgainstStatic, against_static, before_after
from ivr.journeys_paths import commonest_paths, transitions, unrolled
from strategies.instants import DAY, HOUR, Instant, to_datetime
from strategies.menu import Menu
from strategies.playbook import Playbook
from strategies.problems import Problem, ProblemsFound, Where

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

    def holds(self, call: Journey) -> bool:
        """Whether a call is one of those asked for."""
        asked = self.asked
        return (
            (call.menu == self.menu or (call.source == ENQUIRY and not call.menu))
            and self.since <= call.at < self.until
            and (self.units is None or call.unit in self.units)
            and asked.segment in (None, call.segment)
            and asked.version in (None, call.version)
            and asked.source in (None, call.source)
        )


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
    calls, begins = await newest_calls(ports, window.since, window.until, MOST_CALLS)
    later, followed = await _later(ports, window.until, window.followed_until)
    following = Following([*calls, *later], followed)
    titles = _titles(window, playbook, language)
    return await asyncio.to_thread(_measured, window, calls, following, begins > window.since, titles)


def _window(asked: JourneysQuestion, playbook: Playbook | None, moment: Moment) -> _Window:
    until = Instant(moment.at + 1) if asked.until is None else asked.until
    since = Instant(until - USUAL_DAYS * DAY) if asked.since is None else asked.since
    problems = []
    if not 0 < until - since <= LONGEST_DAYS * DAY:
        message = f"the time must begin before it ends and be no longer than {LONGEST_DAYS} days"
        problems.append(Problem("value.range", message, Where("request"), "choose other days"))
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


async def _later(ports: Ports, since: Instant, until: Instant) -> tuple[list[Journey], Instant]:
    """Calls after those asked for, which tell who called again, and up to when they are known."""
    found: list[Journey] = []
    span = HOUR
    while since < until and len(found) < MOST_CALLS:
        end = Instant(min(until, since + span))
        page = await ports.calls.between(since, end)
        found, since = [*found, *page], end
        span = HOUR if len(page) * SHARE > MOST_CALLS else min(DAY, 2 * span)
    return found, since


def _titles(window: _Window, playbook: Playbook | None, language: str) -> dict[str, str]:
    if window.declared is None or playbook is None:
        return {}
    known = playbook.operator.languages
    return {goal.id: titled(goal.title, language, known, goal.id) for goal in window.declared.goals.values()}


def _measured(
    window: _Window, everything: Sequence[Journey], following: Following, more: bool, titles: dict[str, str]
) -> JourneysAnswer:
    asked = [call for call in everything if window.holds(call)]
    calls, menu = counted(asked), window.declared
    serving: Serving = (
        {} if menu is None else {goal: node for goal in menu.goals if (node := menu.serving(goal))}
    )
    readings = read(calls, following, serving)

    split = window.asked.split
    return JourneysAnswer(
        menu=window.menu,
        since=to_datetime(window.since),
        until=to_datetime(window.until),
        at=to_datetime(window.moment.at),
        simulated_time=window.moment.simulated,
        calls=len(calls),
        open=sum(call.outcome == "open" for call in asked),
        measures=measures_of(readings),
        by_segment=measures_by(readings, lambda call: call.segment),
        by_unit=measures_by(readings, lambda call: call.unit),
        by_version=measures_by(readings, lambda call: call.version),
        by_arm=measures_by(readings, lambda call: call.arm),
        by_source=measures_by(readings, lambda call: call.source),
        goals=seconds_by_goal(readings),
        goal_titles=titles,
        nodes=list(node_measures(calls)),
        sankey=unrolled(calls),
        transitions=transitions(calls),
        paths=list(commonest_paths(calls)),
        against_static=_against_static(readings, menu),
        before_after=None if split is None else before_after(readings, split),
        split=None if split is None else to_datetime(split),
        topics=_topics([call for call in asked if call.source == ENQUIRY], titles),
        more=more,
    )


def _against_static(readings: Sequence[Reading], menu: Menu | None) -> AgainstStatic | None:
    """None where nobody heard one of the two menus, or nobody knows how callers are drawn."""
    if menu is None:
        return None
    found = against_static(readings, menu.personal.static_percent)
    return found if found.comparison.callers and found.comparison.control_callers else None


def _topics(enquiries: Sequence[Journey], titles: Mapping[str, str]) -> list[TopicAnswer]:
    by_topic: dict[str, list[Journey]] = defaultdict(list)
    for each in enquiries:
        by_topic[each.goal or ""].append(each)
    ordered = sorted(by_topic.items(), key=lambda topic: (-len(topic[1]), topic[0]))
    return [
        TopicAnswer(
            topic=topic,
            title=titles.get(topic, topic),
            calls=len(calls),
            callers=len({call.customer for call in calls if call.customer is not None}),
        )
        for topic, calls in ordered
    ]

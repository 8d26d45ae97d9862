"""What the hotline is asked: topics of a month by group of callers, a forecast, and the answers that are ready."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from contact.domain.topic_answers import (
    ForecastDayAnswer,
    GroupTopicsAnswer,
    ReadyAnswersAnswer,
    TopicCountAnswer,
    TopicForecastAnswer,
    TopicsAnswer,
)
from contact.flow.calls.newest_calls import newest_calls
from contact.flow.wording import titled
from contact.ports import Moment, Ports
from ivr.call import Journey
from ivr.topic_forecast import FEWEST_DAYS, fitted, peaks, tried
from ivr.topics import EVERYBODY, FREQUENT, TopicCount, by_day, groups_of, hot_topics
from strategies.declared.calendar import local_day, start_of_day
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant, to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where

LOOKS_BACK = 400
"""Days of calls from which a forecast is made."""
AHEAD = 31
USUAL_DAYS = 28
FORETOLD = 8
"""Topics asked most, for which there is a forecast."""
SHOWN = 10
MOST_CALLS = 300_000
_MONTH = re.compile(r"(19[7-9][0-9]|2[01][0-9][0-9])-(0[1-9]|1[0-2])")
_TITLES: Mapping[str, Mapping[str, str]] = {
    EVERYBODY: {"en": "Everybody", "zh-CN": "全部客户"},
    FREQUENT: {"en": "Called three times or more", "zh-CN": "频繁来电客户"},
}


async def topics(ports: Ports, month: str | None = None, language: str = "en") -> TopicsAnswer:
    """Topics of a month (``2026-03``; None: the running one) among the calls that the caller may see.

    Raises ProblemsFound for what is no month, NotFound where no playbook is published.
    """
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    since, until, named = _month(playbook, month, moment.at)
    calls, more = await calls_back_to(ports, Instant(moment.at - LOOKS_BACK * DAY), Instant(moment.at + 1))
    if since < moment.at - LOOKS_BACK * DAY or (more and until <= moment.at):
        within, more = await calls_back_to(ports, since, until)
    else:
        within = [call for call in calls if since <= call.at < until]
    callers = {call.customer for call in within if call.customer is not None}
    segments = await _members(ports, playbook, moment, callers)
    answers = await ready_answers(ports, calls)
    groups = groups_of(within, segments)
    hot = await asyncio.to_thread(hot_topics, within, groups)
    return TopicsAnswer(
        month=named,
        at=to_datetime(moment.at),
        simulated_time=moment.simulated,
        calls=len(within),
        groups=[
            _group(playbook, name, counts, groups.get(name), within, language) for name, counts in hot.items()
        ],
        forecast=await asyncio.to_thread(_forecast, playbook, calls, moment.at, language),
        launches=[date.fromordinal(day).isoformat() for day in sorted(launches(playbook))],
        answers=answers,
        more=more,
    )


async def calls_back_to(ports: Ports, since: Instant, until: Instant) -> tuple[list[Journey], bool]:
    """Calls of every menu and source, the newest of them, and whether there are more."""
    found, begins = await newest_calls(ports, since, until, MOST_CALLS)
    return found, begins > since


def _month(playbook: Playbook, month: str | None, now: Instant) -> tuple[Instant, Instant, str]:
    """The beginning of a month and of the next one, on the operator's clock."""
    zone = playbook.operator.zone
    today = date.fromordinal(local_day(zone, now))
    named = today.isoformat()[:7] if month is None else month
    if not _MONTH.fullmatch(named):
        message = f"there is no month '{named}'"
        raise ProblemsFound([Problem("value.date", message, Where("request"), Hint("as 2026-03"))])
    first = date.fromisoformat(f"{named}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    return start_of_day(zone, first.toordinal()), start_of_day(zone, following.toordinal()), named


async def _members(
    ports: Ports, playbook: Playbook, moment: Moment, callers: Collection[str]
) -> dict[str, frozenset[str]]:
    """Segment → the callers who belong to it now."""
    from strategies.conditions.columns_masks import truths

    every = list(playbook.segments.values())
    read = frozenset[str]().union(*(each.when.fields for each in every))
    if not every:
        return {}
    view = await ports.base.view(sorted(read), playbook, people=False)

    def work() -> dict[str, frozenset[str]]:
        masks, called = truths([each.when for each in every], view.columns, moment.at), view.among(callers)
        own = [mask & called if view.within is None else mask & called & view.within for mask in masks]
        return {
            each.id: frozenset(view.customers(mask.nonzero()[0].tolist()))
            for each, mask in zip(every, own, strict=True)
        }

    return await asyncio.to_thread(work)


def _group(
    playbook: Playbook, name: str, counts: Sequence[TopicCount], members: frozenset[str] | None,
    calls: Sequence[Journey], language: str,
) -> GroupTopicsAnswer:  # fmt: skip
    known = playbook.operator.languages
    own = _TITLES.get(name) or playbook.segments[name].title
    callers = {call.customer for call in calls if call.customer} if members is None else members
    return GroupTopicsAnswer(
        group=name,
        title=titled(own, language, known, name),
        callers=len(callers),
        calls=sum(each.calls for each in counts),
        topics=[
            TopicCountAnswer(
                topic=each.topic,
                title=topic_title(playbook, each.topic, language),
                calls=each.calls,
                callers=each.callers,
                share=round(each.share, 4),
                times=round(each.times, 2),
            )
            for each in counts[:SHOWN]
        ],
    )


def topic_title(playbook: Playbook, topic: str, language: str) -> str:
    """A topic in words, where a menu has a goal of its name."""
    for menu in playbook.menus.values():
        if topic in menu.goals:
            return titled(menu.goals[topic].title, language, playbook.operator.languages, topic)
    return topic


def launches(playbook: Playbook) -> frozenset[int]:
    """Days (``date.toordinal``) on which tariffs or strategies begin, as they are declared."""
    begins = [each.valid_from for each in playbook.tariffs.values()]
    begins += [each.valid_from for each in playbook.strategies]
    zone = playbook.operator.zone
    return frozenset(local_day(zone, each) for each in begins if each is not None)


def _forecast(
    playbook: Playbook, calls: Sequence[Journey], now: Instant, language: str
) -> list[TopicForecastAnswer]:
    """The topics asked most, from today on; nothing where calls reach back too few days."""
    days, counted = counts_by_day(playbook, calls, now)
    if len(days) < FEWEST_DAYS:
        return []
    begins, today = launches(playbook), days[-1] + 1
    ahead = list(range(today, today + AHEAD))
    found = []
    for topic in sorted(counted, key=lambda name: (-sum(counted[name]), name))[:FORETOLD]:
        past = counted[topic]
        expected = dict(zip(ahead, fitted(days, past, begins).foretold(ahead, begins).tolist(), strict=True))
        high, held = set(peaks(expected)), tried(days, past, begins)
        found.append(
            TopicForecastAnswer(
                topic=topic,
                title=topic_title(playbook, topic, language),
                usual=round(sum(past[-USUAL_DAYS:]) / USUAL_DAYS, 2),
                days=[
                    ForecastDayAnswer(
                        day=date.fromordinal(day).isoformat(), expected=round(calls, 2), peak=day in high
                    )
                    for day, calls in expected.items()
                ],
                error=None if held is None else round(held.error, 4),
                naive_error=None if held is None else round(held.naive_error, 4),
            )
        )
    return found


def counts_by_day(
    playbook: Playbook, calls: Sequence[Journey], now: Instant
) -> tuple[list[int], dict[str, list[int]]]:
    """The days from the first call to yesterday on the operator's clock, and the calls of each topic on them."""
    zone = playbook.operator.zone
    of_call = {call.id: local_day(zone, call.at) for call in calls}
    if not of_call:
        return [], {}
    days = list(range(min(of_call.values()), local_day(zone, now)))
    counted = by_day(calls, of_call)
    return days, {topic: [counts.get(day, 0) for day in days] for topic, counts in counted.items()}


async def ready_answers(ports: Ports, calls: Sequence[Journey]) -> ReadyAnswersAnswer:
    """How many answers are ready, and how often a call was about one of them since answers were last fetched: of earlier
    calls nobody knows any more what was ready."""
    ready, since = await ports.answers.count()
    asked = [call for call in calls if since is not None and call.at >= since and call.customer and call.goal]
    known = await ports.answers.ready(sorted({call.customer or "" for call in asked}))
    spans = {(each.question.customer, each.question.topic): (each.at, each.until) for each in known}
    found = 0
    for call in asked:
        span = spans.get((call.customer or "", call.goal or ""))
        found += span is not None and span[0] <= call.at < span[1]
    return ReadyAnswersAnswer(
        ready=ready,
        since=None if since is None else to_datetime(since),
        calls=len(asked),
        found=found,
        hit_rate=round(found / len(asked), 4) if asked else None,
    )

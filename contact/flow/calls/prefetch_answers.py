"""Fetch answers before the peak: what those who call will most likely ask tomorrow, from whoever knows it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contact.domain.topic_answers import PrefetchAnswer
from contact.faults import GatewayRefused, NotFound, StoreUnavailable
from contact.flow.calls.likely_topics import said_by
from contact.flow.calls.menu_for import caller_now, menu_of
from contact.flow.calls.topics import USUAL_DAYS, calls_back_to, counts_by_day, launches
from contact.flow.progress import Progress, say
from contact.ports import Job, Ports
from contact.ports.answers import Question, ReadyAnswer
from ivr.call import Journey
from ivr.topic_forecast import FEWEST_DAYS, fitted
from strategies.declared.calendar import local_day, start_of_day
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, HOUR, Instant

KIND = "prefetch_answers"
CALLED_WITHIN = 90 * DAY
COUNTS_HALF = 30 * DAY
"""How old a call is that says half as much of the next one."""
TOPICS_EACH = 2
LEAST = 0.1
"""Of what a caller less probably asks, no answer is fetched."""
USUAL_MOST = 20_000
AT_ONCE = 200
EVENING = 20 * HOUR
"""After the operator's midnight: when answers are fetched for the next day."""
RECENT_JOBS = 200


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A question with how often it is expected to be asked, and what the menu itself would say."""

    question: Question
    expected: float
    said: str | None


async def queue_prefetch(ports: Ports, most: int = USUAL_MOST) -> Job:
    """Fetching of at most so many answers. Raises NotFound where no menu is published."""
    menu_of(await ports.playbooks.current(), None)
    return await ports.jobs.create(KIND, {"most": most})


async def prefetch_if_due(ports: Ports) -> bool:
    """In the evening, write down the fetching for the next day, once; whether it was. Raises NotFound without a playbook.

    Not on a demonstration's clock, whose evenings last seconds, and not where nobody has called.
    """
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    if not playbook.menus or moment.simulated:
        return False
    day = due_day(playbook, moment.at, await ports.jobs.recent(RECENT_JOBS))
    if day is None:
        return False
    begins = Instant(moment.at - CALLED_WITHIN)
    if not await ports.calls.between(begins, moment.at, limit=1):
        return False
    await ports.jobs.create(KIND, {"most": USUAL_MOST, "day": day})
    return True


def due_day(playbook: Playbook, now: Instant, jobs: Sequence[Job]) -> str | None:
    """The day for which answers are to be fetched now; None before the evening, and where that was written down already."""
    zone = playbook.operator.zone
    today = local_day(zone, now)
    if now < start_of_day(zone, today) + EVENING:
        return None
    day = date.fromordinal(today + 1).isoformat()
    known = any(job.kind == KIND and job.arguments.get("day") == day for job in jobs)
    return None if known else day


async def prefetch_answers(
    ports: Ports, progress: Progress | None = None, most: int = USUAL_MOST
) -> PrefetchAnswer:
    """Put the answers in place that callers of the next day will most likely ask for; they are told until it is over.

    Callers of the last 90 days are looked at, those who call most often first; what a topic is expected to rise tomorrow
    against the last four weeks counts. Whoever knows answers is asked for all of them; where they know none, or cannot be
    asked, the menu's own words are the answer.
    """
    playbook, now = await ports.playbooks.current(), (await ports.clock.now()).at
    menu_of(playbook, None)
    calls, _ = await calls_back_to(ports, Instant(now - CALLED_WITHIN), Instant(now + 1))
    tomorrow = local_day(playbook.operator.zone, now) + 1
    rise = await asyncio.to_thread(rises, playbook, calls, now, tomorrow)
    rates = how_often(calls, now)
    wanted: list[_Wanted] = []
    for number, (customer, rate) in enumerate(rates[:most]):
        wanted += await _wanted(ports, playbook, customer, rate, rise)
        if number % AT_ONCE == 0:
            await say(progress, number, len(rates[:most]), "asking what callers will ask")
    wanted = sorted(wanted, key=lambda each: (-each.expected, each.question.customer))[:most]
    own = {each.question: each.said for each in wanted if each.said is not None}
    provided, refused = await _provided(ports, [each.question for each in wanted], progress)
    found = own | provided
    until = start_of_day(playbook.operator.zone, tomorrow + 1)
    answers = [ReadyAnswer(question, text, now, until) for question, text in found.items()]
    return PrefetchAnswer(
        day=date.fromordinal(tomorrow).isoformat(),
        callers=len(rates),
        questions=len(wanted),
        from_provider=len(provided),
        from_menu=len(found) - len(provided),
        unknown=len(wanted) - len(found),
        kept=await ports.answers.keep(answers),
        refused=refused,
    )


def how_often(calls: Sequence[Journey], now: Instant) -> list[tuple[str, float]]:
    """Callers with how often they call, in calls that count the less the older they are; most often first."""
    found: dict[str, float] = defaultdict(float)
    for call in calls:
        if call.customer is not None:
            found[call.customer] += 0.5 ** ((now - call.at) / COUNTS_HALF)
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def rises(playbook: Playbook, calls: Sequence[Journey], now: Instant, day: int) -> dict[str, float]:
    """Topic → what is expected of it on a day, in its usual days; empty where calls reach back too few days."""
    days, counted = counts_by_day(playbook, calls, now)
    if len(days) < FEWEST_DAYS:
        return {}
    begins, found = launches(playbook), {}
    for topic, counts in counted.items():
        usual = sum(counts[-USUAL_DAYS:]) / USUAL_DAYS
        expected = float(fitted(days, counts, begins).foretold([day], begins)[0])
        found[topic] = expected / usual if usual else 1.0
    return found


async def _wanted(
    ports: Ports, playbook: Playbook, customer: str, rate: float, rise: Mapping[str, float]
) -> list[_Wanted]:
    """What one caller most likely asks; nothing of one who is not there any more."""
    menu = menu_of(playbook, None)
    try:
        found = await caller_now(ports, playbook, menu, customer)
    except (NotFound, StoreUnavailable):
        return []
    probable = found.likely(menu).probability
    weights = {goal: each * rise.get(goal, 1.0) for goal, each in probable.items() if each >= LEAST}
    best = sorted(weights, key=lambda goal: (-weights[goal], goal))[:TOPICS_EACH]
    return [
        _Wanted(
            Question(customer, goal, found.language),
            rate * weights[goal],
            said_by(playbook, menu, goal, found.facts, found.language),
        )
        for goal in best
    ]


async def _provided(
    ports: Ports, questions: Sequence[Question], progress: Progress | None
) -> tuple[dict[Question, str], str]:
    """What the provider answers, and why it could not be asked for the rest."""
    found: dict[Question, str] = {}
    if ports.provider is None:
        return found, ""
    for start in range(0, len(questions), AT_ONCE):
        await say(progress, start, len(questions), "fetching answers")
        try:
            found |= await ports.provider.ask(questions[start : start + AT_ONCE])
        except GatewayRefused as refused:
            return found, str(refused)
    return found, ""

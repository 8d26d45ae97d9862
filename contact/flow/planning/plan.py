"""Many customers, one day: eligible → ranking → verdicts → allocation → reservation, as ``decide`` for one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from contact.domain.answers import PlanAnswer
from contact.flow.deciding.capacity import hours_of
from contact.flow.deciding.decide import task_reasons
from contact.flow.gather import Gathered
from contact.flow.planning.draft import Draft, count_refusals, valid_until, weigh_customer
from contact.flow.progress import Progress, say
from contact.ports import Job, Moment, Ports, Reserved, TaskRow, Wish, WouldHave
from strategies.declared.calendar import start_of_day
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.offering.allocation import Allocation, Assignment, allocate, reserved_places
from strategies.problems import Hint, Problem, ProblemsFound, Where

CHUNK = 500
"""Wishes reserved in one commit."""
SAY_EVERY = 500
"""Customers weighed between two words of progress, at least."""
CAPACITY = "plan.capacity"
ENDED = "cancelled"
PAGE = 500


async def plan(
    ports: Ports, day: str, progress: Progress | None = None, run: Job | None = None
) -> PlanAnswer:
    """Reserve the most valuable lawful contacts of a day; planning it again first cancels its untouched tasks.

    A place that a reservation refuses stays free and is counted under the rule that refused it. ``day`` is a local
    day of the operator, ``2026-03-02``. ``run``: the run of a job that plans, whose day no other plans meanwhile. Raises
    ProblemsFound for a day that is malformed or over, Conflict once another worker was given the job.
    """
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    on = _day(day, playbook, moment.at)
    cancelled = await ports.tasks.cancel_untouched(day, run)
    draft = Draft(playbook, moment, on, hours_of(playbook, on, moment.at), await _kept(ports, day))
    for row in draft.kept:
        draft.taken.setdefault(row.customer, set()).add(row.rank)
    total, said = await ports.customers.count(), 0
    async for profiles in ports.profiles.all(playbook):
        for profile in profiles:
            weigh_customer(draft, profile)
        if draft.customers - said >= max(SAY_EVERY, total // 50):
            said = draft.customers
            await say(progress, said, total, "weighing candidates")
        await asyncio.sleep(0)  # let other work of this process have its turn
    per_customer = playbook.operator.contacts_per_day
    allocation = allocate(draft.options, capacity_left(draft), per_customer, places_reserved(draft))
    reserved = await _reserve(ports, draft, allocation, progress, run)
    control = [_would_have(draft, each) for each in allocation.assignments if each.would_have]
    count_unplaced(draft, allocation)
    answer = _answer(draft, day, cancelled, reserved, len(control), len(allocation.no_capacity))
    await ports.plans.record(day, control, draft.refusals, _summary(answer, moment, allocation), run)
    await say(progress, total, total, "planned")
    return answer


def _day(day: str, playbook: Playbook, now: Instant) -> date:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        on = None
    if on is None or on.isoformat() != day:  # 20260302 would be planned beside 2026-03-02, as another day
        hint = Hint("write it as 2026-03-02")
        raise ProblemsFound([Problem("value.date", f"{day!r} is not a day", Where("request"), hint)])
    if start_of_day(playbook.operator.zone, on.toordinal() + 1) <= now:
        hint = Hint("plan today or a later day of the operator's zone")
        raise ProblemsFound([Problem("value.date", f"{day} is over", Where("request"), hint)])
    return on


async def _kept(ports: Ports, day: str) -> list[TaskRow]:
    """That day's living tasks, page by page."""
    kept: list[TaskRow] = []
    after: str | None = None
    while page := await ports.tasks.list(day=day, after=after, limit=PAGE):
        kept += [row for row in page if row.state != ENDED]
        after = page[-1].id
    return kept


def capacity_left(draft: Draft) -> dict[tuple[str, Instant], int]:
    """Places by channel and hour, less what that day's kept tasks hold."""
    places = {(name, hour.at): hour.places for name, hours in draft.hours.items() for hour in hours}
    for row in draft.kept:
        for hour in draft.hours.get(row.candidate.channel, ()):
            if hour.at <= row.not_before < hour.end:
                places[row.candidate.channel, hour.at] -= 1
    return places


def places_reserved(draft: Draft) -> dict[tuple[str, Instant], dict[str, int]]:
    """The places of each hour that only one category may take, less what its kept tasks hold of them."""
    shares = draft.playbook.operator.reserved_places
    if not shares:
        return {}
    places = {(name, hour.at): hour.places for name, hours in draft.hours.items() for hour in hours}
    reserved = reserved_places(shares, places)
    for row in draft.kept:
        for hour in draft.hours.get(row.candidate.channel, ()):
            own = reserved[row.candidate.channel, hour.at]
            if hour.at <= row.not_before < hour.end and own.get(row.candidate.category, 0) > 0:
                own[row.candidate.category] -= 1
    return reserved


async def _reserve(
    ports: Ports, draft: Draft, allocation: Allocation, progress: Progress | None, run: Job | None
) -> list[tuple[Assignment, Reserved]]:
    """Reserve what was allocated, in order of value, a chunk a commit."""
    wishes = list(_wishes(draft, (each for each in allocation.assignments if not each.would_have)))
    reserved: list[tuple[Assignment, Reserved]] = []
    for first in range(0, len(wishes), CHUNK):
        chunk = wishes[first : first + CHUNK]
        answers = await ports.ledger.reserve_many([wish for _, wish in chunk], run)
        for (assignment, _), answer in zip(chunk, answers, strict=True):
            if isinstance(answer, Reserved):
                reserved.append((assignment, answer))
            else:
                count_refusals(
                    draft, assignment.option.ranked, ((each.reason, each.rule) for each in answer.refusals)
                )
        await say(progress, min(first + CHUNK, len(wishes)), len(wishes), "reserving places")
    return reserved


def _wishes(draft: Draft, assignments: Iterable[Assignment]) -> Iterable[tuple[Assignment, Wish]]:
    """A wish for each treated place, numbered so that (day, customer, rank) stays unique."""
    for each in assignments:
        ranked, profile = each.option.ranked, draft.profiles[each.option.customer]
        ranks = draft.taken.setdefault(profile.customer, set())
        if len(ranks) >= draft.playbook.operator.contacts_per_day:
            continue
        number = next(n for n in range(1, len(ranks) + 2) if n not in ranks)
        ranks.add(number)
        yield (
            each,
            Wish(
                profile=profile,
                candidate=ranked.candidate,
                priority=ranked.priority.total,
                playbook=draft.playbook,
                valid_until=valid_until(draft.playbook, ranked.candidate.strategy, draft.start),
                planned_at=each.at,
                judged=True,
                day=draft.day.isoformat(),
                rank=number,
                reasons=task_reasons(Gathered(draft.moment, draft.playbook, profile), ranked),
            ),
        )


def _would_have(draft: Draft, assignment: Assignment) -> WouldHave:
    ranked, profile = assignment.option.ranked, draft.profiles[assignment.option.customer]
    candidate = ranked.candidate
    return WouldHave(
        draft.day.isoformat(), profile.customer, candidate.strategy, candidate.offer, candidate.channel, ranked.arm,
        assignment.at, profile.unit,
    )  # fmt: skip


def count_unplaced(draft: Draft, allocation: Allocation) -> None:
    """Who found no place, and who would have had one but for the control group."""
    for option in allocation.no_capacity:
        count_refusals(draft, option.ranked, (("no_capacity", CAPACITY),))
    for each in allocation.assignments:
        if each.would_have:
            count_refusals(draft, each.option.ranked, (("control_group", each.option.ranked.arm),))


def _answer(
    draft: Draft, day: str, cancelled: int, reserved: Sequence[tuple[Assignment, Reserved]], control: int,
    no_capacity: int,
) -> PlanAnswer:  # fmt: skip
    by_channel = Counter(assignment.option.channel for assignment, _ in reserved)
    rules: Counter[str] = Counter()
    for (_, _, _, rule), count in draft.refusals.items():
        rules[rule] += count
    value = sum(assignment.option.value for assignment, _ in reserved)
    return PlanAnswer(
        day=day,
        customers=draft.customers,
        candidates=draft.candidates,
        reserved=len(reserved),
        control=control,
        no_capacity=no_capacity,
        cancelled=cancelled,
        by_channel={name: by_channel[name] for name in draft.hours if by_channel[name]},
        refusals=dict(rules.most_common()),
        value_minor=round(value * draft.playbook.operator.minor_per_major),
    )


def _summary(answer: PlanAnswer, moment: Moment, allocation: Allocation) -> dict[str, Any]:
    """What is kept of a plan beside its rows; ``left`` are places nobody took, by channel."""
    left: Counter[str] = Counter()
    for (channel, _), places in allocation.left.items():
        left[channel] += places
    return {
        "customers": answer.customers,
        "candidates": answer.candidates,
        "reserved": answer.reserved,
        "control": answer.control,
        "no_capacity": answer.no_capacity,
        "cancelled": answer.cancelled,
        "by_channel": answer.by_channel,
        "value_minor": answer.value_minor,
        "left": dict(left),
        "at": moment.at,
    }

"""Many customers, one day: eligible → ranking → verdicts → allocation → reservation, as ``decide`` for one."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contact.domain.answers import PlanAnswer
from contact.flow.capacity import Hour, best_hour, hours_allowed, hours_of
from contact.flow.decide import task_reasons
from contact.flow.gather import Gathered, facts_of, placed
from contact.flow.weigh import fields_missing_in_text
from contact.ports import Moment, Ports, Reserved, Wish, WouldHave
from strategies.allocation import Allocation, Assignment, Option, allocate
from strategies.calendar import start_of_day
from strategies.candidate import Ranked
from strategies.eligibility import AUDIENCE, candidates
from strategies.instants import DAY, Instant
from strategies.playbook import Playbook
from strategies.problems import Problem, ProblemsFound, Where
from strategies.profile import Profile
from strategies.ranking import rank
from strategies.verdict import Verdict

Progress = Callable[[int, int | None, str], Any]
"""Called with (done, total, message); may be a coroutine function."""

CHUNK = 200
"""Wishes reserved in one commit."""
CAPACITY = "plan.capacity"
ENDED = "cancelled"


@dataclass(slots=True)
class _Draft:
    """What a plan knows before it reserves anything."""

    playbook: Playbook
    moment: Moment
    day: date
    hours: dict[str, tuple[Hour, ...]]
    kept: dict[str, set[int]]
    """Customer → ranks of that day's tasks that stay because somebody has touched them."""
    profiles: dict[str, Profile] = field(default_factory=dict)
    options: list[Option] = field(default_factory=list)
    refusals: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    customers: int = 0
    candidates: int = 0


async def plan(ports: Ports, day: str, progress: Progress | None = None) -> PlanAnswer:
    """Reserve the most valuable lawful contacts of a day; planning it again first cancels its untouched tasks.

    A place that a reservation refuses stays free and is counted under the rule that refused it. ``day`` is a local
    day of the operator, ``2026-03-02``. Raises ProblemsFound for a day that is malformed or over.
    """
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    on = _day(day, playbook, moment.at)
    cancelled = await ports.tasks.cancel_untouched(day)
    draft = _Draft(playbook, moment, on, hours_of(playbook, on, moment.at), await _kept(ports, day))
    total = await ports.customers.count()
    async for profiles in ports.profiles.all(playbook):
        for profile in profiles:
            _weigh(draft, profile)
        await _say(progress, draft.customers, total, "weighing candidates")
    capacity = {(name, hour.at): hour.places for name, hours in draft.hours.items() for hour in hours}
    allocation = allocate(draft.options, capacity, playbook.operator.contacts_per_day)
    reserved = await _reserve(ports, draft, allocation, progress)
    control = [_would_have(draft, each) for each in allocation.assignments if each.would_have]
    _count_unplaced(draft, allocation)
    answer = _answer(draft, day, cancelled, reserved, len(control), len(allocation.no_capacity))
    await ports.plans.record(day, control, draft.refusals, _summary(answer, moment, allocation))
    await _say(progress, total, total, "planned")
    return answer


def _day(day: str, playbook: Playbook, now: Instant) -> date:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        hint = "write it as 2026-03-02"
        raise ProblemsFound(
            [Problem("value.date", f"{day!r} is not a day", Where("request"), hint)]
        ) from None
    if start_of_day(playbook.operator.zone, on.toordinal() + 1) <= now:
        hint = "plan today or a later day of the operator's zone"
        raise ProblemsFound([Problem("value.date", f"{day} is over", Where("request"), hint)])
    return on


async def _kept(ports: Ports, day: str) -> dict[str, set[int]]:
    """That day's living tasks, page by page."""
    kept: dict[str, set[int]] = {}
    after: str | None = None
    while page := await ports.tasks.list(day=day, after=after, limit=500):
        for row in page:
            if row.state != ENDED:
                kept.setdefault(row.customer, set()).add(row.rank)
        after = page[-1].id
    return kept


def _weigh(draft: _Draft, profile: Profile) -> None:
    """One customer: what is eligible, in order, and the hours in which the rules allow it."""
    draft.customers += 1
    playbook, now = draft.playbook, draft.moment.at
    if len(draft.kept.get(profile.customer, ())) >= playbook.operator.contacts_per_day:
        return
    start = start_of_day(playbook.operator.zone, draft.day.toordinal())
    asked = Instant(max(start, now))
    eligible = candidates(playbook, profile, asked, draft.hours)
    for gate in eligible.refused:
        if gate.refusal.rule != AUDIENCE or gate.refusal.reason == "unknown_field":
            draft.refusals[gate.strategy, gate.channel, gate.refusal.reason, gate.refusal.rule] += 1
    before = len(draft.options)
    for ranked in rank(playbook, profile, eligible.candidates, asked):
        draft.candidates += 1
        _ask_hours(draft, profile, ranked, start)
    if len(draft.options) > before:
        draft.profiles[profile.customer] = profile


def _ask_hours(draft: _Draft, profile: Profile, ranked: Ranked, start: Instant) -> None:
    playbook, candidate = draft.playbook, ranked.candidate
    hours = draft.hours[candidate.channel]
    missing = fields_missing_in_text(playbook, profile, candidate)
    if missing is not None:
        draft.refusals[candidate.strategy, candidate.channel, "unknown_field", "channel.text"] += 1
        return
    allowed, refused = hours_allowed(
        playbook, candidate, profile, hours, _valid_until(playbook, candidate.strategy, start)
    )
    if not allowed:
        _count(draft, ranked, _lasting(refused, hours[-1].at) if refused is not None else _EXPIRED)
        return
    way = placed(playbook, candidate).way
    preferred = None
    if way is not None and way.best_hour_field is not None:
        value = facts_of(playbook, profile, candidate.line).get(way.best_hour_field)
        preferred = best_hour(playbook, profile, draft.day, hours, value)
    draft.options.append(
        Option(profile.customer, profile.customer_hash, ranked, ranked.priority.total, allowed, preferred)
    )


_EXPIRED = (("expired", "task.expired"),)


def _lasting(refused: Verdict, last: Instant) -> tuple[tuple[str, str], ...]:
    """The refusals that no hour of the day clears; all, where only together they leave no hour."""
    pairs = tuple(
        (each.reason, each.rule) for each in refused.refusals if each.until is None or each.until > last
    )
    return pairs or tuple((each.reason, each.rule) for each in refused.refusals)


def _count(draft: _Draft, ranked: Ranked, pairs: Iterable[tuple[str, str]]) -> None:
    for reason, rule in dict.fromkeys(pairs):
        draft.refusals[ranked.candidate.strategy, ranked.candidate.channel, reason, rule] += 1


def _valid_until(playbook: Playbook, strategy: str, start: Instant) -> Instant:
    """When a task of this strategy stops being valid: its ``task_valid`` after the day began, else the day's end."""
    found = playbook.strategy(strategy)
    return Instant(start + (found.task_valid_for if found is not None and found.task_valid_for else DAY))


async def _reserve(
    ports: Ports, draft: _Draft, allocation: Allocation, progress: Progress | None
) -> list[tuple[Assignment, Reserved]]:
    """Reserve what was allocated, in order of value, a chunk a commit."""
    wishes = list(_wishes(draft, (each for each in allocation.assignments if not each.would_have)))
    reserved: list[tuple[Assignment, Reserved]] = []
    for first in range(0, len(wishes), CHUNK):
        chunk = wishes[first : first + CHUNK]
        answers = await ports.ledger.reserve_many([wish for _, wish in chunk])
        for (assignment, _), answer in zip(chunk, answers, strict=True):
            if isinstance(answer, Reserved):
                reserved.append((assignment, answer))
            else:
                _count(
                    draft, assignment.option.ranked, ((each.reason, each.rule) for each in answer.refusals)
                )
        await _say(progress, min(first + CHUNK, len(wishes)), len(wishes), "reserving places")
    return reserved


def _wishes(draft: _Draft, assignments: Iterable[Assignment]) -> Iterable[tuple[Assignment, Wish]]:
    """A wish for each treated place, numbered so that (day, customer, rank) stays unique."""
    taken = {customer: set(ranks) for customer, ranks in draft.kept.items()}
    start = start_of_day(draft.playbook.operator.zone, draft.day.toordinal())
    for each in assignments:
        ranked, profile = each.option.ranked, draft.profiles[each.option.customer]
        ranks = taken.setdefault(profile.customer, set())
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
                valid_until=_valid_until(draft.playbook, ranked.candidate.strategy, start),
                planned_at=each.at,
                day=draft.day.isoformat(),
                rank=number,
                reasons=task_reasons(Gathered(draft.moment, draft.playbook, profile), ranked),
            ),
        )


def _would_have(draft: _Draft, assignment: Assignment) -> WouldHave:
    ranked, profile = assignment.option.ranked, draft.profiles[assignment.option.customer]
    candidate = ranked.candidate
    return WouldHave(
        draft.day.isoformat(), profile.customer, candidate.strategy, candidate.offer, candidate.channel, ranked.arm,
        assignment.at, profile.unit,
    )  # fmt: skip


def _count_unplaced(draft: _Draft, allocation: Allocation) -> None:
    for option in allocation.no_capacity:
        _count(draft, option.ranked, (("no_capacity", CAPACITY),))
    for each in allocation.assignments:
        if each.would_have:
            _count(draft, each.option.ranked, (("control_group", each.option.ranked.arm),))


def _answer(
    draft: _Draft, day: str, cancelled: int, reserved: Sequence[tuple[Assignment, Reserved]], control: int,
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


async def _say(progress: Progress | None, done: int, total: int | None, message: str) -> None:
    """Report progress, and let other work of this process have its turn."""
    if progress is not None:
        answer = progress(done, total, message)
        if inspect.isawaitable(answer):
            await answer
    await asyncio.sleep(0)

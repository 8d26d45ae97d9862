"""A plan's draft: who could be reached in which hours of the day, and what was refused, before anything is reserved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from contact.flow.capacity import Hour, best_hour, hours_allowed
from contact.flow.gather import facts_of, placed
from contact.flow.weigh import fields_missing_in_text
from contact.ports import Moment, TaskRow
from strategies.allocation import Option
from strategies.calendar import start_of_day
from strategies.candidate import Ranked
from strategies.eligibility import AUDIENCE, candidates
from strategies.instants import DAY, Instant
from strategies.playbook import Playbook
from strategies.profile import Profile
from strategies.ranking import rank
from strategies.verdict import Verdict


@dataclass(slots=True)
class Draft:
    """What a plan knows before it reserves anything."""

    playbook: Playbook
    moment: Moment
    day: date
    hours: dict[str, tuple[Hour, ...]]
    kept: list[TaskRow]
    """That day's tasks that stay because somebody has touched them."""
    taken: dict[str, set[int]] = field(default_factory=dict)
    """Customer → ranks that are taken."""
    profiles: dict[str, Profile] = field(default_factory=dict)
    options: list[Option] = field(default_factory=list)
    refusals: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    customers: int = 0
    candidates: int = 0


def weigh_customer(draft: Draft, profile: Profile) -> None:
    """One customer: what is eligible, in order, and the hours in which the rules allow it."""
    draft.customers += 1
    playbook, now = draft.playbook, draft.moment.at
    if len(draft.taken.get(profile.customer, ())) >= playbook.operator.contacts_per_day:
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


def _ask_hours(draft: Draft, profile: Profile, ranked: Ranked, start: Instant) -> None:
    playbook, candidate = draft.playbook, ranked.candidate
    hours = draft.hours[candidate.channel]
    missing = fields_missing_in_text(playbook, profile, candidate)
    if missing is not None:
        draft.refusals[candidate.strategy, candidate.channel, "unknown_field", "channel.text"] += 1
        return
    allowed, refused = hours_allowed(
        playbook, candidate, profile, hours, valid_until(playbook, candidate.strategy, start)
    )
    if not allowed:
        count_refusals(draft, ranked, _lasting(refused, hours[-1].at) if refused is not None else _EXPIRED)
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


def count_refusals(draft: Draft, ranked: Ranked, pairs: Iterable[tuple[str, str]]) -> None:
    for reason, rule in dict.fromkeys(pairs):
        draft.refusals[ranked.candidate.strategy, ranked.candidate.channel, reason, rule] += 1


def valid_until(playbook: Playbook, strategy: str, start: Instant) -> Instant:
    """When a task of this strategy stops being valid: its ``task_valid`` after the day began, else the day's end."""
    found = playbook.strategy(strategy)
    return Instant(start + (found.task_valid_for if found is not None and found.task_valid_for else DAY))

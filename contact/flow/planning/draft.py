"""A plan's draft: who could be reached in which hours of the day, and what was refused, before anything is reserved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from contact.flow.deciding.capacity import Hour, best_hour, hours_allowed
from contact.flow.deciding.weigh import fields_missing_in_text
from contact.flow.gather import facts_of, placed
from contact.ports import Moment, TaskRow
from strategies.candidate import Ranked
from strategies.declared.calendar import start_of_day
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant
from strategies.offering.allocation import Option
from strategies.offering.eligibility import candidates
from strategies.offering.gates import AUDIENCE
from strategies.offering.ranking import rank
from strategies.profile import Profile
from strategies.verdict import Verdict

Pairs = tuple[tuple[str, str], ...]
"""(reason, rule) of refusals."""
RefusalKey = tuple[str, str, str, str]
"""(strategy, channel, reason, rule) under which a refusal is counted."""


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
    refusals: Counter[RefusalKey] = field(default_factory=Counter)
    customers: int = 0
    candidates: int = 0
    start: Instant = field(init=False)
    """When the operator's day begins."""

    def __post_init__(self) -> None:
        self.start = start_of_day(self.playbook.operator.zone, self.day.toordinal())


@dataclass(frozen=True, slots=True)
class Ordered:
    """What could be offered to one customer, in order of priority, and which gates others did not pass."""

    ranked: tuple[Ranked, ...]
    not_eligible: tuple[RefusalKey, ...]


def weigh_customer(draft: Draft, profile: Profile) -> None:
    """One customer: what is eligible, in order, and the hours in which the rules allow it."""
    draft.customers += 1
    if len(draft.taken.get(profile.customer, ())) >= draft.playbook.operator.contacts_per_day:
        return
    ordered = put_in_order(draft, profile)
    draft.refusals.update(ordered.not_eligible)
    before = len(draft.options)
    for ranked in ordered.ranked:
        draft.candidates += 1
        found = hole_refusal(draft, profile, ranked) or ask_hours(draft, profile, ranked)
        if isinstance(found, Option):
            draft.options.append(found)
        else:
            count_refusals(draft, ranked, found)
    if len(draft.options) > before:
        draft.profiles[profile.customer] = profile


def put_in_order(draft: Draft, profile: Profile) -> Ordered:
    """Eligible → ranking, as of the beginning of the day or now, if that is later."""
    playbook, asked = draft.playbook, Instant(max(draft.start, draft.moment.at))
    eligible = candidates(playbook, profile, asked, draft.hours)
    not_eligible = tuple(
        (gate.strategy, gate.channel, gate.refusal.reason, gate.refusal.rule)
        for gate in eligible.refused
        if gate.refusal.rule != AUDIENCE or gate.refusal.reason == "unknown_field"
    )
    return Ordered(tuple(rank(playbook, profile, eligible.candidates, asked)), not_eligible)


def hole_refusal(draft: Draft, profile: Profile, ranked: Ranked) -> Pairs | None:
    """Refused because its message names a field that is not known; None where it can be said whole."""
    missing = fields_missing_in_text(draft.playbook, profile, ranked.candidate)
    return None if missing is None else (("unknown_field", "channel.text"),)


def ask_hours(draft: Draft, profile: Profile, ranked: Ranked) -> Option | Pairs:
    """The hours of the day in which the rules allow it, or (reason, rule) of all that refuse it."""
    playbook, candidate = draft.playbook, ranked.candidate
    hours = draft.hours[candidate.channel]
    allowed, refused = hours_allowed(
        playbook, candidate, profile, hours, valid_until(playbook, candidate.strategy, draft.start)
    )
    if not allowed:
        return _lasting(refused, hours[-1].at) if refused is not None else _EXPIRED
    way = placed(playbook, candidate).way
    preferred = None
    if way is not None and way.best_hour_field is not None:
        value = facts_of(playbook, profile, candidate.line).get(way.best_hour_field)
        preferred = best_hour(playbook, profile, draft.day, hours, value)
    return Option(profile.customer, profile.customer_hash, ranked, ranked.priority.total, allowed, preferred)


_EXPIRED = (("expired", "task.expired"),)


def _lasting(refused: Verdict, last: Instant) -> Pairs:
    """The refusals that no hour of the day clears; all, where only together they leave no hour."""
    pairs = tuple(
        (each.reason, each.rule) for each in refused.refusals if each.until is None or each.until > last
    )
    return pairs or tuple((each.reason, each.rule) for each in refused.refusals)


def count_refusals(draft: Draft, ranked: Ranked, pairs: Iterable[tuple[str, str]]) -> None:
    """Each rule that refuses a candidate counts once."""
    draft.refusals.update(refusal_keys(ranked, pairs))


def refusal_keys(ranked: Ranked, pairs: Iterable[tuple[str, str]]) -> list[RefusalKey]:
    """Under what these refusals of a candidate are counted."""
    candidate = ranked.candidate
    return [(candidate.strategy, candidate.channel, reason, rule) for reason, rule in dict.fromkeys(pairs)]


def valid_until(playbook: Playbook, strategy: str, start: Instant) -> Instant:
    """When a task of this strategy stops being valid: its ``task_valid`` after the day began, else the day's end."""
    found = playbook.strategy(strategy)
    return Instant(start + (found.task_valid_for if found is not None and found.task_valid_for else DAY))

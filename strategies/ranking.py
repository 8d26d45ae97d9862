"""Ranking: candidates in order of priority, each with the factors it is the product of.

``priority = propensity × context × value × lever``; a factor that the strategy switches off is 1. A candidate whose
propensity field is empty is eligible only where the customer was drawn to explore the offer; it then has a smoothed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from strategies.asking import facts_of
from strategies.candidate import Candidate, Priority, Ranked
from strategies.eligibility import arm
from strategies.exploring import lacks_propensity, smoothed_propensity
from strategies.gates import gates_of
from strategies.instants import Instant
from strategies.playbook import Offer, Playbook, Strategy, StrategyChannel
from strategies.profile import FieldValue, Line, Profile

_NEVER = 1 << 62


def lever_of(strategy: Strategy, offer: Offer) -> float:
    """Levers add, then apply once: 25, 10 and 20 percent are 1.55."""
    return 1 + (strategy.lever_category_percent + strategy.lever_family_percent + offer.lever_percent) / 100


def _propensity(used: StrategyChannel, facts: Mapping[str, FieldValue]) -> float:
    if used.propensity_field is None:
        return 1.0 if used.propensity is None else used.propensity
    value = facts.get(used.propensity_field)
    return float(value) if isinstance(value, (int, float)) else 0.0


def priority_of(
    playbook: Playbook,
    strategy: Strategy,
    offer: Offer,
    channel: str,
    facts: Mapping[str, FieldValue],
    now: Instant,
) -> Priority:
    """The factors of one candidate's priority."""
    off = strategy.switched_off
    contexts = () if "context" in off else strategy.contexts
    matched = [each for each in contexts if each.when.decide(facts, now) is True] if contexts else []
    used = offer.channels[channel]
    explored = lacks_propensity(strategy, used, facts)
    known = smoothed_propensity(playbook, channel, facts) if explored else _propensity(used, facts)
    return Priority(
        propensity=1.0 if "propensity" in off else known,
        context=1 + sum(context.weight for context in matched) / 100 if matched else 1.0,
        value_major=1.0 if "value" in off else offer.value_minor / playbook.operator.minor_per_major,
        lever=1.0 if "lever" in off else lever_of(strategy, offer),
        matched_contexts=tuple(context.name for context in matched),
        switched_off=tuple(sorted(off)) if off else (),
        explored=explored,
    )


def _expiry(strategy: Strategy, now: Instant) -> int:
    """When a task of this strategy would stop being valid."""
    ends = [_NEVER if strategy.valid_until is None else strategy.valid_until]
    if strategy.task_valid_for:
        ends.append(now + strategy.task_valid_for)
    return min(ends)


def _last_contacts(profile: Profile) -> dict[tuple[str, str], int]:
    """When this customer was last contacted about each offer."""
    last: dict[tuple[str, str], int] = {}
    for contact in profile.contacts:
        if contact.customer == profile.customer and contact.strategy:
            key = (contact.strategy, contact.offer)
            last[key] = max(last.get(key, 0), contact.moments.get("attempt", contact.planned_at))
    return last


def rank(playbook: Playbook, profile: Profile, candidates: Iterable[Candidate], now: Instant) -> list[Ranked]:
    """The candidates by priority, highest first; control candidates stay in their place and are marked.

    Ties: earlier expiry, then the offer this customer was least recently contacted about, then strategy, offer,
    channel and line by code point.
    """
    found = list(candidates)
    if not found:
        return []
    playbook = playbook.at(now)
    own_facts = facts_of(playbook, profile)
    facts_by_line = {line.id: facts_of(playbook, profile, line) for line in _lines_in(found, profile)}
    placed = gates_of(playbook).placed
    last = _last_contacts(profile)
    arms: dict[str, str] = {}
    keyed = []
    for candidate in found:
        strategy, offer = placed[candidate.strategy, candidate.offer]
        facts = facts_by_line.get(candidate.line, own_facts) if candidate.line is not None else own_facts
        priority = priority_of(playbook, strategy, offer, candidate.channel, facts, now)
        if strategy.id not in arms:
            arms[strategy.id] = arm(playbook, strategy, profile)
        key = (
            -priority.total,
            _expiry(strategy, now),
            last.get((candidate.strategy, candidate.offer), -1),
            candidate.strategy, candidate.offer, candidate.channel, candidate.line or "",
        )  # fmt: skip
        keyed.append((key, candidate, priority))
    keyed.sort(key=lambda item: item[0])
    return [
        Ranked(place, candidate, priority, arms[candidate.strategy])
        for place, (_, candidate, priority) in enumerate(keyed, start=1)
    ]


def _lines_in(candidates: list[Candidate], profile: Profile) -> list[Line]:
    named = {candidate.line for candidate in candidates}
    return [line for line in profile.lines if line.id in named] if named != {None} else []

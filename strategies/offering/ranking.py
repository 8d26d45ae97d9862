"""Ranking: candidates in order of priority, each with the factors it is the product of.

``priority = propensity × context × value × lever``; a factor that the strategy switches off is 1. A candidate whose
propensity field is empty is eligible only where the customer was drawn to explore the offer; it then has a smoothed one.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from strategies.candidate import Candidate, Priority, Ranked
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.asking import facts_of
from strategies.offering.eligibility import UNIVERSAL_CONTROL, in_universal_control, strategy_arm
from strategies.offering.exploring import smoothed_propensity
from strategies.offering.gates import gates_of
from strategies.offering.standing import Standing
from strategies.profile import Facts, Line, Profile


def _by_field(
    playbook: Playbook, standing: Standing, matched: int, channel: str, facts: Facts
) -> tuple[float, Priority]:
    """Minus the priority of a candidate whose propensity is the customer's own, and its factors."""
    value = facts.get(standing.propensity_field or "")
    if value is None:
        priority = standing.priority(matched, smoothed_propensity(playbook, channel, facts), explored=True)
    else:
        priority = standing.priority(matched, float(value) if isinstance(value, (int, float)) else 0.0)
    return -priority.total, priority


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
    lines = _lines_in(found, profile) if profile.lines else ()
    facts_by_line = {line.id: facts_of(playbook, profile, line) for line in lines}
    standings = gates_of(playbook).standings
    in_universal = in_universal_control(playbook, profile)
    arms: dict[str, str] = {}
    weighed = []
    for candidate in found:
        name, line = candidate.strategy, candidate.line
        standing = standings[name, candidate.offer, candidate.channel]
        facts = own_facts if line is None else facts_by_line.get(line, own_facts)
        matched = 0
        for bit, decide, _ in standing.contexts:
            if decide(facts, now) is True:
                matched |= bit
        if standing.propensity_field is None:
            total, priority = standing.weighed.get(matched) or standing.weigh(matched)
        else:
            total, priority = _by_field(playbook, standing, matched, candidate.channel, facts)
        arm = arms.get(name)
        if arm is None:
            universal = in_universal and standing.promotional
            arm = arms[name] = UNIVERSAL_CONTROL if universal else strategy_arm(standing.strategy, profile)
        weighed.append((total, standing, candidate, priority, arm))
    ordered = _in_order(weighed, profile, now)
    return [
        Ranked(place, candidate, priority, arm)
        for place, (_, _, candidate, priority, arm) in enumerate(ordered, start=1)
    ]


_Weighed = tuple[float, Standing, Candidate, Priority, str]
_TOTAL = itemgetter(0)


def _in_order(weighed: list[_Weighed], profile: Profile, now: Instant) -> list[_Weighed]:
    """By priority; what decides ties is looked up only where there are any, which is seldom."""
    if len(set(map(_TOTAL, weighed))) == len(weighed):
        return sorted(weighed, key=_TOTAL)
    last = _last_contacts(profile)

    def key(each: _Weighed) -> tuple[float, int, int, str, str, str, str]:
        total, standing, of, _, _ = each
        contacted = last.get((of.strategy, of.offer), -1)
        return total, standing.expires(now), contacted, of.strategy, of.offer, of.channel, of.line or ""

    return sorted(weighed, key=key)


def _lines_in(candidates: list[Candidate], profile: Profile) -> list[Line]:
    named = {candidate.line for candidate in candidates}
    return [line for line in profile.lines if line.id in named]

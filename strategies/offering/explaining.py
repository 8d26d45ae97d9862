"""Explaining: each candidate, each gate it met, the values compared there, and when it would pass.

Nothing is read a second time: gates are asked through the functions that decide, and only what they compared is added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from strategies.candidate import Candidate, Ranked
from strategies.declared.calendar import local_datetime
from strategies.declared.playbook import (
    Channel,
    ComparedLeaf,
    Condition,
    Law,
    Offer,
    Playbook,
    Rule,
    Strategy,
)
from strategies.instants import Instant
from strategies.judging.applying import applying_rules, conditions_of, holds_at, is_met
from strategies.judging.asking import Asking, facts_of
from strategies.judging.caps import cap_use
from strategies.judging.judge import findings, judge, validity_refusal
from strategies.judging.resting import RESTS, rest_words
from strategies.offering.eligibility import (
    audience_refusal,
    candidate_of,
    channels_of,
    lines_of,
    needs_refusal,
    number_for,
    suitable_refusal,
)
from strategies.offering.exploring import is_drawn
from strategies.offering.ranking import rank
from strategies.problems import Where
from strategies.profile import Facts, Line, Profile
from strategies.verdict import Refusal


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate a candidate met; ``passed`` is None where it was not reached.

    ``name`` is ``validity, audience, suitable, needs, control, ranking, consent, store.unreachable`` or a rule's id.
    """

    name: str
    passed: bool | None
    place: Where | None = None
    compared: tuple[ComparedLeaf, ...] = ()
    until: Instant | None = None
    detail: str = ""
    refusal: Refusal | None = None
    law: Law | None = None
    """What the rule rests on."""
    owner: str = ""
    """Who answers for the rule."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything one candidate met on its way; ``ranked`` is None where it never became a candidate."""

    strategy: str
    offer: str
    channel: str
    line: str | None
    gates: tuple[Gate, ...]
    ranked: Ranked | None
    allowed: bool
    until: Instant | None
    """When contact rules all allow it, where they do not now."""


def gate_of(
    name: str, refusal: Refusal | None, place: Where | None = None, compared: tuple[ComparedLeaf, ...] = ()
) -> Gate:
    """A gate as its refusal, or the lack of one, says."""
    if refusal is None:
        return Gate(name, True, place, compared)
    return Gate(name, False, refusal.place or place, compared, refusal.until, refusal.detail, refusal)


def _compared(condition: Condition | None, facts: Facts, at: Instant) -> tuple[ComparedLeaf, ...]:
    return () if condition is None else condition.explain(facts, at)[1]


def _rule_gate(rule: Rule, refusal: Refusal | None, asking: Asking, at: Instant) -> Gate:
    compared = tuple(
        leaf
        for condition in conditions_of(asking.playbook, rule)
        for leaf in condition.explain(asking.facts, at)[1]
    )
    gate = replace(gate_of(rule.id, refusal, rule.place, compared), law=rule.law, owner=rule.owner)
    if refusal is not None:
        return gate
    if not is_met(rule, asking, at):
        return replace(gate, detail="does not apply")
    if rule.effect in RESTS:
        return replace(gate, detail=rest_words(rule, asking, at))
    use = cap_use(rule, asking, at) if rule.effect == "cap" else None
    return gate if use is None else replace(gate, detail=use.words)


def _unmet_in_time(rule: Rule, asking: Asking, at: Instant) -> Gate:
    """A rule outside its validity: it passes, and says from or until when it holds."""
    zone = asking.operator.zone
    if rule.valid_from is not None and at < rule.valid_from:
        words = f"in force from {local_datetime(zone, rule.valid_from):%Y-%m-%d}"
    else:
        words = f"in force before {local_datetime(zone, rule.valid_until or at):%Y-%m-%d}"
    return Gate(rule.id, True, rule.place, detail=words, law=rule.law, owner=rule.owner)


def policy_gates(
    playbook: Playbook, candidate: Candidate, profile: Profile, now: Instant
) -> tuple[Gate, ...]:
    """What contact policy says of one candidate, gate by gate; the same findings a verdict is made of.

    Rules that do not hold at the instant come last; of one id with several validities only where none holds.
    """
    asking = Asking(playbook, candidate, profile)
    gates = [
        gate_of(name, refusal) if rule is None else _rule_gate(rule, refusal, asking, now)
        for name, rule, refusal in findings(asking, now)
    ]
    shown = {gate.name for gate in gates}
    for rule in applying_rules(playbook, candidate, profile):
        if rule.id not in shown and not holds_at(rule, now):
            shown.add(rule.id)
            gates.append(_unmet_in_time(rule, asking, now))
    return tuple(gates)


def _control_gate(ranked: Ranked, strategy: Strategy) -> Gate:
    """Being in a control group is no refusal of the rules: it takes the place away and keeps the record."""
    if not ranked.in_control:
        return Gate("control", True, strategy.place)
    refusal = Refusal(
        "control_group", ranked.arm, None, strategy.place, on_hit="drop", detail="walks, but takes no place"
    )
    return gate_of("control", refusal)


def _ranking_gate(ranked: Ranked) -> Gate:
    factors = ranked.priority
    words = (
        f"place {ranked.rank}: {factors.total:.6g} = propensity {factors.propensity:.6g} × context {factors.context:.6g}"
        f" × value {factors.value_major:.6g} × lever {factors.lever:.6g}"
    )
    if factors.explored:
        words += " (exploring: the propensity is smoothed, none is known)"
    if factors.switched_off:
        words += f" (switched off: {', '.join(factors.switched_off)})"
    return Gate("ranking", True, ranked.candidate.place, detail=words)


@dataclass(frozen=True, slots=True)
class _Way:
    """One offer in one channel for one line, with the gates before contact policy."""

    strategy: Strategy
    offer: Offer
    channel: Channel
    line: Line | None
    gates: tuple[Gate, ...]
    candidate: Candidate | None


def _ways(
    playbook: Playbook, profile: Profile, strategy: Strategy, asked: Collection[str] | None, now: Instant
) -> Iterator[_Way]:
    own = facts_of(playbook, profile)
    explored = is_drawn(playbook, strategy, profile, now)
    outer = (
        gate_of("validity", validity_refusal(strategy, now), strategy.place),
        gate_of(
            "audience",
            audience_refusal(strategy, own, now),
            strategy.audience.place,
            _compared(strategy.audience, own, now),
        ),
    )
    for offer in strategy.offers:
        for line in lines_of(offer, profile):
            facts = own if line is None else facts_of(playbook, profile, line)
            suitable = gate_of(
                "suitable",
                suitable_refusal(offer, facts, now),
                offer.place,
                _compared(offer.suitable, facts, now),
            )
            for channel in channels_of(playbook, offer, asked):
                number = number_for(profile, line)
                used = offer.channels[channel.name]
                needs = needs_refusal(strategy, offer, used, channel, number, facts, explored)
                gates = _until_first_failure((*outer, suitable, gate_of("needs", needs, offer.place)))
                passed = all(gate.passed for gate in gates)
                candidate = (
                    candidate_of(playbook, strategy, offer, channel, profile, line) if passed else None
                )
                yield _Way(strategy, offer, channel, line, gates, candidate)


def _until_first_failure(gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """Gates after the first that failed are shown as not reached."""
    failed = next((index for index, gate in enumerate(gates) if not gate.passed), len(gates))
    return tuple(
        gate if index <= failed else Gate(gate.name, None, gate.place) for index, gate in enumerate(gates)
    )


def explain(
    playbook: Playbook,
    profile: Profile,
    now: Instant,
    channels: Collection[str] | None = None,
    *,
    strategies: Collection[str] | None = None,
) -> list[Explained]:
    """Every offer of the asked strategies in every asked channel, ranked candidates first, in their order."""
    playbook = playbook.at(now)
    ways = [
        way
        for strategy in playbook.strategies
        if strategies is None or strategy.id in strategies
        for way in _ways(playbook, profile, strategy, channels, now)
    ]
    ranking = rank(playbook, profile, [way.candidate for way in ways if way.candidate is not None], now)
    places = {ranked.candidate: ranked for ranked in ranking}
    explained = [_explained(playbook, profile, way, places, now) for way in ways]
    return sorted(
        explained, key=lambda each: each.ranked.rank if each.ranked is not None else len(explained) + 1
    )


def _explained(
    playbook: Playbook, profile: Profile, way: _Way, places: dict[Candidate, Ranked], now: Instant
) -> Explained:
    line = way.line.id if way.line is not None else None
    if way.candidate is None:
        return Explained(way.strategy.id, way.offer.id, way.channel.name, line, way.gates, None, False, None)
    ranked = places[way.candidate]
    verdict = judge(playbook, way.candidate, profile, now)
    policy = policy_gates(playbook, way.candidate, profile, now)
    gates = (*way.gates, _control_gate(ranked, way.strategy), _ranking_gate(ranked), *policy)
    return Explained(
        way.strategy.id, way.offer.id, way.channel.name, line, gates, ranked, verdict.allowed, verdict.until
    )

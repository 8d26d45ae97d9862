"""Judging everybody at once: who is refused at one instant, and by which rules.

Twin of ``judging.judge``, which says the same of one customer and also when it clears; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np

from strategies.candidate import Candidate
from strategies.conditions.columns import Mask
from strategies.conditions.columns_masks import is_not_false
from strategies.declared.calendar import hours_open
from strategies.declared.playbook import Playbook, Rule
from strategies.instants import Instant
from strategies.judging.applying import conditions_of, holds_at, in_jurisdiction
from strategies.judging.asking import matches, units_above
from strategies.judging.asking_many import AskingMany, zone_fields
from strategies.judging.judge import VALIDITY, validity_refusal
from strategies.judging.many_consents import consent_refused
from strategies.judging.many_counts import capped
from strategies.judging.many_rests import cooling, paired, suppressed
from strategies.judging.people import People

CONSENT = "consent"
"""Among the effects asked for: whether consent allows it; ``validity``: whether the offer is valid."""
Refused = dict[str, Mask]
"""Rule or built-in name → whom it refuses; names that refuse nobody are left out."""


def refused_many(
    playbook: Playbook,
    candidate: Candidate,
    people: People,
    at: Instant,
    *,
    effects: Collection[str] | None = None,
) -> Refused:
    """Whom each rule refuses this candidate at the instant, for all customers at once.

    The candidate stands for the same offer to everybody; where its channel needs a number it goes to each customer's
    own. ``effects`` asks only rules of these effects (``consent`` and ``validity`` are the built-in ones); None asks all.
    """
    found: Refused = {}
    for name, refused in _each(AskingMany(playbook, candidate, people, at), effects):
        if refused.any():
            found[name] = found[name] | refused if name in found else refused
    return found


def fields_judged(playbook: Playbook, candidate: Candidate) -> frozenset[str]:
    """The fields that the rules for a candidate read: the columns its people must have."""
    conditions = [
        condition
        for rule in playbook.rules
        if _is_about(rule, candidate)
        for condition in conditions_of(playbook, rule)
    ]
    return zone_fields(playbook).union(*(condition.fields for condition in conditions))


def _each(asking: AskingMany, effects: Collection[str] | None) -> Iterable[tuple[str, Mask]]:
    playbook, candidate = asking.playbook, asking.candidate
    if effects is None or "validity" in effects:
        yield VALIDITY, np.full(asking.people.count, _invalid(playbook, candidate, asking.at))
    if effects is None or CONSENT in effects:
        channel = playbook.channels.get(candidate.channel)
        to_number = channel.needs_number if channel is not None else candidate.number_hash is not None
        yield from consent_refused(asking, to_number=to_number).items()
    for rule in playbook.rules:
        wanted = effects is None or rule.effect in effects
        if wanted and _is_about(rule, candidate) and holds_at(rule, asking.at):
            yield rule.id, refused_by(rule, asking)


def _is_about(rule: Rule, candidate: Candidate) -> bool:
    """Whether a rule looks at such a candidate at all, whoever is asked; mirrors ``applying._applies``."""
    if candidate.category in rule.exempt:
        return False
    return matches(rule.match, candidate) or (rule.pair is not None and matches(rule.pair.first, candidate))


def _invalid(playbook: Playbook, candidate: Candidate, at: Instant) -> bool:
    """Whether the playbook does not have the offer, or not at this instant."""
    if not candidate.strategy:
        return False
    strategy = playbook.strategy(candidate.strategy)
    if strategy is None or candidate.offer not in {"", *(offer.id for offer in strategy.offers)}:
        return True
    return validity_refusal(strategy, at) is not None


def refused_by(rule: Rule, asking: AskingMany) -> Mask:
    """Whom one rule refuses, of a candidate it is about and within its validity."""
    refused = _EFFECTS[rule.effect](rule, asking)
    if rule.match.units is not None and refused.any():
        refused = refused & _in_units(rule.match.units, asking)
    if rule.match.jurisdictions is not None and refused.any():
        refused = refused & _in_jurisdictions(rule, asking)
    for condition in conditions_of(asking.playbook, rule):
        if not refused.any():
            break
        refused = refused & is_not_false(condition, asking.people.columns, asking.at)
    return refused


def _in_units(units: frozenset[str], asking: AskingMany) -> Mask:
    """Who belongs to one of the units; who has no unit on file belongs to every one."""
    own = asking.people.unit
    table = [not units_above(asking.playbook, word).isdisjoint(units) for word in own.words]
    found: Mask = np.array([*table, True])[own.codes]
    return found


def _in_jurisdictions(rule: Rule, asking: AskingMany) -> Mask:
    """Where the rule holds; who has no jurisdiction on file is in the operator's."""
    own, general = asking.people.jurisdiction, asking.operator.jurisdiction
    table = [in_jurisdiction(rule.match, word or general) for word in (*own.words, None)]
    found: Mask = np.array(table, dtype=np.bool_)[own.codes]
    return found


def _everybody(rule: Rule, asking: AskingMany) -> Mask:
    return np.ones(asking.people.count, dtype=np.bool_)


def _closed(rule: Rule, asking: AskingMany) -> Mask:
    """For whom it is not open when the contact reaches them."""
    channel = asking.playbook.channels.get(asking.candidate.channel)
    reached = asking.at + (channel.lead_time if channel is not None else 0)
    table = [not hours_open(rule.open, zones, reached, rule.last_start) for zones in asking.zones(rule.zone)]
    found: Mask = np.array(table, dtype=np.bool_)[asking.zone.codes]
    return found


_EFFECTS: Mapping[str, Callable[[Rule, AskingMany], Mask]] = {
    "forbid": _everybody,
    "cap": capped,
    "hours": _closed,
    "suppress": suppressed,
    "pair": paired,
    "cooldown": cooling,
}

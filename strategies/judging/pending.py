"""What time alone can change of a verdict that allows: asked once for a stretch of time instead of at each hour."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.declared.playbook import Rule, Strategy
from strategies.instants import Instant
from strategies.judging.applying import applying, is_met, is_steady
from strategies.judging.asking import Asking
from strategies.judging.caps import cap_is_out_of_reach
from strategies.judging.consents import consent_refusal, consent_turns
from strategies.judging.judge import allows_from, effect_allows_from, validity_allows_from
from strategies.judging.resting import RESTS, rest_is_out_of_reach


@dataclass(frozen=True, slots=True)
class Pending:
    """What is left to ask, at later instants up to a last one, of a question that was allowed before."""

    strategy: Strategy | None
    """The candidate's strategy where it has validity dates."""
    consent: bool
    """Whether time alone may change what consent says."""
    rules: tuple[Rule, ...]
    turning: tuple[Rule, ...]
    """Those of which time may also change whether they apply."""


def pending(asking: Asking, since: Instant, until: Instant) -> Pending:
    """What time can change between an instant at which the question is allowed and a later one; facts stand still."""
    found = applying(asking.playbook, asking.candidate, asking.profile)
    rules: list[Rule] = []
    turning: list[Rule] = []
    for rule in found.timed:
        if not is_steady(asking.playbook, rule):
            turning.append(rule)
        elif is_met(rule, asking, since) and not _out_of_reach(rule, asking, since, until):
            rules.append(rule)
    consent = consent_turns(asking.profile, since, until)
    return Pending(found.strategy, consent, tuple(rules), tuple(turning))


def _out_of_reach(rule: Rule, asking: Asking, since: Instant, until: Instant) -> bool:
    if rule.effect == "cap":
        return cap_is_out_of_reach(rule, asking, since, until)
    return rule.effect in RESTS and rest_is_out_of_reach(rule, asking)


def stays_allowed(asking: Asking, left: Pending, at: Instant) -> bool:
    """Whether what was allowed is so at a later instant of the same stretch of time, as ``judged`` would say."""
    if left.strategy is not None and validity_allows_from(left.strategy, at) != at:
        return False
    if left.consent and consent_refusal(asking.playbook, asking.candidate, asking.profile, at) is not None:
        return False
    if not all(effect_allows_from(rule, asking, at) == at for rule in left.rules):
        return False
    return all(allows_from(rule, asking, at) == at for rule in left.turning)

"""What makes it plain that a rule passes, before anything else about it is asked: most rules pass for most customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from strategies.declared.calendar import hours_open
from strategies.declared.playbook import Channel, Condition, Rule, Truth
from strategies.instants import Instant
from strategies.judging.asking import Asking
from strategies.judging.caps import cap_reach, few_near
from strategies.judging.resting import RESTS, rest_is_out_of_reach
from strategies.profile import Facts

Decide = Callable[[Facts, Instant], Truth]
Passes = Callable[[Asking, Instant], bool]


def plainly_passes(rule: Rule, conditions: Sequence[Condition], channels: Mapping[str, Channel]) -> Passes:
    """The function that says True only where the rule passes at the instant; that it says False means nothing.

    ``conditions`` are those outside of which the rule does not apply, ``channels`` the playbook's.
    """
    if rule.effect == "cap":
        effect = _cap(rule)
    elif rule.effect == "hours":
        effect = _hours(rule, channels)
    elif rule.effect in RESTS:
        effect = _rest(rule)
    else:
        effect = _never
    for condition in conditions:
        effect = _unmet(condition.decide, effect)
    return effect


def _unmet(decide: Decide, effect: Passes) -> Passes:
    """Where the condition is false, or what is plain without it."""
    if effect is _never:
        return lambda asking, at: decide(asking.facts, at) is False
    return lambda asking, at: effect(asking, at) or decide(asking.facts, at) is False


def _never(asking: Asking, at: Instant) -> bool:
    return False


def _cap(rule: Rule) -> Passes:
    most, reach = rule.max, cap_reach(rule)
    if most is None:
        return lambda asking, at: True
    if reach is None:
        return lambda asking, at: len(asking.attempts) < most

    def passes(asking: Asking, at: Instant) -> bool:
        if len(asking.profile.contacts) < most:
            return True
        attempts = asking.attempts
        if len(attempts) < most or attempts[-most] <= at - reach:
            return True
        return few_near(rule, asking, most, at - reach, at + reach)

    return passes


def _hours(rule: Rule, channels: Mapping[str, Channel]) -> Passes:
    openings, zone, last_start = rule.open, rule.zone, rule.last_start
    leads = {name: channel.lead_time for name, channel in channels.items()}

    def passes(asking: Asking, at: Instant) -> bool:
        reached = at + leads.get(asking.candidate.channel, 0)
        return hours_open(openings, asking.zones(zone), reached, last_start)

    return passes


def _rest(rule: Rule) -> Passes:
    return lambda asking, at: rest_is_out_of_reach(rule, asking)

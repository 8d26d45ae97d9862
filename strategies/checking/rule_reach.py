"""How far a rule reaches: the channels, categories and offers it can meet, and whether another reaches at least as far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from strategies.checking.implied import Implied
from strategies.declared.playbook import Match, Playbook, Rule, Strategy
from strategies.judging.asking import way_up

NAMED = ("strategies", "offers", "families")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a rule applies to, its names resolved against the playbook."""

    rule: Rule
    channels: frozenset[str]
    categories: frozenset[str]
    counted: frozenset[str]
    """The categories whose contacts count: also exempt ones that count all the same."""

    @property
    def meets_something(self) -> bool:
        return bool(self.channels and self.categories)


def reach_of(playbook: Playbook, rule: Rule) -> Reach:
    """The channels and categories in which a rule can refuse."""
    match = rule.match
    channels = frozenset(
        name
        for name, channel in playbook.channels.items()
        if (match.channels is None or name in match.channels) and match.direction in (None, channel.direction)
    )
    matched = frozenset(
        name
        for name, promotional in playbook.operator.categories.items()
        if (match.categories is None or name in match.categories) and match.promotional in (None, promotional)
    )
    return Reach(rule, channels, matched - rule.exempt, matched - (rule.exempt - rule.counts_even_if_exempt))


def place_of(rule: Rule) -> str:
    """Where a rule stands, as a hint about another names it."""
    return f"{rule.place.path}:{rule.place.line}"


def covers(playbook: Playbook, wide: Reach, narrow: Reach, implied: Implied) -> bool:
    """Whether the one rule applies wherever the other does; False where that is not certain."""
    one, other = wide.rule, narrow.rule
    if not (narrow.channels <= wide.channels and narrow.categories <= wide.categories):
        return False
    if any(not _within(getattr(other.match, key), getattr(one.match, key)) for key in NAMED):
        return False
    if not _units_within(playbook, other.match, one.match) or not _law_within(other.match, one.match):
        return False
    if one.when is not None and one.when.text not in implied.wider(other.when):
        return False
    if one.segment is not None and one.segment != other.segment:
        return False
    return holds_as_long(one, other)


def may_meet(wide: Reach, narrow: Reach) -> bool:
    """Whether both can apply to one contact, as far as their matches tell."""
    first, second = wide.rule.match, narrow.rule.match
    if not wide.channels & narrow.channels or not wide.categories & narrow.categories:
        return False
    if any(_apart(getattr(first, key), getattr(second, key)) for key in (*NAMED, "units", "jurisdictions")):
        return False
    return _at_one_time(wide.rule, narrow.rule)


def _within(narrow: Collection[str] | None, wide: Collection[str] | None) -> bool:
    return wide is None or (narrow is not None and set(narrow) <= set(wide))


def _apart(first: Collection[str] | None, second: Collection[str] | None) -> bool:
    return first is not None and second is not None and not set(first) & set(second)


def _units_within(playbook: Playbook, narrow: Match, wide: Match) -> bool:
    if wide.units is None:
        return True
    if narrow.units is None:
        return False
    return all(any(above in wide.units for above in way_up(playbook, unit)) for unit in narrow.units)


def _law_within(narrow: Match, wide: Match) -> bool:
    if wide.jurisdictions is None:
        return True
    return narrow.jurisdictions is not None and all(
        any(own == each or own.startswith(f"{each}-") for each in wide.jurisdictions)
        for own in narrow.jurisdictions
    )


def holds_as_long(wide: Rule | Strategy, narrow: Rule | Strategy) -> bool:
    """Whether one is valid at every instant at which the other is."""
    begins = wide.valid_from is None or (
        narrow.valid_from is not None and narrow.valid_from >= wide.valid_from
    )
    ends = wide.valid_until is None or (
        narrow.valid_until is not None and narrow.valid_until <= wide.valid_until
    )
    return begins and ends


def _at_one_time(first: Rule, second: Rule) -> bool:
    starts = [each.valid_from for each in (first, second) if each.valid_from is not None]
    ends = [each.valid_until for each in (first, second) if each.valid_until is not None]
    return not starts or not ends or max(starts) < min(ends)

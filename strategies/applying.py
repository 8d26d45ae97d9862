"""Which rules apply to a kind of candidate of a kind of customer; worked out once per playbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from strategies.asking import Asking, matches, units_above
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.once import once_a_playbook
from strategies.playbook import Condition, ConsentDefault, Match, Playbook, Rule, Strategy
from strategies.profile import Profile

_ANY_PART = ("strategy", "offer", "family")
_EVERY_PART = (*_ANY_PART, "channel", "category", "direction", "promotional", "number_hash")


@dataclass(frozen=True, slots=True)
class Applying:
    """The rules that apply to a kind of candidate."""

    rules: tuple[Rule, ...]
    timed: tuple[Rule, ...]
    """Those whose answer time can change while facts stand still."""
    slices: Mapping[str, tuple[Rule, ...]]
    """The rules of one id that follow one another in time, where there are several."""
    strategy: Strategy | None
    """The candidate's strategy where it has validity dates."""
    gone: bool
    """The candidate names a strategy or offer that the playbook does not have (any more)."""
    kind: int
    """The same number where the rules, the dates of the strategy and ``gone`` are the same."""
    reads: tuple[str, ...]
    """What of a candidate tells its verdict from that of others of its kind, beside where and whom it reaches."""


class _Prepared:
    """What was worked out for one playbook, which is held."""

    __slots__ = ("applying", "kinds", "playbook", "seen")

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.applying: dict[tuple[object, ...], Applying] = {}
        self.kinds: dict[tuple[object, ...], int] = {}
        self.seen = {id(rule): _seen(rule) for rule in playbook.rules}


_prepared = once_a_playbook(_Prepared)


def seen_by_rules(playbook: Playbook) -> Mapping[int, tuple[str, ...]]:
    """What of a candidate each rule's answer depends on beside the line, by the identity of the rule."""
    return _prepared(playbook).seen


def _seen(rule: Rule) -> tuple[str, ...]:
    """Hours depend on the channel's lead time, caps on the number they count."""
    if rule.pair is not None:
        return _EVERY_PART
    found = ("channel",) if rule.effect == "hours" else ()
    if rule.subject == "number" and rule.effect in ("cap", "suppress"):
        found = ("number_hash",)
    same = rule.suppression.same if rule.suppression is not None else rule.same
    return found if same == "any" else (*found, same)


def in_jurisdiction(match: Match | ConsentDefault, own: str | None) -> bool:
    """Whether a rule holds where the customer is: ``US`` also in ``US-FL``.

    Who is nowhere known, or only known to be in ``US``, is held to the rules of each of its parts: a rule that restricts
    fails closed.
    """
    if match.jurisdictions is None or own is None:
        return True
    return any(
        own == each or own.startswith(f"{each}-") or each.startswith(f"{own}-")
        for each in match.jurisdictions
    )


def _applies(rule: Rule, candidate: Candidate, units: frozenset[str], jurisdiction: str | None) -> bool:
    if candidate.category in rule.exempt:
        return False
    # a customer of unknown unit is held to the rules of every unit: a rule that restricts fails closed
    in_unit = rule.match.units is None or not units or not units.isdisjoint(rule.match.units)
    if not in_unit or not in_jurisdiction(rule.match, jurisdiction):
        return False
    return matches(rule.match, candidate) or (rule.pair is not None and matches(rule.pair.first, candidate))


def applying(playbook: Playbook, candidate: Candidate, profile: Profile) -> Applying:
    """What applies to a candidate of this customer."""
    jurisdiction = profile.jurisdiction or playbook.operator.jurisdiction
    prepared = _prepared(playbook)
    key = (
        candidate.channel, candidate.category, candidate.direction, candidate.promotional,
        candidate.strategy, candidate.offer, candidate.family, profile.unit, jurisdiction,
    )  # fmt: skip
    found = prepared.applying.get(key)
    if found is None:
        found = prepared.applying[key] = _worked_out(prepared, candidate, profile.unit, jurisdiction)
    return found


def _worked_out(
    prepared: _Prepared, candidate: Candidate, unit: str | None, jurisdiction: str | None
) -> Applying:
    playbook = prepared.playbook
    units = units_above(playbook, unit)
    strategy = playbook.strategy(candidate.strategy) if candidate.strategy else None
    offers = {""} if strategy is None else {"", *(offer.id for offer in strategy.offers)}
    gone = bool(candidate.strategy) and (strategy is None or candidate.offer not in offers)
    dated = strategy is not None and (strategy.valid_from is not None or strategy.valid_until is not None)
    rules = tuple(rule for rule in playbook.rules if _applies(rule, candidate, units, jurisdiction))
    timed = tuple(rule for rule in rules if rule.effect != "forbid" or not is_steady(playbook, rule))
    by_id: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        by_id[rule.id] = (*by_id.get(rule.id, ()), rule)
    slices = {id: each for id, each in by_id.items() if len(each) > 1}
    ends = (strategy.valid_from, strategy.valid_until) if strategy is not None else (None, None)
    alike = (tuple(id(rule) for rule in rules), ends, gone)
    kind = prepared.kinds.setdefault(alike, len(prepared.kinds))
    reads = tuple(sorted({name for rule in rules for name in _reads(rule)}))
    return Applying(rules, timed, slices, strategy if dated else None, gone, kind, reads)


def _reads(rule: Rule) -> tuple[str, ...]:
    """The attributes of a candidate that a rule's answer depends on, once it is clear that it applies."""
    if rule.pair is not None:
        return _ANY_PART
    same = rule.suppression.same if rule.suppression is not None else rule.same
    return (same,) if same in _ANY_PART else ()


def applying_rules(playbook: Playbook, candidate: Candidate, profile: Profile) -> tuple[Rule, ...]:
    """The rules that a candidate of this customer has to pass, in order of layer, then id; dated ones whenever they hold."""
    return applying(playbook, candidate, profile).rules


def holds_at(rule: Rule, at: int) -> bool:
    """Whether an instant lies within the rule's validity."""
    return (rule.valid_from is None or rule.valid_from <= at) and (
        rule.valid_until is None or at < rule.valid_until
    )


def conditions_of(playbook: Playbook, rule: Rule) -> tuple[Condition, ...]:
    """The conditions outside of which a rule does not apply: its own, and that of its segment."""
    segment = playbook.segments.get(rule.segment) if rule.segment is not None else None
    if segment is None:
        return () if rule.when is None else (rule.when,)
    return (segment.when,) if rule.when is None else (segment.when, rule.when)


def is_steady(playbook: Playbook, rule: Rule) -> bool:
    """Whether time alone never changes that the rule applies: it has no validity, and no condition counts days."""
    if rule.valid_from is not None or rule.valid_until is not None:
        return False
    return not any(condition.reads_clock for condition in conditions_of(playbook, rule))


def is_met(rule: Rule, asking: Asking, at: Instant) -> bool:
    """Whether no condition of the rule is false; unknown restricts."""
    if rule.when is not None and rule.when.decide(asking.facts, at) is False:
        return False
    if rule.segment is None:
        return True
    segment = asking.playbook.segments.get(rule.segment)
    return segment is None or segment.when.decide(asking.facts, at) is not False

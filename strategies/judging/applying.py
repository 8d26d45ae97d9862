"""Which rules apply to a kind of candidate of a kind of customer; worked out once per playbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from strategies.candidate import Candidate
from strategies.declared.once import once_a_playbook
from strategies.declared.playbook import Condition, ConsentDefault, Match, Playbook, Rule, Strategy
from strategies.instants import Instant
from strategies.judging.asking import Asking, matches, units_above
from strategies.judging.passing import Passes, plainly_passes
from strategies.profile import Profile

_EVERY_PART = ("strategy", "offer", "family", "channel", "category", "direction", "promotional")


@dataclass(frozen=True, slots=True)
class Applying:
    """The rules that apply to a kind of candidate."""

    rules: tuple[Rule, ...]
    timed: tuple[Rule, ...]
    """Those whose answer time can change while facts stand still."""
    strategy: Strategy | None
    """The candidate's strategy where it has validity dates."""
    gone: bool
    """The candidate names a strategy or offer that the playbook does not have (any more)."""
    numbers: frozenset[int]
    """Of all answers."""
    group: int
    """The same number where also all that such rules see of a candidate is the same, but for its number and its line."""
    asked: tuple[tuple[int, Passes, Rule, tuple[Rule, ...]], ...]
    """The same number where a rule gives candidates of one line and number the same answer; what makes it plain that it
    passes; the rule; and the rules of its id that follow one another in time, where there are several."""
    default: ConsentDefault | None
    """What holds where no consent is on record; of several that match, opt-in."""
    freely: bool
    """Whether nothing but a withdrawal on record forbids it."""


Seen = Callable[[Candidate], object]
"""Reads what a rule's answer depends on."""


class _Prepared:
    """What was worked out for one playbook, which is held."""

    __slots__ = ("answers", "groups", "passes", "places", "playbook", "seen")

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.places: dict[tuple[str | None, str | None], ApplyingHere] = {}
        self.groups: dict[tuple[object, ...], int] = {}
        self.answers: dict[tuple[object, ...], int] = {}
        self.seen = {id(rule): _seen(rule) for rule in playbook.rules}
        self.passes = {
            id(rule): plainly_passes(rule, conditions_of(playbook, rule), playbook.channels)
            for rule in playbook.rules
        }


class ApplyingHere:
    """Which rules apply to the candidates of customers of one unit and one jurisdiction."""

    __slots__ = ("jurisdiction", "known", "prepared", "unit")

    def __init__(self, prepared: _Prepared, unit: str | None, jurisdiction: str | None) -> None:
        self.prepared, self.unit, self.jurisdiction = prepared, unit, jurisdiction
        self.known: dict[tuple[object, ...], Applying] = {}

    def to(self, candidate: Candidate) -> Applying:
        """What applies to a candidate."""
        key = (
            candidate.channel, candidate.category, candidate.direction, candidate.promotional,
            candidate.strategy, candidate.offer, candidate.family,
        )  # fmt: skip
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = _worked_out(self.prepared, candidate, self.unit, self.jurisdiction)
        return found


_prepared = once_a_playbook(_Prepared)


def _seen(rule: Rule) -> Seen | None:
    """Hours depend on the channel's lead time; the number and the line, on which others depend, are the question's own."""
    if rule.pair is not None:
        return attrgetter(*_EVERY_PART)
    found = ("channel",) if rule.effect == "hours" else ()
    same = rule.suppression.same if rule.suppression is not None else rule.same
    if same != "any":
        found = (*found, same)
    return attrgetter(*found) if found else None


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


def applying_here(playbook: Playbook, profile: Profile) -> ApplyingHere:
    """What applies to the candidates of customers that are where this one is."""
    jurisdiction = profile.jurisdiction or playbook.operator.jurisdiction
    prepared, place = _prepared(playbook), (profile.unit, jurisdiction)
    found = prepared.places.get(place)
    if found is None:
        found = prepared.places[place] = ApplyingHere(prepared, profile.unit, jurisdiction)
    return found


def applying(playbook: Playbook, candidate: Candidate, profile: Profile) -> Applying:
    """What applies to a candidate of this customer."""
    return applying_here(playbook, profile).to(candidate)


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
    ends = (strategy.valid_from, strategy.valid_until) if strategy is not None else (None, None)
    asked = tuple(
        (
            _answer(prepared, rule, by_id[rule.id], candidate),
            prepared.passes[id(rule)],
            rule,
            by_id[rule.id] if len(by_id[rule.id]) > 1 else (),
        )
        for rule in rules
    )
    numbers = frozenset(each[0] for each in asked)
    alike = (
        numbers, ends, gone, candidate.channel, candidate.category,
        candidate.direction, candidate.promotional,
    )  # fmt: skip
    group = prepared.groups.setdefault(alike, len(prepared.groups))
    default = _default(playbook, candidate, jurisdiction)
    freely = not default.opt_in if default is not None else not candidate.promotional
    return Applying(rules, timed, strategy if dated else None, gone, numbers, group, asked, default, freely)


def _answer(prepared: _Prepared, rule: Rule, slices: tuple[Rule, ...], candidate: Candidate) -> int:
    """The number of a rule's answer: with all that the rule, and those of its id that are asked with it, see."""
    sees = (prepared.seen[id(each)] for each in slices)
    seen = tuple((id(each), see and see(candidate)) for each, see in zip(slices, sees, strict=True))
    return prepared.answers.setdefault((id(rule), seen), len(prepared.answers))


def _default(playbook: Playbook, candidate: Candidate, jurisdiction: str | None) -> ConsentDefault | None:
    found: ConsentDefault | None = None
    for default in playbook.consent_defaults:
        if default.channels is not None and candidate.channel not in default.channels:
            continue
        if default.categories is None:
            if not candidate.promotional:
                continue
        elif candidate.category not in default.categories:
            continue
        if (found is None or default.opt_in) and in_jurisdiction(default, jurisdiction):
            found = default
    return found


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

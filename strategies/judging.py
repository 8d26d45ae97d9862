"""Judging: what all rules say of one candidate at one instant.

Each rule is read by one function, ``allows_from``: the first instant at which it passes. ``judge`` refuses where that
is not now; the explanation shows the same findings. Control groups are no rule: they are an arm, drawn by
``eligibility`` before any rule is asked, and a control candidate gets a verdict like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strategies.asking import Asking, matches, units_above, unknown_field
from strategies.calendar import (
    closes_at,
    hours_open,
    local_datetime,
    next_open,
    zones_in_question,
)
from strategies.candidate import INCOMING, Candidate
from strategies.caps import CapUse, cap_allows_from, cap_is_out_of_reach, cap_use
from strategies.consents import consent_allows_from, consent_refusal, consent_turns
from strategies.instants import DAY, Instant
from strategies.playbook import Playbook, Rule, Strategy
from strategies.profile import Profile
from strategies.verdict import ALLOWED, Reason, Refusal, Verdict

UNREACHABLE = "store.unreachable"
VALIDITY = "offer.validity"
HORIZON_DAYS = 400
"""Clear times further away than this are answered as never."""

_REASONS: dict[str, Reason] = {"cap": "cap", "hours": "hours", "forbid": "forbidden"}


@dataclass(frozen=True, slots=True)
class _Applying:
    """The rules that apply to a kind of candidate, worked out once per playbook."""

    rules: tuple[Rule, ...]
    timed: tuple[Rule, ...]
    """Those whose answer time can change while facts stand still."""
    strategy: Strategy | None
    """The candidate's strategy where it has validity dates."""
    gone: bool
    """The candidate names a strategy or offer that the playbook does not have (any more)."""


class _Prepared:
    """What was worked out for one playbook; the playbook is held, so its identity stays its own."""

    __slots__ = ("applying", "playbook")

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.applying: dict[tuple[object, ...], _Applying] = {}


_PREPARED: dict[int, _Prepared] = {}
_PREPARED_PLAYBOOKS = 16


def _prepared(playbook: Playbook) -> _Prepared:
    found = _PREPARED.get(id(playbook))
    if found is None:
        if len(_PREPARED) >= _PREPARED_PLAYBOOKS:
            _PREPARED.clear()
        found = _PREPARED[id(playbook)] = _Prepared(playbook)
    return found


def _applies(rule: Rule, candidate: Candidate, units: frozenset[str]) -> bool:
    if candidate.category in rule.exempt:
        return False
    # a customer of unknown unit is held to the rules of every unit: a rule that restricts fails closed
    in_unit = rule.match.units is None or not units or not units.isdisjoint(rule.match.units)
    return in_unit and matches(rule.match, candidate)


def _applying(playbook: Playbook, candidate: Candidate, unit: str | None) -> _Applying:
    known = _prepared(playbook).applying
    key = (
        candidate.channel, candidate.category, candidate.direction, candidate.promotional,
        candidate.strategy, candidate.offer, candidate.family, unit,
    )  # fmt: skip
    found = known.get(key)
    if found is None:
        units = units_above(playbook, unit)
        strategy = playbook.strategy(candidate.strategy) if candidate.strategy else None
        offers = {""} if strategy is None else {"", *(offer.id for offer in strategy.offers)}
        gone = bool(candidate.strategy) and (strategy is None or candidate.offer not in offers)
        dated = strategy is not None and (strategy.valid_from is not None or strategy.valid_until is not None)
        rules = tuple(rule for rule in playbook.rules if _applies(rule, candidate, units))
        timed = tuple(rule for rule in rules if rule.effect != "forbid")
        found = known[key] = _Applying(rules, timed, strategy if dated else None, gone)
    return found


def applying_rules(playbook: Playbook, candidate: Candidate, profile: Profile) -> tuple[Rule, ...]:
    """The rules that a candidate of this customer has to pass, in order of layer, then id."""
    return _applying(playbook, candidate, profile.unit).rules


def _effect_allows_from(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    """The first instant at which the rule's effect passes, its condition left aside."""
    if rule.effect == "cap":
        return cap_allows_from(rule, asking, at)
    if rule.effect == "forbid":
        return None
    zones = zones_in_question(asking.operator, rule.zone, asking.profile.zone)
    if hours_open(rule.open, zones, at, rule.last_start):
        return at
    return next_open(rule.open, zones, at, rule.last_start)


def allows_from(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    """The first instant at or after this one at which the rule passes; None where time alone never clears it.

    A rule restricts unless its condition is false; unknown restricts. Facts stand still while time passes, and no
    condition reads the clock, so the condition is asked once.
    """
    if rule.when is not None and rule.when.decide(asking.facts, at) is False:
        return at
    return _effect_allows_from(rule, asking, at)


def _detail(rule: Rule, asking: Asking, at: Instant) -> str:
    """The values compared, in words."""
    if rule.effect == "cap":
        use = cap_use(rule, asking, at)
        return use.words if use is not None else ""
    if rule.effect == "hours":
        zones = zones_in_question(asking.operator, rule.zone, asking.profile.zone)
        return ", ".join(f"{local_datetime(zone, at):%a %H:%M:%S} in {zone}" for zone in zones)
    return rule.when.text if rule.when is not None else ""


def rule_refusal(rule: Rule, asking: Asking, at: Instant) -> Refusal | None:
    """What one rule says at the instant: None where it passes, else why not and when it alone would."""
    clear = allows_from(rule, asking, at)
    if clear == at:
        return None
    reason = _REASONS[rule.effect]
    field = None
    if rule.when is not None and rule.when.decide(asking.facts, at) is None:
        reason = "unknown_field"
        field = unknown_field(rule.when, asking.facts, at)
    return Refusal(reason, rule.id, clear, rule.place, field, rule.on_hit, _detail(rule, asking, at))


def validity_allows_from(strategy: Strategy, at: Instant) -> Instant | None:
    """The first instant at or after this one inside the strategy's validity; None once it is over."""
    if strategy.valid_until is not None and at >= strategy.valid_until:
        return None
    if strategy.valid_from is not None and at < strategy.valid_from:
        return strategy.valid_from
    return at


def validity_refusal(strategy: Strategy, at: Instant) -> Refusal | None:
    """Refused outside the strategy's validity dates."""
    clear = validity_allows_from(strategy, at)
    if clear == at:
        return None
    detail = "no longer valid" if clear is None else "not yet valid"
    return Refusal(
        "outside_validity",
        VALIDITY,
        clear,
        strategy.place,
        on_hit="drop" if clear is None else "defer",
        detail=detail,
    )


_GONE = Refusal("outside_validity", VALIDITY, on_hit="drop", detail="the playbook does not have this offer")
"""A task that waits for an offer which was taken out of the playbook is handed over no more."""


def _dated_consent_refusal(asking: Asking, at: Instant) -> Refusal | None:
    refusal = consent_refusal(asking.playbook, asking.candidate, asking.profile, at)
    if refusal is None:
        return None
    until = consent_allows_from(asking.playbook, asking.candidate, asking.profile, at)
    return Refusal(
        refusal.reason, refusal.rule, until, refusal.place, on_hit=refusal.on_hit, detail=refusal.detail
    )


def reachability_refusal(candidate: Candidate, profile: Profile) -> Refusal | None:
    """With the history out of reach only service that the customer asked for passes; all else cannot be told."""
    if profile.history_reachable or (candidate.direction == INCOMING and not candidate.promotional):
        return None
    return Refusal("cannot_tell", UNREACHABLE, detail="contact history cannot be read")


def findings(asking: Asking, at: Instant) -> Iterator[tuple[str, Rule | None, Refusal | None]]:
    """Every gate of contact policy in order: (name, rule where it is one, refusal or None for passed)."""
    applying = _applying(asking.playbook, asking.candidate, asking.profile.unit)
    unreachable = reachability_refusal(asking.candidate, asking.profile)
    if unreachable is not None:
        yield UNREACHABLE, None, unreachable
    if applying.gone:
        yield VALIDITY, None, _GONE
    if applying.strategy is not None:
        yield VALIDITY, None, validity_refusal(applying.strategy, at)
    yield "consent", None, _dated_consent_refusal(asking, at)
    for rule in applying.rules:
        yield rule.id, rule, rule_refusal(rule, asking, at)


def _all_allow_from(asking: Asking, at: Instant) -> Instant | None:
    """The first instant at which everything passes at once: the least common fixed point of all clear times."""
    applying = _applying(asking.playbook, asking.candidate, asking.profile.unit)
    if applying.gone or reachability_refusal(asking.candidate, asking.profile) is not None:
        return None
    horizon = at + HORIZON_DAYS * DAY
    reached: Instant | None = at
    while reached is not None and reached < horizon:
        before = reached
        if applying.strategy is not None:
            reached = validity_allows_from(applying.strategy, reached)
        if reached is not None:
            reached = consent_allows_from(asking.playbook, asking.candidate, asking.profile, reached)
        for rule in applying.rules:
            if reached is None:
                return None
            reached = allows_from(rule, asking, reached)
        if reached == before:
            return reached
    return None


def judge(
    playbook: Playbook, candidate: Candidate, profile: Profile, now: Instant, *, excluding: str | None = None
) -> Verdict:
    """What every rule says of a candidate at an instant: allowed, or all refusals and when all of them clear.

    ``excluding`` is the contact whose own permit is being asked. The instant may lie ahead, when planning.
    """
    return judged(Asking(playbook, candidate, profile, excluding), now)


def judged(asking: Asking, at: Instant) -> Verdict:
    """The same of a question that is asked at several instants."""
    refusals = tuple(refusal for _, _, refusal in findings(asking, at) if refusal is not None)
    if not refusals:
        return ALLOWED
    until = None if any(refusal.until is None for refusal in refusals) else _all_allow_from(asking, at)
    return Verdict(refusals, until)


@dataclass(frozen=True, slots=True)
class Pending:
    """What is left to ask, at later instants up to a last one, of a question that was allowed before."""

    strategy: Strategy | None
    """The candidate's strategy where it has validity dates."""
    consent: bool
    """Whether time alone may change what consent says."""
    rules: tuple[Rule, ...]


def pending(asking: Asking, since: Instant, until: Instant) -> Pending:
    """What time can change between an instant at which the question is allowed and a later one; facts stand still."""
    applying = _applying(asking.playbook, asking.candidate, asking.profile.unit)
    rules = tuple(
        rule
        for rule in applying.timed
        if (rule.when is None or rule.when.decide(asking.facts, since) is not False)
        and not (rule.effect == "cap" and cap_is_out_of_reach(rule, asking, since, until))
    )
    return Pending(applying.strategy, consent_turns(asking.profile, since, until), rules)


def stays_allowed(asking: Asking, left: Pending, at: Instant) -> bool:
    """Whether what was allowed is so at a later instant of the same stretch of time, as ``judged`` would say."""
    if left.strategy is not None and validity_allows_from(left.strategy, at) != at:
        return False
    if left.consent and consent_refusal(asking.playbook, asking.candidate, asking.profile, at) is not None:
        return False
    return all(_effect_allows_from(rule, asking, at) == at for rule in left.rules)


def cap_uses(
    playbook: Playbook, candidate: Candidate, profile: Profile, now: Instant, *, excluding: str | None = None
) -> list[CapUse]:
    """How far each cap that applies is used up at the instant."""
    asking = Asking(playbook, candidate, profile, excluding)
    uses = []
    for rule in applying_rules(playbook, candidate, profile):
        applies = rule.effect == "cap" and (
            rule.when is None or rule.when.decide(asking.facts, now) is not False
        )
        use = cap_use(rule, asking, now) if applies else None
        if use is not None:
            uses.append(use)
    return uses


def used_caps(playbook: Playbook, candidate: Candidate, profile: Profile, now: Instant) -> list[str]:
    """The same in words: ``1 of 2 in 7 days``."""
    return [use.words for use in cap_uses(playbook, candidate, profile, now)]


def hours_close_at(
    playbook: Playbook, candidate: Candidate, profile: Profile, now: Instant
) -> Instant | None:
    """When the hours that apply close next, for a candidate they allow now; None where none do."""
    asking = Asking(playbook, candidate, profile)
    closing: list[Instant] = []
    for rule in applying_rules(playbook, candidate, profile):
        if rule.effect != "hours" or allows_from(rule, asking, now) != now:
            continue
        if rule.when is not None and rule.when.decide(asking.facts, now) is False:
            continue
        zones = zones_in_question(asking.operator, rule.zone, profile.zone)
        end = closes_at(rule.open, zones, now, rule.last_start)
        if end is not None:
            closing.append(end)
    return min(closing, default=None)

"""Judging: what all rules say of one candidate at one instant.

Each rule is read by one function, ``allows_from``: the first instant at which it passes. ``judge`` refuses where that
is not now; the explanation shows the same findings. Control groups are no rule: they are an arm, drawn by
``eligibility`` before any rule is asked, and a control candidate gets a verdict like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from strategies.candidate import INCOMING, Candidate
from strategies.declared.calendar import (
    closes_at,
    hours_open,
    local_datetime,
    local_day,
    next_open,
    start_of_day,
)
from strategies.declared.playbook import NotYet, Playbook, Rule, Strategy
from strategies.instants import DAY, Instant
from strategies.judging.applying import (
    Applying,
    applying,
    applying_rules,
    conditions_of,
    holds_at,
    is_met,
    is_steady,
)
from strategies.judging.asking import Asking, unknown_field
from strategies.judging.caps import CapUse, cap_allows_from, cap_use
from strategies.judging.consents import allows_beside, refusal_beside
from strategies.judging.resting import RESTS, rest_allows_from, rest_words
from strategies.profile import Profile
from strategies.verdict import ALLOWED, Reason, Refusal, Verdict

UNREACHABLE = "store.unreachable"
VALIDITY = "offer.validity"
HORIZON_DAYS = 400
"""Clear times further away than this are answered as never."""

_REASONS: dict[str, Reason] = {
    "cap": "cap", "hours": "hours", "forbid": "forbidden", "suppress": "suppressed", "pair": "paired",
    "cooldown": "cooldown",
}  # fmt: skip


def _lead_time(asking: Asking) -> int:
    """How long after its hand-over a contact reaches the customer: hours ask about that moment, nothing else does."""
    channel = asking.playbook.channels.get(asking.candidate.channel)
    return channel.lead_time if channel is not None else 0


def _hours_allow_from(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    zones, lead = asking.zones(rule.zone), _lead_time(asking)
    reached = Instant(at + lead)
    if hours_open(rule.open, zones, reached, rule.last_start):
        return at
    opens = next_open(rule.open, zones, reached, rule.last_start)
    return None if opens is None else Instant(opens - lead)


def effect_allows_from(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    """The first instant at which the rule's effect passes, its validity and conditions left aside."""
    if rule.effect == "cap":
        return cap_allows_from(rule, asking, at)
    if rule.effect == "hours":
        return _hours_allow_from(rule, asking, at)
    return rest_allows_from(rule, asking, at) if rule.effect in RESTS else None


def _applies_until(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    """The first instant after this one at which a rule that applies does so no more; None where that never comes."""
    ends = rule.valid_until
    if any(condition.reads_clock for condition in conditions_of(asking.playbook, rule)):
        zone = asking.operator.zone
        today = local_day(zone, at)
        for day in range(today + 1, today + HORIZON_DAYS):
            midnight = start_of_day(zone, day)
            if ends is not None and midnight >= ends:
                break
            if not is_met(rule, asking, midnight):
                return midnight
    return ends


def allows_from(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    """The first instant at or after this one at which the rule passes; None where time alone never clears it.

    A rule restricts within its validity, unless a condition of it is false; unknown restricts. Facts stand still while
    time passes: only conditions that count days are asked again, at each midnight.
    """
    if not holds_at(rule, at):
        return at
    if (rule.when is not None or rule.segment is not None) and not is_met(rule, asking, at):
        return at
    clear = effect_allows_from(rule, asking, at)
    if clear == at or (rule.valid_until is None and is_steady(asking.playbook, rule)):
        return clear
    ends = _applies_until(rule, asking, at)
    return clear if ends is None or (clear is not None and clear < ends) else ends


def _detail(rule: Rule, asking: Asking, at: Instant) -> str:
    """The values compared, in words."""
    if rule.effect == "cap":
        use = cap_use(rule, asking, at)
        return use.words if use is not None else ""
    if rule.effect == "hours":
        reached = at + _lead_time(asking)
        return ", ".join(
            f"{local_datetime(zone, reached):%a %H:%M:%S} in {zone}" for zone in asking.zones(rule.zone)
        )
    if rule.effect in RESTS:
        return rest_words(rule, asking, at)
    return rule.when.text if rule.when is not None else ""


def _unknown(rule: Rule, asking: Asking, at: Instant) -> str | None:
    """The field whose missing value leaves it open whether the rule applies; None where that is known."""
    for condition in conditions_of(asking.playbook, rule):
        if condition.decide(asking.facts, at) is None:
            return unknown_field(condition, asking.facts, at) or ""
    return None


def rule_refusal(rule: Rule, asking: Asking, at: Instant, slices: Sequence[Rule] = ()) -> Refusal | None:
    """What one rule says at the instant: None where it passes, else why not and when it alone would.

    ``slices`` are all rules of its id, where dated values make several: it clears when none of them refuses.
    """
    clear = allows_from(rule, asking, at)
    if clear == at:
        return None
    if slices and clear is not None:
        clear = _all_slices_allow_from(slices, asking, clear)
    unknown = _unknown(rule, asking, at)
    reason: Reason = "unknown_field" if unknown is not None else _REASONS[rule.effect]
    detail = _detail(rule, asking, at)
    return Refusal(
        reason, rule.id, clear, rule.place, unknown or None, rule.on_hit, detail, reroute=rule.reroute
    )


def _all_slices_allow_from(slices: Sequence[Rule], asking: Asking, at: Instant) -> Instant | None:
    reached: Instant | None = at
    horizon = at + HORIZON_DAYS * DAY
    while reached is not None and reached < horizon:
        before = reached
        for rule in slices:
            reached = allows_from(rule, asking, reached)
            if reached is None:
                return None
        if reached == before:
            return reached
    return None


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


def not_yet_refusal(what: NotYet) -> Refusal:
    """Refused before the first day of a dated value."""
    return Refusal(
        "outside_validity", VALIDITY, what.begins, what.place, on_hit="defer", detail="not yet valid"
    )


_GONE = Refusal("outside_validity", VALIDITY, on_hit="drop", detail="the playbook does not have this offer")
"""A task that waits for an offer which was taken out of the playbook is handed over no more."""


def _dated_consent_refusal(found: Applying, asking: Asking, at: Instant) -> Refusal | None:
    refusal = refusal_beside(found.default, asking.candidate, asking.profile, at)
    if refusal is None:
        return None
    until = allows_beside(found.default, asking.candidate, asking.profile, at)
    return Refusal(
        refusal.reason, refusal.rule, until, refusal.place, on_hit=refusal.on_hit, detail=refusal.detail
    )


def reachability_refusal(candidate: Candidate, profile: Profile) -> Refusal | None:
    """With the history out of reach only service that the customer asked for passes; all else cannot be told."""
    if profile.history_reachable or (candidate.direction == INCOMING and not candidate.promotional):
        return None
    return Refusal("cannot_tell", UNREACHABLE, detail="contact history cannot be read")


class Said:
    """What rules have said of one line and number of a customer at one instant, by the numbers of their answers."""

    __slots__ = ("asked", "refused")

    def __init__(self) -> None:
        self.asked: set[int] = set()
        self.refused: dict[int, Refusal] = {}


def rule_refusals(found: Applying, asking: Asking, at: Instant, said: Said) -> list[Refusal]:
    """What those of the rules say that do not pass at the instant; none is asked what it has said before."""
    asked, refused = said.asked, said.refused
    if not found.numbers <= asked:
        for number, passes, rule, slices in found.asked:
            if number not in asked and not passes(asking, at):
                refusal = rule_refusal(rule, asking, at, slices)
                if refusal is not None:
                    refused[number] = refusal
        asked |= found.numbers
    if not refused:
        return []
    return [refused[number] for number, _, _, _ in found.asked if number in refused]


def _first_refusals(found: Applying, asking: Asking, at: Instant) -> list[Refusal]:
    """What stands before all rules and does not pass, in order: a history out of reach, the offer's validity, consent."""
    refusals: list[Refusal] = []
    if not asking.profile.history_reachable:
        unreachable = reachability_refusal(asking.candidate, asking.profile)
        if unreachable is not None:
            refusals.append(unreachable)
    if found.gone:
        refusals.append(_GONE)
    dated = found.strategy
    if dated is not None and validity_allows_from(dated, at) != at:
        outside = validity_refusal(dated, at)
        assert outside is not None
        refusals.append(outside)
    if not (found.freely and asking.never_withdrawn):
        refused = _dated_consent_refusal(found, asking, at)
        if refused is not None:
            refusals.append(refused)
    return refusals


def findings(asking: Asking, at: Instant) -> Iterator[tuple[str, Rule | None, Refusal | None]]:
    """Every gate of contact policy in order: (name, rule where it is one, refusal or None for passed).

    The offer's validity is none of them; a history is told of only where it is out of reach.
    """
    found = applying(asking.playbook, asking.candidate, asking.profile)
    unreachable = reachability_refusal(asking.candidate, asking.profile)
    if unreachable is not None:
        yield UNREACHABLE, None, unreachable
    yield "consent", None, _dated_consent_refusal(found, asking, at)
    for _, _, rule, slices in found.asked:
        if holds_at(rule, at):
            yield rule.id, rule, rule_refusal(rule, asking, at, slices)


def _all_allow_from(found: Applying, asking: Asking, at: Instant, earliest: Instant) -> Instant | None:
    """The first instant at which everything passes at once: the least common fixed point of all clear times.

    ``earliest`` is the last of the instants at which what refuses now alone would pass: none before it can be the one.
    """
    if found.gone or reachability_refusal(asking.candidate, asking.profile) is not None:
        return None
    horizon = at + HORIZON_DAYS * DAY
    reached: Instant | None = earliest
    while reached is not None and reached < horizon:
        before = reached
        if found.strategy is not None:
            reached = validity_allows_from(found.strategy, reached)
        if reached is not None:
            reached = allows_beside(found.default, asking.candidate, asking.profile, reached)
        for _, passes, rule, _ in found.asked:
            if reached is None:
                return None
            if not passes(asking, reached):
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
    return judged(Asking(playbook.at(now), candidate, profile, excluding), now)


def judged(asking: Asking, at: Instant, found: Applying | None = None, said: Said | None = None) -> Verdict:
    """The same of a question that is asked at several instants, or beside others.

    ``found`` is what applies to it, ``said`` what rules have said to others of the same line and number at this instant.
    """
    if found is None:
        found = applying(asking.playbook, asking.candidate, asking.profile)
    refusals = _first_refusals(found, asking, at)
    refusals += rule_refusals(found, asking, at, Said() if said is None else said)
    if not refusals:
        return ALLOWED
    clear = [refusal.until for refusal in refusals if refusal.until is not None]
    until = _all_allow_from(found, asking, at, max(clear)) if len(clear) == len(refusals) else None
    return Verdict(tuple(refusals), until)


def cap_uses(
    playbook: Playbook, candidate: Candidate, profile: Profile, now: Instant, *, excluding: str | None = None
) -> list[CapUse]:
    """How far each cap that applies is used up at the instant."""
    asking = Asking(playbook, candidate, profile, excluding)
    uses = []
    for rule in applying_rules(playbook, candidate, profile):
        applies = rule.effect == "cap" and holds_at(rule, now) and is_met(rule, asking, now)
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
    lead = _lead_time(asking)
    closing: list[Instant] = []
    for rule in applying_rules(playbook, candidate, profile):
        if rule.effect != "hours" or allows_from(rule, asking, now) != now:
            continue
        if not holds_at(rule, now) or not is_met(rule, asking, now):
            continue
        end = closes_at(rule.open, asking.zones(rule.zone), Instant(now + lead), rule.last_start)
        if end is not None:
            closing.append(Instant(end - lead))
    return min(closing, default=None)

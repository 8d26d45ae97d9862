"""Eligibility: what a customer could be offered at all, before anybody asks whether contact is allowed.

Gates in order: the offer is valid, the audience is true, the channel was asked for, the offer suits, and what the
channel and the ranking need is known. Control groups are drawn from what passes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from strategies.asking import facts_of, unknown_field
from strategies.candidate import Candidate
from strategies.exploring import is_drawn, lacks_propensity
from strategies.hashing import slot
from strategies.instants import Instant
from strategies.judging import validity_refusal
from strategies.playbook import Channel, Condition, Offer, Playbook, Strategy, StrategyChannel
from strategies.problems import Where
from strategies.profile import FieldValue, Line, Profile
from strategies.verdict import Reason, Refusal

AUDIENCE = "strategy.audience"
SUITABLE = "offer.suitable"
UNIVERSAL_CONTROL = "control.universal"
STRATEGY_CONTROL = "control.strategy"
TREATED = "treated"

Facts = Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class NotEligible:
    """A gate that was not passed; ``offer`` or ``channel`` is empty where all of them were refused at once."""

    strategy: str
    offer: str
    channel: str
    line: str | None
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Eligible:
    """The candidates of one customer at one instant, and the gates that others did not pass."""

    candidates: tuple[Candidate, ...]
    refused: tuple[NotEligible, ...]

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Why others are no candidates."""
        return tuple(each.refusal for each in self.refused)


def condition_refusal(
    condition: Condition | None, facts: Facts, at: Instant, rule: str, reason: Reason, place: Where
) -> Refusal | None:
    """A condition that must be true: refused where it is false, and as an unknown where it is unknown."""
    if condition is None:
        return None
    truth = condition.decide(facts, at)
    if truth is True:
        return None
    if truth is None:
        field = unknown_field(condition, facts, at)
        return Refusal("unknown_field", rule, None, place, field, "drop", condition.text)
    return Refusal(reason, rule, None, place, on_hit="drop", detail=condition.text)


def audience_refusal(strategy: Strategy, facts: Facts, at: Instant) -> Refusal | None:
    """Outside the strategy's audience, or not known to be inside."""
    audience = strategy.audience
    return condition_refusal(audience, facts, at, AUDIENCE, "not_eligible", audience.place)


def suitable_refusal(offer: Offer, facts: Facts, at: Instant) -> Refusal | None:
    """The offer does not suit, or is not known to."""
    return condition_refusal(offer.suitable, facts, at, SUITABLE, "unsuitable", offer.place)


def _missing(field: str, place: Where) -> Refusal:
    return Refusal("unknown_field", SUITABLE, None, place, field, "drop", f"{field} is not known")


def needs_refusal(
    strategy: Strategy,
    offer: Offer,
    used: StrategyChannel,
    channel: Channel,
    number: str | None,
    facts: Facts,
    explored: bool = False,
) -> Refusal | None:
    """What the channel or the ranking cannot do without: a number to contact, a propensity to rank by.

    Whoever is ``explored`` is ranked without: see ``strategies.exploring``.
    """
    if channel.needs_number and number is None:
        return _missing("number", offer.place)
    if not explored and lacks_propensity(strategy, used, facts):
        return _missing(used.propensity_field or "", offer.place)
    return None


def lines_of(offer: Offer, profile: Profile) -> tuple[Line | None, ...]:
    """The lines an offer is made for one by one, or a single None for the customer as such."""
    return profile.lines if offer.per_line else (None,)


def number_for(profile: Profile, line: Line | None) -> str | None:
    """The number contacted about a line: its own, else the customer's."""
    return (line.number_hash if line is not None else None) or profile.number_hash


def candidate_of(
    playbook: Playbook,
    strategy: Strategy,
    offer: Offer,
    channel: Channel,
    profile: Profile,
    line: Line | None,
) -> Candidate:
    """The candidate that an offer makes in a channel."""
    return Candidate(
        channel=channel.name,
        category=strategy.category,
        direction=channel.direction,
        promotional=playbook.operator.categories.get(strategy.category, True),
        strategy=strategy.id,
        offer=offer.id,
        family=offer.family,
        line=line.id if line is not None else None,
        number_hash=number_for(profile, line) if channel.needs_number else None,
        value_minor=offer.value_minor,
        cost_minor=channel.cost_minor,
        place=offer.place,
    )


def channels_of(playbook: Playbook, offer: Offer, asked: Collection[str] | None) -> list[Channel]:
    """The channels an offer may be made in, of those asked for."""
    return [
        playbook.channels[name]
        for name in offer.channels
        if (asked is None or name in asked) and name in playbook.channels
    ]


def _offered(
    playbook: Playbook,
    profile: Profile,
    strategy: Strategy,
    facts: Facts,
    now: Instant,
    asked: Collection[str] | None,
) -> Iterator[Candidate | NotEligible]:
    explored = is_drawn(playbook, strategy, profile, now)
    for offer in strategy.offers:
        channels = channels_of(playbook, offer, asked)
        if not channels:
            continue
        for line in lines_of(offer, profile):
            known = facts_of(playbook, profile, line) if line is not None else facts
            line_id = line.id if line is not None else None
            refusal = suitable_refusal(offer, known, now)
            if refusal is not None:
                yield NotEligible(strategy.id, offer.id, "", line_id, refusal)
                continue
            for channel in channels:
                number = number_for(profile, line)
                used = offer.channels[channel.name]
                refusal = needs_refusal(strategy, offer, used, channel, number, known, explored)
                if refusal is not None:
                    yield NotEligible(strategy.id, offer.id, channel.name, line_id, refusal)
                else:
                    yield candidate_of(playbook, strategy, offer, channel, profile, line)


def candidates(
    playbook: Playbook,
    profile: Profile,
    now: Instant,
    channels: Collection[str] | None = None,
    *,
    strategies: Collection[str] | None = None,
) -> Eligible:
    """Every candidate of the customer at the instant, in the asked channels and strategies (None: all)."""
    playbook = playbook.at(now)
    facts = facts_of(playbook, profile)
    passed: list[Candidate] = []
    refused: list[NotEligible] = []
    for strategy in playbook.strategies:
        if strategies is not None and strategy.id not in strategies:
            continue
        refusal = validity_refusal(strategy, now)
        if refusal is None:
            refusal = audience_refusal(strategy, facts, now)
        if refusal is not None:
            refused.append(NotEligible(strategy.id, "", "", None, refusal))
            continue
        for found in _offered(playbook, profile, strategy, facts, now, channels):
            if isinstance(found, Candidate):
                passed.append(found)
            else:
                refused.append(found)
    return Eligible(tuple(passed), tuple(refused))


def arm(playbook: Playbook, strategy: Strategy, profile: Profile) -> str:
    """``treated``, ``control.universal`` or ``control.strategy``: recomputable from the customer's id alone.

    The universal control gets no promotional contact; service and legal always pass it.
    """
    promotional = playbook.operator.categories.get(strategy.category, True)
    universal = playbook.operator.universal_control_hundredths
    if promotional and universal and slot(profile.customer_hash, "universal") < universal:
        return UNIVERSAL_CONTROL
    if (
        strategy.control_hundredths
        and slot(profile.customer_hash, strategy.control_salt) < strategy.control_hundredths
    ):
        return STRATEGY_CONTROL
    return TREATED

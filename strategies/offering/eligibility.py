"""Eligibility: what a customer could be offered at all, before anybody asks whether contact is allowed.

Gates in order: the offer is valid, the audience is true, the channel was asked for, the offer suits, and what the
channel and the ranking need is known. Control groups are drawn from what passes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from strategies.candidate import Candidate
from strategies.declared.playbook import Channel, Offer, Playbook, Strategy, StrategyChannel, Truth
from strategies.hashing import slot
from strategies.instants import Instant
from strategies.judging.asking import facts_of
from strategies.judging.judge import not_yet_refusal
from strategies.offering.exploring import is_drawn, lacks_propensity
from strategies.offering.gates import (
    AUDIENCE,
    SUITABLE,
    NotEligible,
    OfferGates,
    Ready,
    StrategyGates,
    Way,
    condition_refusal,
    gates_of,
    missing,
    offered,
)
from strategies.profile import Facts, Line, Profile
from strategies.quick_values import quick_value
from strategies.verdict import Refusal

UNIVERSAL_CONTROL = "control.universal"
STRATEGY_CONTROL = "control.strategy"
TREATED = "treated"


@quick_value
class Eligible:
    """The candidates of one customer at one instant, and the gates that others did not pass."""

    passed: tuple[Candidate | Ready, ...]
    """In the order of strategies, offers and channels; an offer that passed in all its channels stands as one."""
    number: str | None
    """Put into the candidates of such an offer when they are asked for."""
    refused: tuple[NotEligible, ...]

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All of them."""
        found: list[Candidate] = []
        for each in self.passed:
            if isinstance(each, Candidate):
                found.append(each)
            else:
                found += [self._made(way) for way in each.values()]
        return tuple(found)

    def in_channel(self, channel: str) -> list[Candidate]:
        """Those of one channel; no others are made."""
        found, number = [], self.number
        for each in self.passed:
            if isinstance(each, Candidate):
                if each.channel == channel:
                    found.append(each)
            elif (way := each.get(channel)) is not None:
                found.append(with_number(way[0], number) if way[1] else way[0])
        return found

    def elsewhere(self, candidate: Candidate) -> list[Candidate]:
        """The same offer, about the same line, in other channels."""
        alike = (candidate.strategy, candidate.offer, candidate.line)
        found: list[Candidate] = []
        for each in self.passed:
            of = each if isinstance(each, Candidate) else next(iter(each.values()))[0]
            if (of.strategy, of.offer, of.line) == alike:
                found += [each] if isinstance(each, Candidate) else [self._made(way) for way in each.values()]
        return [each for each in found if each.channel != candidate.channel]

    def _made(self, way: tuple[Candidate, bool]) -> Candidate:
        of, needs_number = way
        return with_number(of, self.number) if needs_number else of

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Why others are no candidates."""
        return tuple(each.refusal for each in self.refused)


def audience_refusal(strategy: Strategy, facts: Facts, at: Instant) -> Refusal | None:
    """Outside the strategy's audience, or not known to be inside."""
    audience = strategy.audience
    return condition_refusal(audience, facts, at, AUDIENCE, "not_eligible", audience.place)


def suitable_refusal(offer: Offer, facts: Facts, at: Instant) -> Refusal | None:
    """The offer does not suit, or is not known to."""
    return condition_refusal(offer.suitable, facts, at, SUITABLE, "unsuitable", offer.place)


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

    Whoever is ``explored`` is ranked without: see ``strategies.offering.exploring``.
    """
    if channel.needs_number and number is None:
        return missing("number", offer.place)
    if not explored and lacks_propensity(strategy, used, facts):
        return missing(used.propensity_field or "", offer.place)
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
    """The candidate that an offer makes in a channel for this customer."""
    number = number_for(profile, line) if channel.needs_number else None
    return offered(playbook, strategy, offer, channel, line.id if line is not None else None, number)


def channels_of(playbook: Playbook, offer: Offer, asked: Collection[str] | None) -> list[Channel]:
    """The channels an offer may be made in, of those asked for."""
    return [
        playbook.channels[name]
        for name in offer.channels
        if (asked is None or name in asked) and name in playbook.channels
    ]


class _Customer:
    """One customer asked about: what passed and what did not, in the order of strategies, offers and channels."""

    __slots__ = ("asked", "facts", "now", "passed", "playbook", "profile", "refused")

    def __init__(
        self, playbook: Playbook, profile: Profile, now: Instant, asked: Collection[str] | None
    ) -> None:
        self.playbook, self.profile, self.now, self.asked = playbook, profile, now, asked
        self.facts = facts_of(playbook, profile)
        self.passed: list[Candidate | Ready] = []
        self.refused: list[NotEligible] = []

    def strategy(self, gates: StrategyGates) -> None:
        """Every offer of a strategy whose audience the customer is in."""
        explored = gates.explores and is_drawn(self.playbook, gates.strategy, self.profile, self.now)
        asked, facts, now = self.asked, self.facts, self.now
        whole = asked is None and self.profile.number_hash is not None
        for place, offer in enumerate(gates.offers):
            if offer is None:
                self.by_line(gates.strategy, gates.strategy.offers[place], explored)
                continue
            ways = offer.ways if asked is None else [way for way in offer.ways if way.channel in asked]
            if not ways:
                continue
            truth = True if offer.decide is None else offer.decide(facts, now)
            if truth is not True:
                self.refused.append(self.unsuitable(gates.strategy.id, offer, truth))
            elif whole and offer.ready is not None:
                self.passed.append(offer.ready)
            else:
                self.offer(ways, explored)

    def unsuitable(self, strategy: str, offer: OfferGates, truth: Truth) -> NotEligible:
        """The refusal of an offer that does not suit, or is not known to."""
        if truth is False and offer.unsuitable is not None:
            return offer.unsuitable
        refusal = suitable_refusal(offer.offer, self.facts, self.now)
        assert refusal is not None
        return NotEligible(strategy, offer.offer.id, "", None, refusal)

    def offer(self, ways: Iterable[Way], explored: bool) -> None:
        """An offer to the customer as such, channel by channel."""
        number = self.profile.number_hash
        for way in ways:
            needed = way.no_propensity
            if not way.needs_number:
                of = way.candidate
            elif number is not None:
                of = with_number(way.candidate, number)
            else:
                self.refused.append(way.no_number)
                continue
            if needed is None or explored or self.facts.get(way.used.propensity_field or "") is not None:
                self.passed.append(of)
            else:
                self.refused.append(needed)

    def by_line(self, strategy: Strategy, offer: Offer, explored: bool) -> None:
        """An offer that is made for each line by itself."""
        playbook, profile = self.playbook, self.profile
        channels = channels_of(playbook, offer, self.asked)
        for line in profile.lines if channels else ():
            known = facts_of(playbook, profile, line)
            refusal = suitable_refusal(offer, known, self.now)
            if refusal is not None:
                self.refused.append(NotEligible(strategy.id, offer.id, "", line.id, refusal))
                continue
            number = number_for(profile, line)
            for channel in channels:
                used = offer.channels[channel.name]
                refusal = needs_refusal(strategy, offer, used, channel, number, known, explored)
                if refusal is not None:
                    self.refused.append(NotEligible(strategy.id, offer.id, channel.name, line.id, refusal))
                else:
                    self.passed.append(candidate_of(playbook, strategy, offer, channel, profile, line))


def with_number(of: Candidate, number: str | None) -> Candidate:
    """The candidate with the number that would be contacted."""
    # one for each offer of a decision: passing twelve values to a constructor takes four times as long as setting them
    made: Any = _MADE(Candidate)
    made.channel, made.category, made.direction = of.channel, of.category, of.direction
    made.promotional, made.strategy, made.offer = of.promotional, of.strategy, of.offer
    made.family, made.line, made.number_hash = of.family, of.line, number
    made.value_minor, made.cost_minor, made.place = of.value_minor, of.cost_minor, of.place
    candidate: Candidate = made
    return candidate


_MADE = object.__new__


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
    gates = gates_of(playbook)
    customer = _Customer(playbook, profile, now, channels)
    passed, refused, facts = customer.passed, customer.refused, customer.facts
    truths, invalid, done = gates.audiences(facts, now), gates.invalid(now), 0
    # most customers are outside most audiences: what these say is taken in runs
    whole = channels is None and profile.number_hash is not None
    places = gates.not_outside(truths) if not invalid and strategies is None else range(len(truths))
    for place in places:
        refused += gates.outside[done:place]
        done, strategy = place + 1, gates.strategies[place]
        if strategies is not None and strategy.strategy.id not in strategies:
            continue
        if place in invalid:
            refused.append(invalid[place])
        elif truths[place] is False:
            refused.append(strategy.outside)
        elif truths[place] is None:
            refused.append(gates.unknown_audience(place, facts, now))
        elif whole and strategy.ready:
            for offer, decide, ways in strategy.ready:
                truth = True if decide is None else decide(facts, now)
                if truth is True:
                    passed.append(ways)
                else:
                    refused.append(customer.unsuitable(strategy.strategy.id, offer, truth))
        else:
            customer.strategy(strategy)
    refused += gates.outside[done:]
    if playbook.not_yet:
        refused += [
            NotEligible(each.strategy, each.offer, "", None, not_yet_refusal(each))
            for each in playbook.not_yet
            if strategies is None or each.strategy in strategies
        ]
    return Eligible(tuple(passed), profile.number_hash, tuple(refused))


def arm(playbook: Playbook, strategy: Strategy, profile: Profile) -> str:
    """``treated``, ``control.universal`` or ``control.strategy``: recomputable from the customer's id alone.

    The universal control gets no promotional contact; service and legal always pass it.
    """
    if playbook.operator.categories.get(strategy.category, True) and in_universal_control(playbook, profile):
        return UNIVERSAL_CONTROL
    return strategy_arm(strategy, profile)


def in_universal_control(playbook: Playbook, profile: Profile) -> bool:
    """Whether the customer is in the group that gets no promotional contact at all."""
    universal = playbook.operator.universal_control_hundredths
    return universal > 0 and slot(profile.customer_hash, "universal") < universal


def strategy_arm(strategy: Strategy, profile: Profile) -> str:
    """The arm that a strategy draws for whoever is not in the universal control."""
    share = strategy.control_hundredths
    if share and slot(profile.customer_hash, strategy.control_salt) < share:
        return STRATEGY_CONTROL
    return TREATED

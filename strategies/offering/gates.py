"""What eligibility can know of a playbook before it sees a customer: answers that are always the same, and one function
that decides all audiences at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import compress

from strategies.candidate import Candidate
from strategies.conditions.together import Together, deciding_together
from strategies.declared.once import once_a_playbook
from strategies.declared.playbook import Channel, Condition, Offer, Playbook, Strategy, StrategyChannel, Truth
from strategies.instants import Instant
from strategies.judging.asking import unknown_field
from strategies.judging.judge import validity_refusal
from strategies.offering.standing import standings_of
from strategies.problems import Where
from strategies.profile import Facts
from strategies.verdict import Reason, Refusal

AUDIENCE = "strategy.audience"
SUITABLE = "offer.suitable"
_FEW = 4
"""So few audiences are asked one by one: compiling a function for them would take longer than it saves."""


@dataclass(frozen=True, slots=True)
class NotEligible:
    """A gate that was not passed; ``offer`` or ``channel`` is empty where all of them were refused at once."""

    strategy: str
    offer: str
    channel: str
    line: str | None
    refusal: Refusal


def condition_refusal(
    condition: Condition | None, facts: Facts, at: Instant, rule: str, reason: Reason, place: Where
) -> Refusal | None:
    """A condition that must be true: refused where it is false, and as an unknown where it is unknown."""
    if condition is None:
        return None
    truth = condition.decide(facts, at)
    return None if truth is True else untrue_refusal(condition, truth, facts, at, rule, reason, place)


def untrue_refusal(
    condition: Condition, truth: Truth, facts: Facts, at: Instant, rule: str, reason: Reason, place: Where
) -> Refusal:
    """The refusal of a condition that is false or unknown."""
    if truth is None:
        field = unknown_field(condition, facts, at)
        return Refusal("unknown_field", rule, None, place, field, "drop", condition.text)
    return Refusal(reason, rule, None, place, on_hit="drop", detail=condition.text)


def missing(field: str, place: Where) -> Refusal:
    """Something is not known without which the offer cannot be made or ranked."""
    return Refusal("unknown_field", SUITABLE, None, place, field, "drop", f"{field} is not known")


Decide = Callable[[Facts, Instant], Truth]
Ready = dict[str, tuple[Candidate, bool]]
"""An offer in its channels: the candidate without a number, and whether it needs one."""


@dataclass(frozen=True, slots=True)
class Way:
    """An offer in a channel: its candidate without a number, and what it says where something is missing."""

    channel: str
    used: StrategyChannel
    needs_number: bool
    candidate: Candidate
    no_number: NotEligible
    no_propensity: NotEligible | None
    """None where the ranking needs no propensity field."""


@dataclass(frozen=True, slots=True)
class OfferGates:
    """An offer that is made to the customer as such, not line by line."""

    offer: Offer
    decide: Decide | None
    unsuitable: NotEligible | None
    ways: tuple[Way, ...]
    ready: Ready | None
    """The ways where nothing but a number can be missing, else None."""


@dataclass(frozen=True, slots=True)
class StrategyGates:
    """A strategy and its offers; None stands for an offer that is made line by line."""

    place: int
    """Among the strategies of the playbook."""
    strategy: Strategy
    explores: bool
    outside: NotEligible
    offers: tuple[OfferGates | None, ...]
    ready: tuple[tuple[OfferGates, Decide | None, Ready], ...]
    """All offers, what decides whether each suits, and its ways; empty where more than a number can be missing to one."""


class Gates:
    """The gates of one playbook."""

    __slots__ = (
        "_bounds", "_places", "_together", "_unknown", "_validity", "outside", "playbook", "standings", "strategies",
    )  # fmt: skip

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.strategies = tuple(
            _strategy_gates(playbook, place, each) for place, each in enumerate(playbook.strategies)
        )
        self.standings = standings_of(playbook)
        trees = [each.audience.tree for each in playbook.strategies]
        known = [tree for tree in trees if tree is not None]
        enough = len(known) == len(trees) and len(trees) > _FEW
        self._together: Together | None = deciding_together(known) if enough else None
        turns = {end for each in playbook.strategies for end in (each.valid_from, each.valid_until)}
        self._bounds = sorted(end for end in turns if end is not None)
        self._validity: dict[int, Mapping[int, NotEligible]] = {}
        self._unknown: dict[tuple[int, str | None], NotEligible] = {}
        self.outside = tuple(each.outside for each in self.strategies)
        """What each strategy says to who is outside its audience."""
        self._places = range(len(self.strategies))

    def not_outside(self, truths: tuple[Truth, ...]) -> Iterable[int]:
        """The places of the strategies that do not say no, by what their audiences say."""
        if None in truths:
            return [place for place, truth in enumerate(truths) if truth is not False]
        return compress(self._places, truths)

    def audiences(self, facts: Facts, now: Instant) -> tuple[Truth, ...]:
        """What each strategy's audience says of the customer."""
        if self._together is not None:
            return self._together(facts, now)
        return tuple(each.audience.decide(facts, now) for each in self.playbook.strategies)

    def invalid(self, now: Instant) -> Mapping[int, NotEligible]:
        """What the validity of strategies says, by place: the same between two instants at which one begins or ends."""
        place = bisect_right(self._bounds, now)
        found = self._validity.get(place)
        if found is None:
            refusals = ((each, validity_refusal(each, now)) for each in self.playbook.strategies)
            found = self._validity[place] = {
                number: NotEligible(each.id, "", "", None, refusal)
                for number, (each, refusal) in enumerate(refusals)
                if refusal is not None
            }
        return found

    def unknown_audience(self, place: int, facts: Facts, now: Instant) -> NotEligible:
        """The refusal of a strategy of which nobody knows whether the customer is in its audience."""
        strategy = self.playbook.strategies[place]
        audience = strategy.audience
        field = unknown_field(audience, facts, now)
        found = self._unknown.get((place, field))
        if found is None:
            refusal = Refusal("unknown_field", AUDIENCE, None, audience.place, field, "drop", audience.text)
            found = self._unknown[place, field] = NotEligible(strategy.id, "", "", None, refusal)
        return found


gates_of = once_a_playbook(Gates)
"""The gates of a playbook."""


def _strategy_gates(playbook: Playbook, place: int, strategy: Strategy) -> StrategyGates:
    audience = strategy.audience
    outside = Refusal("not_eligible", AUDIENCE, None, audience.place, on_hit="drop", detail=audience.text)
    offers = tuple(
        None if offer.per_line else _offer_gates(playbook, strategy, offer) for offer in strategy.offers
    )
    refused = NotEligible(strategy.id, "", "", None, outside)
    ready = [
        (each, each.decide, each.ready) for each in offers if each is not None and each.ready is not None
    ]
    whole = tuple(ready) if len(ready) == len(offers) and all(each.ways for each, _, _ in ready) else ()
    return StrategyGates(place, strategy, strategy.explores > 0, refused, offers, whole)


def _offer_gates(playbook: Playbook, strategy: Strategy, offer: Offer) -> OfferGates:
    suitable = offer.suitable
    unsuitable = None
    if suitable is not None:
        refusal = Refusal("unsuitable", SUITABLE, None, offer.place, on_hit="drop", detail=suitable.text)
        unsuitable = NotEligible(strategy.id, offer.id, "", None, refusal)
    ways = tuple(
        _way(playbook, strategy, offer, name) for name in offer.channels if name in playbook.channels
    )
    ready: Ready | None = None
    if all(way.no_propensity is None for way in ways):
        ready = {way.channel: (way.candidate, way.needs_number) for way in ways}
    return OfferGates(offer, suitable.decide if suitable is not None else None, unsuitable, ways, ready)


def offered(
    playbook: Playbook, strategy: Strategy, offer: Offer, channel: Channel, line: str | None = None,
    number_hash: str | None = None,
) -> Candidate:  # fmt: skip
    """The candidate that an offer makes in a channel; for a line and to a number where it has them."""
    return Candidate(
        channel=channel.name,
        category=strategy.category,
        direction=channel.direction,
        promotional=playbook.operator.categories.get(strategy.category, True),
        strategy=strategy.id,
        offer=offer.id,
        family=offer.family,
        line=line,
        number_hash=number_hash,
        value_minor=offer.value_minor,
        cost_minor=channel.cost_minor,
        place=offer.place,
    )


def _way(playbook: Playbook, strategy: Strategy, offer: Offer, name: str) -> Way:
    channel, used = playbook.channels[name], offer.channels[name]
    needed = used.propensity_field if "propensity" not in strategy.switched_off else None
    candidate = offered(playbook, strategy, offer, channel)

    def lacking(field: str) -> NotEligible:
        return NotEligible(strategy.id, offer.id, name, None, missing(field, offer.place))

    no_propensity = lacking(needed) if needed is not None else None
    return Way(name, used, channel.needs_number, candidate, lacking("number"), no_propensity)

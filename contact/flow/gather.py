"""Gather first: the instant, the playbook and the profile that everything after is judged on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contact.clock import real_now
from contact.domain.halt import NOTHING, Halted
from contact.faults import NotFound
from contact.ports import Identity, Moment, Ports
from strategies.candidate import Candidate, Ranked
from strategies.declared.playbook import Channel, Offer, Playbook, Strategy, StrategyChannel
from strategies.hashing import bucket, hash64
from strategies.judging import asking
from strategies.offering import eligibility
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import CustomerId, FieldValue, Profile


@dataclass(frozen=True, slots=True)
class Gathered:
    """One customer at one instant under one playbook."""

    moment: Moment
    playbook: Playbook
    profile: Profile
    halted: Halted = NOTHING
    """What is halted, as advice sees it; reservation and permit ask for themselves."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What a candidate refers to in the playbook; None where the playbook no longer holds it."""

    strategy: Strategy | None
    offer: Offer | None
    way: StrategyChannel | None


async def gather(ports: Ports, customer: str) -> Gathered:
    """The store's instant, the playbook in force and the customer's profile. Raises NotFound."""
    playbook = await ports.playbooks.current()
    profile = await ports.profiles.gather(CustomerId(customer), playbook)
    return Gathered(await ports.clock.now(), playbook, profile, await ports.halts.in_force())


async def identity_or_none(ports: Ports, customer: CustomerId) -> Identity:
    """Who the customer is; an empty identity where the person's record is gone."""
    try:
        return await ports.customers.identity(customer)
    except NotFound:
        return nameless(customer)


def nameless(customer: CustomerId) -> Identity:
    """A customer of whom it is not known who they are."""
    return Identity(customer, None, None, None, None)


async def gather_blind(ports: Ports, customer: str) -> Gathered:
    """The store does not answer: a customer of whom nothing is known, under the playbook and the halts last seen here.

    Raises StoreUnavailable where this process never saw them, NotFound where no playbook was ever published.
    """
    playbook = await ports.playbooks.at_hand()
    profile = unknown_customer(playbook, CustomerId(customer))
    return Gathered(Moment(real_now(), simulated=False), playbook, profile, ports.halts.last_seen())


def unknown_customer(playbook: Playbook, customer: CustomerId) -> Profile:
    """A customer of whom neither facts nor consents nor contacts can be read: every field is unknown, the lists too."""
    nothing: dict[str, FieldValue] = dict.fromkeys((*playbook.fields, "lists"))
    return Profile(
        customer, hash64(customer), bucket(customer), customer, facts=nothing, history_reachable=False
    )


def placed(playbook: Playbook, candidate: Candidate) -> Placed:
    """The strategy, offer and channel entry a candidate came from."""
    strategy = playbook.strategy(candidate.strategy)
    if strategy is None:
        return Placed(None, None, None)
    offer = next((offer for offer in strategy.offers if offer.id == candidate.offer), None)
    return Placed(strategy, offer, offer.channels.get(candidate.channel) if offer is not None else None)


def facts_of(playbook: Playbook, profile: Profile, line: str | None) -> Mapping[str, FieldValue]:
    """The customer's facts, overlaid by those of the line the candidate is for."""
    found = next((each for each in profile.lines if each.id == line), None) if line is not None else None
    return asking.facts_of(playbook, profile, found)


def known_channel(playbook: Playbook, channel: str) -> Channel:
    """The channel of that name. Raises ProblemsFound where the playbook has none."""
    found = playbook.channels.get(channel)
    if found is None:
        raise ProblemsFound([unknown("channel", channel, playbook.channels)])
    return found


def known_strategy(playbook: Playbook, strategy: str) -> Strategy:
    """The strategy of that id. Raises ProblemsFound where the playbook has none."""
    found = playbook.strategy(strategy)
    if found is None:
        raise ProblemsFound([unknown("strategy", strategy, (each.id for each in playbook.strategies))])
    return found


def unknown(what: str, name: str, known: Iterable[str]) -> Problem:
    """The problem of a name that a request uses and the playbook does not know."""
    hint = Hint("known: %(names)s", names=", ".join(sorted(known)))
    return Problem("reference.unknown", f"there is no {what} {name!r}", Where("request"), hint)


def arm_reasons(ranked: Ranked) -> dict[str, object]:
    """What is kept on a task about its place in the ranking."""
    factors = ranked.priority
    return {
        "factors": {
            "total": factors.total,
            "propensity": factors.propensity,
            "context": factors.context,
            "value": factors.value_major,
            "lever": factors.lever,
        },
        "contexts": list(factors.matched_contexts),
        "switched_off": list(factors.switched_off),
        "explored": factors.explored,
        "arm": ranked.arm,
        "rank": ranked.rank,
    }


def candidate_of(
    playbook: Playbook, profile: Profile, strategy: str, offer: str, channel: str
) -> Candidate | None:
    """The candidate a report names; None where the playbook has no such strategy, offer or channel."""
    found = placed(playbook, Candidate(channel, "", strategy=strategy, offer=offer))
    way = playbook.channels.get(channel)
    if found.strategy is None or found.offer is None or way is None:
        return None
    return eligibility.candidate_of(playbook, found.strategy, found.offer, way, profile, None)

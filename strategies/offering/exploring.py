"""Exploration: a bounded, recomputable share of customers sees a new offer before anybody knows who likes it."""

from __future__ import annotations

from collections.abc import Mapping

from strategies.declared.calendar import local_datetime
from strategies.declared.playbook import Playbook, Strategy, StrategyChannel
from strategies.hashing import SLOTS, slot
from strategies.instants import Instant
from strategies.profile import FieldValue, Profile

NOTHING_KNOWN = 0.5
"""Laplace's estimate of a share of which nothing has been observed."""


def is_drawn(playbook: Playbook, strategy: Strategy, profile: Profile, now: Instant) -> bool:
    """Whether the customer is in the strategy's exploration share on the operator's day of the instant.

    The draw is ``slot('explore:' + strategy + ':' + YYYY-MM-DD)``: recomputable, and another one each day.
    """
    share = round(strategy.explores * SLOTS)
    if share <= 0:
        return False
    day = local_datetime(playbook.operator.zone, now).date().isoformat()
    return slot(profile.customer_hash, f"explore:{strategy.id}:{day}") < share


def lacks_propensity(strategy: Strategy, used: StrategyChannel, facts: Mapping[str, FieldValue]) -> bool:
    """Whether the ranking needs a propensity that is not known of this customer."""
    field = used.propensity_field
    return field is not None and facts.get(field) is None and "propensity" not in strategy.switched_off


def smoothed_propensity(playbook: Playbook, channel: str, facts: Mapping[str, FieldValue]) -> float:
    """What a new offer is ranked with: the mean of what is known of this customer for other offers in the channel.

    An estimate from no observations is its prior; where nothing else is known either, that is one half.
    """
    known = [
        float(value)
        for strategy in playbook.strategies
        for offer in strategy.offers
        if (used := offer.channels.get(channel)) is not None
        and isinstance(
            value := used.propensity if used.propensity_field is None else facts.get(used.propensity_field),
            int | float,
        )
    ]
    return sum(known) / len(known) if known else NOTHING_KNOWN

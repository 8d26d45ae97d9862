"""What the ranking knows of an offer in a channel before it sees a customer: all factors of its priority that are fixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from strategies.candidate import Priority
from strategies.declared.playbook import ContextWeight, Offer, Playbook, Strategy, Truth
from strategies.instants import Instant
from strategies.profile import Facts

NEVER = 1 << 62
Decide = Callable[[Facts, Instant], Truth]
Named = tuple[str, str, str]
"""The ids of strategy and offer, and the channel."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One offer in one channel as every customer finds it."""

    strategy: Strategy
    promotional: bool
    propensity_field: str | None
    """Where the propensity is looked up; None where it is the same for everybody, or switched off."""
    contexts: tuple[tuple[int, Decide, ContextWeight], ...]
    """The circumstances, each with a bit of its own and what decides whether it is there."""
    plain: Priority
    """With no circumstance matched; its propensity means nothing where there is a ``propensity_field``."""
    valid_until: int
    task_valid_for: int
    weighed: dict[int, tuple[float, Priority]] = field(default_factory=dict)
    """What ``weigh`` said, by the bits of the circumstances matched."""

    def weigh(self, matched: int) -> tuple[float, Priority]:
        """Minus the priority where these circumstances are there, and its factors; everybody has the same propensity."""
        known = self.weighed.get(matched)
        if known is None:
            priority = self.priority(matched, self.plain.propensity)
            known = self.weighed[matched] = (-priority.total, priority)
        return known

    def priority(self, matched: int, propensity: float, explored: bool = False) -> Priority:
        """The factors where these circumstances are there and the propensity is this one."""
        there = [context for bit, _, context in self.contexts if matched & bit]
        return Priority(
            propensity,
            1 + sum(context.weight for context in there) / 100 if there else 1.0,
            self.plain.value_major,
            self.plain.lever,
            tuple(context.name for context in there),
            self.plain.switched_off,
            explored,
        )

    def expires(self, now: int) -> int:
        """When a task of this strategy would stop being valid."""
        if not self.task_valid_for:
            return self.valid_until
        return min(self.valid_until, now + self.task_valid_for)


def lever_of(strategy: Strategy, offer: Offer) -> float:
    """Levers add, then apply once: 25, 10 and 20 percent are 1.55."""
    return 1 + (strategy.lever_category_percent + strategy.lever_family_percent + offer.lever_percent) / 100


def standings_of(playbook: Playbook) -> Mapping[Named, Standing]:
    """The standing of every offer of a playbook in each of its channels."""
    return {
        (strategy.id, offer.id, channel): _standing(playbook, strategy, offer, channel)
        for strategy in playbook.strategies
        for offer in strategy.offers
        for channel in offer.channels
    }


def _standing(playbook: Playbook, strategy: Strategy, offer: Offer, channel: str) -> Standing:
    off, used = strategy.switched_off, offer.channels[channel]
    constant = None if "propensity" in off or used.propensity_field is not None else used.propensity
    plain = Priority(
        propensity=1.0 if constant is None else constant,
        context=1.0,
        value_major=1.0 if "value" in off else offer.value_minor / playbook.operator.minor_per_major,
        lever=1.0 if "lever" in off else lever_of(strategy, offer),
        switched_off=tuple(sorted(off)),
    )
    return Standing(
        strategy=strategy,
        promotional=playbook.operator.categories.get(strategy.category, True),
        propensity_field=None if "propensity" in off else used.propensity_field,
        contexts=tuple(
            (1 << place, each.when.decide, each)
            for place, each in enumerate(() if "context" in off else strategy.contexts)
        ),
        plain=plain,
        valid_until=NEVER if strategy.valid_until is None else strategy.valid_until,
        task_valid_for=strategy.task_valid_for,
    )

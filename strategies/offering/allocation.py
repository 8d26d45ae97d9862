"""Allocation: many customers, few places. Places go by value, never at random and never by the order of a file.

Every option walks from the most valuable down. A control option walks like the others and fills its customer's day,
but takes no place: it is recorded as what would have been. Some places of each hour may be reserved for a category, so
that service is not drowned by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from strategies.candidate import Ranked
from strategies.instants import Instant

Hour = tuple[str, Instant]
"""A channel's capacity hour: the channel and the instant the hour begins."""


@dataclass(frozen=True, slots=True)
class Option:
    """One ranked candidate of one customer, with the hours in which contact rules allow it."""

    customer: str
    customer_hash: int
    ranked: Ranked
    value: float
    """What a place is worth; its priority, where nothing else is asked for."""
    hours: tuple[Instant, ...]
    """Starts of the channel's capacity hours that passed, ascending."""
    preferred: Instant | None = None
    """The customer's best hour, where it is one of ``hours``."""

    @property
    def channel(self) -> str:
        return self.ranked.candidate.channel


@dataclass(frozen=True, slots=True)
class Assignment:
    """A place for an option; ``would_have`` marks a control option that found room and took none."""

    option: Option
    at: Instant
    would_have: bool


@dataclass(frozen=True, slots=True)
class Allocation:
    """What came of a plan's options."""

    assignments: tuple[Assignment, ...]
    """In order of value."""
    no_capacity: tuple[Option, ...]
    """Treated options whose customer still had room, but whose hours had none."""
    left: Mapping[Hour, int]
    """Places nobody took."""


def _in_order(options: Iterable[Option]) -> list[Option]:
    """Most valuable first; equal values by the customer's hash, then by rank, so no file's order shows."""
    found = sorted(options, key=lambda option: (option.customer_hash, option.customer, option.ranked.rank))
    found.sort(key=attrgetter("value"), reverse=True)
    return found


Reserved = dict[Hour, dict[str, int]]
"""Hour → category → places that only it may take."""


def reserved_places(shares: Mapping[str, int], capacity: Mapping[Hour, int]) -> Reserved:
    """The places of each hour that are a category's own, by its share in hundredths of a percent.

    What one hour of a channel rounds off, its later hours make good.
    """
    found: Reserved = {}
    places: dict[str, int] = {}
    granted: dict[tuple[str, str], int] = {}
    for hour in sorted(capacity):
        channel = hour[0]
        places[channel] = places.get(channel, 0) + capacity[hour]
        found[hour] = {}
        for category, share in shares.items():
            due = places[channel] * share // 10_000
            found[hour][category] = due - granted.get((channel, category), 0)
            granted[channel, category] = due
    return found


def _room(hour: Hour, category: str, left: Mapping[Hour, int], reserved: Reserved) -> bool:
    """Whether the hour has a place that the category may take."""
    places = left.get(hour, 0)
    if places <= 0 or hour not in reserved:
        return places > 0
    return places > sum(kept for owner, kept in reserved[hour].items() if owner != category)


def _hour_with_room(option: Option, left: Mapping[Hour, int], reserved: Reserved) -> Instant | None:
    """The preferred hour, else the earliest that has a place."""
    channel, category = option.channel, option.ranked.candidate.category
    preferred = option.preferred
    if (
        preferred is not None
        and preferred in option.hours
        and _room((channel, preferred), category, left, reserved)
    ):
        return preferred
    for hour in option.hours:
        if _room((channel, hour), category, left, reserved):
            return hour
    return None


def _take(hour: Hour, category: str, left: dict[Hour, int], reserved: Reserved) -> None:
    """One place less, of the category's own as long as it has some."""
    left[hour] -= 1
    own = reserved.get(hour, {})
    if own.get(category, 0) > 0:
        own[category] -= 1


def allocate(
    options: Iterable[Option],
    capacity: Mapping[Hour, int],
    per_customer: int = 1,
    reserved: Mapping[Hour, Mapping[str, int]] | None = None,
) -> Allocation:
    """Give each place to the most valuable option that can use it, at most ``per_customer`` to one customer.

    ``capacity`` counts places by channel and hour; an hour that is not in it has none. Of them ``reserved`` may only be
    taken by the category named.
    """
    left = dict(capacity)
    own = {hour: dict(categories) for hour, categories in (reserved or {}).items()}
    taken: dict[str, int] = {}
    assignments: list[Assignment] = []
    no_capacity: list[Option] = []
    for option in _in_order(options):
        customer = option.customer
        if taken.get(customer, 0) >= per_customer or not option.hours:
            continue
        control = option.ranked.in_control
        hour = _hour_with_room(option, left, own)
        if hour is None:
            if not control:
                no_capacity.append(option)
            continue
        if not control:
            _take((option.channel, hour), option.ranked.candidate.category, left, own)
        taken[customer] = taken.get(customer, 0) + 1
        assignments.append(Assignment(option, hour, control))
    return Allocation(tuple(assignments), tuple(no_capacity), left)

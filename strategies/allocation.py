"""Allocation: many customers, few places. Places go by value, never at random and never by the order of a file.

Every option walks from the most valuable down. A control option walks like the others and fills its customer's day,
but takes no place: it is recorded as what would have been.
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


def _hour_with_room(option: Option, left: Mapping[Hour, int]) -> Instant | None:
    """The preferred hour, else the earliest that has a place."""
    channel = option.channel
    preferred = option.preferred
    if preferred is not None and preferred in option.hours and left.get((channel, preferred), 0) > 0:
        return preferred
    for hour in option.hours:
        if left.get((channel, hour), 0) > 0:
            return hour
    return None


def allocate(options: Iterable[Option], capacity: Mapping[Hour, int], per_customer: int = 1) -> Allocation:
    """Give each place to the most valuable option that can use it, at most ``per_customer`` to one customer.

    ``capacity`` counts places by channel and hour; an hour that is not in it has none.
    """
    left = dict(capacity)
    taken: dict[str, int] = {}
    assignments: list[Assignment] = []
    no_capacity: list[Option] = []
    for option in _in_order(options):
        customer = option.customer
        if taken.get(customer, 0) >= per_customer or not option.hours:
            continue
        control = option.ranked.in_control
        hour = _hour_with_room(option, left)
        if hour is None:
            if not control:
                no_capacity.append(option)
            continue
        if not control:
            left[option.channel, hour] -= 1
        taken[customer] = taken.get(customer, 0) + 1
        assignments.append(Assignment(option, hour, control))
    return Allocation(tuple(assignments), tuple(no_capacity), left)

"""One level of a menu: which entry stands at which key, so that callers wait the fewest seconds.

Sequencing on one machine to minimise weighted completion time: entries are jobs, as long as their announcement takes and
as heavy as they are likely. Smith's rule (W. E. Smith 1956) orders them freely; here it bounds a depth-first search, since
keys may be required, frozen, or allowed to change only so often, and an entry may have to come before another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

EPSILON = 1e-9
"""Seconds below which two arrangements count as equally good; the familiar one is then kept."""
FREE, GONE = -1, -2
_NEVER = float("inf")


class Slot(NamedTuple):
    """One key of a level, in the order of announcement; jobs are numbers of entries."""

    required: int = FREE
    """The entry that must stand here; ``FREE``: any that is required nowhere."""
    old: int = FREE
    """The entry that stood here when it was last heard; ``FREE``: nothing is remembered; ``GONE``: one not among these."""
    frozen: bool = False
    """Whether what stood here must stay."""


class Ordered(NamedTuple):
    """Entries by slot, and what they cost."""

    order: tuple[int, ...]
    seconds: float
    """Sum over entries of weight times the end of its announcement."""


def by_smith(weights: Sequence[float], times: Sequence[float]) -> list[int]:
    """Entries by weight over time, heaviest first: the best order where any is allowed. Equal ones keep their order."""
    return sorted(range(len(weights)), key=lambda job: -weights[job] / times[job] if times[job] else -_NEVER)


def cost_of(order: Sequence[int], weights: Sequence[float], times: Sequence[float]) -> float:
    """Weighted ends of announcements in this order."""
    elapsed = total = 0.0
    for job in order:
        elapsed += times[job]
        total += weights[job] * elapsed
    return total


def best_order(
    weights: Sequence[float],
    times: Sequence[float],
    slots: Sequence[Slot],
    *,
    changes: int,
    before: Sequence[int] = (),
    below: float = _NEVER,
) -> Ordered | None:
    """The cheapest order that keeps all constraints; None where none keeps them or costs less than ``below``.

    ``before[job]`` is the bit mask of the entries that must stand ahead of it. At most ``changes`` slots may hold another
    entry than their old one. Exact: branch and bound, each branch bounded by Smith's rule on what is left.
    """
    found = _Search(weights, times, slots, changes, before or [0] * len(weights), below)
    straight = found.straight()
    if straight is not None:
        return straight
    found.familiar()
    found.place(0, 0.0, 0.0, (1 << len(weights)) - 1, 0)
    return None if found.best is None else Ordered(tuple(found.best), found.seconds)


class _Search:
    def __init__(
        self,
        weights: Sequence[float],
        times: Sequence[float],
        slots: Sequence[Slot],
        changes: int,
        before: Sequence[int],
        below: float,
    ) -> None:
        self.jobs = [(job, 1 << job, weights[job], times[job]) for job in by_smith(weights, times)]
        self.weights, self.times, self.slots = weights, times, slots
        self.changes, self.before = changes, before
        self.best: list[int] | None = None
        self.seconds = below
        self.order = [0] * len(slots)
        self.required = sum(1 << slot.required for slot in slots if slot.required >= 0)
        self.remembered = [slot.required if slot.required >= 0 else slot.old for slot in slots]
        self.fixed = _fixed(self.remembered)
        self.held = _held(slots)
        """Of the slots from each on: the old entries still to come, and how many of them are gone."""

    def straight(self) -> Ordered | None:
        """Smith's order with required entries where they must be, if it keeps all else and nothing shorter can exist."""
        free = iter([job for job, bit, _, _ in self.jobs if not bit & self.required])
        order = [slot.required if slot.required >= 0 else next(free) for slot in self.slots]
        last_free = max((at for at, slot in enumerate(self.slots) if slot.required < 0), default=-1)
        first_free = next((at for at, slot in enumerate(self.slots) if slot.required < 0), 0)
        if any(slot.required >= 0 for slot in self.slots[first_free : last_free + 1]) or not self.keeps(
            order
        ):
            return None
        seconds = cost_of(order, self.weights, self.times)
        if seconds >= self.seconds - EPSILON:
            return None  # nothing is below: the search ends at its first bound
        familiar = self.remembered
        if min(familiar, default=FREE) >= 0 and self.keeps(familiar):
            before = cost_of(familiar, self.weights, self.times)
            if before <= seconds + EPSILON:
                return Ordered(tuple(familiar), before)
        return Ordered(tuple(order), seconds)

    def familiar(self) -> None:
        """Begin from what the caller knows: whatever replaces it must be better."""
        order = self.remembered
        if order and min(order) >= 0 and self.keeps(order):
            seconds = cost_of(order, self.weights, self.times)
            if seconds < self.seconds:
                self.best, self.seconds = order, seconds

    def keeps(self, order: Sequence[int]) -> bool:
        """Whether an order keeps every constraint."""
        changed = placed = 0
        for job, slot in zip(order, self.slots, strict=True):
            if placed & (1 << job) or self.before[job] & ~placed:
                return False
            if slot.required >= 0 and slot.required != job:
                return False
            if slot.old != FREE and slot.old != job:
                changed += 1
                if slot.frozen:
                    return False
            placed |= 1 << job
        return changed <= self.changes

    def place(self, at: int, elapsed: float, seconds: float, left: int, changed: int) -> None:
        """Fill the slots from here on in every way that may still be the best."""
        if at == len(self.slots):
            self.best, self.seconds = list(self.order), seconds
            return
        still_old, gone = self.held[at]
        if changed + gone + (still_old & ~left).bit_count() > self.changes:
            return
        if changed == self.changes and self.finish(at, elapsed, seconds, left):
            return
        bound, end = seconds, elapsed
        for _, bit, weight, time in self.jobs:
            if bit & left:
                end += time
                bound += weight * end
        if bound >= self.seconds - EPSILON:
            return
        slot = self.slots[at]
        only = slot.required if slot.required >= 0 else slot.old if slot.frozen else FREE
        for job, bit, weight, time in self.jobs:
            if not bit & left or self.before[job] & left or (only >= 0 and job != only):
                continue
            if bit & self.required and job != slot.required:
                continue
            moved = changed + (slot.old != FREE and slot.old != job)
            if moved <= self.changes:
                self.order[at] = job
                self.place(at + 1, elapsed + time, seconds + weight * (elapsed + time), left & ~bit, moved)

    def finish(self, at: int, elapsed: float, seconds: float, left: int) -> bool:
        """Once no more keys may change, the rest is as it was, but for one new key at most; False where there are more."""
        fixed, new = self.fixed[at]
        alone = left & ~fixed
        if new > 1:
            return False
        if alone.bit_count() != new:
            return True
        order = self.order
        for place in range(at, len(self.slots)):
            job = self.remembered[place]
            if job < 0:
                job = alone.bit_length() - 1
            bit = 1 << job
            if self.before[job] & left or not left & bit:
                return True
            elapsed += self.times[job]
            seconds += self.weights[job] * elapsed
            if seconds >= self.seconds - EPSILON:
                return True
            order[place], left = job, left & ~bit
        self.best, self.seconds = list(order), seconds
        return True


def _fixed(remembered: Sequence[int]) -> list[tuple[int, int]]:
    """Of the slots from each on: what stands there if nothing changes, and how many are new."""
    fixed = [(0, 0)]
    for job in reversed(remembered):
        mask, new = fixed[-1]
        fixed.append((mask | 1 << job, new) if job >= 0 else (mask, new + 1))
    return fixed[::-1]


def _held(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    held = [(0, 0)]
    for slot in reversed(slots):
        old, gone = held[-1]
        held.append((old | (1 << slot.old if slot.old >= 0 else 0), gone + (slot.old == GONE)))
    return held[::-1]

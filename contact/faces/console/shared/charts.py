"""Geometry of the charts drawn on the server: where dots, ticks and labels stand, in percent of the drawing.

Percent, not units of a viewBox: letters and dots keep their size while the drawing takes the width it is given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

LEFT, RIGHT, TOP, BOTTOM = 13.0, 97.0, 9.0, 82.0
"""Where the plot ends within the drawing; ticks are written left of it, labels below."""
MOST_LETTERS = 36
"""More letters than this on one axis do not fit a phone."""


@dataclass(frozen=True)
class Dot:
    """One estimate: its place, the ends of its interval where it has one, and what is read when it is touched."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    against: float | None = None
    """What it is compared with: a dash at this height."""
    said: str = ""


@dataclass(frozen=True)
class Mark:
    """A word at a place of an axis."""

    at: float
    text: str
    under: str = ""
    """A second line, where it is not that of the mark before."""


@dataclass(frozen=True)
class Plot:
    """A drawing with one series: dots, lines between them, a line to compare with, and both axes' words."""

    dots: Sequence[Dot]
    ticks: Sequence[Mark]
    labels: Sequence[Mark]
    lines: Sequence[tuple[float, float, float, float]] = ()
    reference: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` laid onto ``start`` to ``end`` percent."""

    low: float
    high: float
    start: float = 0.0
    end: float = 100.0
    steps: Sequence[float] = field(default=())

    def at(self, value: float) -> float:
        """Where a value stands, rounded to a hundredth of a percent, never outside."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 2)


def scale_of(
    values: Sequence[float], start: float, end: float, *, floor: float | None = None, ceiling: float | None = None
) -> Scale:  # fmt: skip
    """A scale with three to six round steps that holds every value; ``floor`` is included, ``ceiling`` not passed."""
    low = min([*values, *([floor] if floor is not None else [])], default=0.0)
    high = max(values, default=1.0)
    step = _round_step((high - low) or abs(high) or 1.0)
    low = round(math.floor(round(low / step, 6)) * step, 10)
    high = round(math.ceil(round(high / step, 6)) * step, 10)
    if ceiling is not None:
        high = min(high, ceiling)
    if high <= low:
        high = low + step
    count = round((high - low) / step)
    steps = tuple(
        round(low + each * step, 10) for each in range(count + 1) if low + each * step <= high + 1e-9
    )
    return Scale(low, high, start, end, steps)


def vertical(values: Sequence[float], *, floor: float | None = None, ceiling: float | None = None) -> Scale:
    """A scale from the plot's foot to its head."""
    return scale_of(values, BOTTOM, TOP, floor=floor, ceiling=ceiling)


def places(count: int) -> list[float]:
    """Middles of so many equal columns of the plot."""
    width = (RIGHT - LEFT) / max(1, count)
    return [round(LEFT + (each + 0.5) * width, 2) for each in range(count)]


def ticks(scale: Scale, written: Callable[[float], str]) -> list[Mark]:
    """The steps of a scale with their words."""
    return [Mark(scale.at(each), written(each)) for each in scale.steps]


def thinned(marks: Sequence[Mark]) -> list[Mark]:
    """Every so manieth label, the last one among them, so that they fit; a second line only where it changes."""
    longest = max((len(each.text) for each in marks), default=1)
    every = math.ceil(len(marks) / max(2, MOST_LETTERS // (longest + 1)))
    kept = [mark for place, mark in enumerate(reversed(marks)) if place % every == 0][::-1]
    before = ["", *(each.under for each in kept)]
    return [
        replace(mark, under="" if mark.under == above else mark.under)
        for mark, above in zip(kept, before, strict=False)
    ]


def joined(dots: Sequence[Dot]) -> list[tuple[float, float, float, float]]:
    """Straight lines from dot to dot."""
    return [(one.x, one.y, two.x, two.y) for one, two in pairwise(dots)]


def _round_step(span: float) -> float:
    power = 10.0 ** math.floor(math.log10(span))
    for part in (0.1, 0.2, 0.5, 1.0):
        if span / (power * part) <= 5.0001:
            return power * part
    return power * 2

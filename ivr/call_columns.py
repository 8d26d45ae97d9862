"""Many calls as columns, so that a report of a hundred thousand costs sorting and counting and not an object each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain, count, islice, repeat
from operator import is_not
from typing import Any

import numpy as np
import numpy.typing as npt

from ivr.call import ENQUIRY, Journey
from strategies.instants import Instant
from strategies.judging.people import Texts

Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CallPage:
    """Calls as a store gives them, oldest first: a value a call, and of their steps a value a step, call after call."""

    at: Sequence[Instant]
    customer: Sequence[str | None]
    menu: Sequence[str]
    version: Sequence[str]
    arm: Sequence[str]
    source: Sequence[str]
    outcome: Sequence[str]
    goal: Sequence[str | None]
    unit: Sequence[str | None]
    segment: Sequence[str | None]
    steps: Sequence[int]
    """How many each call has."""
    node: Sequence[str]
    key: Sequence[str | None]
    seconds: Sequence[float]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True, eq=False)
class CallColumns:
    """Calls in columns, in order of time; a text no call has is code −1."""

    at: Ints
    customer: Texts
    menu: Texts
    version: Texts
    arm: Texts
    source: Texts
    outcome: Texts
    goal: Texts
    unit: Texts
    segment: Texts
    steps: Ints
    node: Texts
    """From here on a value a step."""
    pressed: Mask
    """Whether a key ended the stay."""
    seconds: Floats

    def __len__(self) -> int:
        return len(self.at)

    def owner(self) -> Ints:
        """Whose each step is: the place of its call."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.steps)

    def begins(self) -> Ints:
        """Where each call's steps begin."""
        return np.cumsum(self.steps) - self.steps

    def whole_seconds(self) -> Floats:
        """Seconds of each call."""
        spent = np.bincount(self.owner(), weights=self.seconds, minlength=len(self))
        return np.asarray(spent, dtype=np.float64)

    def where(self, wanted: Mask) -> CallColumns:
        """Only these calls."""
        if wanted.all():
            return self
        steps = np.repeat(wanted, self.steps)
        picked: dict[str, Any] = {}
        for field in fields(self):
            mine, mask = getattr(self, field.name), steps if field.name in _OF_STEPS else wanted
            picked[field.name] = (
                Texts(mine.codes[mask], mine.words) if isinstance(mine, Texts) else mine[mask]
            )
        return CallColumns(**picked)


_OF_STEPS = ("node", "pressed", "seconds")


def in_columns(pages: Iterable[CallPage]) -> CallColumns:
    """All calls of some pages, the earlier page first."""
    found = list(pages)

    def every(name: str) -> Iterator[Any]:
        return chain.from_iterable(getattr(page, name) for page in found)

    calls, steps = sum(len(page) for page in found), sum(len(page.node) for page in found)
    texts = {
        name: _texts(every(name), calls)
        for name in ("customer", "menu", "version", "arm", "source", "outcome", "goal", "unit", "segment")
    }
    return CallColumns(
        at=np.fromiter(every("at"), dtype=np.int64, count=calls),
        steps=np.fromiter(every("steps"), dtype=np.int64, count=calls),
        node=_texts(every("node"), steps),
        pressed=np.fromiter(map(is_not, every("key"), repeat(None)), dtype=np.bool_, count=steps),
        seconds=np.fromiter(every("seconds"), dtype=np.float64, count=steps),
        **texts,
    )


def _texts(values: Iterator[str | None], many: int) -> Texts:
    """Each text gets the next number when it first comes."""
    codes: defaultdict[Any, int] = defaultdict(count().__next__, {None: -1})
    found = np.fromiter(map(codes.__getitem__, values), dtype=np.int32, count=many)
    return Texts(found, tuple(islice(codes, 1, None)))


def page_of(journeys: Iterable[Journey]) -> CallPage:
    """A page of journeys, in order of time."""
    calls = sorted(journeys, key=lambda call: (call.at, call.id))
    steps = [step for call in calls for step in call.steps]

    def each(value: Callable[[Journey], Any]) -> list[Any]:
        return [value(call) for call in calls]

    return CallPage(
        at=each(lambda call: call.at), customer=each(lambda call: call.customer), menu=each(lambda call: call.menu),
        version=each(lambda call: call.version), arm=each(lambda call: call.arm), source=each(lambda call: call.source),
        outcome=each(lambda call: call.outcome), goal=each(lambda call: call.goal), unit=each(lambda call: call.unit),
        segment=each(lambda call: call.segment), steps=each(lambda call: len(call.steps)),
        node=[step.node for step in steps], key=[step.key for step in steps], seconds=[step.seconds for step in steps],
    )  # fmt: skip


def columns_of(journeys: Iterable[Journey]) -> CallColumns:
    """Journeys in columns, in order of time."""
    return in_columns([page_of(journeys)])


def counted(calls: CallColumns) -> CallColumns:
    """The calls that measures are taken of: ended, and of a menu."""
    return calls.where(~calls.outcome.among(("open",)) & ~calls.source.among((ENQUIRY,)))

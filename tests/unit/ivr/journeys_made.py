"""Calls written shortly, for tests of measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ivr.call import CallOutcome, Journey, Step
from ivr.call_columns import columns_of
from ivr.journeys import Following, Readings, read
from strategies.instants import DAY, HOUR, Instant

START = Instant(1_780_000_000_000_000)
LATER = Instant(START + 30 * DAY)
SERVING = {"bill": "amount"}


def readings(
    calls: Sequence[Journey], followed: Sequence[Journey] = (), until: Instant = LATER,
) -> Readings:  # fmt: skip
    """What the measures need of these calls, where callers are followed by others."""
    return read(columns_of(calls), Following(columns_of(followed), until), SERVING)


def call(
    name: str, way: str, outcome: CallOutcome = "reached", *, hours: float = 0.0, **more: Any
) -> Journey:
    """A call whose way is ``node:key:seconds node:key:seconds …``; ``-`` is no key."""
    steps = []
    for number, part in enumerate(way.split(), start=1):
        node, key, seconds = part.rsplit(":", 2)
        steps.append(Step(number, node, None if key == "-" else key, float(seconds)))
    given: dict[str, Any] = {
        "customer": name, "menu": "main", "version": "v1", "arm": "personal", "source": "own",
        "goal": "bill" if outcome == "reached" else None, **more,
    }  # fmt: skip
    return Journey(
        id=f"{name}-{hours}",
        at=Instant(round(START + hours * HOUR)),
        steps=tuple(steps),
        outcome=outcome,
        **given,
    )

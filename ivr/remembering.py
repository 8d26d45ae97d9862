"""What an ended call leaves behind for the caller's next one."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call import Heard, Journey, Known
from strategies.instants import Instant

KEPT_GOALS = 20
KEPT_MOVES = 10
"""Changes of one key; more than any rate of a menu can ask about."""


def remembered(known: Known, journey: Journey) -> Known:
    """What is known with this ended call; the same call twice, or one that was told late, changes nothing twice."""
    goals = set(known.goals)
    if journey.goal is not None:
        goals.add((journey.goal, journey.at))
    newest = sorted(goals, key=lambda each: (-each[1], each[0]))[:KEPT_GOALS]
    heard = dict(known.heard)
    for node, keys in journey.heard.items():
        before = heard.get(node)
        if before is None or before.at < journey.at:
            heard[node] = Heard(dict(keys), journey.at, _moved(before, keys, journey.at))
    return Known(tuple(newest), heard)


def _moved(before: Heard | None, keys: Mapping[str, str], at: Instant) -> Mapping[str, tuple[Instant, ...]]:
    """A key that leads elsewhere than it did has changed its meaning; one that is new, or gone, has not."""
    if before is None:
        return {}
    moved = dict(before.moved)
    for key, to in keys.items():
        if key in before.keys and before.keys[key] != to:
            moved[key] = (*moved.get(key, ()), at)[-KEPT_MOVES:]
    return moved
